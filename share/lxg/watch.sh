# Read by lxg map: what others do while files are lent.
# SPDX-License-Identifier: ISC
# shellcheck shell=sh

# watch FILE PID: sends USR1 when none of what was lent is lent any more. Whoever
# takes back changes the state: only then the engine is asked.
watch()
{
	trap - EXIT
	hold='' caught=0 state=${XDG_STATE_HOME:-$HOME/.local/state}/lxg
	disarm
	jq -r '"\"device\":\"\(.device)\""' "$1" > "$work/pattern"
	while sleep 1 && kill -0 "$2"; do
		[ ! -e "$work/looked" ] || [ -n "$(find "$state/state.db" \
		    "$state/copies" -prune -newer "$work/looked")" ] || continue
		: > "$work/looked"
		look=0
		pipe lent > "$work/has" || look=$?
		case $look in
		0)	grep -qFf "$work/pattern" "$work/has" || break ;;
		1)	break ;;
		*)	rm -f "$work/looked" ;;
		esac
	done
	# what it meets may be about to ask: it is told until it ends
	while kill -USR1 "$2"; do
		sleep 1
	done
}

sessions()
{
	engine lxg-instance get "$name" | stage 2 lxg-xpra list
}

# live: has the instance a session that goes on?
live()
{
	pipe sessions > "$work/sessions" 2>/dev/null &&
	    jq -en '[inputs | select(.state and .state != "ended")] != []' \
	    "$work/sessions" > /dev/null
}

# warning: what to think of before files are taken from such an instance
warning()
{
	printf 'A program runs in %s, and may have these files open.' "$name"
	printf ' Take them back?'
}
