#!/usr/bin/env bats
# lxg selftest on a real engine: a table of attempts that are all held, and
# nothing left of it. What it tells else: unit/selftest.bats.
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2034,SC2154 # of env.sh
bats_require_minimum_version 1.5.0

load ../env.sh
load ../session.sh

setup_file()
{
	anew
	lxg stop "$T"
	lxg-instance get "$T" > record
	lxg-acl list | sort > grants
}

teardown_file()
{
	finish
	rm -f grants
}

# nothing_left: of the disposable, on the engine and here
nothing_left()
{
	[ "$(ls ".local/share/lxg/$LXG_ENGINE/default")" = "$T" ]
	[ -z "$(lxg-state list)" ]
	[ -z "$(ls -d .lxg-selftest.* 2> /dev/null)" ]
	lxg-acl list | sort | diff grants -
	lxg-instance get "$T" | diff record -
}

@test "selftest: all is held, by class, and nothing is left of it" {
	host_display "$HOME"
	lxg selftest "$T" > table 2> err || { cat table err; return 1; }
	[ ! -s err ]
	sed 1d table | awk '$(NF - 1) < 1 || $(NF - 1) != $NF { exit 1 }
	    { n++ } END { exit n < 10 }'
	stop_display
	nothing_left
}
