# Read by lxg recover: the folders that instances of this user share.
# SPDX-License-Identifier: ISC
# shellcheck shell=sh

# ask_engine: sets what the engine says of itself that was chosen by its socket:
# the folders' paths have names, and no sockets
ask_engine()
{
	itself=''
	case ${LXG_ENGINE-} in
	/*)	itself=$(lxg-instance api -E "$LXG_ENGINE" GET /1.0 \
		    2>/dev/null) || itself='' ;;
	esac
}

# folders: those of this user's instances, and what in them could be removed:
# what can't be looked into is not empty
folders()
{
	find_home
	empty=-empty
	[ -z "$discard" ] || empty=-true
	(
		cd "$home" || exit 0
		grep -Hs -D skip -m 1 '' ./*/*/*/uuid || :
		find . -mindepth 3 -maxdepth 3 -printf '%p/since:%T@\n' || :
		find . -mindepth 4 -maxdepth 4 -type d \( -name xpra -o \
		    \( -name share -o -name maps \) "$empty" \) \
		    -printf '%h/mount:%f\n' || :
	) 2>/dev/null | jq -cRn --arg root "$home" --arg itself "$itself" \
	    --arg api "${LXG_ENGINE-}" '
	    (($itself | fromjson? | .environment.server?) // "") as $named |
	    [inputs |
	    capture("^(?<at>\\./[^/]*/[^/]*/[^/]*)/(?<key>[^/:]*):(?<is>.*)")] |
	    group_by(.at)[] | (.[0].at / "/") as $at |
	    [.[] | {(.key): .is}] as $has | ($has | add) as $one |
	    select($one.uuid and $one.since) | {engine: $at[1],
	    project: $at[2], instance: $at[3], uuid: $one.uuid,
	    since: ($one.since | tonumber | floor),
	    folder: "\($root)/\($at[1:] | join("/"))",
	    mounts: [$has[].mount | values]} |
	    if .engine == $named then .api = $api else . end'
}
