#!/usr/bin/env bats
# The host's display while a session is attached: it becomes another one, it
# stands still, and so does all of it (a laptop's lid). STANDS=90: as long as a
# server waits for an answer, and longer.
# bats file_tags=once
# shellcheck disable=SC2016,SC2034,SC2154

load ../env.sh
load ../session.sh
load ../border.sh

STANDS=${STANDS:-2}

setup_file() {
	begin
	policy color=#00ff00
	put_inside "$BATS_TEST_DIRNAME/popup" popup
	put_inside "$BATS_TEST_DIRNAME/pixels" pixels
	put_inside "$BATS_TEST_DIRNAME/rectangles" rectangles
}

teardown_file() { finish; }

teardown() {
	kill -CONT "$HOST_X"
	over
}

# size WIDTH HEIGHT: of the host's screen from now on
size() {
	xrandr --newmode "$1x$2" 0 "$1" 0 0 "$1" "$2" 0 0 "$2" 2> /dev/null &&
	    xrandr --addmode screen "$1x$2"
	xrandr --output screen --mode "$1x$2"
}

# inside_is WIDTH HEIGHT: is the session's?
inside_is() { as_login xrandr | grep -q "current $1 x $2,"; }

@test "the host's screen has another size, while it is attached" {
	start xterm
	attach
	wait_until 20 inside_is 1280 800
	size 1000 700
	wait_until 20 inside_is 1000 700
	size 1280 800
	wait_until 20 inside_is 1280 800
}

told() {
	as_login xpra info "socket:///var/lib/lxg/xpra/$(jq -r .session s).sock" |
	    grep -qE "monitor.*geometry.*\\b$1, 0, 640, 800\\b"
}

@test "two monitors: each is told of, and a menu is where its window is" {
	xrandr --setmonitor left 640/160x800/200+0+0 screen
	start ./popup
	attach
	wait_until 20 popped_up
	xrandr --setmonitor right 640/160x800/200+640+0 none
	wait_until 20 told 640
	wait_until 20 all_bordered
	popped_up
	xrandr --delmonitor left
	xrandr --delmonitor right
}

popped_up() { geometries | grep '^296 246 208 108 '; } # with its border

# what has been typed into the program is what it got
typed() { [ "$(cat "$SHARE/typed")" = "$1" ]; }

typing() {
	rm -f "$SHARE/typed"
	start xterm -e sh -c 'stty -icanon; exec cat >> share/typed'
	attach
	wait_until 20 test -e "$SHARE/typed"
	focused
	first=$(xdotool getwindowfocus)
	xdotool key a
	wait_until 20 typed a
	# and it draws, more than any buffer holds
	lxg-xpra join xterm -e sh -c 'i=0; while :; do i=$((i + 1))
	    printf "%079d\n" $i; [ $((i % 20)) != 0 ] || sleep 0.02; done' \
	    < s > joined 3>&- &
	wait_until 20 draws
}

draws() { [ "$(titles | wc -l)" -gt 1 ]; }

# server SIGNAL: to xpra's
server() {
	inside pkill "-$1" -x xpra -P \
	    "$(cat "$XPRA/$(jq -r .session s)/pid")"
}

# what happens while time goes by can't be waited for
a_while() { sleep "$STANDS"; }

@test "an X server that stands still, and comes back" {
	typing
	kill -STOP "$HOST_X"
	a_while
	kill -CONT "$HOST_X"
	kill -0 "$client"
	xdotool windowfocus --sync "$first" key b
	wait_until 20 typed ab
}

@test "client and server stand still, and come back" {
	typing
	pids="$client $(pgrep -P "$client" -x lxg-client)"
	server STOP
	# shellcheck disable=SC2086
	kill -STOP $pids
	a_while
	# shellcheck disable=SC2086
	kill -CONT $pids
	server CONT
	kill -0 "$client"
	xdotool windowfocus --sync "$first" key b
	wait_until 20 typed ab
}

# same_pixels: does the host's display have what is in the window inside that
# the program has told the number of?
same_pixels()
{
	local w h x y W H rest
	as_login ./pixels "$(cat "$SHARE/window")" share/picture
	read -r _ w h rest < "$SHARE/picture"
	read -r x y W H rest < <(geometries)
	import -window root -depth 8 -crop "${w}x$h+$((x + (W - w) / 2))+$((
	    y + (H - h) / 2))" +repage rgb:here
	convert -depth 8 "ppm:$SHARE/picture" rgb:inside
	cmp inside here
}

# moved: has the server sent pixels that move?
moved()
{
	as_login xpra info "socket:///var/lib/lxg/xpra/$(jq -r .session s).sock" |
	    tee info | grep -q 'total_frames.*scroll'
}

@test "a terminal that scrolls is here as it is inside, whichever way" {
	rm -f "$SHARE/window"
	# shellcheck disable=SC2016
	start xterm -geometry 90x45+30+30 -e sh -c '
	    n=0
	    line() { n=$((n + 1)); printf "%d %d\n" $n $((n * 7919 % 100003)); }
	    while [ $n -lt 240 ]; do line; line; sleep 0.05; done
	    printf "\033[10;30r\033[10H"      # within some of the lines
	    while [ $n -lt 300 ]; do printf "\033[10H\033[2L"; line; line
		sleep 0.05; done
	    printf "\033[30H"
	    while [ $n -lt 400 ]; do line; sleep 0.03; done
	    printf "\033[r\033[45H"
	    while [ $n -lt 500 ]; do line; line; line; sleep 0.05; done
	    printf %s "$WINDOWID" > share/window; exec sleep 600'
	attach
	wait_until 60 test -e "$SHARE/window"
	wait_until 20 same_pixels
	moved
	# and with a size that it has had for a moment
	read -r _ _ w h id < <(geometries)
	for _ in 1 2 3; do
		xdotool windowsize "$id" 200 150 windowsize "$id" "$w" "$h"
		wait_until 20 same_pixels
	done
}

# xpra takes what it looked at last for what was where it looks now.
@test "what becomes like another place of its window is drawn all the same" {
	rm -f "$SHARE/window"
	start ./rectangles share/window
	attach
	wait_until 20 test -e "$SHARE/window"
	wait_until 10 same_pixels
}
