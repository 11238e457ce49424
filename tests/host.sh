# Read by the tests that need a host as its users have it, behind mk/display:
# window managers, layouts, sizes, compositors, all of which ends with
# stop_display; and a story for other homes and locales.
# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2034,SC2154

# host_manager NAME: runs a window manager (openbox; xfwm4, which composes) on
# DISPLAY, and waits until it manages
host_manager()
{
	local name=$1
	# its settings come from a daemon that the bus starts
	[ "$name" != xfwm4 ] ||
	    set -- dbus-run-session -- xfwm4 --compositor=on
	"$@" > "$(dirname "$XAUTHORITY")/.$name.log" 2>&1 3>&- &
	wait_until 20 managed
}

# managed: does the window that says so exist? It outlives its manager in
# nobody's name, so that it is asked for itself.
managed()
{
	local id
	id=$(xprop -root _NET_SUPPORTING_WM_CHECK 2>/dev/null |
	    sed -n 's/.*# //p')
	[ -n "$id" ] && xprop -id "$id" _NET_SUPPORTING_WM_CHECK \
	    > /dev/null 2>&1
}

# host_dpi DPI: as a desktop for screens of that kind sets it
host_dpi()
{
	printf 'Xft.dpi: %d\nXcursor.size: %d\n' "$1" "$(($1 / 4))" |
	    xrdb -nocpp -merge
}

# host_layout LAYOUT [VARIANT [OPTION]]: LAYOUT may be several, for groups
host_layout()
{
	setxkbmap -layout "$1" -variant "${2-}" -option '' \
	    ${3+-option "$3"}
}

# host_wayland FOLDER [WIDTHxHEIGHT [LAYOUT]]: sway without a screen, and its
# Xwayland; keeps its files in FOLDER, and sets DISPLAY, WAYLAND_DISPLAY,
# SWAYSOCK and HOST_X. Windows are not tiled.
host_wayland()
{
	cat > "$1/.sway" <<-END
		xwayland force
		output * resolution ${2:-1280x800} position 0 0
		input * xkb_layout ${3:-us}
		for_window [class=".*"] floating enable
		for_window [app_id=".*"] floating enable
		exec env | grep -E '^(DISPLAY|WAYLAND_DISPLAY|SWAYSOCK)=' \
		    > "$1/.wayland.new" && mv "$1/.wayland.new" "$1/.wayland"
	END
	rm -f "$1/.wayland"
	unset DISPLAY XAUTHORITY WAYLAND_DISPLAY SWAYSOCK
	WLR_BACKENDS=headless WLR_LIBINPUT_NO_DEVICES=1 \
	    WLR_RENDERER=pixman sway -c "$1/.sway" \
	    > "$1/.sway.log" 2>&1 3>&- &
	HOST_X=$!
	export HOST_X
	wait_until 30 test -s "$1/.wayland" || {
		cat "$1/.sway.log" >&2
		return 1
	}
	# shellcheck disable=SC2046 # of these three none has a space
	export $(cat "$1/.wayland")
	wait_until 30 xdpyinfo > /dev/null
}

# typed_into WORD: a program's window is here, and what is typed there arrives
typed_into()
{
	local attached share
	share=$(share_of)
	host_display "$HOME"
	# shellcheck disable=SC2016 # the shell there has it
	lxg attach "$T" xterm -e sh -c 'read -r x; echo "$x" > share/typed' 3>&- &
	attached=$!
	wait_until 60 window > /dev/null
	xdotool windowfocus --sync "$(window)" type --delay 50 "$1
"
	wait "$attached"
	wait_until 20 grep -qx "$1" "$share/typed"
	rm "$share/typed"
	stop_display
}

window() { xdotool search --onlyvisible --class "^lxg-$T\$"; }

# story: create, lend, attach, take back, share and delete, as HOME and the locale
# are
story()
{
	local acl
	mkdir -p docs
	echo x > docs/f
	chmod 600 docs/f
	acl=$(getfacl -n docs/f)
	lxg create "$T" > /dev/null
	lxg-instance get "$T" | lxg-map plan docs/f | lxg-acl grant |
	    lxg-map add > lent
	[ "$(exec_in "$T" 1000 1000 cat "$(jq -r .path lent)")" = x ]
	[ "$(jq -r .source lent)" = "$PWD/docs/f" ]
	typed_into zebra
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
	echo "${LXG_HOME:-$HOME/.local/share/lxg}/$LXG_ENGINE/default/$T/share"
}
