#!/bin/sh
# Sound of a session on the host: how long a click takes from the program that
# makes it to who listens to the host's sound server, and whether a tone is
# whole for MINUTES. That server is our own and has no devices.
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2119,SC2154 # of what is read
set -eu

. "$LXG_STAGE/tests/bench/common"
. "$LXG_STAGE/tests/bench/engine"
minutes=${MINUTES:-10}
clicks=100 hertz=440
format='--raw --format=s16le --rate=48000 --channels=2'
PULSE_SERVER=unix:$work/pulse.sock
export PULSE_SERVER

clean()
{
	for pid in ${client-} ${parec-} ${pulse-}; do
		kill "$pid" || :
	done
	stop_display
	lxg delete -f "$name"
}

start_pulse()
{
	pulseaudio -n --daemonize=no --exit-idle-time=-1 --use-pid-file=no \
	    -L "module-native-protocol-unix socket=$work/pulse.sock" \
	    -L 'module-null-sink sink_name=ear rate=48000' \
	    > pulse.log 2>&1 &
	pulse=$!
	wait_until 20 pactl info > pactl.log 2>&1
	pactl set-default-sink ear
}

# In the session: a player that is given each piece when its time has come, as
# a game or a call does, and a click now and then, whose time is printed. What
# it has no room for is lost, or it would be behind for ever.
cat > clicking <<'END'
import fcntl, os, struct, subprocess, sys, time
words = sys.argv[2:] + ["--latency-msec=20", "--process-time-msec=5"]
player = subprocess.Popen(["pacat"] + words, stdin=subprocess.PIPE)
to = player.stdin.fileno()
fcntl.fcntl(to, 1031, 4096)     # F_SETPIPE_SZ
os.set_blocking(to, False)
piece, step, next_click = 480, 0.01, 300
silence = bytes(4 * piece)
click = struct.pack("<hh", 20000, 20000) * (piece // 2) + bytes(2 * piece)
begin = time.monotonic()
clicks = i = 0
while clicks < int(sys.argv[1]):
    i += 1
    time.sleep(max(0, begin + i * step - time.monotonic()))
    now = time.monotonic()
    try:
        os.write(to, click if i >= next_click else silence)
    except BlockingIOError:
        continue
    if i >= next_click:
        print("%.6f" % now, flush=True)
        clicks += 1
        next_click = i + 60 + clicks % 7 * 5
player.kill()
END

# ...and one that takes as much as it wants, as a film's does
cat > singing <<'END'
import math, struct, subprocess, sys
player = subprocess.Popen(["pacat"] + sys.argv[2:], stdin=subprocess.PIPE)
hertz = int(sys.argv[1])
second = b"".join(struct.pack("<hh", *2 * (round(20000 * math.sin(
    2 * math.pi * hertz * i / 48000)),)) for i in range(48000))
while True:
    player.stdin.write(second)
END

# play SCRIPT ARG...: in the session; its output goes to made
play()
{
	script=$1
	shift
	# shellcheck disable=SC2086 # words
	lxg-xpra join -O 5 python3 -u -c "$(cat "$script")" "$@" $format \
	    < s 5> made > joined 2> join.log
}

# listen: what the host hears goes to the pipe heard
listen()
{
	# shellcheck disable=SC2086 # words
	parec -d ear.monitor $format --latency-msec=5 --process-time-msec=5 \
	    > heard 2> parec.log &
	parec=$!
}

sink_is_there()
{
	lxg-xpra join -O 5 sh -c 'pactl get-default-sink' < s 5> sink \
	    > joined && grep -q '^lxg_' sink
}

late() { sort -n "$1" | sed -n "$(($(wc -l < "$1") * 99 / 100))p"; }

with_display
start_pulse
lxg-instance set "$name" audio=out > /dev/null
lxg-xpra start xterm < record > s
lxg-xpra attach < s > attached 2> said &
client=$!
wait_until 60 sink_is_there

: > made
mkfifo heard
listen
"$LXG_STAGE/tests/bench/ears" clicks made < heard > delays &
ears=$!
play clicking $((clicks + 10))
kill "$parec"
wait "$ears"
sed 1,5d delays > delay.list # the player here starts with the first sound
printf 'bench: (sound, %s: %d clicks of %d heard, 99 of 100 within %d ms)\n' \
    "$LXG_ENGINE" "$(wc -l < delays)" "$(wc -l < made)" \
    $(($(late delay.list) / 1000))
figure 'sound: from a click to the host, ms' 150 a/1000 \
    "$(median delay.list)" 0

play singing "$hertz" &
singer=$!
listen
"$LXG_STAGE/tests/bench/ears" gaps $((minutes * 60)) "$hertz" < heard > holes
kill "$singer" "$parec" 2> /dev/null || :
figure "sound: milliseconds of $minutes minutes that were not whole" 0 a \
    "$(cat holes)" 0
