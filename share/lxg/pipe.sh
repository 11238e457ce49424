# Read by lib.sh: a pipeline is a shell function made of stages. It is run, or
# for lxg -n printed as text for a shell. SPDX-License-Identifier: ISC
# shellcheck shell=sh

# quote WORD...: so that a shell reads them back as they are
quote()
{
	gap=''
	for word; do
		printf %s "$gap"
		gap=' '
		case $word in
		'' | *[!A-Za-z0-9_./:=@,+-]*) ;;
		*)	printf %s "$word"; continue ;;
		esac
		printf "'"
		while [ "$word" != "${word#*\'}" ]; do
			printf "%s'\\\\''" "${word%%\'*}"
			word=${word#*\'}
		done
		printf "%s'" "$word"
	done
}

# stage N COMMAND [ARG]...: the Nth part of a pipeline
stage()
{
	number=$1
	shift
	if [ -n "$LXG_PRINT" ]; then
		[ "$number" = 1 ] || { cat; printf ' | '; }
		quote "$@"
		return
	fi
	# what a signal means is for the command to decide; we stay to note
	# how it ends
	trap : HUP INT TERM
	ended=0
	"$@" 3>&- || ended=$?
	printf '%s %s %s\n' "$number" "$ended" "$1" >&3
}

# engine PROGRAM VERB [ARG]...: the first part, which has to know the engine
engine()
{
	program=$1 what=$2
	shift 2
	stage 1 "$program" "$what" ${LXG_ENGINE:+-E "$LXG_ENGINE"} \
	    ${LXG_PROJECT:+-p "$LXG_PROJECT"} "$@"
}

# first: of the statuses on standard input, the one of the first stage that
# failed by itself, since 66 says no more than that the one before it did
first()
{
	at=0 status=0
	while read -r number ended who; do
		case $ended in
		'' | 0)	continue ;;
		66)	[ "$status" = 0 ] || continue ;;
		*)	[ "$status" = 0 ] || [ "$status" = 66 ] ||
			    [ "$number" -lt "$at" ] || continue ;;
		esac
		at=$number status=$ended failed=$who
	done
	return "$status"
}

# a signal is noted, and what it cuts short is dealt with
arm()
{
	trap 'caught=1' HUP
	trap 'caught=2' INT
	trap 'caught=15' TERM
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
	{ statuses=$(trap : HUP INT TERM; "$@" 3>&1 >&4 4>&-) || :; } 4>&1
	[ -n "$hold" ] || disarm
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
