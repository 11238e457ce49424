#!/usr/bin/env bats
# The client's back end for X11 by itself, on an X server of its own, with and
# without what an untrusted cookie takes away.

# shellcheck disable=SC2034 # COOKIE: driver has it

bats_require_minimum_version 1.5.0
load display.sh

setup_file() { begin; }
setup() { begin_test; }
teardown() { finish_test; }

strict() { COOKIE=$PWD/strict/cookie; }

@test "the border is around what a program draws, and hides none of it" {
	for COOKIE in '' "$PWD/strict/cookie"; do
		driver
		say new 1 100 100 300 200 title=x
		expect 'map 1 100 100 300 200 0'
		wait_until 5 framed 100 100 300 200
		say resize 1 411 313
		settled
		wait_until 5 framed 100 100 411 313
		# nothing that is drawn reaches beyond the inside
		say flat 1 400 300 500 500 0x0000ff 7
		settled
		wait_until 5 is_pixel 510 412 0000ff
		[ "$(pixel 512 414)" = 00ff00 ]
		no_driver
	done
}

# one_colour X Y W H: is all of the border green, four pixels around that?
one_colour()
{
	local x=$(($1 - 4)) y=$(($2 - 4)) w=$(($3 + 8)) h=$(($4 + 8)) side
	shot
	for side in "${w}x4+$x+$y" "${w}x4+$x+$(($2 + $4))" \
	    "4x${h}+$x+$y" "4x${h}+$(($1 + $3))+$y"; do
		[ "$(convert -size 1280x800 -depth 8 rgb:screen -crop "$side" \
		    -unique-colors txt:- | grep -oE '#[0-9A-F]{6}')" = '#00FF00' ] ||
		    return 1
	done
}

# Programs whose windows have an alpha channel are shown in plain ones: else a
# compositing manager mixes the border with what is behind it.
@test "a border is of one colour all around, and opaque, on whatever it is" {
	local title
	driver
	say new 1 100 100 300 200 title=normal type=0
	say popup 2 700 100 200 100 title=popup type=7
	say new 3 100 400 200 150 title=dialog type=1 modal=1 for=1
	expect 'map 3 .*'
	settled
	wait_until 5 one_colour 100 100 300 200
	wait_until 5 one_colour 700 100 200 100
	wait_until 5 one_colour 100 400 200 150
	for title in normal popup dialog; do
		xwininfo -id "$(id "$title")" > window
		grep -q '^ *Depth: 24$' window
		xprop -id "$(id "$title")" > properties
		run ! grep -q OPACITY properties
	done
	say resize 1 411 213
	settled
	wait_until 5 one_colour 100 100 411 213
}

@test "a window that reaches beyond the screen has its border where that ends" {
	driver
	say popup 1 -50 400 200 100 title=a
	say popup 2 1200 700 200 200 title=b
	say popup 3 -400 -400 3000 3000 title=c
	say popup 4 600 -300 100 304 title=d
	expect 'map 4 .*'
	settled
	wait_until 5 is_pixel 700 1 00ff00
	[ "$(pixel 1 200) $(pixel 1278 200)" = '00ff00 00ff00' ]
	[ "$(pixel 650 798)" = 00ff00 ]
	[ "$(pixel 650 2) $(pixel 650 6)" = '00ff00 00ff00' ]
	say kill 3
	settled
	wait_until 5 is_pixel 1 450 00ff00
	[ "$(pixel 5 450)" = 0000ff ] || [ "$(pixel 5 450)" = ffffff ]
	[ "$(pixel 1278 750) $(pixel 1250 798)" = '00ff00 00ff00' ]
	[ "$(pixel 1273 720)" = ffffff ]
}

