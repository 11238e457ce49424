#!/usr/bin/env bats
# lxg-acl, killed at each of its system calls in turn: acl-walk says what has to
# hold.

setup_file() {
	cc -O2 -o "$BATS_FILE_TMPDIR/kill-at" \
	    "$BATS_TEST_DIRNAME/../kill-at.c"
	export PYTHONDONTWRITEBYTECODE=1
}

walk() {
	local points
	cd "$BATS_TEST_TMPDIR" || return
	points=$(XDG_STATE_HOME=$PWD/state "$BATS_TEST_DIRNAME/acl-walk" \
	    "$BATS_FILE_TMPDIR/kill-at" "$@")
	[ "$points" -gt 100 ]
	echo "# $BATS_TEST_DESCRIPTION: $points points" >&3
}

@test "killed in grant" {
	walk - grant 1
}

@test "killed in the grant of a second holder" {
	walk 1 grant 2
}

@test "killed in revoke" {
	walk 1 revoke 1
}

@test "killed in the revoke of one of two holders" {
	walk 12 revoke 1
}

@test "killed in the undoing of a grant" {
	walk - undo 1
}

@test "killed in grant, and a chmod before the revoke" {
	walk 1 grant 2 604
}

@test "killed in revoke, and a chmod before the next one" {
	walk 12 revoke 1 640
}
