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
	printf '#cloud-config\nruncmd: [[rm, /usr/bin/xpra]]\n' > none.yaml
	lxg create "$T" none.yaml 2> created
	lxg-instance get "$T" > record
}

teardown_file() {
	finish
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
	inside touch /usr/bin/xpra
	run lxg doctor "$T"
	[[ $output != *"xpra is not installed"* ]]
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
