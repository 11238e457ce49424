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

# story: create, lend, take back, share and delete, as HOME and the locale are
story()
{
	mkdir -p docs
	echo x > docs/f
	chmod 600 docs/f
	acl=$(getfacl -n docs/f)
	lxg create "$T" > /dev/null
	lxg-instance get "$T" | lxg-map plan docs/f | lxg-acl grant |
	    lxg-map add > lent
	[ "$(exec_in "$T" 1000 1000 cat "$(jq -r .path lent)")" = x ]
	[ "$(jq -r .source lent)" = "$PWD/docs/f" ]
	lxg unmap "$T"
	[ "$(getfacl -n docs/f)" = "$acl" ]
	(umask 022; cp docs/f "$(share_of)/f")
	lxg share "$T" > said
	exec_in "$T" 1000 1000 sh -c 'echo y >> /home/debian/share/f'
	rm "$(share_of)/f"
	lxg delete "$T"
	[ ! -e "$(dirname "$(share_of)")" ]
}

share_of()
{
	echo "$HOME/.local/share/lxg/$LXG_ENGINE/default/$T/share"
}

@test "umask 077, a locale that is not UTF-8, a home with an umlaut" {
	local before
	before=$HOME
	HOME=$before/umask LC_ALL=C
	export HOME LC_ALL
	mkdir -p "$HOME"
	cd "$HOME"
	umask 077
	story
	HOME=$before/grüße LC_ALL=C.UTF-8
	mkdir -p "$HOME"
	cd "$HOME"
	story
}
