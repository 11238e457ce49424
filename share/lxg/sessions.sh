# Read by the verbs that run a program, or need one session of an instance.
# SPDX-License-Identifier: ISC
# shellcheck shell=sh

# chosen WORD: sets session to what -s names
chosen()
{
	case $1 in
	'' | *[!A-Za-z0-9-]*) die 65 "-s $1: not the name of a session" ;;
	esac
	session=$1
}

# take FUNCTION [ARG]...: into the file $record what this pipeline prints
take()
{
	if [ -n "$LXG_PRINT" ]; then
		pipe "$@"
		joint=' | '
		return
	fi
	record=$work/record
	went "$@" > "$record"
}

# sessions NAME FILTER: the pipeline that finds them
sessions()
{
	engine lxg-instance get "$1" |
	    stage 2 lxg-xpra list |
	    stage 3 jq -c "$2"
}

# told_sessions: which there are, on standard error
told_sessions()
{
	jq -L "$LXG_DATADIR" -r 'include "text"; "\(.session | clean)\t" +
	    "\(.state | clean)\t\(.command // [] | words)"' "$record" >&2
	exit 1
}

# look NAME SESSION CONDITION: into $record those that may be meant
look()
{
	answering "$1"
	if [ -n "$LXG_PRINT" ] && [ -n "$2" ]; then
		take sessions "$1" "select($3 and .session == \"$2\")"
	else
		take sessions "$1" "select($3)"
	fi
}

# some: has look found one?
some()
{
	[ -s "$record" ] && grep -q . "$record"
}

# one NAME SESSION NONE: of these the one that is meant, else exits with 1,
# saying why
one()
{
	[ -z "$LXG_PRINT" ] || return 0
	some || {
		[ -z "$2" ] || die 1 "$1: no session $2, nor any other"
		die 1 "$1: $3"
	}
	if [ -n "$2" ]; then
		jq -c --arg session "$2" 'select(.session == $session)' \
		    "$record" > "$record.one"
		grep -q . "$record.one" || {
			say "$1: no session $2; there are:"
			told_sessions
		}
		record=$record.one
	fi
	[ "$(grep -c . "$record")" = 1 ] || {
		say "$1: which one? choose with -s SESSION"
		told_sessions
	}
}

# pick NAME SESSION CONDITION NONE: into $record the one session that is meant
pick()
{
	look "$1" "$2" "$3"
	one "$1" "$2" "$4"
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

# become VERB [ARG]...: lxg-xpra takes our place, with the session that was
# found, so that a signal reaches it and no shell waits beside it
become()
{
	if [ -n "$LXG_PRINT" ]; then
		pipe stage 1 lxg-xpra "$@"
		printed
	fi
	[ "$caught" = 0 ] || exit $((128 + caught))
	what=$1
	shift
	exec < "$record"
	trap - EXIT
	rm -rf "$work"
	exec lxg-xpra "$what" -e "$@"
}

# pick_server NAME SESSION: as pick, and sets server, its address inside
pick_server()
{
	[ -z "$LXG_PRINT" ] || [ -n "$2" ] ||
	    die 64 "$1: what is printed needs -s SESSION"
	pick "$1" "$2" '.state == "live"' 'no session is live'
	which=$2
	[ -n "$LXG_PRINT" ] || which=$(jq -r .session "$record")
	server=socket:/var/lib/lxg/xpra/$which.sock
}
