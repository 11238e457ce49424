#!/usr/bin/env bats
# Troubles that lxg doctor knows, each made here: of the desktop, of the kernel,
# of engines that are not where they seem, and of what an instance holds, as a
# folder that stands in for it. SPDX-License-Identifier: ISC
# shellcheck disable=SC1090,SC2016,SC2053,SC2030,SC2031,SC2034,SC2154 # of run
bats_require_minimum_version 1.5.0

load ../glue.sh

setup()
{
	front
	mkdir -p inside .local/share/applications run
	export XDG_RUNTIME_DIR=$PWD/run
	unset XDG_DATA_HOME LXG_HOME DBUS_SESSION_BUS_ADDRESS
	echo '{}' > instance
	echo '{"network": {"lo": {}, "eth0": {"addresses": []}}}' > state
	: > record
}

# finds CHECK [WORD]...: what it says, of the instance x
finds()
{
	(
		export work=$PWD
		project=default socket=/nowhere home=$PWD/home kind=lxd
		for part in checks checks-desktop checks-engine checks-limits \
		    checks-instance checks-inside said checks-ended \
		    entry; do
			. "$LXG_DATADIR/$part.sh"
		done
		find_home() { home=${LXG_HOME-}; }
		raw() { cat "inside${1##*path=}" 2> /dev/null; }
		api()
		{
			case $2 in
			*/state) cat state ;;
			*)	cat instance ;;
			esac
		}
		"$@"
	)
}

# says FIRST [REMEDY] of the last run: the line of result, and that of remedy
says()
{
	[[ ${lines[0]} == $1 && ${lines[1]} == "         "$2 ]] ||
	    { echo "$output"; return 1; }
}

