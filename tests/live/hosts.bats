#!/usr/bin/env bats
# The story of lxg on hosts as their users have them.
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # of env.sh
bats_require_minimum_version 1.5.0

load ../env.sh
load ../host.sh

teardown()
{
	stop_display
}

@test "a Wayland compositor and its Xwayland, which goes with it" {
	host_wayland "$HOME" 1600x900 de
	[ -S "$XDG_RUNTIME_DIR/$WAYLAND_DISPLAY" ]
	xdpyinfo > display
	run ! grep -q SECURITY display
	xwininfo -root | grep -q 'Width: 1600'
	stop_display
	run ! xdpyinfo
}
