#!/bin/sh
# The client beside the stock one of xpra (as Debian has it), on the same
# session, by turns: the time to the first window, memory, CPU time and frames
# of a scrolling terminal and of a video, and from a key to its echo, there
# beside ssh -X as well. SPDX-License-Identifier: ISC
# shellcheck disable=SC2016,SC2119,SC2154 # a shell inside; of what is read
set -eu

. "$LXG_STAGE/tests/bench/common"
. "$LXG_STAGE/tests/bench/engine"
rounds=${ROUNDS:-5}
keys=100
screen=1600x1000
ours=lxg-$name

start() { lxg-xpra start "$@" < record > s; wait_until 60 ready; }
ready() { grep -q 'xpra is ready' "$xpra/$(jq -r .session s)/log"; }
leave() { kill "$client"; wait "$client" 2> /dev/null || :; }
over() { lxg-xpra stop < s > /dev/null; }
inside() { "$cli" exec "$name" -- "$@" < /dev/null; }

ours() { lxg-xpra attach < s > attached 2> said & client=$!; }

# without OpenGL, with which it draws nothing on a display that has no GPU
stock()
{
	xpra attach --opengl=no "socket://$(jq -r .socket s)" \
	    > stock.log 2>&1 &
	client=$!
}

# tree PID: it and what it started
tree()
{
	echo "$1"
	for child in $(pgrep -P "$1"); do
		tree "$child"
	done
}

# resident PID: KiB, libraries included, of each process again
resident()
{
	for pid in $(tree "$1"); do
		awk '/^VmRSS:/ { print $2 }' "/proc/$pid/status"
	done | awk '{ n += $1 } END { print n }'
}

# ran PID: nanoseconds of a processor, of all threads
ran()
{
	for pid in $(tree "$1"); do
		cat "/proc/$pid/task"/*/schedstat
	done 2> /dev/null | awk '{ n += $1 } END { printf "%.0f\n", n }'
}

# show WHO CLASS: a client, and its window once it is drawn
show()
{
	until_window shows "$2" "$1"
	"$LXG_STAGE/screen" frames "$2" 1 > /dev/null
}

# busy WHO CLASS: what ten seconds of the program cost a client that shows it
busy()
{
	show "$1" "$2"
	"$LXG_STAGE/screen" frames "$2" 3 > /dev/null
	before=$(ran "$client") xbefore=$(ran "$HOST_X")
	"$LXG_STAGE/screen" frames "$2" 10 >> "frames.$1"
	echo $(($(ran "$client") - before)) >> "cpu.$1"
	echo $(($(ran "$HOST_X") - xbefore)) >> "x.$1"
	leave
}

# beside WHAT CLASS: both clients by turns, on the session that is there
beside()
{
	rm -f cpu.* frames.* x.*
	for _ in $(seq "$rounds"); do
		busy ours "$ours"
		busy stock "$2"
	done
	figure "$1: CPU to the stock client" 0.5 a/b "$(median cpu.ours)" \
	    "$(median cpu.stock)"
	figure "$1: frames of the stock client to ours" 1 a/b \
	    "$(median frames.stock)" "$(median frames.ours)"
	for i in ours stock; do
		printf 'bench: (%s, %s: %s frames, %d ms of CPU, %d of X)\n' \
		    "$1" "$i" "$(median "frames.$i")" \
		    $(($(median "cpu.$i") / 1000000)) \
		    $(($(median "x.$i") / 1000000))
	done
}

# echoes WHO CLASS: microseconds from a key to its echo
echoes()
{
	show "$1" "$2"
	"$LXG_STAGE/screen" echo "$2" "$keys" >> "echo.$1"
	leave
}

# late LIST: of a hundred, the one that is late
late() { sort -n "$1" | sed -n "$(($(wc -l < "$1") * 99 / 100))p"; }

forwarded()
{
	ssh -X -F config "$address" xterm -name forwarded -e "'$quiet'" \
	    < /dev/null > ssh.log 2>&1 & client=$!
}

find_address()
{
	address=$("$cli" query "/1.0/instances/$name/state" | jq -r '
	    [.network.eth0.addresses[]? | select(.family == "inet").address][0]
	    // empty')
	[ -n "$address" ]
}

# what is typed is shown by the terminal alone, however much it is
quiet='stty -icanon; exec cat > /dev/null'

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
	for i in ours stock forwarded; do
		printf 'bench: (echo, %s, %s: median %s us, 99 of 100 %s)\n' \
		    "$1" "$i" "$(median "echo.$i")" \
		    "within $(late "echo.$i") us"
	done
}

# push FILE: what is read becomes that file of the instance
push() { "$cli" file push --mode 644 - "$name$1"; }

# a film of ten seconds, from Debian's ffmpeg, in Debian's Firefox
film()
{
	inside sh -c 'DEBIAN_FRONTEND=noninteractive
	export DEBIAN_FRONTEND
	apt-get -qq update
	apt-get -qq -y install --no-install-recommends firefox-esr ffmpeg
	mkdir -p /etc/firefox/policies
	ffmpeg -v error -f lavfi -i testsrc2=size=1280x720:rate=25 -t 10 \
	    -c:v libvpx -deadline realtime -b:v 4M /srv/film.webm' \
	    > apt.log 2>&1
	push /etc/firefox/policies/policies.json <<-END
	{"policies": {"OverrideFirstRunPage": "", "DisableTelemetry": true,
	  "DontCheckDefaultBrowser": true, "CaptivePortal": false,
	  "Preferences": {"datareporting.policy.dataSubmissionEnabled":
	    {"Value": false, "Status": "default"}}}}
	END
	push /srv/film.html <<-END
	<!doctype html><title>film</title>
	<body style="margin: 0"><video src="film.webm" width="1280"
	height="720" autoplay loop muted></video>
	END
	start firefox-esr --new-instance --width 1280 --height 850 \
	    file:///srv/film.html
	beside film Navigator
	over
}

ssh-keygen -q -t ed25519 -N '' -f key
with_display -K key.pub
wait_until 30 find_address
printf '%s\n' 'StrictHostKeyChecking no' 'BatchMode yes' 'ForwardX11 yes' \
    'UserKnownHostsFile /dev/null' "IdentityFile $work/key" \
    "User $(jq -r .user record)" > config

terminal untrusted
terminal trusted
start xterm -geometry 200x60 -e sh -c 'while seq 100000; do :; done'
beside 'scrolling terminal' xterm
over
film
