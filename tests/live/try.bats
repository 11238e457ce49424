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
	pids=''
}

teardown()
{
	local pid
	for pid in $pids; do
		kill "$pid" 2>/dev/null || continue
		wait "$pid" || :
	done
	rm -f "$HOME"/keep/*
	cd "$HOME" || return
	[ -z "$(lxg-state list)" ] || lxg recover
}

# try ARG...: beside the test; pid is its process, which Ctrl-C reaches
try()
{
	env --default-signal=INT lxg try "$@" > out 2> log 3>&- &
	pid=$!
	pids="$pids $pid"
}

# copies: the instances that tries have made of ours
copies()
{
	lxg-instance list | jq -r --arg t "$T" 'select(.try == $t).instance'
}

begun() { lxg-state list | grep -q '"try"'; }

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
	[ -z "$(lxg-state list)" ]
	lxg-acl list | sort | diff "$HOME/grants" -
	lxg-instance get "$T" | diff "$HOME/record" -
	[ -z "$(find "$HOME/.local/state/lxg/locks" -name 'try:*')" ]
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

# Each time the verb alone is killed, and what it began goes on.
@test "try: killed, it is lxg recover's" {
	local n points=${TRY_KILLS:-2}
	for n in $(seq "$points"); do
		try "$T" xterm -T tried -e sleep 1000
		if [ "$n" = "$points" ]; then
			wait_until 60 shows tried
			copy=$(copies)
		else
			# somewhere on its way there
			wait_until 20 begun
			timeout "$((n * 40 / points))e-1" tail --pid "$pid" \
			    -f /dev/null || :
		fi
		kill -KILL "$pid"
		wait "$pid" || :
		[ "$n" != "$points" ] || lxg doctor |
		    grep -qxF "note     lxg try $copy: cut short"
		# of which project it was nobody said, whatever recover is told
		if [ "$n" = "$points" ]; then
			lxg recover -p "$T-none"
		else
			lxg recover
		fi
		nothing_left
	done
}

@test "try -i: an instance of an image, and its profile, go as well" {
	lxg try -N -i lxg -k n "$T" sh -c 'ls /sys/class/net > n'
	[ "$(cat n)" = lo ]
	[ -z "$(engine_api GET /1.0/profiles | jq -r '.[]' | grep "$T-")" ]
	nothing_left
}
