#!/usr/bin/env bats
# The displays that the tests have are as users have theirs.
# SPDX-License-Identifier: ISC
# shellcheck disable=SC1091,SC2154 # what is read; of run
bats_require_minimum_version 1.5.0

setup()
{
	cd "$BATS_TEST_TMPDIR" || return
	. "$BATS_TEST_DIRNAME/../../mk/display"
	. "$BATS_TEST_DIRNAME/../host.sh"
}

teardown()
{
	stop_display
}

# resource NAME: its value on this display
resource() { xrdb -query | sed -n "s/^$1:[[:space:]]*//p"; }

@test "Debian's X session: the user's processes need no cookie, resources are set" {
	host_display "$PWD"
	XAUTHORITY=/nonexistent xdpyinfo > /dev/null
	[ "$(resource Xft.dpi)" = 96 ]
	[ "$(resource Xcursor.size)" = 24 ]
}

@test "a screen wider than 5760, 192 dpi, another layout" {
	host_display "$PWD" 7680x2160
	xwininfo -root | grep -q 'Width: 7680'
	host_dpi 192
	[ "$(resource Xft.dpi)" = 192 ]
	[ "$(resource Xcursor.size)" = 48 ]
	host_layout us,ru ,phonetic grp:alt_shift_toggle
	setxkbmap -query | grep -q 'variant: *,phonetic'
	host_layout de
	setxkbmap -query | grep -q 'layout: *de'
	run ! grep -q options < <(setxkbmap -query)
}

@test "window managers that manage" {
	local name
	for name in openbox xfwm4; do
		host_display "$PWD"
		run ! managed
		host_manager "$name"
		managed
		stop_display
	done
}
