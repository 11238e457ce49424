#!/bin/sh
# The client beside the stock one of xpra (as Debian has it), on the same
# session: the time to the first window, memory, CPU time and frames of a
# scrolling terminal and of a video, and from a key to its echo, there beside
# ssh -X as well. SPDX-License-Identifier: ISC
# shellcheck disable=SC2016,SC2119,SC2154 # a shell inside; of what is read
set -eu

. "$LXG_STAGE/tests/bench/common"
. "$LXG_STAGE/tests/bench/engine"
rounds=${ROUNDS:-5}
keys=100

start() { lxg-xpra start "$@" < record > s; wait_until 60 ready; }
ready() { grep -q 'xpra is ready' "$xpra/$(jq -r .session s)/log"; }
ours() { lxg-xpra attach < s > attached 2> said & client=$!; }
stock()
{
	xpra attach "socket://$(jq -r .socket s)" > stock.log 2>&1 &
	client=$!
}
leave() { kill "$client"; wait "$client" 2> /dev/null || :; }
over() { lxg-xpra stop < s > /dev/null; }

# tree PID: it and what it started
tree()
{
	echo "$1"
	for child in $(pgrep -P "$1"); do
		tree "$child"
	done
}

# resident PID: KiB, libraries included
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
	done 2> /dev/null | awk '{ n += $1 } END { printf "%d\n", n }'
}

# busy WHO CLASS: what ten seconds of the program cost a client that shows it
busy()
{
	: > first
	until_window first "$2" "$1"
	sleep 2
	before=$(ran "$client")
	"$LXG_STAGE/screen" frames "$2" 10 >> "frames.$1"
	echo $(($(ran "$client") - before)) >> "cpu.$1"
	leave
}

# beside WHAT CLASS: both clients by turns, on the session that is there
beside()
{
	rm -f cpu.* frames.*
	for _ in $(seq "$rounds"); do
		busy ours "lxg-$name"
		busy stock "$2"
	done
	figure "$1: CPU to the stock client" 0.5 a/b "$(median cpu.ours)" \
	    "$(median cpu.stock)"
	figure "$1: frames of the stock client to ours" 1 a/b \
	    "$(median frames.stock)" "$(median frames.ours)"
}

# echoes WHO CLASS: microseconds from a key to its echo
echoes()
{
	: > first
	until_window first "$2" "$1"
	sleep 1
	"$LXG_STAGE/screen" echo "$2" "$keys" >> "echo.$1"
	leave
}

# late LIST: of a hundred, the one that is late
late() { sort -n "$1" | sed -n "$(($(wc -l < "$1") * 99 / 100))p"; }

forwarded()
{
	ssh -X -F config "$address" xterm -name forwarded -e cat \
	    < /dev/null > ssh.log 2>&1 & client=$!
}

find_address()
{
	address=$("$cli" query "/1.0/instances/$name/state" | jq -r '
	    [.network.eth0.addresses[]? | select(.family == "inet").address][0]
	    // empty')
	[ -n "$address" ]
}

ssh-keygen -q -t ed25519 -N '' -f key
with_display -K key.pub
wait_until 30 find_address
printf '%s\n' 'StrictHostKeyChecking no' 'BatchMode yes' 'ForwardX11 yes' \
    'UserKnownHostsFile /dev/null' "IdentityFile $work/key" \
    "User $(jq -r .user record)" > config

start xterm -e cat
for _ in $(seq "$rounds"); do
	until_window window.ours "lxg-$name" ours
	resident "$client" >> memory.ours
	leave
	until_window window.stock xterm stock
	resident "$client" >> memory.stock
	leave
	echoes ours "lxg-$name"
	echoes stock xterm
	echoes forwarded forwarded
done
over
ratio 'prestarted, to the first window, to the stock client' 0.25 \
    window.ours window.stock
figure 'memory to the stock client' 0.1 a/b "$(median memory.ours)" \
    "$(median memory.stock)"
figure 'key to echo, to the stock client' 0.5 a/b "$(median echo.ours)" \
    "$(median echo.stock)"
for i in ours stock forwarded; do
	printf 'bench: (echo, %s, %s: median %s us, 99 of 100 within %s us)\n' \
	    "$LXG_ENGINE" "$i" "$(median "echo.$i")" "$(late "echo.$i")"
done

start xterm -geometry 200x60 -e sh -c 'while seq 100000; do :; done'
beside 'scrolling terminal' xterm
over
