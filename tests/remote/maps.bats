#!/usr/bin/env bats
# Copies of files in an instance of another machine: lent, changed there, and
# taken back, whatever those inside put in their place and wherever the link is
# cut.
# shellcheck disable=SC2016,SC2154 # of env.sh and the driver

bats_require_minimum_version 1.5.0
load ../env.sh
. "$BATS_TEST_DIRNAME/../session.sh"
. "$BATS_TEST_DIRNAME/../exec.sh"

setup_file()
{
	rm -rf .local
	LXG_ENGINE=$REMOTE make_instance "$T" > /dev/null
}

teardown_file()
{
	LXG_ENGINE=$REMOTE drop_instance "$T"
}

setup()
{
	D=$HOME/work-$BATS_TEST_NUMBER relay=''
	rm -rf "$D"
	mkdir "$D"
	cd "$D" || return
	umask 077
	unset LXG_COPY_MAX
	export LXG_ENGINE=$REMOTE
}

teardown()
{
	[ -z "$relay" ] || kill "$relay"
	cd "$HOME" || return
	lxg-map list -a | lxg-map del -D
	inside rm -rf /home/debian/maps
	rm -rf "$D"
} > /dev/null 2>&1

lend() { lxg-instance get "$T" | lxg-map plan -c "$@" | lxg-acl grant | lxg-map add; }
back() { lxg-instance get "$T" | lxg-map list | lxg-map del "$@"; }
# inside COMMAND...: as the login user; root COMMAND...
inside() { user_in "$T" "$@"; }
root() { root_in "$T" "$@"; }
# maps SCRIPT: among the copies
maps() { inside sh -c "cd ~debian/maps; $1"; }
rows() { sqlite3 "$HOME/.local/state/lxg/state.db" 'SELECT state FROM copy'; }
# through_relay [OPTION]...: the engine is the remote slow, behind a relay with
# these, which takes the place of the one before
through_relay()
{
	local conf name=INCUS_CONF
	[ "$engine" != lxd ] || name=LXD_CONF
	[ -e conf ] || {
		address=$(lxg-instance where -E "$REMOTE" |
		    jq -r '.api | ltrimstr("https://")')
		conf=${!name}
		cp -R "$conf" conf
		cp "conf/servercerts/${REMOTE%:}.crt" conf/servercerts/slow.crt
		sed -i '/^aliases:/d' conf/config.yml	# what is behind the remotes
	}
	[ -z "$relay" ] || ! kill "$relay" 2> /dev/null || wait "$relay" || :
	"$BATS_TEST_DIRNAME/between" "$@" "$address" port 3>&- &
	relay=$!
	wait_until 10 test -s port
	wait_until 10 bash -c ": < /dev/tcp/127.0.0.1/$(cat port)" 2> /dev/null
	[ "$LXG_ENGINE" = slow: ] ||
	    printf '  slow:\n    addr: https://%s\n    protocol: %s\n' \
	    "127.0.0.1:$(cat port)" "$engine" >> conf/config.yml
	export "$name=$PWD/conf" LXG_ENGINE=slow:
}
# lend_found FILE...: to the instance as it was found
lend_found() { lxg-map plan -c "$@" < record | lxg-map add; }
# nothing of the copies is left: no file, no row, no snapshot
tidy()
{
	[ -z "$(maps 'ls -A')" ] && [ -z "$(rows)" ] &&
	    [ -z "$(ls -A "$HOME/.local/state/lxg/copies")" ]
}