@test "where a window is, is heard after any number of requests" {
	driver
	say new 1 100 100 300 200 title=x
	say new 2 500 100 300 200 title=y
	expect 'map 1 .*'
	expect 'map 2 .*'
	say resize 2 310 210
	settled
	# numbers of requests come in 16 bits with what the display tells
	for n in 20000 40000 60000; do
		yes 'bell 1 100' | head -n 20000 >&7
		settled
		xdotool windowmove "$(id x)" $((n / 200)) 300 \
		    windowmove "$(id y)" $((n / 200)) 350
		expect "configure 1 $((n / 200 + 4)) 304 300 200 0"
		expect "configure 2 $((n / 200 + 4)) 354 310 210 0"
	done
	say new 3 700 500 100 100 title=z
	expect 'map 3 .*'
	xdotool windowmove "$(id z)" 300 500
	expect 'configure 3 304 504 100 100 0'
}

@test "no window says what takes its marks away, or whose machine it is on" {
	driver
	say new 1 100 100 300 200 title=one type=7 state=0x184
	say popup 2 10 10 30 20 title=two type=7
	expect 'map 2 .*'
	xprop -id "$(id one)" > properties
	grep -q 'WM_CLASS.*"lxg-test", "lxg-test"' properties
	grep -q '_NET_WM_WINDOW_TYPE(ATOM) = _NET_WM_WINDOW_TYPE_NORMAL$' \
	    properties
	run ! grep -e MOTIF -e PID -e MACHINE -e OPACITY -e STRUT properties
	xprop -id "$(id two)" > properties
	grep -q '_NET_WM_WINDOW_TYPE(ATOM) = _NET_WM_WINDOW_TYPE_TOOLTIP$' \
	    properties
	xwininfo -id "$(id two)" | grep -q 'Depth: 24'
}

@test "what gets uncovered is there while the client stands still" {
	driver
	say new 1 100 100 300 200 title=x
	expect 'map 1 .*'
	wait_until 5 framed 100 100 300 200
	kill -STOP "$driver"
	xterm -geometry +80+80 3>&- 7>&- &
	other=$!
	wait_until 10 eval '! framed 100 100 300 200'
	kill "$other"
	wait_until 10 framed 100 100 300 200
	kill -CONT "$driver"
}

# stripes: window 1 is four of them, red, lime, blue and black
stripes()
{
	local y=0 color
	for color in 0xff0000 0x00ff00 0x0000ff 0x000000; do
		say flat 1 0 $y 300 50 $color
		y=$((y + 50))
	done
}

# column [COLOR]...: of the window's stripes from above
column()
{
	local y=125 color
	shot
	for color; do
		[ "$(pixel 250 $y)" = "$color" ] || return 1
		y=$((y + 50))
	done
}

# moved NAME MOVES COLOR...: stripes, the moves, and what that is then
moved()
{
	local moves=$1
	shift
	stripes
	settled
	wait_until 5 column ff0000 00ff00 0000ff 000000
	# shellcheck disable=SC2086 # numbers
	say moves 1 $moves
	settled
	wait_until 5 column "$@" || { echo "$moves"; return 1; }
}

@test "pixels that move do so from what was there before, whatever the order" {
	for COOKIE in '' "$PWD/strict/cookie"; do
		driver
		say new 1 100 100 300 200 title=x
		expect 'map 1 .*'
		wait_until 5 framed 100 100 300 200
		moved '0 50 300 150 0 0' 00ff00 0000ff 000000 000000
		moved '0 0 300 150 0 50' ff0000 ff0000 00ff00 0000ff
		# up and down, each in the order in which it would go wrong
		moved '0 100 300 50 0 50 0 50 300 50 0 0' \
		    00ff00 0000ff 0000ff 000000
		moved '0 50 300 50 0 0 0 100 300 50 0 50' \
		    00ff00 0000ff 0000ff 000000
		moved '0 0 300 50 0 50 0 50 300 50 0 100' \
		    ff0000 ff0000 00ff00 000000
		moved '0 50 300 50 0 100 0 0 300 50 0 50' \
		    ff0000 ff0000 00ff00 000000
		# in a circle
		moved '0 0 300 50 0 50 0 50 300 50 0 0 0 100 300 50 0 150
		    0 150 300 50 0 100' 00ff00 ff0000 000000 0000ff
		[ "$(grep -c '^moves 1$' log)" = 7 ]
		no_driver
	done
}

