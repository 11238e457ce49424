#!/usr/bin/env bats
# How long a session lives: as long as what its program has begun, and no
# longer; and what it finds of the host's display when it begins.
# bats file_tags=once
# shellcheck disable=SC2016,SC2154 # for a shell inside; of session.sh

bats_require_minimum_version 1.5.0
load ../env.sh
load ../session.sh

setup_file()
{
	begin
}

teardown_file()
{
	finish
}

teardown()
{
	over || :
}

# runs COMMAND...: attached, in the background, until it is over
runs()
{
	start "$@"
	lxg-xpra attach -O 5 < s 5> out > s2 2> log 3>&- &
	client=$!
	wait_until 30 shown_or_over
}

# ended STATUS: the session has, with that
ended()
{
	wait_until 20 gone
	wait "$client"
	client=''
	[ "$(jq -c '[.state, .exit_status]' s2)" = "[\"ended\",$1]" ]
}

twice() { [ "$(titles | grep -cxF "[$T] activated")" = 2 ]; }
once() { [ "$(titles | grep -cxF "[$T] activated")" = 1 ]; }
gone() { ! kill -0 "$client" 2>/dev/null; }
a_moment() { for _ in 1 2 3 4 5; do as_login true; done; }

@test "a window that a launcher leaves behind keeps the session" {
	runs sh -c 'xterm & exit 7'
	shown
	a_moment
	shown
	as_login pkill -x xterm
	ended 7
}

@test "one that a daemon of its own shows, too" {
	runs sh -c 'setsid sh -c "sleep 1; exec xterm" > /dev/null 2>&1 &
	    exit 3'
	wait_until 20 shown
	a_moment
	shown
	as_login pkill -x xterm
	ended 3
}

@test "what is started by the session's bus is on its display" {
	inside sh -c 'printf "%s\n" "[D-BUS Service]" Name=org.lxg.Shown \
	    "Exec=/usr/bin/xterm -T activated -e sleep 1000" \
	    > /usr/share/dbus-1/services/org.lxg.Shown.service'
	runs sh -c 'dbus-send --session --type=method_call \
	    --dest=org.lxg.Shown / org.lxg.Show'
	wait_until 20 shown "[$T] activated"
	# and in a second session of the instance on that one's
	lxg-xpra start sh -c 'dbus-send --session --type=method_call \
	    --dest=org.lxg.Shown / org.lxg.Show; sleep 1000' < record > other
	lxg-xpra attach < other > other2 2> /dev/null 3>&- &
	second=$!
	wait_until 20 twice
	lxg-xpra stop < other > /dev/null
	wait "$second" || :
	wait_until 10 once
	inside rm /usr/share/dbus-1/services/org.lxg.Shown.service
	as_login pkill -x xterm
	ended 0
}

@test "a daemon that shows nothing does not keep it" {
	runs sh -c 'cp /usr/bin/sleep dconf-service
	    ./dconf-service 1000 & exit 5'
	ended 5
}

@test "an icon in the tray does, as long as it is there" {
	policy tray=on
	cat > "$SHARE/tray.py" <<-'END'
		import gi
		gi.require_version("Gtk", "3.0")
		from gi.repository import GLib, Gtk
		icon = Gtk.StatusIcon.new_from_icon_name("folder")
		GLib.timeout_add_seconds(9, Gtk.main_quit)
		Gtk.main()
		print("by itself", icon.is_embedded())
	END
	runs sh -c 'setsid python3 share/tray.py > icon 2> /dev/null &
	    xterm -e sleep 1; exit 4'
	ended 4
	policy tray=off
	[ "$(inside cat /home/debian/icon)" = 'by itself True' ]
}

@test "a job that still prints is waited for, and its output is there" {
	runs sh -c '{ sleep 3; echo late; } & exit 6'
	ended 6
	[ "$(cat out)" = late ]
}

@test "nothing of it is left" {
	runs sh -c 'setsid sleep 1234 & setsid xterm > /dev/null 2>&1 & exit 0'
	shown
	lxg-xpra stop < s > /dev/null
	wait "$client" || :
	client=''
	run ! inside pgrep -f '^sleep 1234'
	run ! inside pgrep -x xterm
}

