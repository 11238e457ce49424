# Read by lxg doctor: what lies inside an instance and stands in the way there.
# Files alone are read, by the engine. SPDX-License-Identifier: ISC
# shellcheck shell=sh disable=SC2154 # of checks-instance.sh

# within NAME PATH: what that file there holds
within() { raw "/1.0/instances/$1/files?path=$2"; }

# config NAME KEY: of the instance and its profiles
config()
{
	api GET "/1.0/instances/$1" 2> /dev/null |
	    jq -r --arg key "$2" '.expanded_config[$key] // ""'
}

# check_modules NAME: Debian's xpra starts without it, and refuses every client
check_modules()
{
	python=/usr/lib/python3/dist-packages
	within "$1" $python/xpra/__init__.py > /dev/null || return 0
	within "$1" $python/PIL/__init__.py > /dev/null || {
		problem "$1: python3-pil is not installed in it: its display" \
		    'server lets nobody in'
		cure "lxg shell $1, then sudo apt install python3-pil"
	}
}

# check_suites NAME: what user-data fetches from a release that this is not
check_suites()
{
	release=$(within "$1" /usr/lib/os-release |
	    sed -n 's/^VERSION_CODENAME=//p')
	[ -n "$release" ] || return 0
	config "$1" cloud-init.user-data | grep -oE \
	    'deb(-src)? (\[[^]]*\] )?(https?|file):[^ ]+ [a-z]+' |
	    sed 's/.* //' | sort -u | grep -xE 'stretch|buster|bullseye|bookworm|'"$(
	    )trixie|forky|bionic|focal|jammy|noble|plucky|questing" |
	    grep -vxF -e "$release" > "$work/suites" || :
	while read -r suite; do
		problem "$1: its user-data has packages of $suite, and it is" \
		    "$release"
		cure "apt takes what fits neither: name $release there, or" \
		    "make it from an image of $suite"
	done < "$work/suites"
}

# check_late NAME: RealtimeKit, which cannot start below AppArmor for what its
# unit asks for, keeps sound waiting until D-Bus gives up
check_late()
{
	case $(of "${2:-/sys/module/apparmor/parameters/enabled}") in
	Y*)	;;
	*)	return 0 ;;
	esac
	case $(config "$1" user.lxg.audio) in
	'' | off) return 0 ;;
	esac
	unit=system/rtkit-daemon.service
	within "$1" "/usr/lib/systemd/$unit" > /dev/null || return 0
	! within "$1" "/etc/systemd/$unit.d/lxg.conf" > /dev/null || return 0
	note "$1: RealtimeKit is in it, and does not start below AppArmor:" \
	    'sound comes late'
	cure "inside, in /etc/systemd/$unit.d/lxg.conf, below [Service]:" \
	    'PrivateTmp=no and PrivateNetwork=no'
}

# check_names NAME: who translates names there?
check_names()
{
	api GET "/1.0/instances/$1/state" 2> /dev/null |
	    jq -e '.network // {} | del(.lo) | length > 0' > /dev/null ||
	    return 0
	{
		within "$1" /run/systemd/resolve/resolv.conf ||
		    within "$1" /etc/resolv.conf
	} > "$work/resolv" || :
	! grep -q '^nameserver' "$work/resolv" || return 0
	note "$1: it has a network, and no DNS server is named there"
	cure 'does the DHCP server of its bridge run? resolvectl, inside'
}

# check_sockets NAME: of sessions that are gone
check_sockets()
{
	lxg-xpra list < "$work/record" 2> /dev/null |
	    jq -r 'select(.state != "ended" or .exit_status).session // empty' > "$work/live"
	for file in "$home"/*/"$project/$1"/xpra/*.sock; do
		[ -S "$file" ] || continue
		base=${file##*/}
		! grep -qxF -e "${base%.sock}" "$work/live" || continue
		note "$1: nobody listens at $file"
		cure 'its server was killed; the file does no harm'
	done
}
