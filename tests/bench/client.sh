#!/bin/sh
# The client beside the stock one of xpra (as Debian has it), on the same
# session, by turns: the time to the first window, memory, CPU time and frames
# of a scrolling terminal and of a video, and from a key to its echo, there
# beside ssh -X as well. SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # of what is read
set -eu

. "$LXG_STAGE/tests/bench/common"
. "$LXG_STAGE/tests/bench/engine"
. "$LXG_STAGE/tests/bench/beside"
rounds=${ROUNDS:-5}
keys=100
screen=1600x1000
ours=lxg-$name

start() { lxg-xpra start "$@" < record > s; wait_until 60 ready; }
ready() { grep -q 'xpra is ready' "$xpra/$(jq -r .session s)/log"; }
over() { lxg-xpra stop < s > /dev/null; }

ours() { lxg-xpra attach < s > attached 2> said & client=$!; }

# without OpenGL, with which it draws nothing on a display that has no GPU
stock()
{
	xpra attach --opengl=no "socket://$(jq -r .socket s)" \
	    > stock.log 2>&1 &
	client=$!
}

# resident PID: KiB, libraries included, of each process again
resident()
{
	for pid in $(tree "$1"); do
		awk '/^VmRSS:/ { print $2 }' "/proc/$pid/status"
	done | awk '{ n += $1 } END { print n }'
}

forwarded()
{
	ssh -X -F config "$address" xterm -name forwarded -e "'$quiet'" \
	    < /dev/null > ssh.log 2>&1 & client=$!
}

# terminal X11: with that value of the policy's
terminal()
{
	rm -f window.* memory.* echo.*
	lxg-instance set "$name" "x11=$1" > /dev/null
	start xterm -e sh -c "$quiet"
	for _ in $(seq "$rounds"); do
		until_window window.ours "$ours" ours
		resident "$client" >> memory.ours
		leave
		until_window window.stock xterm stock
		resident "$client" >> memory.stock
		leave
		echoes ours "$ours"
		echoes stock xterm
		echoes forwarded forwarded
	done
	over
	ratio "prestarted, x11=$1, to the first window, to the stock client" \
	    0.25 window.ours window.stock
	figure "prestarted, x11=$1, to the first window, ms" 100 'a/1000' \
	    "$(median window.ours)" 0
	figure "memory, x11=$1, to the stock client" 0.1 a/b \
	    "$(median memory.ours)" "$(median memory.stock)"
	printf 'bench: (memory, %s: %s KiB, stock %s KiB)\n' \
	    "$1" "$(median memory.ours)" "$(median memory.stock)"
	figure "key to echo, x11=$1, to the stock client" 0.5 a/b \
	    "$(median echo.ours)" "$(median echo.stock)"
	told_echoes "$1" ours stock forwarded
}

# a film of ten seconds, from Debian's ffmpeg, in Debian's Firefox
film()
{
	firefox ffmpeg
	inside ffmpeg -v error -f lavfi -i testsrc2=size=1280x720:rate=25 \
	    -t 10 -c:v libvpx -deadline realtime -b:v 4M /srv/film.webm
	push /srv/film.html <<-END
	<!doctype html><title>film</title>
	<body style="margin: 0"><video src="film.webm" width="1280"
	height="720" autoplay loop muted></video>
	END
	start_page film
	beside film Navigator
	over
}

with_ssh
terminal untrusted
terminal trusted
start xterm -geometry 200x60 -e sh -c 'while seq 100000; do :; done'
beside 'scrolling terminal' xterm
over
film
