# Read by lxg doctor: what of the user's desktop and of this kernel serves the
# windows. SPDX-License-Identifier: ISC
# shellcheck shell=sh disable=SC2154 # of entry.sh

check_bus()
{
	[ -z "${DBUS_SESSION_BUS_ADDRESS-}" ] || return 0
	[ ! -S "${XDG_RUNTIME_DIR-}/bus" ] || return 0
	note 'no D-Bus session bus: no notifications (notifications=on)'
	cure 'apt install dbus-user-session, and log in again'
}

# check_lock [FILE]: the client's lock has more than one bolt; is one missing?
check_lock()
{
	modules=$(of "${1:-/sys/kernel/security/lsm}")
	case ,$modules, in
	,0,)	;;
	*,landlock,*) fine 'Landlock' ;;
	*)	note 'no Landlock: lxg-client is held by its filter of system' \
		    'calls alone'
		cure "boot with lsm=landlock,$modules" ;;
	esac
}

# Entries that somebody wrote, and that the windows do not know: these get a
# second icon beside the launcher's.
check_entries()
{
	find_entries
	for file in "$entries"/*.desktop; do
		grep -qsE '^Exec=([^ ]*/)?lxg .*(attach|run|open) ' "$file" ||
		    continue
		! grep -q '^StartupWMClass=lxg-' "$file" || continue
		note "$file: its windows have an icon beside this one"
		cure 'StartupWMClass=lxg- and the name of the instance, in there'
	done
}

# check_colors: a border tells whose window it is
check_colors()
{
	lxg-instance list > "$work/records" 2> /dev/null || return 0
	jq -nr -f "$LXG_DATADIR/colors.jq" \
	    --slurpfile records "$work/records" \
	    --slurpfile all "$work/instances" > "$work/colors"
	while IFS="$(printf '\t')" read -r both other; do
		note "$both: borders of the same colour, or nearly"
		cure "$other"
	done < "$work/colors"
}
