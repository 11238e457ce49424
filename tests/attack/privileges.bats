# ATTACKS 16: nothing that is installed has powers of its own.
# shellcheck disable=SC2154 # of env.sh
bats_require_minimum_version 1.5.0

load ../env.sh

powers() {
	find "$1" -xdev -perm /7000 ! -type l ! -type d
	getcap -r "$1" 2>/dev/null
}

@test "no setuid, no setgid, no file capabilities in a staged install" {
	[ -x "$LXG_STAGE/usr/bin/lxg-xpra" ]
	[ -z "$(powers "$LXG_STAGE/usr")" ]
	# it would be seen
	cp "$LXG_STAGE/usr/bin/lxg-acl" "$BATS_TEST_TMPDIR/"
	chmod 4755 "$BATS_TEST_TMPDIR/lxg-acl"
	[ -n "$(powers "$BATS_TEST_TMPDIR")" ]
}

@test "nothing that is installed can be written by others" {
	run find "$LXG_STAGE/usr" ! -type l -perm /022
	[ -z "$output" ]
}
