#!/usr/bin/env bats
# A session on displays as desktops have them: below window managers, on
# Xwayland, larger and finer than usual. What is typed there arrives inside.
# bats file_tags=once
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # of env.sh
bats_require_minimum_version 1.5.0

load ../env.sh
load ../session.sh
load ../host.sh

setup_file() {
	anew -b desktop
}

teardown_file() {
	finish
}

teardown() {
	over
	stop_display
}

# types [OPTION-OF-XTERM]...: a session whose window is shown and has what is
# typed
types() {
	rm -f "$SHARE/typed"
	# shellcheck disable=SC2016 # the shell there has it
	start xterm "$@" -e sh -c 'read line; echo "$line" > share/typed'
	attach
	wait_until 30 focused
	xdotool key --delay 50 z e b r a Return
	wait_until 30 test -s "$SHARE/typed"
	[ "$(cat "$SHARE/typed")" = zebra ]
}

@test "desktop: below openbox" {
	host_display "$HOME"
	host_manager openbox
	types
}

@test "desktop: below xfwm4, which composes" {
	host_display "$HOME"
	host_manager xfwm4
	types
}

@test "desktop: wider than 5760, at 192 dpi" {
	host_display "$HOME" 7680x2160
	host_dpi 192
	start python3 -c 'import gi
gi.require_version("Gdk", "3.0")
from gi.repository import Gdk
s = Gdk.Screen.get_default()
print(s.get_width(), s.get_height(), int(s.get_resolution()))'
	lxg-xpra attach -O 5 < s 5> said > s2
	[ "$(tail -n 1 said)" = '7680 2160 192' ]
	types -geometry +6000+1200
}

@test "desktop: sway's Xwayland; what is to be untrusted is not shown there" {
	host_wayland "$HOME" 1600x900
	types
	over
	policy x11=untrusted
	run lxg attach "$T" true
	[ "$status" = 125 ]
	[[ $output == *SECURITY* ]]
	policy x11=trusted
}

# is the window of that colour in the middle?
is_blue() {
	import -silent -window "$(xdotool search --onlyvisible \
	    --class "^lxg-$T\$")" -depth 8 -gravity center -crop 1x1+0+0 rgb:- |
	    od -An -tx1 | grep -qx ' 33 66 cc'
}

@test "desktop: a window with an alpha channel, as Chromium's and GTK's own" {
	host_display "$HOME"
	start python3 -c 'import gi
gi.require_version("Gtk", "3.0")
from gi.repository import Gtk
def paint(window, cairo):
    cairo.set_source_rgba(0.2, 0.4, 0.8, 1)
    cairo.set_operator(1)
    cairo.paint()
window = Gtk.Window(default_width=300, default_height=200, app_paintable=True)
window.set_visual(window.get_screen().get_rgba_visual())
window.connect("draw", paint)
window.show_all()
Gtk.main()'
	attach
	wait_until 30 is_blue
}
