#!/usr/bin/env bats
# lxg try on a real engine: a program in a copy, and that nothing is left of it,
# however it ends. SPDX-License-Identifier: ISC
# shellcheck disable=SC2016,SC2034,SC2154 # an inner shell's; of env.sh
bats_require_minimum_version 1.5.0

load ../env.sh
load ../session.sh
load ../exec.sh

HOMES=$HOME/.local/share/lxg/$LXG_ENGINE/default

# something is lent to the original, and in its share, while it is copied
setup_file()
{
	begin
	mkdir -p keep
	umask 077
	echo lent > file
	lxg-map plan "$PWD/file" < record | lxg-acl grant | lxg-map add
	echo shared > "$SHARE/there"
	lxg-instance get "$T" > record
	lxg-acl list | sort > grants
}

teardown_file()
{
	finish
	rm -rf keep file grants
}

setup()
{
	cd "$HOME/keep" || return
	# what is killed leaves its scratch
	mkdir -p "$HOME/tmp"
	export TMPDIR=$HOME/tmp
}

teardown()
{
	end_jobs
	wait
	cd "$HOME" || return
	[ -z "$(lxg-state list)" ] || lxg recover
	rm -rf "$HOME"/keep/* "$HOME/tmp"
}

# try ARG...: beside the test; pid is its process, which Ctrl-C reaches
try()
{
	env --default-signal=INT lxg try "$@" > out 2> log 3>&- &
	pid=$!
}

# copies: the instances that tries have made of ours
copies()
{
	lxg-instance list | jq -r --arg t "$T" 'select(.try == $t).instance'
}

# shows TITLE: does one of them have this window?
shows()
{
	xwininfo -root -tree | grep -q "\"\[$T-[0-9a-f]*\] $1\": (\"lxg-$T-"
}

# ended STATUS: with that, as nothing is left
ended()
{
	local status=0
	wait "$pid" || status=$?
	[ "$status" = "$1" ] || { cat log >&2; return 1; }
	nothing_left
}

nothing_left()
{
	[ -z "$(copies)" ]
	[ "$(ls "$HOMES")" = "$T" ]
	lxg-state list | diff <(echo) -
	lxg-acl list | sort | diff "$HOME/grants" -
	lxg-instance get "$T" | diff "$HOME/record" -
	[ -z "$(find "$HOME/.local/state/lxg/locks" -name 'row:*')" ]
	[ "$(cat "$HOME/file" "$SHARE/there")" = $'lent\nshared' ]
}

@test "try: a window, nothing that is lent, no network; what is kept; its status" {
	local copy first status
	try -N -k out.txt -k Documents/b "$T" sh -c '
	    cd; { cat lent/file share/there; ls -A share maps lent
	    ls /sys/class/net; } > out.txt 2>&1
	    mkdir Documents; printf "b\0" > Documents/b
	    xterm -T tried -e sleep 1000 &
	    until [ -e share/go ]; do sleep 0.1; done
	    kill $!; exit 5'
	wait_until 60 shows tried
	copy=$(copies)
	[ "$(lxg-instance get "$copy" | jq .host_uid)" != \
	    "$(jq .host_uid "$HOME/record")" ]
	run -0 lxg recover -f
	[ -z "$output" ]
	# nor is it a leftover to doctor, which may name it for ids that an
	# instance of somebody else's has, too
	run -0 sh -c 'lxg doctor | grep -v "have ids of the host in common"'
	[[ "$output" != *"$copy"* ]]
	# another at once is another one, has nothing of this one, and Ctrl-C ends
	# it alone
	first=$pid
	try "$T" sh -c '[ -e ~/out.txt ] || exec xterm -T other -e sleep 1000'
	wait_until 60 shows other
	kill -INT "$pid"
	status=0
	wait "$pid" || status=$?
	[ "$status" = 130 ]
	[ "$(copies)" = "$copy" ]
	shows tried
	echo go > "$HOMES/$copy/share/go"
	pid=$first
	ended 5
	[ "$(od -An -c b | tr -d ' ')" = 'b\0' ]
	[ "$(tail -n 1 out.txt)" = lo ]
	run ! grep -e '^lent$' -e '^shared$' -e '^there$' out.txt
}

@test "try: what is not there, cannot be, or fails leaves nothing" {
	run -125 lxg try "$T-none" true
	[[ "$output" == *"$T-none: lxg-instance ended with 1"* ]]
	[[ "$output" == *"; there are "*"$T"* ]]
	: > there
	run -73 lxg try -k docs/there "$T" true
	nothing_left
	run -127 lxg try -k nosuch "$T" /nosuch/program
	[[ "$output" == *'nosuch: was not kept'* ]]
	nothing_left
}

@test "try: killed below its window, it is lxg recover's" {
	local copy
	try "$T" xterm -T tried -e sleep 1000
	wait_until 60 shows tried
	copy=$(copies)
	kill -KILL "$pid"
	wait "$pid" || :
	lxg doctor | grep -qxF "note     lxg try $copy: cut short"
	# of which project it was nobody said, whatever recover is told
	lxg recover -p "$T-none"
	nothing_left
}

# each_call: all that lxg try runs comes by one script, which kills the verb at
# one of these calls, and goes on, as what runs already does. Those of its delete
# are one.
each_call()
{
	local bin=$PWD/bin name
	mkdir bin
	cp "$LXG_STAGE/usr/bin/lxg" bin/
	for name in lxg-instance lxg-mount lxg-acl lxg-xpra lxg-state mktemp \
	    od tr mkdir flock cat jq rm; do
		cat > "bin/$name" <<-'END'
		#!/bin/sh
		PATH=${PATH#*:} me=${0##*/} n=1
		case $(tr '\0' ' ' < "/proc/$PPID/cmdline") in
		*/lxg/recover\ *)
			: > "$AT/recover"
			exec "$me" "$@" ;;
		*/lxg/delete\ *)
			me=delete
			mkdir "$AT/$me" 2> /dev/null || exec "${0##*/}" "$@" ;;
		esac
		until mkdir "$AT/$n" 2> /dev/null; do n=$((n + 1)); done
		printf '%s\n' "$me ${1-}" > "$AT/$n/call"
		[ "$n" != "$POINT" ] || kill -KILL "$(cat "$AT/pid")"
		exec "${0##*/}" "$@"
		END
		chmod +x "bin/$name"
	done
}

