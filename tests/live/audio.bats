# Sound of a container on the host: what the policy opens is heard, what it
# doesn't is not, whatever the display server inside would like.
# shellcheck disable=SC2016,SC2034,SC2086,SC2154
bats_require_minimum_version 1.5.0

load ../env.sh
load ../session.sh

# A sound server of our own: a speaker, whose monitor is recorded, and a
# microphone. It has no devices of the machine's.
setup_file() {
	begin -b desktop
	policy clipboard=off notifications=off tray=off bell=off
	export PULSE_SERVER=unix:$HOME/pulse.sock
	rm -f pulse.sock
	pulseaudio -n --daemonize=no --exit-idle-time=-1 --use-pid-file=no \
	    -L "module-native-protocol-unix socket=$HOME/pulse.sock" \
	    -L 'module-null-sink sink_name=ear' \
	    -L 'module-null-sink sink_name=mouth' \
	    -L 'module-remap-source master=mouth.monitor source_name=mic' \
	    > pulse.log 2>&1 3>&- &
	echo $! > pulse.pid
	wait_until 20 pactl info > /dev/null
	pactl set-default-sink ear
	pactl set-default-source mic
	start true
	lxg-xpra attach < s > /dev/null
	cat > wish <<-'END'
	#!/usr/bin/python3 -I
	import runpy, sys
	sys.argv += ["--speaker=on", "--microphone=on"]
	runpy.run_path("/usr/bin/xpra", run_name="__main__")
	END
	put_inside wish .local/bin/xpra
	as_login python3 -c 'import math, struct, wave
w = wave.open("tone.wav", "wb")
w.setparams((1, 2, 44100, 0, "NONE", ""))
w.writeframes(b"".join(struct.pack("<h", int(20000 * math.sin(
    2 * math.pi * 1000 * i / 44100))) for i in range(3 * 44100)))'
}

teardown_file() {
	over
	kill "$(cat pulse.pid)" || :
	finish
}

teardown() {
	[ -z "${ears-}" ] || kill $ears 2>/dev/null || :
	over
}

# listen: records the speaker into rec, then notes what opens a microphone
listen() {
	parec -d ear.monitor --format=s16le --rate=44100 --channels=1 \
	    > rec 2>/dev/null 3>&- &
	ears=$!
	wait_until 10 test -s rec
	pactl subscribe > events 2>/dev/null 3>&- &
	ears="$ears $!"
	wait_until 10 pactl_seen
}

# a client that comes and goes shows that events are noted by now
pactl_seen() { pactl info > /dev/null && grep -q client events; }
plays() { [ -n "$(pactl list short sink-inputs)" ]; }
microphone_was_opened() { grep -q "'new' on source-output" events; }

play() { as_login timeout 20 paplay tone.wav; }

# loudness and pitch of what was recorded, as whole numbers
measure() {
	sox -t raw -r 44100 -e signed -b 16 -c 1 rec -n stat 2>&1 |
	    awk -F : '/^RMS.*amplitude/ { rms = $2 * 1000 }
	    /^Rough/ { hz = $2 } END { printf "%d %d\n", rms, hz }'
}

heard() {
	read -r loud hertz <<< "$(measure)"
	[ "$loud" -gt 20 ] && [ "$hertz" -gt 900 ] && [ "$hertz" -lt 1100 ]
}

@test "audio=out: a tone made inside is heard, and no microphone is opened" {
	policy audio=out
	start xterm
	listen
	attach
	wait_until 30 plays
	play
	wait_until 10 heard
	run ! microphone_was_opened
}

@test "audio=off: nothing is heard, though the server inside offers it" {
	policy audio=off
	start xterm
	listen
	attach
	play
	run ! plays
	run ! heard
	[ "$(measure | cut -d ' ' -f 1)" = 0 ]
	run ! microphone_was_opened
}

@test "audio=both: the microphone as well" {
	policy audio=both
	start xterm
	listen
	attach
	wait_until 30 microphone_was_opened
	wait_until 30 plays
}

@test "audio=out without a sound server: told, and the windows are there" {
	policy audio=out
	start xterm
	PULSE_SERVER=unix:/nonexistent attach
	grep -q 'no sound: /nonexistent is no socket' log
}
