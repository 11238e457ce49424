#!/usr/bin/env bats
# lxg upgrade on a real engine, from a repository of our own inside.
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2016,SC2154 # an inner shell's; of env.sh and run
bats_require_minimum_version 1.5.0

load ../env.sh
load ../session.sh

setup_file()
{
	anew
	# nothing but what is in /repo, and its version 1 of lxg-hello is there
	inside sh -euc 'rm -rf /etc/apt/sources.list.d/* /repo
	    mkdir /repo
	    echo "deb [trusted=yes] file:/repo ./" > /etc/apt/sources.list'
	release 1
	inside sh -euc 'dpkg -i /repo/*.deb' > /dev/null
}

teardown_file()
{
	drop_instance "$T"
}

setup()
{
	lxg-instance start "$T" > /dev/null
	inside sh -c '[ ! -e /usr/bin/apt-got ] ||
	    mv /usr/bin/apt-got /usr/bin/apt-get'
}

# release VERSION: the repository has that one of lxg-hello
release()
{
	inside sh -euc 'cd /repo
	rm -f ./*
	mkdir -p /root/deb/DEBIAN
	printf "%s\n" "Package: lxg-hello" "Version: $1" "Architecture: all" \
	    "Maintainer: tests <tests@example.org>" "Description: a test" \
	    > /root/deb/DEBIAN/control
	dpkg-deb -b /root/deb "lxg-hello_$1_all.deb" > /dev/null
	{ cat /root/deb/DEBIAN/control
	echo "Filename: ./lxg-hello_$1_all.deb"
	echo "Size: $(stat -c %s ./*.deb)"
	echo "SHA256: $(sha256sum ./*.deb | cut -d " " -f 1)"; } > Packages' \
	    sh "$1" > /dev/null
}

# has: the version that is installed
has() { inside dpkg-query -W -f '${Version}' lxg-hello; }

status_of() { lxg-instance get "$T" | jq -r .status; }

@test "upgrade: what changed is told, once; others that fail hinder nobody" {
	release 2
	run -1 --separate-stderr lxg upgrade "$T-none" "$T"
	[[ "$stderr" = "lxg upgrade: $T-none: no such instance; there are: "*"$T"* ]]
	[ "${lines[0]}" = "$T: 1 package" ]
	[ "${lines[1]}" = '    lxg-hello 1 -> 2' ]
	[ "${#lines[@]}" = 2 ]
	[ "$(has)" = 2 ]
	[ "$(status_of)" = Running ]
	run -0 --separate-stderr lxg upgrade "$T"
	[ "$output" = "$T: up to date" ]
	[ -z "$stderr" ]
}

@test "upgrade: what was stopped is stopped again" {
	release 3
	lxg-instance stop "$T" > /dev/null
	run -0 --separate-stderr lxg upgrade "$T"
	[ "${lines[1]}" = '    lxg-hello 2 -> 3' ] || { echo "$output$stderr"; return 1; }
	[ "$(status_of)" = Stopped ]
	lxg-instance start "$T" > /dev/null
	[ "$(has)" = 3 ]
}

@test "upgrade: what apt says where it fails, no apt, a frozen one" {
	inside rm /repo/Packages
	run -69 --separate-stderr lxg upgrade "$T"
	[ -z "$output" ]
	[[ ${stderr_lines[0]} = "lxg upgrade: $T: E: "*/repo* ]]
	inside mv /usr/bin/apt-get /usr/bin/apt-got
	run -69 --separate-stderr lxg upgrade "$T"
	[[ $stderr = "lxg upgrade: $T: has no apt-get(8)"* ]]
	inside mv /usr/bin/apt-got /usr/bin/apt-get
	engine_api PUT "/1.0/instances/$T/state" '{"action": "freeze"}'
	run -75 --separate-stderr lxg upgrade "$T"
	[[ $stderr = "lxg upgrade: $T: is frozen;"* ]]
	lxg-instance start "$T" > /dev/null
}
