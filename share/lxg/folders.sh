# Read by lxg recover: the folders that instances of this user share.
# SPDX-License-Identifier: ISC
# shellcheck shell=sh

# name_engine: sets named, the name of the engine that was chosen by its socket:
# the folders' paths have names, and no sockets
name_engine()
{
	named=''
	case ${LXG_ENGINE-} in
	/*)	named=$(curl -s --max-time 10 --unix-socket "$LXG_ENGINE" \
		    http://engine/1.0 |
		    jq -r '.metadata.environment.server // ""' 2>/dev/null) ||
		    named='' ;;
	esac
}

# folders: those of this user's instances, and what in them could be removed
folders()
{
	for folder in "${LXG_HOME:-${XDG_DATA_HOME:-$HOME/.local/share}/lxg}"/*/*/*; do
		[ -f "$folder/uuid" ] || continue
		set --
		for mount in xpra share maps; do
			[ -d "$folder/$mount" ] || continue
			[ -n "$discard" ] || [ "$mount" = xpra ] ||
			    [ -z "$(find "$folder/$mount" -mindepth 1 \
			    -print -quit 2>&1)" ] || continue
			set -- "$@" "$mount"
		done
		jq -cn --arg folder "$folder" --rawfile uuid "$folder/uuid" \
		    --argjson since "$(stat -c %Y "$folder" 2>/dev/null)" \
		    --arg named "$named" --arg api "${LXG_ENGINE-}" \
		    '$folder / "/" | {engine: .[-3], project: .[-2],
		    instance: .[-1], uuid: ($uuid / "\n" | .[0]), $since,
		    $folder, mounts: $ARGS.positional} |
		    if .engine == $named then .api = $api else . end' \
		    --args "$@" 2>/dev/null || [ ! -e "$folder/uuid" ] ||
		    return 2
	done
}
