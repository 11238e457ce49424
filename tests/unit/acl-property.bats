#!/usr/bin/env bats
# Random ACLs, holders, chmods, setfacls and kills against a file that was never
# lent: acl-property says what has to hold.

@test "nobody may do more on a lent file than on its twin" {
	cd "$BATS_TEST_TMPDIR" || return
	cc -O2 -o kill-at "$BATS_TEST_DIRNAME/../kill-at.c"
	PYTHONDONTWRITEBYTECODE=1 XDG_STATE_HOME=$PWD/state \
	    "$BATS_TEST_DIRNAME/acl-property" ./kill-at
}
