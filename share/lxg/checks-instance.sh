# Read by lxg doctor: one instance. SPDX-License-Identifier: ISC
# shellcheck shell=sh disable=SC2154 # of checks.sh and lib.sh

# check_versions NAME: are its sessions of a server that can be shown?
check_versions()
{
	find_home
	for file in "$home"/*/"$project/$1"/xpra/*/version; do
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
	! lacks_xpra "$1" "$socket" "$project" || problem "$1: $lack"
}

# check_cloud NAME: what cloud-init came to in this boot; what /run has of it is
# links, which the engine does not follow
check_cloud()
{
	data="/1.0/instances/$1/files?path=/var/lib/cloud/data"
	if errors=$(raw "$data/result.json" |
	    jq -es '.[0].v1.errors | arrays | length' 2> /dev/null); then
		if [ "$errors" = 0 ]; then
			fine "$1: cloud-init is done"
		else
			problem "$1: cloud-init failed, errors: $errors"
			cure "lxg logs $1; for a report, as root inside:" \
			    'cloud-init collect-logs'
		fi
	elif raw "$data/status.json" > /dev/null; then
		note "$1: cloud-init is still at work"
		cure "lxg logs $1"
	fi
}

# check_network NAME: a network device, and no address?
check_network()
{
	api GET "/1.0/instances/$1/state" 2> /dev/null | jq -es '.[0].network // {} |
	    del(.lo) | length > 0 and all(.[]; [.addresses[]? |
	    select(.scope == "global")] | length == 0)' > /dev/null || return 0
	note "$1: it has a network, and no address there"
	cure 'does the DHCP server of its bridge run, and does a firewall' \
	    'keep it out?'
}

# check_share NAME: what one side made and the other can't use. The group bits
# of a mode are the mask of an ACL.
check_share()
{
	share=$(find "$home"/*/"$project/$1"/share -maxdepth 0 2> /dev/null |
	    head -n 1)
	[ -n "$share" ] || return 0
	closed=$(find "$share" -mindepth 1 \( -type f -o -type d \) \( \
	    ! -readable -o ! -writable -o -user "$(id -u)" -perm -u+w \
	    ! -perm -g+w \) 2> /dev/null | wc -l)
	[ "$closed" != 0 ] || return 0
	note "$1: $closed of its share closed to the other side"
	cure "lxg share $1"
}

# check_shared NAME: what this host shares with it
check_shared()
{
	check_versions "$1"
	for mount in xpra share maps; do
		grep -q "^folder  *$mount " "$work/explained" ||
		    { problem "$1: its folder $mount is missing"
		    cure 'lxg create with the same words adds it'; }
	done
	check_share "$1"
}

# check_instance NAME: can it be attached?
check_instance()
{
	pipe instance "$1" > "$work/record" || {
		problem "$1: see above"
		return 0
	}
	socket=$(jq -r .api "$work/record")
	project=$(jq -r .project "$work/record")
	away=''
	far || elsewhere "$(jq -r '.location // ""' "$work/record")" "$socket" "$project"
	[ -z "$away" ] || {
		problem "$1: is on $away, not on this host"
		cure "its windows are shown, and files lent to it, there"
		return 0
	}
	status=$(jq -r .status "$work/record")
	if [ "$status" = Frozen ]; then
		problem "$1: it is frozen, nothing in it runs"
		cure "lxg-instance start $1"
	else
		fine "$1: $status, user $(jq -r .user "$work/record")"
	fi
	"${0%/*}/explain" "$1" > "$work/explained" ||
	    problem "$1: its policy is refused, see above"
	[ "$security" != false ] ||
	    grep -q '^x11  *trusted' "$work/explained" ||
	    { problem "$1: its policy has x11=untrusted, which this X server lacks"
	    cure "lxg set $1 x11=trusted does without, see lxg-security(7)"; }
	check_xpra "$1"
	far || check_shared "$1"
	check_suites "$1"
	check_modules "$1"
	check_late "$1"
	check_last "$1"
	[ "$status" = Running ] || return 0
	far || check_ended "$1"
	far || check_sockets "$1"
	check_cloud "$1"
	check_network "$1"
	check_names "$1"
}