# killed POINT: beside the test, one that is killed there; 0: none is
killed()
{
	AT=$PWD/$1 POINT=$1
	export AT POINT LXG_DATADIR=$LXG_STAGE/usr/share/lxg
	mkdir "$AT"
	sh -c 'echo $$ > "$AT/pid"; exec bin/lxg try "$1" true' sh "$T" \
	    > "$AT/out" 2>&1 3>&- &
	pid=$!
}

# TRY_KILLS: at so many of the calls. LXD gives a copy's files other owners one
# by one, so that a few of them take as long there as all do with Incus.
@test "try: killed at any of its calls, it is lxg recover's" {
	local all n points beside=5 verbs='' status
	each_call
	killed 0
	ended 0
	# what ends as it should leaves nothing to look for
	[ ! -e 0/recover ]
	all=$(find 0 -name call | wc -l)
	[ "$all" -ge 20 ]
	# the engine copies, starts, has a session and takes away at some of them
	cat 0/*/call | grep -cxF -e 'lxg-instance copy' -e 'lxg-instance start' \
	    -e 'lxg-xpra start' -e 'lxg-xpra attach' -e 'delete -d' | grep -qx 5
	points=$all
	[ "$LXG_ENGINE" = incus ] || points=3
	points=${TRY_KILLS:-$points}
	for n in $(seq "$points"); do
		killed $((n * all / points))
		verbs="$verbs $pid"
		[ $((n % beside)) = 0 ] || [ "$n" = "$points" ] || continue
		for pid in $verbs; do
			status=0
			wait "$pid" || status=$?
			[ "$status" = 137 ] || {
				printf 'one of %s ended with %s\n' "$n" "$status"
				tail -n 5 ./*/out
				return 1
			}
		done
		verbs=''
		lxg recover
		nothing_left
	done
}

@test "try -i: an instance of an image, and its profile, go as well" {
	lxg try -N -i lxg -k n "$T" sh -c 'ls /sys/class/net > n'
	[ "$(cat n)" = lo ]
	[ -z "$(engine_api GET /1.0/profiles | jq -r '.[]' | grep "$T-")" ]
	nothing_left
}
