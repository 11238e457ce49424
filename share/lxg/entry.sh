# Read by the verbs that write desktop entries for the host.
# SPDX-License-Identifier: ISC
# shellcheck shell=sh disable=SC2154 # name, work: of the verb

# get_it: into the file $work/it the record of the instance
get_it() { engine lxg-instance get "$name"; }

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
		pipe get_it
		printed
	fi
	scratch
	pipe get_it > "$work/it" || finish "$?"
	types=$(printf '%s;' "$@")
	# shellcheck disable=SC2016 # jq's
	as_entry 'handler($types)' --arg types "$types" "$work/it"
}
