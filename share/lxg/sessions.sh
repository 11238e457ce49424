# Read by the verbs that run a program, or need one session of an instance.
# SPDX-License-Identifier: ISC
# shellcheck shell=sh

record=/dev/null

# sessions NAME FILTER: the pipeline that finds them
sessions()
{
	engine lxg-instance get "$1" |
	    stage 2 lxg-xpra list |
	    stage 3 jq -c "$2"
}

# pick NAME SESSION CONDITION NONE: into $record the one session that is
# meant, else exits with 1, saying why
pick()
{
	filter="select($3)"
	case $2 in
	'')	;;
	*[!A-Za-z0-9-]*) die 65 "$1: $2: not the name of a session" ;;
	*)	filter="select($3 and .session == \"$2\")" ;;
	esac
	if [ -n "$LXG_PRINT" ]; then
		pipe sessions "$1" "$filter"
		joint=' | '
		return
	fi
	record=$work/record
	went sessions "$1" "$filter" > "$record"
	case $(grep -c . "$record" || :) in
	0)	die 1 "$1: $4" ;;
	1)	return ;;
	esac
	say "$1: which one? choose with -s SESSION"
	jq -L "$LXG_DATADIR" -r 'include "text"; "\(.session | clean)\t" +
	    "\(.state | clean)\t\(.command | words)"' "$record" >&2
	exit 1
}

# went FUNCTION [ARG]...: pipe, and 125 where lxg itself fails; 126 and 127 are a
# program's that could not be run
went()
{
	status=0
	pipe "$@" || status=$?
	[ "$status" != 0 ] || return 0
	[ "$caught" = 0 ] || exit $((128 + caught))
	case $failed:$status in
	lxg-xpra:12[67]) exit "$status" ;;
	esac
	[ "$verb" != stop ] || exit "$status"
	say "$name: $failed ended with $status"
	exit 125
}

# program FUNCTION [ARG]...: pipe, and ends as the program did; with 0 where it
# still runs
program()
{
	if [ -n "$LXG_PRINT" ]; then
		pipe "$@"
		printed
	fi
	went "$@" 5>&1 > "$work/ended"
	exit "$(jq -r '.exit_status // 0' "$work/ended")"
}
