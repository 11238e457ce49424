# Read by the verbs that write or remove desktop entries of the host.
# SPDX-License-Identifier: ISC
# shellcheck shell=sh disable=SC2034,SC2154 # of and for the verb

# as_entry FILTER [ARG]...: what a filter with the functions of entry.jq makes of
# the record, with the path of lxg in $lxg
as_entry()
{
	filter=$1
	shift
	jq -L "$LXG_DATADIR" -r --arg lxg "$(command -v lxg)" \
	    --arg api "${LXG_ENGINE-}" \
	    "include \"text\"; include \"entry\"; $filter" "$@"
}

# handler_entry [TYPE]...: prints an entry that opens files and addresses of
# these types in the instance
handler_entry()
{
	[ $# -gt 0 ] || set -- text/html x-scheme-handler/http \
	    x-scheme-handler/https
	for type; do
		case $type in
		*[!A-Za-z0-9.+_/-]* | */*/* | /* | */)
			die 65 "$type: not a MIME type" ;;
		*/*)	;;
		*)	die 65 "$type: not a MIME type" ;;
		esac
	done
	if [ -n "$LXG_PRINT" ]; then
		pipe get
		printed
	fi
	scratch
	pipe get > "$work/it" || finish "$?"
	types=$(printf '%s;' "$@")
	# shellcheck disable=SC2016 # jq's
	as_entry 'handler($types)' --arg types "$types" "$work/it"
}

# find_entries: sets entries and icons, the folders of the host's menu
find_entries()
{
	data=${XDG_DATA_HOME:-$HOME/.local/share}
	entries=$data/applications icons=$data/icons/hicolor/128x128/apps
}

# entry_id NAME PROGRAM: what an entry is called, without .desktop
entry_id()
{
	printf 'lxg-%s-%.64s' "$1" \
	    "$(printf %s "${2##*/}" | sed 's/\.desktop$//' |
	    LC_ALL=C tr -c 'A-Za-z0-9._-' _)"
}

# each_entry NAME ID COMMAND: runs it with each entry of ours, or of this
# instance, or the one that is called so
each_entry()
{
	for file in "$entries"/*.desktop; do
		grep -qs '^X-Lxg-Uuid=' "$file" || continue
		[ -z "$1" ] || grep -qxF "X-Lxg-Instance=$1" "$file" || continue
		[ -z "$2" ] || [ "${file##*/}" = "$2.desktop" ] || continue
		"$3" "$file"
	done
}

list_entry()
{
	printf '%s\t%s\t%s\n' "$(sed -n 's/^X-Lxg-Instance=//p' "$1")" \
	    "$(sed -n 's/^Name=//p' "$1")" "$1"
}

remove_entry()
{
	base=${1##*/}
	rm -f "$1" "$icons/${base%.desktop}.png"
	removed=1
}

# put FILE PLACE: all of it is there at once, or nothing
put()
{
	new=$(mktemp "${2%/*}/.lxg.XXXXXX")
	if cat "$1" > "$new" && chmod 644 "$new" && mv "$new" "$2"; then
		return
	fi
	rm -f "$new"
	die 74 "$2: could not be written"
}

# known: who looks up types in a cache of them finds what has changed
known()
{
	! command -v update-desktop-database > /dev/null ||
	    update-desktop-database -q "$entries" 2> /dev/null || :
}

# forget_entries NAME UUID: those of an instance that is gone
forget_entries()
{
	find_entries
	removed='' uuid=$2
	each_entry "$1" '' remove_its_entry
	[ -z "$removed" ] || known
}

remove_its_entry()
{
	if [ -z "$uuid" ] || grep -qxF "X-Lxg-Uuid=$uuid" "$1"; then
		remove_entry "$1"
	fi
}
