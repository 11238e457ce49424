#!/bin/sh
# How long until a program's first window is on the host's display: beside the
# way by hand (ssh, xpra start, a look once a second, the stock client, all of
# it as Debian has it), beside the server alone; with a server that stands by;
# from a stopped instance; and a second program.
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2016,SC2119,SC2154 # a shell inside; of what is read
set -eu

. "$LXG_STAGE/tests/bench/common"
. "$LXG_STAGE/tests/bench/engine"
. "$LXG_STAGE/tests/bench/plain"
plain=$name-plain
rounds=${ROUNDS:-5}

in_log() { grep -q "$1" "$(server_log)"; }
stop() { lxg-xpra stop < s > /dev/null; wait "$client" 2> /dev/null || :; }
attach() { lxg-xpra attach < s > attached 2> said & client=$!; }
start() { lxg-xpra start xterm < record > s; }
cold() { start; started=$(micros); attach; }

remote() { ssh -F config "$address" "$@" < /dev/null > /dev/null 2>&1; }

by_hand()
{
	remote xpra start --bind=/var/lib/lxg/xpra/hand.sock \
	    --socket-permissions=660 --start-child=xterm
	until [ -S "$hand/hand.sock" ]; do sleep 1; done
	xpra attach "socket://$hand/hand.sock" > hand.log 2>&1 &
	client=$!
}

stop_hand()
{
	remote xpra stop "socket:///var/lib/lxg/xpra/hand.sock" || :
	wait "$client" || :
	until [ ! -S "$hand/hand.sock" ]; do sleep 0.2; done
}

# raw: the program by the engine's own exec on the session's display
raw()
{
	display=$(lxg-xpra list < record | jq -r .display)
	"$cli" exec "$name" --user "$(jq .uid record)" \
	    --env "DISPLAY=$display" --env HOME="$(jq -r .home record)" \
	    --env "XAUTHORITY=/run/user/$(jq .uid record)/lxg-$(cat \
	    "$xpra/$(jq -r .session s)/pid")/auth" -- xterm < /dev/null > /dev/null 2>&1 &
}
second() { lxg-xpra join xterm < s > /dev/null 2>&1 & }
join_true() { lxg-xpra join true < s > /dev/null; }
exec_true() { "$cli" exec "$name" -- true < /dev/null; }

# when a log says TEXT, and when a file was made; microseconds, as micros is
said() { date -d "$(grep -m 1 "$2" "$1" | cut -c 1-23 | tr , .)" +%s%6N; }
made() { stat -c %.6Y "$1" | tr -d .; }

# span NAME FROM TO: appends both to its list, since the command
span() { echo "$(($2 - begin)) $(($3 - begin))" >> "span.$1"; }

# where the time of a cold attach went
spans()
{
	folder=$xpra/$(jq -r .session s)
	ready=$(said "$(server_log)" 'xpra is ready')
	met=$(said "$(server_log)" 'Handshake complete')
	span 'start: the unit' "$begin" "$(made "$folder/command")"
	span 'server: Xvfb' "$(made "$folder/command")" "$(made "$folder/display")"
	span 'server: xpra' "$(made "$folder/command")" "$ready"
	span 'attach' "$started" "$met"
	span 'first window' "$met" "$((begin + $(tail -n 1 cold.list)))"
}

setup()
{
	with_display
	ssh-keygen -q -t ed25519 -N '' -f key
	lxg-profile put "$plain" | lxg-instance create -i "$(plain_image)" \
	    -K key.pub > by_hand
	lxg-mount plan xpra < by_hand | lxg-acl grant | lxg-mount add > device
	hand=$(jq -r .source device)
	wait_until 30 find_address
	printf '%s\n' 'StrictHostKeyChecking no' 'BatchMode yes' \
	    'UserKnownHostsFile /dev/null' "IdentityFile $work/key" \
	    "User $(jq -r .user by_hand)" 'ConnectTimeout 20' > config
}

