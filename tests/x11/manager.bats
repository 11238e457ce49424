#!/usr/bin/env bats
# The client's back end for X11 under window managers, with and without what an
# untrusted cookie takes away.

# shellcheck disable=SC2034 # COOKIE: driver has it

bats_require_minimum_version 1.5.0
load display.sh

setup_file() { begin; }
setup() { begin_test; }
teardown() { finish_test; }

state_now()
{
	[ "$(grep '^configure 1 ' log | tail -n 1 | cut -d ' ' -f 7)" = "$1" ]
}
whole_screen() { state_now 0x4 && framed 4 4 1272 792; }
normal() { state_now 0 && framed_there 1; }
size_is() { case $(place 1) in *" $1 $2") ;; *) return 1 ;; esac; }

# of that size where it was told to be: a size that was had is not told
framed_with()
{
	local x y
	read -r x y _ < <(place 1)
	framed "$x" "$y" "$1" "$2"
}

# everything that a window does under one
everything()
{
	manager "$1"
	driver
	say new 1 100 100 325 264 title=x type=0 inc=6x13 base=19x4 min=25x17
	expect 'map 1 .*'
	expect 'focus 1'
	wait_until 10 framed_there 1
	# sizes are in the program's own steps
	size_is 325 264
	say resize 1 331 277
	settled
	wait_until 5 framed_with 331 277
	xprop -id "$(id x)" WM_NORMAL_HINTS > hints
	grep -q 'base size: 27 by 12' hints
	grep -q 'minimum size: 33 by 25' hints
	# the program's own full screen and back
	say says 1 state=4
	wait_until 10 whole_screen
	say says 1 state=0
	wait_until 10 normal
	wait_until 5 size_is 331 277
	# and maximized
	say says 1 state=2
	wait_until 10 state_now 0x2
	say says 1 state=0
	wait_until 10 normal
	# a dialog of it
	say new 2 300 300 200 100 title=dialog for=1 type=1 modal=1
	expect 'map 2 .*'
	xprop -id "$(id dialog)" WM_TRANSIENT_FOR | grep -q "$(id x)"
	xprop -id "$(id dialog)" _NET_WM_STATE | grep -q MODAL
	say kill 2
	# a menu where the program says
	say popup 3 640 420 90 60 title=menu
	expect 'map 3 640 420 90 60 0'
	wait_until 5 framed 640 420 90 60
	say kill 3
	# nothing was unmapped meanwhile: xpra 3's server dies of that
	settled
	run ! once 'unmap.*'
}

# some managers unmap what is minimized, some only say so
hidden() { once 'unmap 1' || state_now 0x1; }

# what the user does by the window manager
by_the_user()
{
	wmctrl -r x -b add,fullscreen
	wait_until 10 whole_screen
	wmctrl -r x -b remove,fullscreen
	wait_until 10 normal
	wmctrl -i -c "$(id x)"
	expect 'close 1'
	xdotool windowminimize "$(id x)"
	wait_until 10 hidden
}

@test "openbox" { everything openbox; by_the_user; }
@test "openbox, untrusted" {
	COOKIE=$PWD/strict/cookie
	everything openbox
}
@test "xfwm4" { everything xfwm4; by_the_user; }
@test "xfwm4, untrusted" {
	COOKIE=$PWD/strict/cookie
	everything xfwm4
}
@test "metacity" { everything metacity; by_the_user; }
@test "metacity, untrusted" {
	COOKIE=$PWD/strict/cookie
	everything metacity
}
@test "mutter" { everything mutter; by_the_user; }
@test "mutter, untrusted" {
	COOKIE=$PWD/strict/cookie
	everything mutter
}
