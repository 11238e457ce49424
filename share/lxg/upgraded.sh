# Run inside by lxg upgrade, as root: brings the packages up to date. Prints a
# line for each that changed, of its name, old and new version, "-" for none;
# "held N" for those that would take others away, "restart" where the system
# wants one. SPDX-License-Identifier: ISC
# shellcheck shell=sh
set -eu

export LC_ALL=C DEBIAN_FRONTEND=noninteractive
PATH=/usr/sbin:/usr/bin:/sbin:/bin
command -v apt-get > /dev/null || {
	echo 'has no apt-get(8), and lxg upgrade knows no other' >&2
	exit 69
}
versions()
{
	# shellcheck disable=SC2016 # the names are dpkg's
	dpkg-query -W -f '${db:Status-Status} ${Package} ${Version}\n' |
	    sed -n 's/^installed //p' | sort
}

# apt WORD...: what it complains of is told where it fails
apt()
{
	apt-get -q -y -o DPkg::Lock::Timeout=300 -o APT::Update::Error-Mode=any \
	    -o Dpkg::Options::=--force-confdef \
	    -o Dpkg::Options::=--force-confold "$@" > "$work/log" 2>&1 && return
	grep '^[EW]: ' "$work/log" | tail -n 5 >&2
	exit 69
}

# routed: is there a way out, or no device that could have one?
routed()
{
	[ "$(ls /sys/class/net)" = lo ] ||
	    awk '$2 == "00000000" { n = 1 } END { exit !n }' /proc/net/route ||
	    awk '$1 ~ /^0+$/ && $2 == "00" && $10 != "lo" { n = 1 }
		END { exit !n }' /proc/net/ipv6_route
}

# booted: is /tmp ours by now? It is emptied early in a boot.
booted()
{
	! command -v systemctl > /dev/null ||
	    systemctl -q is-active basic.target
}

# one that was just started is not there yet, and has no address
tries=0
until booted && routed 2>/dev/null || [ "$tries" = 60 ]; do
	tries=$((tries + 1))
	sleep 1
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
versions > "$work/before"
apt update
apt --with-new-pkgs upgrade
apt-get clean
versions > "$work/after"
join -a 1 -a 2 -e - -o 0,1.2,2.2 "$work/before" "$work/after" |
    awk '$2 != $3'
held=$(apt-get -s dist-upgrade 2>/dev/null | grep -c '^Inst ' || :)
[ "$held" = 0 ] || printf 'held %s\n' "$held"
[ ! -e /run/reboot-required ] || printf 'restart\n'
