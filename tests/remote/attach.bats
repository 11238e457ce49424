#!/usr/bin/env bats
# Sessions of an instance of another machine, which shares no folder with us:
# all goes over the engine.
# shellcheck disable=SC2016,SC2154 # of env.sh and the driver

bats_require_minimum_version 1.5.0
load ../env.sh
. "$BATS_TEST_DIRNAME/../session.sh"
. "$BATS_TEST_DIRNAME/../sound.sh"

setup_file()
{
	rm -rf .local
	LXG_ENGINE=$REMOTE make_instance "$T" > /dev/null
	lxg-instance get -E "$REMOTE" "$T" > record
	host_display "$HOME"
}

teardown_file()
{
	stop_display
	LXG_ENGINE=$REMOTE drop_instance "$T"
}

setup()
{
	client=''
	export LXG_ENGINE=$REMOTE
}

teardown()
{
	[ -z "${relay-}" ] || { kill -CONT "$relay"; kill "$relay"; } || :
	over
	[ ! -e pulse.pid ] || { kill "$(cat pulse.pid)"; rm pulse.pid; } || :
}

state() { lxg-xpra list < record | jq -r .state; }
is_live() { [ "$(state)" = live ]; }
gone() { ! kill -0 "$1" 2> /dev/null; }
# the helpers inside, but for whoever asks
carriers() { inside pgrep -f 'c[a]rry|f[o]llow' -u "$(jq -r .uid record)"; }
no_carrier() { [ -z "$(carriers)" ]; }
no_mirror() { [ -z "$(find "$XDG_RUNTIME_DIR/lxg" -name 'far-*')" ]; }
# the process that has the connection
link_of() { pgrep -P "$1" -x lxg-link; }
# ends_with STATUS: the client's
ends_with()
{
	local status=0
	wait "$client" || status=$?
	client=''
	[ "$status" = "$1" ] || { echo "ended with $status"; cat log; false; } >&2
}
printed() { grep -qx "$1" out; }
hidden() { ! shown; }
ended() { [ "$(state)" = ended ]; }
# waits N: so many times it has said so
waits() { [ "$(grep -c 'waits for it' log)" = "$1" ]; }

# between [OPTION]...: the relay to address, at its port where it had one; sets
# relay
between()
{
	"$BATS_TEST_DIRNAME/between" "$@" "$address" port 3>&- &
	relay=$!
	wait_until 10 test -s port
}

# through_relay FILE [OPTION]...: its record as far, with the server behind a
# relay, and the configuration that has it; sets relay and address. What a slow
# or broken network does to a link the relay does: kernels without netem are
# many, and one with it would need an engine of its own in a namespace.
through_relay()
{
	local name=INCUS_CONF
	[ "$engine" != lxd ] || name=LXD_CONF
	own=${own-${!name}}
	address=$(jq -r '.api | ltrimstr("https://")' "$1")
	rm -rf conf port
	cp -R "$own" conf
	between "${@:2}"
	cp "conf/servercerts/${REMOTE%:}.crt" conf/servercerts/slow.crt
	sed -i '/^aliases:/d' conf/config.yml	# what is behind the remotes
	printf '  slow:\n    addr: https://%s\n    protocol: %s\n' \
	    "127.0.0.1:$(cat port)" "$engine" >> conf/config.yml
	export "$name=$PWD/conf"
	jq -c --arg api "https://127.0.0.1:$(cat port)" '.api = $api' "$1" \
	    > far
}

@test "far: a window here of a program there; its output, its status; nothing stays" {
	start sh -c 'echo begun; xterm -T shown -e cat; echo over; exit 7'
	run -0 jq -r '.socket // "none"' s
	[ "$output" = none ]
	lxg-xpra attach -O 5 < s > s2 2> log 5> out 3>&- &
	client=$!
	wait_until 30 shown "[$T] shown"
	wait_until 10 printed begun
	[ ! -e "$XPRA" ]
	is_live
	run -0 lxg-xpra list < record
	[ "$(jq -c '[.attached, .command[0], .exit_status]' <<< "$output")" = \
	    '[true,"sh",null]' ]
	# what is typed arrives
	focused
	xdotool key ctrl+d
	wait "$client"
	client=''
	[ "$(jq -c '[.state, .exit_status]' s2)" = '["ended",7]' ]
	[ "$(cat out)" = $'begun\nover' ]
	[ ! -s log ]
	no_mirror
	wait_until 10 no_carrier
	[ -z "$(inside ls -A /var/lib/lxg/xpra)" ]
	[ -z "$(lxg-xpra list < record)" ]
}

