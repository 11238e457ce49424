#!/usr/bin/env bats
# The story of lxg on hosts as their users have them.
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2030,SC2031,SC2154 # of env.sh, and by test
bats_require_minimum_version 1.5.0

load ../env.sh
load ../host.sh

usual=$HOME

teardown()
{
	cd "$BATS_TEST_TMPDIR" || return
	stop_display
	drop_instance "$T"
	! mountpoint -q "$usual/fuse" || fusermount -u "$usual/fuse"
}

# bats test_tags=once
@test "a Wayland compositor and its Xwayland, which goes with it" {
	host_wayland "$HOME" 1600x900 de
	[ -S "$XDG_RUNTIME_DIR/$WAYLAND_DISPLAY" ]
	xdpyinfo > display
	run ! grep -q SECURITY display
	xwininfo -root | grep -q 'Width: 1600'
	stop_display
	run ! xdpyinfo
}

@test "umask 077, a German locale that is not UTF-8, a home below 0700" {
	umask 077
	mkdir -p locales closed/home
	localedef -i de_DE -f ISO-8859-1 "$PWD/locales/de_DE"
	export LOCPATH=$PWD/locales LC_ALL=de_DE HOME=$PWD/closed/home
	[ "$(locale charmap)" = ISO-8859-1 ]
	cd "$HOME"
	story
}

@test "a German locale, a home with an umlaut" {
	mkdir -p locales "grüße"
	localedef -i de_DE -f UTF-8 "$PWD/locales/de_DE.UTF-8"
	export LOCPATH=$PWD/locales LC_ALL=de_DE.UTF-8 HOME=$PWD/grüße
	cd "$HOME"
	story
}

@test "a home on FUSE is told before anything is made; another disk will do" {
	mkdir -p real fuse
	bindfs --no-allow-other real fuse
	export HOME=$PWD/fuse
	run lxg create "$T"
	[ "$status" = 77 ]
	[[ $output == *"$HOME: is on FUSE"*LXG_HOME* ]]
	run -1 lxg-instance get "$T"
	[ -z "$(ls -A "$usual/real")" ]
	export LXG_HOME=$usual/disk
	cd "$usual"
	story
	[ -s real/.local/state/lxg/state.db ]
}
