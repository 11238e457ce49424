#!/usr/bin/env bats
# lxg-client by itself, before and behind a server that says nothing or nonsense.
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # of bats
bats_require_minimum_version 1.5.0

load ../jobs.sh

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	. "$BATS_TEST_DIRNAME/../../mk/display"
	host_display "$PWD"
}

setup()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	. "$BATS_TEST_DIRNAME/../../mk/display"
	rm -f sock said got
}

teardown()
{
	end_jobs CONT
	end_jobs
}

teardown_file()
{
	. "$BATS_TEST_DIRNAME/../../mk/display"
	stop_display
}

LONG=$(printf '%0100d/%0100d' 1 2)

# serve COMMAND: what is behind the socket; got has what it was sent
serve()
{
	socat "UNIX-LISTEN:sock,fork" "SYSTEM:$1" 3>&- 2> /dev/null &
	server=$!
	wait_until 10 test -S sock
}

# client OPTION...: in the background
client()
{
	lxg-client "$@" 2> said 3>&- &
	client=$!
}

greeted() { grep -aq hello got; }
ended() { ! kill -0 "$client" 2> /dev/null; }

@test "usage" {
	for args in '' 'a b' '-F 5 sock' '-z' '-b nocolour sock' \
	    '-b #12345 sock' '-p clipboard=on sock' '-p bell=yes sock' \
	    '-p nonsense=on sock' '-p bell sock' '-F x'; do
		# shellcheck disable=SC2086 # words
		run -64 lxg-client $args
	done
	run -0 lxg-client --help
	run -0 lxg-client --version
	run -69 lxg-client none
	run -69 lxg-client "$(printf '%0200d' 0)"
	run -78 env -u DISPLAY lxg-client sock
	[[ $output == *"DISPLAY is not set"* ]]
	run -78 env DISPLAY=:9999 lxg-client sock
	run -78 lxg-client -V 2.5 sock
	[[ $output == *"xpra 2.5"* ]]
	run -78 lxg-client -V 7 sock
}

@test "-n: the host's display as a server is told it" {
	lxg-client -n | jq -e '.w == 1280 and .h == 800 and .dpi == 96 and
	    .layout == "us" and .security and .monitors[0].w == 1280'
	run -74 sh -c 'lxg-client -n > /dev/full'
}

@test "-w: that, and a line more at each change, until the display is gone" {
	mkdir -p watched
	(
		host_display "$PWD/watched"
		printf '%s %s\n' "$DISPLAY" "$HOST_X" > watched/x
	) 3>&-
	read -r display x < watched/x
	export DISPLAY=$display XAUTHORITY=$PWD/watched/.Xauthority
	lxg-client -w > watched/said 2> watched/err 3>&- & watcher=$!
	wait_until 10 test -s watched/said
	xprop -root -f RESOURCE_MANAGER 8s \
	    -set RESOURCE_MANAGER "$(printf 'Xft.dpi:\t144\n')"
	changed() { [ "$(wc -l < watched/said)" = 2 ]; }
	wait_until 10 changed
	[ "$(jq -c '[.dpi, .security]' watched/said)" = '[96,true]
[144,true]' ]
	kill -KILL "$x"
	code=0
	wait "$watcher" || code=$?
	[ "$code" = 69 ]
	grep -q '^lxg-client: the X server is gone' watched/err
	run -78 lxg-client -w
	[ "$output" = "lxg-client: DISPLAY is $display: is the X server running, and may you use it?" ]
}

# locked SOCKET ADDRESS: the client of SOCKET, which it calls ADDRESS
locked() {
	rm -f got
	strace -f -o calls lxg-client -V 3.1 "$1" 3>&- & client=$!
	wait_until 20 greeted
	kill "$(pgrep -P "$client")"
	wait "$client" || :
	fd=$(sed -n 's|.*connect(\([0-9]*\), {sa_family=AF_UNIX, sun_path="'"$2"'".*|\1|p' \
	    calls)
	[ -n "$fd" ]
	# from the connection on to the filter, and behind it
	sed -n "\|connect($fd, .*\"$2\"|,\$p" calls > since
	locked=$(grep -n 'seccomp(SECCOMP_SET_MODE_FILTER, 0, {' since |
	    cut -d : -f 1)
	[ -n "$locked" ]
	heard=$(grep -nE "(read|recv[a-z]*|write|send[a-z]*|poll)\((\[\{fd=)?${fd}[,}]" \
	    since | head -n 1 | cut -d : -f 1)
	[ "$heard" -gt "$locked" ]
	# and nothing else was done before it that can't be undone
	run ! grep -E 'openat|socket\(|execve|clone|fork' \
	    <(tail -n "+$locked" since)
}

@test "no byte of the server's is read, and none sent, before the lock" {
	# one that speaks at once
	serve 'printf P; cat > got'
	locked sock sock
	# and one whose path is longer than an address
	mkdir -p "$LONG"
	ln -f sock "$LONG/sock"
	locked "$LONG/sock" '/proc/self/fd/[0-9]*'
	run -69 lxg-client "$LONG/none"
}

@test "a server that ends, that says nonsense, and a signal" {
	serve 'true'
	run -0 timeout 20 lxg-client -V 3.1 sock
	kill "$server"
	rm -f sock
	serve 'head -c 100000 /dev/zero; sleep 10'
	run -76 timeout 20 lxg-client -V 3.1 sock
	[ "$(wc -l <<< "$output")" = 1 ]
	kill "$server"
	rm -f sock
	serve 'cat > got'
	for signal in TERM INT HUP; do
		rm -f got	# of the one before
		client -V 3.1 sock
		wait_until 20 greeted
		kill -"$signal" "$client"
		wait "$client"
		wait_until 10 grep -aq disconnect got
	done
}

@test "the older way of talking is tried where the newer one is refused" {
	serve 'head -c 200 >> got; printf "\n" >> got'
	run -0 timeout 20 lxg-client sock
	# rencodeplus has 0x10 in the second byte, rencode 1
	twice() { [ "$(grep -ao hello got | wc -l)" -ge 2 ]; }
	wait_until 10 twice
	[ "$(head -c 2 got | od -An -tx1 | tr -d ' ')" = 5010 ]
}

@test "the display is gone: 69; it stands still for a while: nothing" {
	serve 'cat > got; true'
	mkdir -p second
	(
		host_display "$PWD/second"
		printf '%s %s\n' "$DISPLAY" "$HOST_X" > second/x
	) 3>&-
	read -r display x < second/x
	DISPLAY=$display XAUTHORITY=$PWD/second/.Xauthority \
	    client -V 3.1 sock
	wait_until 20 greeted
	kill -STOP "$x"
	# what is to end, ends nevertheless
	DISPLAY=$display run -124 timeout 2 lxg-client -n
	kill -0 "$client"
	kill -CONT "$x"
	kill -0 "$client"
	kill -KILL "$x"
	wait_until 20 ended
	code=0
	wait "$client" || code=$?
	client=''
	[ "$code" = 69 ]
	[ -s said ]
}

@test "one that reads nothing, and one that was stopped with it" {
	# it takes the hello, and not one byte more
	serve 'head -c 1 > got; sleep 30'
	client -V 3.1 sock
	wait_until 10 test -s got
	kill -STOP "$client" "$server"
	kill -CONT "$server" "$client"
	kill -0 "$client"
	kill "$client"
	wait "$client"
}