@test "doctor: programs that are missing, with the package of each" {
	PATH=$PWD/none run -0 finds check_programs
	says 'problem  jq is not installed: the verbs need it' 'apt install jq'
	[[ "$output" == *"note     lp is not installed: nothing is printed
         apt install cups-client"* ]]
	[ "$(grep -c '^         apt install ' <<< "$output")" = 7 ]
	printf '#!/bin/sh\n' > bin/lp
	chmod 755 bin/lp
	PATH=$PWD/bin run -0 finds check_programs
	[[ $'\n'$output == *$'\nok       lp\n'* ]]
}

@test "doctor: no session bus" {
	run -0 finds check_bus
	says 'note     no D-Bus session bus*' 'apt install dbus-user-session*'
	DBUS_SESSION_BUS_ADDRESS=unix:path=/x run -0 finds check_bus
	[ -z "$output" ]
	nc -lU run/bus 3>&- & server=$!
	within 30 test -S run/bus
	run -0 finds check_bus
	kill "$server"
	[ -z "$output" ]
}

@test "doctor: no Landlock" {
	echo lockdown,capability,yama > lsm
	run -0 finds check_lock lsm
	says 'note     no Landlock:*' 'boot with lsm=landlock,lockdown,capability,yama'
	echo landlock,yama > lsm
	run -0 finds check_lock lsm
	[ "$output" = 'ok       Landlock' ]
	run -0 finds check_lock none
	[ -z "$output" ]
}

@test "doctor: an entry whose windows get a second icon" {
	local entries=.local/share/applications
	printf '%s\n' '[Desktop Entry]' 'Exec=/usr/bin/lxg -g attach firefox' \
	    > $entries/mine.desktop
	printf '%s\n' '[Desktop Entry]' 'Exec=editor' > $entries/other.desktop
	run -0 finds check_entries
	says "note     *mine.desktop: its windows have an icon*" 'StartupWMClass=*'
	[ "${#lines[@]}" = 2 ]
	echo StartupWMClass=lxg-firefox >> $entries/mine.desktop
	run -0 finds check_entries
	[ -z "$output" ]
	cp "${LXG_DATADIR%/*}/doc/lxg/examples/lxg-firefox.desktop" $entries/
	run -0 finds check_entries
	[ -z "$output" ]
}

@test "doctor: an engine of another machine, and a snap with folders of its own" {
	printf '#!/bin/sh\n%s\n' 'printf "{\"api\": \"%s\"}" "$API"' \
	    > bin/lxg-instance
	chmod 755 bin/lxg-instance
	export API=/var/lib/lxd/unix.socket LXG_HOME=/dev/shm/lxg
	printf '{"environment": {"kernel_version": "%s"}}' "$(uname -r)" > engine
	run -0 finds check_where lxd
	[ -z "$output" ]
	API=/var/snap/lxd/common/lxd/unix.socket run -0 finds check_where lxd
	says 'problem  lxd: it is a snap*/dev/shm/lxg*' 'LXG_HOME*'
	API=/var/snap/lxd/common/lxd/unix.socket LXG_HOME=/home/x/dev/lxg \
	    run -0 finds check_where lxd
	[ -z "$output" ]
	echo '{"environment": {"kernel_version": "2.6.32"}}' > engine
	run -0 finds check_where lxd
	says 'problem  lxd: it runs on another machine, below Linux 2.6.32' 'windows*'
}

@test "doctor: user-data with the suite of another release" {
	mkdir -p inside/usr/lib
	echo VERSION_CODENAME=bookworm > inside/usr/lib/os-release
	user_data()
	{
		jq -n --arg d "$1" '{expanded_config: {"cloud-init.user-data": $d}}' \
		    > instance
	}
	user_data 'source: deb [signed-by=/a.asc] https://example.org/debian trixie main'
	run -0 finds check_suites x
	says 'problem  x: its user-data has packages of trixie, and it is bookworm' \
	    'apt takes*'
	user_data 'source: deb https://deb.debian.org/debian bookworm-backports main
deb-src https://deb.debian.org/debian sid main
deb https://example.org/ stable main'
	run -0 finds check_suites x
	[ -z "$output" ]
}

@test "doctor: a display server that lacks a module, or is of another version" {
	local python=inside/usr/lib/python3/dist-packages
	run -0 finds check_modules x
	[ -z "$output" ]
	mkdir -p "$python/xpra" "$python/PIL"
	: > "$python/xpra/__init__.py"
	run -0 finds check_modules x
	says 'problem  x: python3-pil is not installed*' 'lxg shell x*'
	: > "$python/PIL/__init__.py"
	run -0 finds check_modules x
	[ -z "$output" ]
	mkdir -p home/lxd/default/x/xpra/abcd
	for version in 2.5 7.0; do
		echo "$version" > home/lxd/default/x/xpra/abcd/version
		LXG_HOME=$PWD/home run -0 finds check_versions x
		[[ "$output" == "problem  x: a session's server is xpra $version,"* ]]
	done
	echo 6.2.1 > home/lxd/default/x/xpra/abcd/version
	LXG_HOME=$PWD/home run -0 finds check_versions x
	[ -z "$output" ]
}

@test "doctor: sound that comes late" {
	local unit=systemd/system/rtkit-daemon.service
	echo Y > enabled
	echo '{"expanded_config": {"user.lxg.audio": "out"}}' > instance
	run -0 finds check_late x enabled
	[ -z "$output" ]
	mkdir -p "inside/usr/lib/systemd/system" "inside/etc/$unit.d"
	: > "inside/usr/lib/$unit"
	run -0 finds check_late x enabled
	says 'note     x: RealtimeKit is in it*' "inside, in /etc/$unit.d/lxg.conf*"
	echo N > enabled
	run -0 finds check_late x enabled
	[ -z "$output" ]
	echo Y > enabled
	: > "inside/etc/$unit.d/lxg.conf"
	run -0 finds check_late x enabled
	[ -z "$output" ]
	rm "inside/etc/$unit.d/lxg.conf"
	echo '{"expanded_config": {"user.lxg.audio": "off"}}' > instance
	run -0 finds check_late x enabled
	[ -z "$output" ]
}

@test "doctor: a network without an address, and without names" {
	mkdir -p inside/run/systemd/resolve inside/etc
	run -0 finds check_network x
	says 'note     x: it has a network, and no address there' 'does the DHCP*'
	run -0 finds check_names x
	says 'note     x: it has a network, and no DNS server*' 'does the DHCP*'
	echo 'nameserver 10.0.0.1' > inside/etc/resolv.conf
	run -0 finds check_names x
	[ -z "$output" ]
	# with systemd-resolved, the other is its own
	: > inside/run/systemd/resolve/resolv.conf
	run -0 finds check_names x
	says 'note     x: it has a network, and no DNS server*' 'does the DHCP*'
	echo '{"network": {"lo": {}}}' > state
	run -0 finds check_names x
	[ -z "$output" ]
	run -0 finds check_network x
	[ -z "$output" ]
}

@test "doctor: a socket that nobody listens at" {
	printf '#!/bin/sh\ncat live.json\n' > bin/lxg-xpra
	chmod 755 bin/lxg-xpra
	mkdir -p home/lxd/default/x/xpra
	# nc leaves it behind
	nc -lU home/lxd/default/x/xpra/abcd.sock 3>&- & server=$!
	within 30 test -S home/lxd/default/x/xpra/abcd.sock
	kill "$server"
	wait "$server" || :
	echo '{"session": "abcd", "state": "live"}' > live.json
	run -0 finds check_sockets x
	[ -z "$output" ]
	# its program has ended, which is told to who attaches
	echo '{"session": "abcd", "state": "ended", "exit_status": 3}' > live.json
	run -0 finds check_sockets x
	[ -z "$output" ]
	echo '{"session": "abcd", "state": "ended", "exit_status": null}' \
	    > live.json
	run -0 finds check_sockets x
	says 'note     x: nobody listens at */abcd.sock' 'its server was killed*'
	: > live.json
	run -0 finds check_sockets x
	says 'note     x: nobody listens at */abcd.sock' 'its server was killed*'
}

@test "doctor: a disk pool that is full, or nearly" {
	for case in 'problem 1000000000' 'note 3000000000' 'ok 9000000000'; do
		finds api_pool "${case#* }" > said
		grep -q "^${case% *}  *lxd: pool p: [0-9]* MiB are free" said
	done
}

# api_pool FREE: check_pools, of a pool that has so much
api_pool()
{
	free=$1
	api()
	{
		case $2 in
		*/resources) printf '{"space": {"total": %d, "used": %d}}' \
		    "$((free + 5))" 5 ;;
		*)	echo '["/1.0/storage-pools/p"]' ;;
		esac
	}
	check_pools lxd
}

