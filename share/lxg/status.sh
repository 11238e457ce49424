# Read by lib.sh: pipelines as a whole, and how they ended.
# SPDX-License-Identifier: ISC
# shellcheck shell=sh

# first: of the statuses on standard input, the one of the first stage that
# failed by itself. 66 says no more than that the one before it did, and 74 or
# SIGPIPE may say that the one behind it did not read on.
first()
{
	at=0 verdict=0 weight=0
	while read -r number ended who; do
		case $ended in
		'' | 0)	continue ;;
		66)	heavy=1 ;;
		74 | 141) heavy=2 ;;
		*)	heavy=3 ;;
		esac
		[ "$heavy" -gt "$weight" ] || {
			[ "$heavy" = "$weight" ] && [ "$number" -lt "$at" ]
		} || continue
		at=$number verdict=$ended weight=$heavy failed=$who
	done
	return "$verdict"
}

# a signal is noted, and what it cuts short is dealt with. $wake ends a wait
# that may be about to begin.
arm()
{
	trap 'caught=1; $wake' HUP
	trap 'caught=2; $wake' INT
	trap 'caught=15; $wake' TERM
}

disarm()
{
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

# pipe FUNCTION [ARG]...: its status is the pipeline's, the command that gave
# it is in $failed, and a signal that came meanwhile in $caught
pipe()
{
	if [ -n "$LXG_PRINT" ]; then
		printf %s "$joint"
		joint=' && '
		"$@"
		return
	fi
	arm
	{ statuses=$(trap '' HUP INT TERM; "$@" 3>&1 >&4 4>&-) || :; } 4>&1
	[ -n "$hold" ] || disarm
	# a signal that came before it was ignored in there
	[ -n "$statuses" ] || return $((caught ? 128 + caught : 71))
	first <<-END
	$statuses
	END
}

# quietly FUNCTION [ARG]...: pipe, where nobody wants the records
quietly()
{
	if [ -n "$LXG_PRINT" ]; then
		pipe "$@"
	else
		pipe "$@" > /dev/null
	fi
}

# printed: ends here where the pipelines were printed
printed()
{
	[ -z "$LXG_PRINT" ] || { printf '\n'; exit; }
}
