# Read by the files here: an X server of the test's own, a driver in place of
# the protocol, window managers, and looks at the screen.
# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2034,SC2154

. "$BATS_TEST_DIRNAME/../../mk/display"
. "$BATS_TEST_DIRNAME/../jobs.sh"
export WAIT_FACTOR="${WAIT_FACTOR:-4}"
BATS_TEST_RETRIES=1	# as in env.sh

begin()
{
	make -s -C "$BATS_TEST_DIRNAME/../../lib" 3>&-
	make -s -C "$BATS_TEST_DIRNAME" OUT="$BATS_FILE_TMPDIR" 3>&-
}

# a display, with a cookie that may do everything and one that may not
begin_test()
{
	cd "$BATS_TEST_TMPDIR" || return
	host_display "$PWD" 3>&-
	mkdir -p strict run
	export XDG_RUNTIME_DIR=$PWD/run
	xauth -q -f strict/cookie generate "$DISPLAY" . untrusted timeout 0 3>&-
	mkfifo in
	exec 7<> in
}

finish_test()
{
	[ -n "${BATS_TEST_COMPLETED-}" ] || tail -n 30 log err
	stop_display
	end_jobs
	exec 7>&-
	wait
}

# driver [ARG]...: green, four pixels; with $COOKIE, if set
driver()
{
	XAUTHORITY=${COOKIE:-$XAUTHORITY} "$BATS_FILE_TMPDIR/display" \
	    0x00ff00 4 "$@" < in > log 2> err 3>&- 7>&- &
	driver=$!
	expect open
}

no_driver() { kill "$driver"; wait "$driver" || :; }

# say COMMAND...: a line for the driver
say() { printf '%s\n' "$*" >&7; }
# once PATTERN / expect PATTERN: a line of what the driver has told
once() { grep -q "^$1\$" log; }
expect() { wait_until 5 once "$1" || { cat log err; return 1; }; }
last() { [ "$(grep "^$1 $2 " log | tail -n 1)" = "$3" ]; }
# goes on when all that was said has been done
settled()
{
	local mark=$RANDOM$RANDOM
	say "echo $mark"
	expect "echo $mark"
}

# with_focus: a window, number 1, into which the pointer comes from outside
with_focus()
{
	say new 1 100 100 300 200 title=x
	expect 'map 1 .*'
	xdotool mousemove 90 90 mousemove 200 200
	expect 'focus 1'
}

manager()
{
	case $1 in
	none) return ;;
	xfwm4) set -- dbus-run-session -- xfwm4 --compositor=off ;;
	mutter) set -- dbus-run-session -- mutter --x11 ;;
	esac
	"$@" > wm 2>&1 3>&- 7>&- &
	wait_until 20 managed
	wait_until 20 shows_one
}

# One that is just beginning may miss a window that is mapped in that moment:
# it is up once it has shown one.
shows_one()
{
	local probe ok=0
	xev -name probe > /dev/null 2>&1 3>&- 7>&- &
	probe=$!
	wait_until 1 probe_is_shown || ok=1
	kill "$probe"
	wait "$probe" 2> /dev/null || :
	return "$ok"
}
probe_is_shown() { xwininfo -name probe 2> /dev/null | grep -q IsViewable; }

managed()
{
	xprop -root _NET_SUPPORTING_WM_CHECK | grep -q 'window id' &&
	    xprop -root _NET_SUPPORTED | grep -q FULLSCREEN
}

# id TITLE: of the window of ours
id()
{
	xwininfo -root -tree | sed -n "s/^ *\(0x[0-9a-f]*\) \"$1\".*/\1/p" |
	    head -n 1
}

shot() { import -window root -depth 8 rgb:screen; }
# pixel X Y: of the last shot
pixel()
{
	od -An -tx1 -j $((($2 * 1280 + $1) * 3)) -N 3 screen | tr -d ' '
}
is_pixel() { shot && [ "$(pixel "$1" "$2")" = "$3" ]; }

# framed X Y W H: is the program's part there up to its corners, with four
# pixels of border around it, and something else outside?
framed()
{
	local x=$1 y=$2 r=$(($1 + $3 - 1)) b=$(($2 + $4 - 1)) p
	shot
	for p in "$x $y" "$r $y" "$x $b" "$r $b"; do
		# shellcheck disable=SC2086
		[ "$(pixel $p)" = ff0000 ] || return 1
	done
	for p in "$((x - 1)) $((y + 5))" "$((x - 4)) $((y - 4))" \
	    "$((r + 1)) $((y + 5))" "$((r + 4)) $((b + 4))" \
	    "$((x + 9)) $((y - 1))" "$((x + 9)) $((b + 4))"; do
		# shellcheck disable=SC2086
		[ "$(pixel $p)" = 00ff00 ] || return 1
	done
}
# place WID: X Y W H as last told
place()
{
	awk -v wid="$1" '($1 == "map" || $1 == "configure") && $2 == wid {
		p = $3 " " $4 " " $5 " " $6 } END { print p }' log
}
framed_there()
{
	local p
	p=$(place "$1")
	# shellcheck disable=SC2086
	framed $p
}