@test "a program that another session has is told of, and the way there" {
	start xterm
	attach
	detach
	first=$(jq -r .session s)
	inside sh -c 'printf "#!/bin/sh\nexit 0\n" > /usr/local/bin/xterm &&
	    chmod 755 /usr/local/bin/xterm'
	run --separate-stderr lxg attach "$T" xterm
	[ "$status" = 0 ]
	[[ $stderr = *"session $first"*"lxg run $T"* ]]
	# and from a menu, where nobody sees that
	mkdir -p bin
	printf '#!/bin/sh\nprintf "%%s\\n" "$@" > "$HOME/shown"\n' > bin/notify-send
	chmod +x bin/notify-send
	rm -f shown
	PATH=$PWD/bin:$PATH lxg -g attach "$T" xterm
	inside rm /usr/local/bin/xterm
	grep -q "session $first.*lxg run $T" shown
}

@test "a session finds the host's size, resolution and keyboard" {
	size=$(xwininfo -root | awk '/Width/ { w = $2 } /Height/ { print w "x" $2 }')
	setxkbmap -layout de,us -option grp:alts_toggle
	start sh -c 'xrandr | sed -n "s/.*current \([0-9]*\) x \([0-9]*\).*/\1x\2/p"
	    setxkbmap -query; xset q | grep "repeat delay"'
	setxkbmap -layout us -option
	lxg-xpra attach -O 5 < s 5> out > s2 2> log 3>&-
	[ "$(head -n 1 out)" = "$size" ]
	grep -q '^layout: *de,us$' out
	grep -q '^options: *grp:alts_toggle$' out
	grep -q '^rules: *evdev$' out
	grep -q 'delay:  660' out
}

# printed COMMAND...: what a session of it printed, whom nobody attached to
printed()
{
	start "$@"
	wait_until 30 is_over
	cat "$XPRA/$(jq -r .session s)/output"
}

is_over() { [ "$(lxg-xpra list < record | jq -r .state)" = ended ]; }

@test "a resolution of 192 dpi, a large cursor, a screen wider than the server's" {
	Xvfb -displayfd 5 -screen 0 7680x2160x24 -nolisten tcp -noreset \
	    5> number 2> /dev/null 3>&- &
	large=$!
	wait_until 10 test -s number
	(
		DISPLAY=:$(cat number)
		unset XAUTHORITY
		printf 'Xft.dpi: 192\nXcursor.size: 48\n' | xrdb -merge
		printed sh -c 'xrandr; xrdb -query; echo "cursor $XCURSOR_SIZE"'
	) > found
	kill "$large"
	grep -q 'current 7680 x 2160' found
	grep -qi 'Xft.dpi:[[:space:]]*192' found
	grep -qx 'cursor 48' found
}

@test "the server says nothing of a focused state that it never sets" {
	printed python3 -c 'import gi
gi.require_version("Gdk", "3.0")
from gi.repository import Gdk
for name in "_NET_WM_STATE_FOCUSED", "_NET_WM_STATE_FULLSCREEN":
    print(Gdk.Screen.get_default().supports_net_wm_hint(
        Gdk.atom_intern(name, False)))' > found
	[ "$(cat found)" = "False
True" ]
}

@test "urls=on: what GIO and xdg-open do with an address; files stay inside" {
	policy urls=on files=off
	printed sh -c 'mkdir fake; printf "#!/bin/sh\necho \"xpra \$*\" >&2\n" \
	    > fake/xpra; chmod 755 fake/xpra; : > page.html
	    PATH=$PWD/fake:$PATH
	    xdg-open https://example.org/; xdg-open mailto:a@example.org
	    python3 -c "
from gi.repository import Gio
for scheme in (\"https\", \"mailto\"):
    print(Gio.AppInfo.get_default_for_uri_scheme(scheme).get_id())"
	    xdg-open page.html; echo "page $?"; xdg-open --version' > found
	policy urls=off
	grep -q 'xpra control .*open-url https://example.org/' found
	grep -q 'xpra control .*open-url mailto:a@example.org' found
	[ "$(grep -cx lxg-host.desktop found)" = 2 ]
	run ! grep -q send-file found
	# nothing there opens it, and that is no success
	grep -q 'no method available.*page.html' found
	grep -qx 'page [1-9]' found
	grep -q '^xdg-open 1' found
}

@test "without a display there are defaults" {
	DISPLAY='' start sh -c 'setxkbmap -query'
	run --separate-stderr lxg-xpra list < record
	[ "$(jq -rs 'length' <<< "$output")" = 1 ]
}
