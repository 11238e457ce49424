# Read by bats files that kill programs at each system call on a real engine,
# behind env.sh: an instance called $I, and kill-at in $BATS_FILE_TMPDIR.
# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2034,SC2154

I=$T-a
# each engine's run takes every other point, and both together take all
FIRST=1
[ "$LXG_ENGINE" = lxd ] || FIRST=2
# a thousand times to a disk and back would be most of the time
HOME=/dev/shm/$T
mkdir -p "$HOME"

# for setup_file
begin_crashes()
{
	chmod 700 "$HOME"
	cc -O2 -o "$BATS_FILE_TMPDIR/kill-at" \
	    "$BATS_TEST_DIRNAME/../kill-at.c"
	drop_instance "$I"
	make_instance "$I" > /dev/null
}

teardown_file()
{
	drop_instance "$I"
	rm -rf "$HOME"
}
