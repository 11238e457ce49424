# Sound of a container on the host: what the policy opens is heard, what it
# doesn't is not, and the host's sound server is reached by no one else.
# bats file_tags=once
# shellcheck disable=SC2016,SC2034,SC2086,SC2154
bats_require_minimum_version 1.5.0

load ../env.sh
load ../session.sh
load ../sound.sh

# A sound server of our own: a speaker, whose monitor is recorded, and a
# microphone. It has no devices of the machine's.
setup_file() {
	begin -b desktop
	policy clipboard=off notifications=off tray=off bell=off
	export PULSE_SERVER=unix:$HOME/pulse.sock
	start_pulse
	make_tone
}

teardown_file() {
	over
	kill "$(cat pulse.pid)" || :
	finish
}

teardown() {
	end_jobs
	over
}

# a file in the share: three seconds, another pitch for each ear
make_tone() {
	sox -n -r 48000 -b 16 -c 2 tone.wav synth 3 sine 1000 sine 600 vol 0.61
	cp tone.wav "$SHARE/tone.wav"
	chmod 666 "$SHARE/tone.wav"
}

# listen: records the speaker into rec, then notes what opens a microphone
listen() {
	parec -d ear.monitor --raw --format=s16le --rate=48000 --channels=2 \
	    > rec 2>/dev/null 3>&- &
	wait_until 10 test -s rec
	pactl subscribe > events 2>/dev/null 3>&- &
	wait_until 10 pactl_seen
}

# a client that comes and goes shows that events are noted by now
pactl_seen() { pactl info > /dev/null && grep -q client events; }
plays() { [ -n "$(pactl list short sink-inputs)" ]; }
quiet() { ! plays; }
microphone_was_opened() { grep -q "'new' on source-output" events; }

# until its sink is there; in the session, as a program of it
play() {
	wait_until 30 sink_is_there
	lxg-xpra join paplay share/tone.wav < s > /dev/null
}

sink_is_there() {
	[ "$(lxg-xpra join -O 5 sh -c 'pactl list short sinks | grep -c \
	    "^[0-9]*.$PULSE_SINK"' < s 5>&1 > /dev/null)" = 1 ]
}

@test "audio=out: heard with both ears, and no microphone is opened" {
	policy audio=out
	start xterm
	listen
	attach
	play
	wait_until 10 heard 1 1000
	wait_until 10 heard 2 600
	run ! microphone_was_opened
	[ ! -e "$XPRA/$(jq -r .session s)/microphone" ]
}

@test "silence costs nothing: the player ends, and comes again" {
	policy audio=out
	start xterm
	listen
	attach
	run ! plays
	play
	wait_until 10 plays
	wait_until 20 quiet
	play
	wait_until 10 plays
}

@test "two sessions: each has its own" {
	policy audio=out
	start xterm
	cp s first
	listen
	attach
	wait_until 30 sink_is_there
	lxg-xpra start xterm < record > s
	play
	run ! plays
	lxg-xpra stop < s > /dev/null
	cp first s
	play
	wait_until 10 plays
}

@test "audio=off: nothing is heard, and there is no way" {
	policy audio=off
	start xterm
	listen
	attach
	lxg-xpra join paplay share/tone.wav < s > /dev/null
	run ! plays
	[ "$(measure 1 rec)" = '0 0 0' ]
	run ! microphone_was_opened
	[ ! -e "$XPRA/$(jq -r .session s)/speaker" ]
}

@test "audio=off wins over a socket that the instance makes" {
	policy audio=off
	start xterm
	folder=/var/lib/lxg/xpra/$(jq -r .session s)
	as_login python3 -c 'import os, socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1] + "/speaker")
s.listen()
if os.fork() == 0:
    os.setsid()
    for fd in 0, 1, 2:
        os.close(fd)
    c, _ = s.accept()
    open(sys.argv[1] + "/came", "w")' "$folder"
	attach
	detach
	[ ! -e "$XPRA/$(jq -r .session s)/came" ]
}

@test "audio=both: recorded only while a program inside records" {
	policy audio=both
	start xterm
	listen
	attach
	wait_until 30 sink_is_there
	run ! microphone_was_opened
	paplay -d mouth tone.wav 3>&- &
	lxg-xpra join timeout 4 parec --raw --format=s16le --rate=48000 \
	    --channels=2 share/recorded < s > /dev/null
	microphone_was_opened
	heard 1 1000 "$SHARE/recorded"
	[ ! -s log ]
}

@test "without a sound server: told when something is played, windows are there" {
	policy audio=out
	start xterm
	PULSE_SERVER=unix:/nonexistent attach
	play
	wait_until 10 grep -q 'no sound: pacat does not reach' log
	shown
}

@test "a sound server that goes away and comes back" {
	policy audio=out
	start xterm
	attach
	play
	kill "$(cat pulse.pid)"
	start_pulse
	wait_until 60 heard_again
}

heard_again() { play && plays; }
