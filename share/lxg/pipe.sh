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
	# pipe has signals ignored, so that none comes before this. What one
	# means is for the command to decide; we stay to note how it ends
	[ -n "$steady" ] || trap : HUP INT TERM
	ended=0
	"$@" 3>&- || ended=$?
	printf '%s %s %s\n' "$number" "$ended" "$1" >&3
}

# steady N COMMAND [ARG]...: a stage that no signal cuts short
steady()
{
	steady=1
	stage "$@"
}

# intend VERB INSTANCE [UUID]: what is given from here on is known as ours, also
# to lxg recover should we be killed, until settle says that it stands by itself
intend()
{
	[ -z "$LXG_PRINT" ] || return 0
	LXG_INTENT=$(row "$@") || LXG_INTENT=$ours
	export LXG_INTENT
	# a delete or a create is ours to finish or undo once they have all ended
	case $1:$ours:$LXG_INTENT in
	create::?* | delete::?*) hold_steps "$LXG_INTENT" ;;
	esac
}

# row VERB INSTANCE [UUID]: prints the number of the state's row that says so; an
# engine of this host is no remote there, by whatever name it was meant
row()
{
	(
		by_socket
		trap '' HUP INT TERM
		lxg-state begin -P $$ ${forced:+-f} \
		    ${LXG_ENGINE:+-E "$LXG_ENGINE"} \
		    ${LXG_PROJECT:+-p "$LXG_PROJECT"} "$@"
	)
}

# settle: but for what we were called within
settle()
{
	[ "${LXG_INTENT:-$ours}" = "$ours" ] || (
		trap '' HUP INT TERM
		under_way "$LXG_INTENT"
		[ ! -e "$steps" ] || rm -f "$steps"
		lxg-state end "$LXG_INTENT"
	) || :
	unset LXG_INTENT
}

# engine PROGRAM VERB [ARG]...: the first part, which has to know the engine
engine()
{
	program=$1 what=$2
	shift 2
	stage 1 "$program" "$what" ${LXG_ENGINE:+-E "$LXG_ENGINE"} \
	    ${LXG_PROJECT:+-p "$LXG_PROJECT"} "$@"
}
