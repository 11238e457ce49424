# Read by lxg doctor: engines and instances. SPDX-License-Identifier: ISC
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

# instances_of KIND: of all projects; who is let into one only, of that
instances_of()
{
	every='/1.0/instances?recursion=1'
	(project=''; api GET "$every&all-projects=true") 2> "$work/said" ||
	    case $? in
	    77)	api GET "$every" ;;
	    *)	cat "$work/said" >&2
		return 1 ;;
	    esac
}

# check_engine KIND: and adds its instances, of all projects, to a list
check_engine()
{
	socket=$(reach "${LXG_ENGINE:-$1}") || :
	[ -n "$socket" ] || return 0
	api GET /1.0 > "$work/engine" || {
		problem "$1: see above"
		return 0
	}
	kind=$(jq -r .environment.server "$work/engine")
	[ "$kind" = "$1" ] || return 0
	engines="$engines $1"
	fine "$kind $(jq -r .environment.server_version "$work/engine")"
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

# check_versions NAME PROJECT: are its sessions of a server that can be shown?
check_versions()
{
	find_home
	for file in "$home"/*/"$2/$1"/xpra/*/version; do
		if [ -L "$file" ] || [ ! -f "$file" ]; then
			continue
		fi
		version=$(timeout 5 head -c 32 "$file" | tr -cd 0-9.)
		case $version in
		[3456].*)	;;
		*)	problem "$1: a session's server is xpra $version, and" \
			    'those from 3 to 6 can be shown' ;;
		esac
	done
}

# check_xpra NAME: is the display server there?
check_xpra()
{
	! lacks_xpra "$1" "$(jq -r .api "$work/record")" \
	    "$(jq -r .project "$work/record")" || problem "$1: $lack"
}

# check_instance NAME: can it be attached?
check_instance()
{
	pipe instance "$1" > "$work/record" || {
		problem "$1: see above"
		return 0
	}
	fine "$1: $(jq -r '"\(.status), user \(.user)"' "$work/record")"
	"${0%/*}/explain" "$1" > "$work/explained" ||
	    problem "$1: its policy is refused, see above"
	[ "$security" != false ] ||
	    grep -q '^x11  *trusted' "$work/explained" ||
	    problem "$1: its policy has x11=untrusted, which this X server" \
	    "lacks; lxg set $1 x11=trusted does without, see lxg-security(7)"
	check_xpra "$1"
	check_versions "$1" "$(jq -r .project "$work/record")"
	for mount in xpra share maps; do
		grep -q "^folder  *$mount " "$work/explained" ||
		    problem "$1: its folder $mount is missing; lxg create" \
		    'with the same words adds it'
	done
}
