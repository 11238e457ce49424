# Read by lxg doctor: engines and their instances. SPDX-License-Identifier: ISC
# shellcheck shell=sh

engines=''

# check_project KIND: is there one for us, and could something be created in it?
check_project()
{
	if ! lxg-instance where -E "$socket" \
	    ${LXG_PROJECT:+-p "$LXG_PROJECT"} > "$work/where" 2> "$work/said"
	then
		problem "$1: $(sed 's/^lxg-instance: //' "$work/said")"
		return 1
	fi
	project=$(jq -r .project "$work/where")
	if jq -e .restricted "$work/where" > /dev/null; then
		fine "$1: project $project is restricted"
	else
		note "$1: who may use its socket is root on this host"
	fi
	forbids=$(jq -r '.forbids // ""' "$work/where")
	[ -z "$forbids" ] || problem "$1: $forbids"
}

# check_remote: is the one that is meant there, and are we let in?
check_remote()
{
	if lxg-instance where > "$work/where" 2> "$work/said"; then
		project=$(jq -r .project "$work/where")
		fine "remote $(jq -r '"\(.remote): \(.engine) at \(.api), " +
		    "project \(.project)"' "$work/where")"
	else
		problem "$(sed 's/^lxg-instance: //' "$work/said")"
	fi
}

# instances_of KIND: of all projects; who is let into one only, of that
instances_of()
{
	every='/1.0/instances?recursion=1'
	api GET "$every&all-projects=true" 2> "$work/said" ||
	    case $? in
	    77)	api GET "$every" ;;
	    *)	cat "$work/said" >&2
		return 1 ;;
	    esac
}

# check_where KIND: is it this machine's, and does it see what we see?
check_where()
{
	kernel=$(jq -r '.environment.kernel_version // ""' "$work/engine")
	case $kernel in
	'' | "$(uname -r)") ;;
	*)	problem "$1: it runs on another machine, below Linux $kernel"
		cure 'windows are shown, and files lent, on that one' ;;
	esac
	find_home
	case $(lxg-instance where -E "$socket" 2> /dev/null |
	    jq -r .api)$home/ in
	/var/snap/*.socket/dev/* | /var/snap/*.socket/snap/* | \
	    /var/snap/*.socket/var/snap/* | \
	    /var/snap/*.socket/var/lib/snapd/*)
		problem "$1: it is a snap, and has a $home of its own"
		cure 'LXG_HOME, a folder elsewhere' ;;
	esac
}

# check_engine KIND: and adds its instances, of all projects, to a list
check_engine()
{
	socket=${LXG_ENGINE:-$1} code=0
	api GET /1.0 > "$work/engine" 2> "$work/said" || code=$?
	case $code in
	0)	;;
	69)	return 0 ;;
	*)	problem "$1: $(sed 's/^lxg-instance: //' "$work/said")"
		return 0 ;;
	esac
	kind=$(jq -r .environment.server "$work/engine")
	[ "$kind" = "$1" ] || return 0
	engines="$engines $1"
	fine "$kind $(jq -r .environment.server_version "$work/engine")"
	check_where "$kind"
	check_project "$kind" || return 0
	check_pools "$kind"
	instances_of "$kind" > "$work/all" ||
	    problem "$kind: its instances: see above"
	jq -c --arg kind "$kind" '.[]? | . + {$kind}' "$work/all" \
	    >> "$work/instances"
}

# lxg gives each instance ids of its own; others may have a map that spans all
check_maps()
{
	jq -rs -f "${0%/*}/maps.jq" "$work/instances" > "$work/overlaps"
	while read -r how text; do
		"$how" "$text"
	done < "$work/overlaps"
}

# check_tries: those whose lxg try is gone
check_tries()
{
	lxg-state list > "$work/rows" 2> /dev/null || :
	jq -rn -L "$LXG_DATADIR" --slurpfile rows "$work/rows" \
	    --slurpfile all "$work/instances" 'include "text";
	    [$rows[] | select(.verb == "try").instance] as $known |
	    $all[] | select(.config["user.lxg.try"]?).name |
	    select(IN($known[]) | not) | clean' > "$work/tries"
	while IFS= read -r name; do
		note "$name: of an lxg try that is not yours, or not known any more"
		cure "lxg delete -f $name"
	done < "$work/tries"
}
