#!/usr/bin/env bats
# A session on displays as desktops have them: below window managers, on
# Xwayland, larger and finer than usual. What is typed there arrives inside.
# bats file_tags=once
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2034,SC2154 # of and for what is loaded
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
	tmux -S terminal kill-server 2> /dev/null || :
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

# hinted REGEX: does the window manager know that of the window?
hinted() {
	xprop -id "$(xdotool search --onlyvisible --name ' steps$')" \
	    WM_NORMAL_HINTS 2> /dev/null | grep -q "$1"
}

@test "desktop: a window manager has a window's steps, and its least size" {
	host_display "$HOME"
	host_manager openbox
	start xterm -T steps -e cat
	attach
	wait_until 30 hinted 'program specified resize increment: [1-9]'
	hinted 'program specified minimum size: [1-9]'
	hinted 'program specified base size: [1-9]'
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

gone() { ! shown; }
sessions() { lxg-xpra list < record | jq -r '.session // empty'; }

# there TEXT: does the terminal show it?
there() { tmux -S terminal capture-pane -pJ | grep -qF -e "$1"; }

# only_ours: lxg list knows no other test's instances
only_ours()
{
	mkdir -p bin
	printf '%s\n' '#!/bin/sh' 'case $*' in \
	    'list | "-g list")' "	$LXG_STAGE/usr/bin/lxg list | grep '^$T ' ;;" \
	    "*)	exec $LXG_STAGE/usr/bin/lxg "'"$@" ;;' esac > bin/lxg
	chmod 755 bin/lxg
	PATH=$PWD/bin:$PATH
}

# picked WINDOW: is what the menu shows first chosen, and its window here?
picked()
{
	wait_until 60 xdotool search --onlyvisible --class "$1" > /dev/null
	xdotool key --delay 50 Return
	wait_until 60 shown
}

@test "desktop: fzf, rofi and dmenu start a program, and find it again" {
	local examples=$LXG_STAGE/usr/share/doc/lxg/examples
	host_display "$HOME"
	only_ours
	echo ". $examples/functions.sh; PS1='ready> '" > rc
	tmux -S terminal -f /dev/null new-session -d -x 200 -y 24 \
	    "bash --rcfile $PWD/rc" 3>&-
	wait_until 30 there 'ready>'
	tmux -S terminal send-keys -l 'lxcd && pwd'
	tmux -S terminal send-keys Enter
	wait_until 30 there ' 1/1 '
	tmux -S terminal send-keys Enter
	wait_until 30 there "$SHARE"
	tmux -S terminal send-keys -l 'clear; lxa xterm'
	tmux -S terminal send-keys Enter
	wait_until 30 there ' 1/1 '
	tmux -S terminal send-keys Enter
	wait_until 60 shown
	session=$(sessions)
	tmux -S terminal kill-server
	wait_until 30 gone
	for menu in 'rofi -dmenu -no-custom' 'dmenu -l 5'; do
		LXG_MENU=$menu "$examples/lxg-menu" > out 2> err 3>&- &
		client=$!
		picked "${menu%% *}"
		[ "$(sessions)" = "$session" ]
		detach
		wait_until 30 gone
	done
	# what was not in the menu starts nothing
	LXG_MENU='echo firefox' run -1 "$examples/lxg-menu"
	LXG_MENU=false run -0 "$examples/lxg-menu"
}