@test "pixels move below what covers them, and in no window that keeps none" {
	driver
	say new 1 100 100 300 200 title=x
	expect 'map 1 .*'
	wait_until 5 framed 100 100 300 200
	stripes
	settled
	xterm -geometry +80+80 3>&- 7>&- &
	other=$!
	wait_until 10 eval '! framed 100 100 300 200'
	wait_until 10 eval '! column ff0000'
	say moves 1 0 0 300 100 0 100
	settled
	kill "$other"
	wait_until 10 column ff0000 00ff00 ff0000 00ff00
	say new 2 0 0 30000 30000 title=large
	expect 'map 2 .*'
	say moves 2 0 0 300 100 0 100
	expect 'moves 0'
	say moves 7 0 0 300 100 0 100
	wait_until 5 eval '[ "$(grep -c "^moves 0" log)" = 2 ]'
}

@test "keys have codes, keysyms, group and modifiers; a repeat is none" {
	setxkbmap us,ru
	for COOKIE in '' "$PWD/strict/cookie"; do
		driver
		with_focus
		xdotool key a
		expect 'key 1 38 0x61 down 0 0'
		expect 'key 1 38 0x61 up 0 0'
		xdotool key shift+q
		expect 'key 1 24 0x51 down 0 0x1'
		xset r rate 100 50
		xdotool keydown s
		# what must not come can't be waited for
		sleep 0.5
		expect 'key 1 39 .* down .*'
		[ "$(grep -c '^key 1 39 .*down' log)" = 1 ]
		run ! once 'key 1 39 .* up .*'
		xdotool keyup s
		expect 'key 1 39 0x73 up 0 0'
		no_driver
	done
}

@test "a group that a key toggles is told at once, and by no modifier; strict, too" {
	setxkbmap us,ru -option grp:caps_toggle
	for COOKIE in '' "$PWD/strict/cookie"; do
		driver
		say keyboard 0 0x82
		with_focus
		settled
		"$BATS_FILE_TMPDIR/typist" 24 66 24 +108 24 -108 66 24
		expect 'key 1 66 .* down 1 0'
		[ "$(sed -n 's/^key 1 24 .* down //p' log | xargs)" = \
		    '0 0 1 0 1 0x8 0 0' ]
		xdotool click 1
		expect 'button 1 1 down 200 200 0'
		no_driver
	done
}

@test "AltGr is one, and no group; strict, too" {
	setxkbmap de -option
	for COOKIE in '' "$PWD/strict/cookie"; do
		driver
		say keyboard 0 0x80
		with_focus
		settled
		"$BATS_FILE_TMPDIR/typist" +108 24 -108 24
		expect 'key 1 24 0x71 up 0 0'
		[ "$(sed -n 's/^key 1 24 .* down //p' log | xargs)" = \
		    '0 0x80 0 0' ]
		no_driver
	done
}

user_time() { xprop -id "$(id x)" _NET_WM_USER_TIME; }

@test "a window says when the user typed into it last" {
	driver
	with_focus
	settled
	before=$(user_time)
	xdotool key a
	wait_until 5 eval '[ "$(user_time)" != "$before" ]'
	before=$(user_time)
	xdotool key a
	wait_until 5 eval '[ "$(user_time)" != "$before" ]'
}

@test "what is held comes up when the focus goes" {
	driver
	with_focus
	xdotool keydown Control_L
	expect 'key 1 37 .* down 0 0'
	xdotool mousemove 700 700
	expect 'focus 0'
	# told before the focus went
	[ "$(grep -n '^key 1 37 .* up' log | cut -d : -f 1)" -lt \
	    "$(grep -n '^focus 0' log | cut -d : -f 1)" ]
	xdotool keyup Control_L
	settled
	[ "$(grep -c '^key 1 37 .* up' log)" = 1 ]
}

