# Read by bats files that hear what a session plays: a sound server of our own,
# with a speaker called ear, whose monitor is recorded, and a microphone; and what
# was recorded, measured. SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2016

# start_pulse: at $PULSE_SERVER
start_pulse() {
	rm -f pulse.sock
	pulseaudio -n --daemonize=no --exit-idle-time=-1 --use-pid-file=no \
	    -L "module-native-protocol-unix socket=$HOME/pulse.sock" \
	    -L 'module-null-sink sink_name=ear rate=48000' \
	    -L 'module-null-sink sink_name=mouth rate=48000' \
	    -L 'module-remap-source master=mouth.monitor source_name=mic' \
	    > pulse.log 2>&1 3>&- &
	echo $! > pulse.pid
	wait_until 20 pactl info > /dev/null
	pactl set-default-sink ear
	pactl set-default-source mic
}

# measure CHANNEL FILE: loudness and pitch of what was recorded, and for how
# many tenths of a second it is silent between its begin and its end
measure() {
	sox -t raw -r 48000 -e signed -b 16 -c 2 "$2" -t raw -r 48000 -c 1 \
	    one.raw remix "$1"
	perl -e 'use strict; use warnings; use List::Util "max";
open my $f, "<:raw", "one.raw" or die;
my @a = unpack "s<*", do { local $/; <$f> };
my @loud = map { (max map { abs } @a[$_ * 480 .. $_ * 480 + 479]) > 1000 }
    0 .. int((@a - 1) / 480) - 1;
my @at = grep { $loud[$_] } 0 .. $#loud;
if (!@at) { print "0 0 0\n"; exit }
my ($begin, $end) = ($at[0], $at[-1] + 1);
my @b = @a[$begin * 480 .. $end * 480 - 1];
my $crossed = grep { $b[$_ - 1] < 0 && $b[$_] >= 0 } 1 .. $#b;
my $gaps = $end - $begin - @at;
print max(map { abs } @b), " ", int($crossed * 100 / @at), " $gaps\n"'
}

# heard CHANNEL HERTZ [FILE]: at that pitch, for more than two of its seconds
heard() {
	read -r loud hertz gaps <<< "$(measure "$1" "${3-rec}")"
	[ "$loud" -gt 5000 ] && [ "$hertz" -gt $(($2 - 50)) ] &&
	    [ "$hertz" -lt $(($2 + 50)) ] && [ "$gaps" -lt 30 ]
}