find_address()
{
	address=$("$cli" query "/1.0/instances/$plain/state" | jq -r '
	    [.network.eth0.addresses[]? | select(.family == "inet").address][0]
	    // empty')
	[ -n "$address" ]
}

# each of them once, in turns, so that the machine's noise is everyone's
round()
{
	until_window cold.list "lxg-$name" cold
	spans
	until_window second.list "lxg-$name" second
	until_window raw.list "lxg-$name" raw
	timed join.list join_true
	timed exec.list exec_true
	stop

	begin=$(micros)
	start
	wait_until 60 in_log 'xpra is ready'
	echo $(($(micros) - begin)) >> server.list
	stop

	until_window hand.list XTerm by_hand
	stop_hand
}

stands_by() { grep -q 'xpra is ready' "$xpra/standby/log" 2> /dev/null; }

# ahead: with a display server that stands by from the instance's boot on
ahead()
{
	lxg-instance set "$name" prestart=on > /dev/null
	start
	stop
	"$cli" restart -f "$name"
	for _ in $(seq "$rounds"); do
		wait_until 60 stands_by
		until_window ahead.list "lxg-$name" cold
		stop
	done
	lxg-instance set "$name" prestart=off > /dev/null
	start
	stop
}

# stopped: all of it, and the part of it that is the engine's own
begin_stopped()
{
	lxg-instance start "$name" | lxg-xpra start xterm > s
	attach
}

stopped()
{
	for _ in $(seq "$rounds"); do
		"$cli" stop -f "$name"
		timed power.list "$cli" start "$name"
		"$cli" stop -f "$name"
		until_window stopped.list "lxg-$name" begin_stopped
		stop
	done
}

plot()
{
	for i in 'start: the unit' 'server: Xvfb' 'server: xpra' 'attach' \
	    'first window'; do
		printf '"%s" %s %s\n' "$i" "$(median "span.$i")" \
		    "$(median "span.$i" 2)"
	done > spans
	gnuplot <<-END
	set terminal svg size 760,300 font "sans,12" background "white"
	set output "$BENCH_OUT/attach-$LXG_ENGINE.svg"
	set title "Cold attach of xterm, $LXG_ENGINE: what runs when (medians of $rounds)"
	set xlabel "milliseconds since the command"
	set style fill solid 0.7
	set grid xtics
	set border 3
	set tics nomirror out
	set xrange [0:$(median cold.list) / 1000 * 1.2]
	set yrange [4.6:-0.6]
	unset key
	plot "spans" using (\$2 / 1000):0:(\$2 / 1000):(\$3 / 1000):(\$0 - \
	    0.35):(\$0 + 0.35):ytic(1) with boxxyerror linecolor "#3465a4", \
	    "" using (\$3 / 1000):0:(sprintf("%d - %d", \$2 / 1000, \
	    \$3 / 1000)) with labels left offset 0.5
	END
}

clean()
{
	stop_display
	lxg delete -f "$name"
	lxg delete -f "$plain"
}

setup
for _ in $(seq "$rounds"); do
	round
done
figure 'cold attach to the way by hand' 0.125 a/b "$(median cold.list)" \
    "$(median hand.list)"
figure 'cold attach to the server ready' 1.05 a/b "$(median cold.list)" \
    "$(median server.list)"
figure 'second program over the engine'"'"'s exec, s' 0.5 '(a - b) / 1e6' \
    "$(median second.list)" "$(median raw.list)"
figure 'second program to the way by hand' 0.05 a/b "$(median second.list)" \
    "$(median hand.list)"
figure 'join true over the engine'"'"'s exec, ms' 100 '(a - b) / 1e3' \
    "$(median join.list)" "$(median exec.list)"
ahead
stopped
figure 'from stopped, over engine and cold attach, s' 1 '(a - b) / 1e6' \
    "$(median stopped.list)" \
    "$(($(median power.list) + $(median cold.list)))"
[ -z "${BENCH_OUT-}" ] || plot
for i in cold hand server ahead stopped second raw; do
	range=$(sort -n "$i.list" | awk 'NR == 1 { a = $1 } { b = $1 }
	    END { printf "%d to %d", a / 1000, b / 1000 }')
	printf 'bench: (%s, %s: %s ms)\n' "$i" "$LXG_ENGINE" "$range"
done