@test "doctor: a program that died at once, and what nobody saw the end of" {
	local kept=$XDG_RUNTIME_DIR/lxg/lxd/default/x xpra=$PWD/home/xpra
	echo '{"engine": "lxd", "project": "default", "instance": "x"}' > record
	run -0 finds check_last x
	[ -z "$output" ]
	mkdir -p "$kept"
	printf '%s' '{"command": ["xterm", "-e", "a\u001bb"], "exit_status": 1,' \
	    '"output": "one\ntwo\n\n\u001b[2Jthree\nfour"}' > "$kept/died"
	run -0 finds check_last x
	diff - <(echo "$output") <<-'END'
	note     x: xterm -e "a\u001bb" ended with status 1 and showed no window
	         | two
	         | ?[2Jthree
	         | four
	         lxg logs x
	END
	printf '#!/bin/sh\ncat list.json\n' > bin/lxg-xpra
	chmod 755 bin/lxg-xpra
	mkdir -p "$xpra/aaaa" "$xpra/bbbb"
	echo out > "$xpra/aaaa/output"
	echo 'Xvfb ended with status 1' > "$xpra/bbbb/log"
	for id in aaaa bbbb; do
		jq -cn --arg id "$id" --arg s "$xpra/$id.sock" '{session: $id,
		    socket: $s, state: "ended", command: ["xeyes"]} +
		    if $id == "aaaa" then {exit_status: 2} else {} end'
	done > list.json
	echo '{"session": "cccc", "state": "live"}' >> list.json
	echo '{"session": "dddd", "state": "ended", "exit_status": 0}' >> list.json
	run -0 finds check_ended x
	diff - <(echo "$output") <<-'END'
	note     x: session aaaa: xeyes ended with status 2
	         | out
	         lxg logs -s aaaa x; lxg stop -s aaaa x forgets it
	note     x: session bbbb: its display server died
	         | Xvfb ended with status 1
	         lxg logs -s bbbb x; lxg stop -s bbbb x forgets it
	END
	# whose supervisor was killed is told as a socket
	nc -lU "$xpra/bbbb.sock" 3>&- & server=$!
	within 30 test -S "$xpra/bbbb.sock"
	kill "$server"
	run -0 finds check_ended x
	[ "${#lines[@]}" = 3 ]
}
