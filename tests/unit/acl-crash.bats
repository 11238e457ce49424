#!/usr/bin/env bats
# lxg-acl, killed at each of its system calls in turn, and with each of its
# writes failing: acl-walk says what has to hold.

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

failing() {
	local points
	cd "$BATS_TEST_TMPDIR" || return
	points=$(XDG_STATE_HOME=$PWD/state "$BATS_TEST_DIRNAME/acl-walk" EIO "$@")
	[ "$points" -gt 20 ]
	echo "# $BATS_TEST_DESCRIPTION: $points points" >&3
}

@test "EIO at each write of grant" {
	failing - grant 12
}

@test "EIO at each write of the grant of a second holder" {
	failing 1 grant 2
}

@test "EIO at each write of revoke" {
	failing 12 revoke 12
}

@test "EIO at each write of the undoing of a grant" {
	failing - undo 12
}

@test "a state that can't be opened, EIO, is 74, and no permission 77" {
	cd "$BATS_TEST_TMPDIR" || return
	export XDG_STATE_HOME=$PWD/state
	lxg-state begin -P $$ lend i
	run strace -o trace -P "$XDG_STATE_HOME/lxg/state.db-journal" \
	    -e inject=openat:error=EIO lxg-state begin -P $$ lend i
	[ "$status" = 74 ]
	[[ $output == *'Input/output error'* ]]
	run strace -o trace -P "$XDG_STATE_HOME/lxg/state.db-journal" \
	    -e inject=openat:error=EACCES lxg-state begin -P $$ lend i
	[ "$status" = 77 ]
}