@test "far: who detaches finds it again, and its output goes on where it was" {
	start sh -c 'echo one; xterm -T first -e cat; echo two; xterm; sleep 99'
	lxg-xpra attach -O 5 < s > s2 2> log 5> out 3>&- &
	client=$!
	wait_until 30 shown "[$T] first"
	wait_until 10 printed one
	detach
	[ "$(jq -r .state s2)" = live ]
	wait_until 10 no_carrier
	no_mirror
	is_live
	lxg-xpra list < record > s
	lxg-xpra attach -O 5 < s > s2 2> log 5> out 3>&- &
	client=$!
	wait_until 30 shown "[$T] first"
	run -75 --separate-stderr lxg-xpra attach < s
	[[ $stderr == *"attached already"* ]]
	focused
	xdotool key ctrl+d
	wait_until 10 printed two
	[ "$(cat out)" = two ]
	# more than fits anywhere at once, and it is held up by nobody
	over
	[ ! -s log ] || [[ $(cat log) == *"was stopped"* ]]
}

@test "far: another program in the session; its output, its status; a signal ends the wait" {
	start sleep 99
	run -3 lxg-xpra join -e -- sh -c 'head -c 6000000 /dev/zero | tr "\0" x
	    echo; exit 3' < s
	[ ${#output} = 6000000 ]
	[ -z "$(inside sh -c 'ls /var/lib/lxg/xpra/*/output.*')" ]
	run -127 lxg-xpra join -e /nowhere < s
	[[ $output == *"not found"* ]]
	lxg-xpra join -O 5 -- sh -c 'echo begun; exec sleep 98' \
	    < s > s2 5> out 3>&- &
	client=$!
	wait_until 10 printed begun
	detach
	wait_until 10 no_carrier
	no_mirror
	[ -n "$(inside pgrep -f 'sleep 98')" ]
	lxg-xpra stop < s > s2
	[ "$(jq -r .state s2)" = ended ]
	run -1 --separate-stderr lxg-xpra join true < s
	[[ $stderr == *"gone"* ]]
	[ -z "$(inside ls -A /var/lib/lxg/xpra)" ]
}

@test "far: whoever carries it is killed, and nothing stays but the session" {
	start xterm
	attach
	wait_until 10 is_live
	kill -KILL "$client"
	wait_until 10 no_carrier
	wait_until 10 no_mirror
	wait "$client" || client=''
	is_live
	lxg-xpra list < record > s
	attach
	kill -KILL "$(link_of "$client")"
	ends_with 70
	[[ $(cat log) == *"goes on without a client"* ]]
	wait_until 10 no_carrier
	no_mirror
	is_live
}

@test "far: an engine that is silent is told of within seconds, and attach finds the session again" {
	start xterm
	through_relay s
	lxg-xpra attach < far > s2 2> log 3>&- &
	client=$!
	wait_until 30 shown
	kill -STOP "$relay"
	ends_with 69
	[[ $(cat log) == *"goes on without a client"*"not heard for"* ]] || {
		cat log >&2
		false
	}
	kill -CONT "$relay"
	wait_until 10 no_carrier
	is_live
	lxg-xpra list < record > s
	attach
	# one that ends at once
	detach
	lxg-xpra attach < far > s2 2> log 3>&- &
	client=$!
	wait_until 30 shown
	kill -KILL "$relay"
	ends_with 69
	[[ $(cat log) == *"broke"* ]]
	relay=''
	is_live
}

@test "far: with a round trip of 100 ms what is typed is seen, and the end is told" {
	start sh -c 'xterm -T slow -e sh -c "read word
	    printf \"\\033]0;%s\\007\" \"\$word\"; cat"; exit 5'
	through_relay s -d 50
	lxg-xpra attach < far > s2 2> log 3>&- &
	client=$!
	wait_until 60 shown "[$T] slow"
	focused
	xdotool type typed
	xdotool key Return
	wait_until 20 shown "[$T] typed"
	xdotool key ctrl+d
	ends_with 0
	[ "$(jq -c '[.state, .exit_status]' s2)" = '["ended",5]' ]
	[ ! -s log ]
}

@test "far: a link that is cut anywhere in the middle of attach leaves nothing, here or there" {
	local at
	start xterm -e sh -c 'while seq 100; do sleep 0.1; done'
	wait_until 30 is_live
	lxg-xpra list < record > s
	for at in 0 1 1000 3000 5000 8000 12000 16000 20000 25000 30000 40000 \
	    60000; do
		through_relay s -c "$at"
		lxg-xpra attach < far > s2 2> log 3>&- &
		client=$!
		ends_with 69
		no_mirror
		relay=''
	done
	wait_until 10 no_carrier
	is_live
	# and one that is left alone gets there
	attach
	[ ! -s log ]
}

@test "far: attach -w comes back when the link does: the same window; Ctrl-C ends it" {
	start sh -c 'echo begun; xterm -T "still here" -e cat; echo typed
	    xterm -T later -e cat'
	through_relay s
	lxg-xpra attach -w -O 5 < far > s2 2> log 5> out 3>&- &
	client=$!
	wait_until 30 shown "[$T] still here"
	# one that ends, and nobody is there for a while
	kill -KILL "$relay"
	wait_until 20 waits 1
	wait_until 10 hidden
	is_live
	between
	wait_until 60 shown "[$T] still here"
	focused
	xdotool key ctrl+d
	wait_until 20 shown "[$T] later"
	wait_until 10 printed typed
	[ "$(cat out)" = $'begun\ntyped' ]
	# one that is silent, and then is there again
	kill -STOP "$relay"
	wait_until 30 waits 2
	wait_until 10 hidden
	kill -CONT "$relay"
	wait_until 60 shown "[$T] later"
	[ "$(wc -l < log)" = 2 ]
	kill -KILL "$relay"
	wait_until 20 waits 3
	relay=''
	kill -INT "$client"
	ends_with 0
	[ "$(jq -r .state s2)" = live ]
	no_mirror
	wait_until 10 no_carrier
	is_live
}

@test "far: attach -w whose program ends meanwhile has its status" {
	start sh -c 'xterm -T short -e cat; exit 7'
	through_relay s
	lxg-xpra attach -w < far > s2 2> log 3>&- &
	client=$!
	wait_until 30 shown "[$T] short"
	kill -KILL "$relay"
	wait_until 20 waits 1
	inside pkill -x cat
	wait_until 20 ended
	between
	ends_with 0
	[ "$(jq -c '[.state, .exit_status]' s2)" = '["ended",7]' ]
	[ -z "$(lxg-xpra list < record)" ]
}

@test "far: the verbs attach, run and stop" {
	lxg attach -E "$REMOTE" "$T" xterm -T "by verb" -e cat > out 2> log 3>&- &
	client=$!
	wait_until 30 shown "[$T] by verb"
	run -5 lxg run -E "$REMOTE" "$T" sh -c 'echo run; exit 5'
	[ "$output" = run ]
	lxg stop -E "$REMOTE" -s "$(lxg-xpra list < record | jq -r .session)" "$T"
	ends_with 125
	[[ $(cat log) == *"was stopped"* ]]
	[ -z "$(lxg-xpra list < record)" ]
}

# play HERTZ: in the session, three seconds of it for the left ear, of 600 for the
# right one
play()
{
	lxg-xpra join python3 -c 'import math, struct, subprocess, sys
one = b"".join(struct.pack("<hh", *[int(20000 * math.sin(
    2 * math.pi * hertz * n / 48000)) for hertz in (int(sys.argv[1]), 600)])
    for n in range(48000))
subprocess.run(["paplay", "--raw", "--format=s16le", "--rate=48000",
                "--channels=2"], input=3 * one, check=True)' "$1" \
	    < s > /dev/null
}

sink_is_there()
{
	[ "$(lxg-xpra join -O 5 sh -c 'pactl list short sinks | grep -c \
	    "^[0-9]*.$PULSE_SINK"' < s 5>&1 > /dev/null)" = 1 ]
}

@test "far: what it plays is heard, again after a silence, and not with audio=off" {
	export PULSE_SERVER=unix:$HOME/pulse.sock
	start_pulse
	policy audio=out
	start xterm
	attach
	wait_until 30 sink_is_there
	for pitch in 1000 800; do
		parec -d ear.monitor --raw --format=s16le --rate=48000 \
		    --channels=2 > rec 2> /dev/null 3>&- &
		ears=$!
		wait_until 10 test -s rec
		play "$pitch"
		wait_until 10 heard 1 "$pitch"
		heard 2 600
		kill "$ears"
		wait_until 20 quiet
	done
	[ ! -s log ]
	detach
	policy audio=off
	lxg-xpra list < record > s
	attach
	play 1000
	quiet
	[ -z "$(find "$XDG_RUNTIME_DIR/lxg" -name speaker)" ]
}

quiet() { [ -z "$(pactl list short sink-inputs)" ]; }

@test "far: the way by SSH is refused" {
	run -78 --separate-stderr lxg-xpra start -t ssh true < record
	[[ $stderr == *"-t ssh"* ]]
}

# opened: does anybody but the server itself record here?
opened() { pactl list short source-outputs | grep -q protocol-native; }
unheard() { ! opened; }

@test "far: audio=both: recorded here while a program there records, again after it ended" {
	export PULSE_SERVER=unix:$HOME/pulse.sock
	start_pulse
	sox -n -r 48000 -b 16 -c 2 tone.wav synth 60 sine 1000 vol 0.61
	policy audio=both
	start xterm
	attach
	wait_until 30 sink_is_there
	run ! opened
	paplay -d mouth tone.wav 3>&- &
	for name in first second; do
		lxg-xpra join timeout 4 parec --raw --format=s16le \
		    --rate=48000 --channels=2 "/tmp/$name" < s > /dev/null 3>&- &
		recorder=$!
		wait_until 10 opened
		wait "$recorder" || :
		wait_until 10 unheard
		inside cat "/tmp/$name" > rec
		heard 1 1000
	done
	is_live
	[ ! -s log ]
	detach
	policy audio=out
	lxg-xpra list < record > s
	attach
	[ -z "$(find "$XDG_RUNTIME_DIR/lxg" -name microphone)" ]
	policy audio=off
}