@test "far: a copy is put there for the login user alone, and comes back byte for byte" {
	printf 'mine \0\377\n' > a.txt
	head -c 300000 /dev/urandom > big.bin
	cp big.bin before
	cp a.txt rest.txt
	chmod 640 a.txt
	stat -c '%i %a' a.txt > was
	lend a.txt big.bin rest.txt > lent
	jq -es --arg at "$REMOTE$T/home/debian/maps/a.txt" --arg d "$D" '
	    length == 3 and (.[0] | .source == $at and .origin == "\($d)/a.txt" and
	    .path == "/home/debian/maps/a.txt" and .mode == "copy" and
	    (has("host_uid") or has("ino") | not))' lent
	[ "$(maps "stat -c '%n %a %U' . *")" = '. 700 debian
a.txt 600 debian
big.bin 600 debian
rest.txt 600 debian' ]
	[ "$(maps 'sha256sum < big.bin')" = "$(sha256sum < big.bin)" ]
	[ "$(lxg-instance get "$T" | lxg-map list | jq -r .origin)" = \
	    "$(printf '%s\n' "$D"/{a.txt,big.bin,rest.txt})" ]
	# it is no copy of an instance's here of that name
	[ -z "$(lxg-instance get -E "$socket" "$T" | lxg-map list)" ]
	# saved by renaming, written in place, and left alone
	maps 'printf "\0new\n\377" > x; mv x a.txt; printf more >> big.bin'
	printf more >> before
	stat rest.txt > rest
	run --separate-stderr lxg unmap "$T"
	[ "$status:$output" = 0: ] || { echo "$stderr"; return 1; }
	[[ $stderr == *"a.txt: written back"*"big.bin: written back" ]]
	printf '\0new\n\377' | cmp - a.txt
	cmp before big.bin
	[ "$(stat -c '%i %a' a.txt)" = "$(cat was)" ]
	[ "$(grep -v ^Access: rest)" = "$(stat rest.txt | grep -v ^Access:)" ]
	tidy
}

@test "far: changed on both sides, gone on one, given for reading: as it is here" {
	for f in both here gone read; do echo old > "$f.txt"; done
	lend both.txt here.txt gone.txt > /dev/null
	lend read.txt > /dev/null
	lxg-instance get "$T" | lxg-map plan -c -r read.txt > plan
	run -73 --separate-stderr lxg-map add < plan
	[[ $stderr == *"lent already, with another perm"* ]]
	maps 'echo there > both.txt; rm gone.txt'
	echo here | tee both.txt > here.txt
	run -0 --separate-stderr back
	[[ $stderr == *"both.txt: changed on both sides; the instance's version is $D/both.lxg-conflict.txt"* ]]
	[[ $stderr == *"gone.txt: the copy is gone"* ]]
	[ "$(cat both.txt both.lxg-conflict.txt here.txt gone.txt)" = \
	    $'here\nthere\nhere\nold' ]
	tidy
	lxg map -cr "$T" read.txt < /dev/null || :
	[ "$(maps 'stat -c %a read.txt' 2>/dev/null)" != 600 ]
	tidy
}

@test "far: names that are taken, or lie there; what was removed is lent again" {
	mkdir other
	echo 1 > a.txt
	echo 2 > other/a.txt
	lend a.txt > /dev/null
	maps 'echo mine > b.txt'
	echo 3 > b.txt
	[ "$(lend other/a.txt b.txt | jq -r .path)" = '/home/debian/maps/a-2.txt
/home/debian/maps/b-2.txt' ]
	[ "$(lend a.txt | jq -r .path)" = /home/debian/maps/a.txt ]
	maps 'rm a.txt'
	[ "$(lend a.txt | jq -r .path)" = /home/debian/maps/a.txt ]
	[ "$(maps 'cat a.txt a-2.txt b.txt b-2.txt')" = $'1\n2\nmine\n3' ]
	back
	[ "$(maps 'ls -A')" = b.txt ]
	# what is no folder is nothing to put files in
	inside sh -c 'cd ~debian; rm -r maps; ln -s /etc maps'
	run -65 --separate-stderr lend a.txt
	[[ $stderr == *"/home/debian/maps: not a folder"* ]]
	run -1 inside test -e /etc/a.txt
	[ -z "$(rows)" ]
}

@test "far: what is no file any more, or too large, is not taken; -f and -D end" {
	for f in link folder pipe large mount; do echo old > "$f.txt"; done
	echo secret > secret
	lend ./*.txt > lent
	maps "rm *.txt; ln -s '$D/secret' link.txt; ln -s /etc/passwd x
	    mkdir folder.txt; touch folder.txt/x; mkfifo pipe.txt
	    head -c 3000 /dev/zero > large.txt; touch mount.txt"
	root chown root /home/debian/maps/folder.txt
	root chmod 700 /home/debian/maps/folder.txt
	export LXG_COPY_MAX=2000
	run -75 --separate-stderr back
	for f in link folder pipe; do
		[[ $stderr == *"$D/$f.txt: the copy is no regular file now"* ]]
	done
	[[ $stderr == *"large.txt: larger than 2000 bytes"* ]]
	[ "$(cat link.txt folder.txt pipe.txt large.txt)" = $'old\nold\nold\nold' ]
	run -75 --separate-stderr back -f
	[ "$(rows | wc -l)" = 1 ]
	back -D
	[ "$(cat ./*.txt)" = $'old\nold\nold\nold' ]
	maps 'rm x'
	tidy
}

@test "far: a program that has it open is named, and what it saves is waited for" {
	echo old > a.txt
	lend a.txt > lent
	user_in "$T" sh -c 'cd ~debian/maps
	    { while [ ! -e ../go ]; do sleep 0.1; done; echo new; } > a.txt &' \
	    3>&-
	lxg-map del -w < lent > out 2> said 3>&- &
	wait_until 20 grep -q 'sh (.* still has it' said
	[ -n "$(rows)" ]
	inside touch /home/debian/go
	wait "$!"
	[ "$(cat a.txt)" = new ]
	inside rm /home/debian/go
	tidy
}

@test "far: lent to one that is stopped, and taken from it" {
	echo old > a.txt
	echo old > b.txt
	lxg-instance stop -f "$T" > /dev/null
	lend a.txt b.txt > /dev/null
	lxg-instance start "$T" > /dev/null
	maps 'echo new > a.txt'
	lxg-instance stop -f "$T" > /dev/null
	back
	[ "$(cat a.txt b.txt)" = $'new\nold' ]
	lxg-instance start "$T" > /dev/null
	tidy
}

@test "far: cut while it is put: nothing is lent, and unmap or recover ends what is there in part" {
	head -c 6000000 /dev/urandom > big.bin
	echo small > a.txt
	cp big.bin before
	through_relay
	lxg-instance get "$T" > record
	for _ in 1 2; do
		through_relay -c 2000000
		run -69 --separate-stderr lend_found a.txt big.bin
		[[ $output = '' && $stderr == *"big.bin: "* ]]
		[ "$(wc -l <<< "$stderr")" = 1 ]
		[ "$(rows)" = $'lending\nlending' ]
	done
	run -69 lxg unmap "$T"
	[ "$(rows)" = $'lending\nlending' ]
	through_relay
	lxg unmap "$T"
	tidy
	through_relay -c 2000000
	run -69 lend_found big.bin
	through_relay
	run -0 lxg recover -f
	[[ $output == *"$T: "*"big.bin: its lending or write-back was cut short; taken back" ]]
	tidy
	cmp before big.bin
	# the same once more goes on, too
	through_relay -c 2000000
	run -69 lend_found big.bin
	through_relay
	lend big.bin > /dev/null
	[ "$(maps 'ls -A')" = big.bin ]
	back
	tidy
}

@test "far: cut while it is got: the original is whole, and the same again goes on" {
	head -c 6000000 /dev/urandom > big.bin
	cp big.bin before
	through_relay
	lend big.bin > lent
	maps 'printf more >> big.bin'
	through_relay -c 2000000
	run -69 --separate-stderr lxg unmap "$T"
	[[ $stderr == *"big.bin: "* ]]
	[ "$(wc -l <<< "$stderr")" = 1 ]
	cmp before big.bin
	[ "$(rows)" = lent ]
	through_relay
	run -0 --separate-stderr lxg unmap "$T"
	[[ $stderr == *"big.bin: written back" ]]
	printf more >> before
	cmp before big.bin
	tidy
	# nobody there at all: -D ends it, and says what is left
	lend big.bin > lent
	kill "$relay"
	relay=''
	run -69 --separate-stderr lxg-map del < lent
	[[ $stderr == *"big.bin: "*"refused"* && $(rows) = lent ]]
	run -0 --separate-stderr lxg-map del -D < lent
	[[ $stderr == *"can't be removed: slow:$T/home/debian/maps/big.bin"* ]]
	cmp before big.bin
	maps 'rm big.bin'
	tidy
}

@test "far: recover gives up what its instance took with it" {
	echo old > a.txt
	lend a.txt > /dev/null
	lxg recover
	[ "$(rows)" = lent ]
	# as it was for one that was there before this one
	sqlite3 "$HOME/.local/state/lxg/state.db" "UPDATE copy SET uuid = 'x',
	    record = json_set(record, '\$.uuid', 'x')"
	lxg-map list -a > gone
	run -75 --separate-stderr lxg-map del < gone
	[[ $stderr == *"a.txt: "*"not there by that name"* && $(rows) = lent ]]
	run -0 lxg recover -E "$engine"
	[ "$(rows)" = lent ]
	run -0 --separate-stderr lxg recover
	[ "$output" = "$T: $REMOTE$T/home/debian/maps/a.txt: its instance is gone" ]
	[ "$(cat a.txt)" = old ]
	[ -z "$(rows)" ]
	# the one that has its name now keeps what is in that place
	maps 'test -e a.txt'
}

@test "far: what is opened there comes back with its changes when that ends" {
	echo old > a.txt
	host_display "$HOME"
	timeout 120 lxg open "$T" a.txt sh -c 'cat "$0"; echo new > "$0"; exit 3' \
	    > out 2> said 3>&- || status=$?
	stop_display
	[ "$status" = 3 ] || { cat said; return 1; }
	[ "$(cat out a.txt)" = $'old\nnew' ]
	[[ $(cat said) == *"a.txt: written back"* ]]
	tidy
	[ -z "$(lxg-state list)" ]
}

@test "far: delete takes back what was lent, and stays where that can't be" {
	make_instance "$T-b" > /dev/null
	echo old > a.txt
	lxg-instance get "$T-b" | lxg-map plan -c a.txt | lxg-map add > lent
	user_in "$T-b" sh -c 'echo new > ~debian/maps/a.txt'
	LXG_COPY_MAX=1 run -75 --separate-stderr lxg delete "$T-b"
	[[ $stderr == *"a.txt: larger than 1 bytes"* ]]
	[ "$(cat a.txt)" = old ]
	lxg delete "$T-b"
	[ "$(cat a.txt)" = new ]
	run -1 lxg-instance get "$T-b"
	[ -z "$(rows)" ]
}

@test "far: a file is put and got by the API, as lxg-remote(7) has it" {
	local f="/1.0/instances/$T/files?path=/home/debian/put.txt"
	head -c 100000 /dev/urandom > a.bin
	lxg-instance api -t application/octet-stream POST "$f" a.bin
	lxg-instance api -o got GET "$f"
	cmp a.bin got
	lxg-instance api DELETE "$f"
}

@test "far: live, a share and a folder of the host are refused, with what to use" {
	echo mine > a.txt
	for verb in "map $T a.txt" "open -l $T a.txt" "share $T"; do
		# shellcheck disable=SC2086 # words
		run -78 --separate-stderr lxg $verb < /dev/null
		[[ $stderr == *"is on the remote ${REMOTE%:}"* ]]
	done
	run -78 --separate-stderr lxg map "$T" a.txt < /dev/null
	[[ $stderr == *"lxg map -c"* ]]
	[ -z "$(rows)$(lxg-state list)" ]
	[ "$(getfacl -cps a.txt | grep -c '^user:[0-9]')" = 0 ]
}
