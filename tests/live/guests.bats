#!/usr/bin/env bats
# Guests that are not as the image is: without a display server, and with an
# init that does not listen to the engine, as some that are no systemd.
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # of env.sh
bats_require_minimum_version 1.5.0

load ../env.sh
load ../session.sh

setup_file() {
	drop_instance "$T"
	rm -rf .local
	printf '#cloud-config\nruncmd: [[mv, /usr/bin/xpra, /root/]]\n' > none.yaml
	lxg create "$T" none.yaml 2> created
	lxg-instance get "$T" > record
}

teardown_file() {
	finish
}

teardown() {
	stop_display
}

@test "guest: one without xpra is told by create, doctor and attach" {
	grep -q "$T: xpra is not installed in it.*GUESTS" created
	run lxg doctor "$T"
	[ "$status" = 1 ]
	[[ $output == *"problem  $T: xpra is not installed in it"* ]]
	run lxg-xpra start true < record
	[ "$status" = 78 ]
	[[ $output == *"xpra is not installed in the instance"* ]]
	# and no other is
	inside mv /root/xpra /usr/bin/
	run lxg doctor "$T"
	[[ $output != *"xpra is not installed"* ]]
}

@test "guest: one whose display server lacks LZ4 is shown all the same" {
	inside rm -rf /usr/lib/python3/dist-packages/lz4
	host_display "$HOME"
	start xterm -e sleep 3
	lxg-xpra attach < s > s2
	[ "$(jq -c '[.state, .exit_status]' s2)" = '["ended",0]' ]
}

# nothing is made good: the next one breaks it for good
@test "guest: what is wrong inside, each made so, is told by doctor" {
	local line
	inside sh -c 'systemctl stop systemd-resolved systemd-networkd.socket \
		systemd-networkd.service
	    ip address flush dev eth0
	    mkdir -p /run/systemd/resolve; : > /run/systemd/resolve/resolv.conf
	    rm -f /usr/lib/python3/dist-packages/PIL/__init__.py' 2> /dev/null
	engine_api PATCH "/1.0/instances/$T" '{"config": {"cloud-init.user-data":
	    "#cloud-config\napt:\n  sources:\n    x.list:\n      source: '"$(
	    )"'deb https://example.org/debian trixie main\n"}}'
	# nc leaves its socket behind
	rm -f "$XPRA/abcd.sock"
	(cd "$XPRA" && exec nc -lU abcd.sock) 3>&- &
	wait_until 20 test -S "$XPRA/abcd.sock"
	kill $!
	wait $! || :
	run -1 lxg doctor "$T"
	for line in "note     $T: it has a network, and no address" \
	    "note     $T: it has a network, and no DNS server" \
	    "problem  $T: python3-pil is not installed in it" \
	    "problem  $T: its user-data has packages of trixie" \
	    "note     $T: nobody listens at $XPRA/abcd.sock"; do
		[[ $output == *"$line"* ]] || { echo "$line: $output"; return 1; }
	done
	rm "$XPRA/abcd.sock"
}

@test "guest: an init that ignores the engine's stop; -f stops it hard" {
	local began
	inside sh -c 'rm /sbin/init; printf "%s\n" "#!/bin/sh" \
	    "trap : PWR TERM INT HUP 37" "while :; do sleep 1; done" > \
	    /sbin/init; chmod 755 /sbin/init'
	lxg-instance stop -f "$T" > /dev/null
	lxg-instance start "$T" > /dev/null
	began=$SECONDS
	run lxg stop "$T"
	[ "$status" = 75 ]
	[ $((SECONDS - began)) -ge 25 ]
	[[ $output == *"$T: "*"stop -f stops it hard"* ]]
	[ "$(lxg-instance get "$T" | jq -r .status)" = Running ]
	lxg stop -f "$T"
	[ "$(lxg-instance get "$T" | jq -r .status)" = Stopped ]
	# what such a one keeps from its end is no hindrance
	lxg-instance start "$T" > /dev/null
	lxg delete -f "$T"
	run -1 lxg-instance get "$T"
}
