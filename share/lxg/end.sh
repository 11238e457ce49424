# Read by lxg delete: what it runs, and what it has to know.
# SPDX-License-Identifier: ISC
# shellcheck shell=sh

# as_found: the instance as it was found, where one has just looked
as_found()
{
	if [ -n "$LXG_PRINT" ]; then get; else cat "$work/found"; fi
}

instances() { engine lxg-instance list; }
mounts() { as_found | stage 2 lxg-mount list; }
end_sessions() { as_found | stage 2 lxg-xpra list | stage 3 lxg-xpra stop; }
start() { engine lxg-instance start "$name"; }

# the very one that was found, whatever is wrong with it
end_instance()
{
	if [ -n "$LXG_PRINT" ]; then
		get
	else
		jq -c 'del(.error)' "$work/found"
	fi | stage 2 lxg-instance del -f
}

unmap()
{
	as_found | stage 2 lxg-map list | stage 3 lxg-map del ${force:+-f} |
	    steady 4 lxg-acl revoke
}

unshare()
{
	mounts | stage 3 lxg-mount del ${force:+-f} | steady 4 lxg-acl revoke
}

# find_it: the one of the instances that is meant, with one start of jq for all
# that is to be known of it. From here on it is this engine's instance and no
# other's. One whose id map is refused has no more than its name.
find_it()
{
	jq -rs --arg name "$name" --arg only "$only" 'map(select(
	    .instance == $name) | select($only == "" or .uuid == $only)) |
	    (.[0] | tojson), "count=\(length)", (.[0] | @sh "
	    api=\(.api // "") project=\(.project // "") uuid=\(.uuid // "")
	    state=\(.status // "") location=\(.location // "")
	    broken=\(if .error then "yes" else "no" end)
	    its_own=\(.profile // "")")' "$work/instances" > "$work/known"
	sed 1q "$work/known" > "$work/found"
	eval "$(sed 1d "$work/known")"
	case $count in
	0)	gone ;;
	1)	;;
	*)	die 78 "$name: on both engines; choose with -E or LXG_ENGINE" ;;
	esac
	LXG_ENGINE=$api LXG_PROJECT=$project running=yes away=''
	export LXG_ENGINE LXG_PROJECT
	[ "$state" != Stopped ] || running=no
	[ "$broken" = yes ] || profile=$its_own
	far || elsewhere "$location" "$LXG_ENGINE" "$LXG_PROJECT"
}

# resume: where lxg recover has us finish what was cut short, it is that row's,
# of that instance alone, and a profile goes that was made with it
resume()
{
	row=$(lxg-state list | jq -r --arg row "$ours" 'select("\(.intent)" == $row
	    and (.verb | IN("create", "delete"))) | @sh "only=\(.uuid // "")
	    resumed=\(.verb) keep=\(if .verb == "create" and (.profile | not)
	    then 1 else "" end)"')
	eval "$row"
	[ -z "$resumed" ] || { LXG_INTENT=$ours; export LXG_INTENT; }
}

# holds_nothing MOUNT: or says what to do about what is in that folder
holds_nothing()
{
	folder=$(jq -j --arg mount "$1" 'select(.mount == $mount).source' \
	    "$work/mounts"; printf .)
	folder=${folder%.}
	# where a member of a cluster had it that this one is not, it is not here
	[ -n "$folder" ] && { [ -z "$away" ] || [ -e "$folder" ]; } &&
	    [ -n "$(find "$folder" -mindepth 1 -print -quit 2>&1)" ] ||
	    return 0
	die 1 "$name: its $1 holds files ($folder); take them out, or say -f"
}

# gone: there is none of that name: what it left goes, or there never was one
gone()
{
	mended=0 left=''
	forget_entries "$name" "$only"
	left=$removed
	remains || mended=$?
	[ -z "$left" ] && [ "$mended" = 0 ] || finish "$mended"
	die 1 "$(none_of "$name" "$work/instances")"
}
