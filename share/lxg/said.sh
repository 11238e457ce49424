# Read by lxg logs and doctor: what programs and servers of sessions have said.
# SPDX-License-Identifier: ISC
# shellcheck shell=sh disable=SC2154 # of logs, and lib.sh

# said_last LINES: the end of standard input, fit for a terminal; LINES is -N, or
# +1 for all
said_last()
{
	tr -d '\r' | expand | tail -n "$1" |
	    jq -L "$LXG_DATADIR" -Rr 'include "text"; clean'
}

# told WHAT: the same below a line that says what it is, as much as $lines say
told()
{
	said_last "$lines" > "$work/told"
	[ -s "$work/told" ] || return 0
	printf '== %s\n' "$1"
	cat "$work/told"
}

# written FOLDER NAME: that file of a folder in which the instance writes: what
# it has made a link of, or what never ends, is not followed
written()
{
	(
		CDPATH='' cd -- "$1" && [ "$(pwd -P)" = "$1" ] &&
		    timeout 10 dd if="./$2" iflag=nofollow,nonblock status=none
	) 2>/dev/null || :
}

# runtime RECORD: where this host has what it knows of an instance's sessions
runtime()
{
	printf '%s/lxg/%s' "${XDG_RUNTIME_DIR-}" "$(jq -r '[if .remote then
	    "remote" else .engine end, .project, .instance] | join("/")' "$1")"
}

# died RECORD: what attach kept of the instance's last program, where that
# failed and showed no window
died()
{
	jq -c 'select(.exit_status)' "$(runtime "$1")/died" 2> /dev/null || :
}

# program FILE: which one that record, or a session's, is of, and how it ended
program()
{
	jq -L "$LXG_DATADIR" -r 'include "text"; "\(.command // [] | words)" +
	    " ended with status \(.exit_status)"' "$1"
}
