#!/usr/bin/env bats
# lxg selftest: that an attempt which succeeds is told. They are made here, where
# nothing is in their way. SPDX-License-Identifier: ISC
# shellcheck disable=SC1091,SC2030,SC2031,SC2034,SC2154 # of run; read there
bats_require_minimum_version 1.5.0

load ../glue.sh

setup()
{
	front
	server=''
}

teardown()
{
	[ -z "$server" ] || kill "$server"
}

# tried CLASS WORD...: the outcomes, each once
tried()
{
	python3 "$LXG_DATADIR/attempts.py" "$@" | cut -f 1 | sort -u | paste -sd ' '
}

@test "selftest: what is within reach is open, and what is not is held" {
	echo secret > secret
	echo x > open
	ln -s nowhere none
	# not each file system has attributes of users'
	[ "$(python3 "$LXG_DATADIR/attempts.py" files "$PWD/secret" open |
	    grep -v attribute | cut -f 1 | sort -u)" = OPEN ]
	[ "$(stat -c %a open)" = 777 ]
	[ "$(tried files none none)" = held ]
	[ "$(tried unreadable secret)" = OPEN ]
	nc -lkU socket 3>&- > /dev/null &
	server=$!
	within 30 test -S socket
	[ "$(tried services socket)" = OPEN ]
	[ "$(tried services none)" = held ]
}

# told CODE: what it makes of an instance's words, and of how they ended
told()
{
	(
		work=$PWD caught=0 class=c code=$1
		. "$LXG_DATADIR/attempts.sh"
		inside()
		{
			printf 'held\ta\033]0;x\nOPEN\nheld\tb\n'
			echo "{\"return\": $code}" > ran
		}
		: > results
		tries 0 kernel
		cat results
	)
}

@test "selftest: what an instance says is cleaned; what broke off is told" {
	run -0 told 0
	[ "$output" = "c	held	uid 0: a?]0;x
c	held	uid 0: b" ]
	run -0 told 1
	[ "${lines[0]}" = "c	OPEN	uid 0: kernel: not all of it could be tried" ]
	[ "${#lines[@]}" = 3 ]
}

# reports: what it makes of the file results; its status is in code
reports()
{
	(
		work=$PWD status=0
		. "$LXG_DATADIR/attempts.sh"
		report
		exit "$status"
	)
}

@test "selftest: a line a class; what was open is told, and makes it 1" {
	printf '%s\t%s\t%s\n' a held one b held two a held three > results
	run -0 --separate-stderr reports
	[ "$output" = "CLASS                        ATTEMPTS  HELD
a                                   2  2
b                                   1  1" ]
	[ -z "$stderr" ]
	printf '%s\t%s\t%s\n' a OPEN 'uid 0: four' >> results
	run -1 --separate-stderr reports
	[[ "$output" == *"a                                   3  2"* ]]
	[ "$stderr" = 'a: uid 0: four' ]
}

@test "selftest: of a copy, or of the image, without a network" {
	[[ "$(lxg -n selftest x)" == 'lxg-instance copy -N x x-try | '*'x-try' ]]
	[[ "$(lxg -n selftest)" == *' selftest-try | lxg-instance create -T -N -i lxg | '* ]]
	[[ "$(lxg -n selftest -i other)" == *' -T -N -i other | '* ]]
	run -64 lxg selftest -i other x
	run -64 lxg selftest x y
}
