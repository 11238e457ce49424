# Read by lxg map and open: the pipelines that lend and take back.
# SPDX-License-Identifier: ISC
# shellcheck shell=sh

copy='' force='' readonly='' patient='' gone=''

instances()
{
	engine lxg-instance list
}

# told FILE: what the programs said
told()
{
	# a signal that ends it must not end us, who have to take back
	cat "$1" >&2 || :
}

# a copy for undo of what passes, whatever comes, and whoever is gone behind it
kept()
{
	if [ -n "$LXG_PRINT" ]; then
		cat
	else
		trap '' PIPE
		tee "$work/granted" 2>/dev/null
	fi
}

# lend PATH...: or -0 FILE
lend()
{
	case $1 in
	-0)	;;
	-*)	set -- -- "$@" ;;
	esac
	engine lxg-instance get "$name" |
	    stage 2 lxg-map plan $force $readonly $copy "$@" |
	    stage 3 lxg-acl grant | kept |
	    stage 4 lxg-map add
}

# lent [FILE]: what is, or that file where it is
# shellcheck disable=SC2120 # of the verbs, through pipe
lent()
{
	case ${1-} in
	-*)	set -- -- "$@" ;;
	esac
	get | stage 2 lxg-map list "$@"
}

take_back()
{
	stage 1 lxg-map del $patient | steady 2 lxg-acl revoke
}

revoke()
{
	stage 1 lxg-acl revoke
}

# what was granted to an add that failed, but for what was lent before. One that
# a signal missed has gone on behind the step that it ended.
undo()
{
	steady=1
	if [ "$caught" != 0 ] && [ -s "$work/lent" ]; then
		pipe take_back < "$work/lent" > /dev/null ||
		    say "$name: still lent; lxg unmap $name takes it back"
		return 0
	fi
	[ -s "$work/granted" ] && pipe lent > "$work/has" || return 0
	jq -c --slurpfile has "$work/has" '[.device, .ino] as $it |
	    select(any($has[]; [.device, .ino] == $it) | not)' \
	    "$work/granted" > "$work/undo"
	[ ! -s "$work/undo" ] || pipe revoke < "$work/undo" > /dev/null
}