@test "buttons, wheels and motions are where the program is; none on the border" {
	driver
	say new 1 100 100 300 200 title=x
	expect 'map 1 .*'
	xdotool mousemove 150 160
	expect 'motion 1 150 160 0'
	for b in 1 2 3 4 5 6 7 8 9; do
		xdotool click $b
		expect "button 1 $b down 150 160 .*"
		expect "button 1 $b up 150 160 .*"
	done
	xdotool mousemove 98 150 click 1
	settled
	[ "$(grep -c '^button 1 1 down' log)" = 1 ]
}

@test "a menu at the pointer doesn't take the focus from who opened it" {
	driver
	with_focus
	say popup 2 195 195 100 100 title=menu
	expect 'map 2 .*'
	xdotool mousemove 220 220
	expect 'motion 2 220 220 0'
	xdotool key a
	expect 'key 1 38 0x61 down 0 0'
	run ! once 'focus 0'
	# nor on a way to the menu that is seen in two parts
	xdotool mousemove 900 700
	expect 'focus 0'
	xdotool mousemove 220 220
	wait_until 5 eval '[ "$(grep -c "^focus 1" log)" = 2 ]'
	xdotool key s
	expect 'key 1 39 0x73 down 0 0'
}

# copied FILE: into the clipboard; xclip goes on before it is there
copied() {
	xclip -selection clipboard "$1" 3>&- 7>&-
	wait_until 5 is_copied "$1"
}
is_copied() { timeout 5 xclip -o -selection clipboard | cmp -s - "$1"; }

@test "the host's clipboard is to be had, large ones as well; strict, too" {
	head -c 3000000 /dev/urandom | base64 -w 0 > large
	for COOKIE in '' "$PWD/strict/cookie"; do
		driver in
		printf of-the-host > small
		copied small
		say new 1 100 100 300 200 title=x
		expect 'map 1 .*'
		xdotool mousemove 90 90 mousemove 200 200
		expect 'owner 0 .*UTF8_STRING.*'
		say fetch 0 UTF8_STRING 7 "$PWD/got"
		expect 'data 7 UTF8_STRING 8 11'
		[ "$(cat got)" = of-the-host ]
		copied large
		xdotool mousemove 700 700 mousemove 200 200
		say fetch 0 UTF8_STRING 8 "$PWD/got"
		expect 'data 8 UTF8_STRING 8 4000000'
		cmp got large
		no_driver
	done
}

@test "more than 16 MiB is no more than a number; direction off: nothing" {
	head -c 13000000 /dev/urandom | base64 -w 0 > large
	driver in
	say new 1 100 100 300 200 title=x
	xdotool mousemove 200 200
	expect 'focus 1'
	copied large
	say fetch 0 UTF8_STRING 8 "$PWD/got"
	wait_until 20 grep -q '^data 8 ' log
	[ "$(awk '$1 == "data" { print ($5 > 16777216) }' log)" = 1 ]
	[ "$(ps -o rss= -p "$driver")" -lt 60000 ]
	no_driver
	driver
	say new 1 100 100 300 200 title=x
	xdotool mousemove 90 90 mousemove 200 200
	expect 'focus 1'
	say fetch 0 UTF8_STRING 8 "$PWD/got"
	expect 'data 8 none'
	run ! once 'owner.*'
}

@test "what the instance has the host's programs get, several at once" {
	head -c 3000000 /dev/urandom | base64 -w 0 > large
	driver out
	say offer "$PWD/large"
	say claim 0 UTF8_STRING text/html application/x-evil
	settled
	[ "$(timeout 5 xclip -o -selection clipboard -t TARGETS |
	    sort | xargs)" = 'TARGETS TIMESTAMP UTF8_STRING text/html' ]
	getters=''
	for i in 1 2 3; do
		timeout 20 xclip -o -selection clipboard -t UTF8_STRING \
		    > "out$i" 3>&- 7>&- &
		getters="$getters $!"
	done
	# shellcheck disable=SC2086
	wait $getters
	cmp out1 large
	cmp out2 large
	cmp out3 large
	run ! timeout 5 xclip -o -selection clipboard -t image/png
	say drop 0
	settled
	run ! timeout 5 xclip -o -selection clipboard
}

@test "an untrusted client, whom nobody could ask, claims no selection" {
	printf stays | xclip -selection clipboard 3>&- 7>&-
	strict
	driver out
	say offer /etc/passwd
	say claim 0 UTF8_STRING
	settled
	[ "$(timeout 5 xclip -o -selection clipboard)" = stays ]
}

@test "cursors, icons and a tray that isn't there end nothing" {
	for COOKIE in '' "$PWD/strict/cookie"; do
		driver
		say new 1 100 100 300 200 title=icon
		expect 'map 1 .*'
		say icon 1 48 0x3366cc
		say cursor 1 32 0x3366cc
		say cursor 0 64 0x3366cc xterm
		say cursor 0 0 0
		say bell 1 50
		say tray 9
		expect 'tray -1'
		settled
		xprop -id "$(id icon)" _NET_WM_ICON | grep -q '48 x 48'
		no_driver
	done
}

# tray [-s] X Y HEIGHT: begins one; tray_says COMMAND
tray()
{
	rm -f bar
	mkfifo bar
	exec 8<> bar
	"$BATS_FILE_TMPDIR/tray" "$@" < bar > traylog 3>&- 7>&- 8>&- &
	tray=$!
	wait_until 5 grep -qx tray traylog
}
end_tray() { kill "$tray"; wait "$tray" || :; exec 8>&-; }

# docked X Y SIDE: an icon, told to be there, with one pixel of border
docked()
{
	local x=$1 y=$2 r=$(($1 + $3 - 1)) b=$(($2 + $3 - 1)) p
	[ "$(place 9)" = "$x $y $3 $3" ] && shot || return 1
	for p in "$x $y" "$r $y" "$x $b" "$r $b"; do
		# shellcheck disable=SC2086
		[ "$(pixel $p)" = ff0000 ] || return 1
	done
	for p in "$((x - 1)) $((y - 1))" "$((r + 1)) $((b + 1))"; do
		# shellcheck disable=SC2086
		[ "$(pixel $p)" = 00ff00 ] || return 1
	done
	[ "$(pixel $((r + 2)) "$y")" != 00ff00 ]
}

# clicked X Y BUTTON: there, and the program hears of it there
clicked()
{
	xdotool mousemove "$1" "$2" click "$3"
	expect "button 9 $3 down $1 $2 0"
	expect "button 9 $3 up $1 $2 .*"
}

@test "an icon in a tray is a square, as high as that, where its clicks are" {
	tray 100 50 22
	driver
	say tray 9
	expect 'tray 0'
	wait_until 5 docked 101 51 20
	clicked 110 60 1
	clicked 111 61 3
	clicked 112 62 4
	clicked 113 63 5
	# the bar becomes higher
	echo 'place 100 50 32' >&8
	wait_until 5 docked 101 51 30
	clicked 125 75 1
	# it moves, which an icon is not told
	echo 'place 400 300 32' >&8
	settled
	wait_until 5 eval '[ "$(shot && pixel 401 301)" = ff0000 ]'
	clicked 420 320 1
	[ "$(place 9)" = '401 301 30 30' ]
	# keys are for who has them, wherever the pointer is
	run ! once 'focus 9'
	end_tray
}

@test "a tray that is begun anew has the icons that were there" {
	for keep in '' -s; do
		tray $keep 100 50 24
		driver
		say tray 9
		expect 'tray 0'
		wait_until 5 docked 101 51 22
		end_tray
		settled
		tray $keep 300 200 28
		wait_until 5 docked 301 201 26
		clicked 310 210 1
		end_tray
		# without one there is nothing to be seen of it
		wait_until 5 eval '[ "$(shot && pixel 310 202)" != ffffff ]'
		[ "$(pixel 300 200)" != 00ff00 ]
		no_driver
	done
}

@test "without the display there is an end: 69, and 78 where none was" {
	driver
	kill -KILL "$HOST_X"
	code=0
	wait "$driver" || code=$?
	[ "$code" = 69 ]
	run -78 env DISPLAY=:9999 "$BATS_FILE_TMPDIR/display" 0 4
	run -78 env -u DISPLAY "$BATS_FILE_TMPDIR/display" 0 4
}
