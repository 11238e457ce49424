#!/usr/bin/env bats
# Attack 1: a display server that speaks xpra's protocol and means harm. It is
# the real one with its manners taken away, in a real instance.

bats_require_minimum_version 1.5.0
load ../env.sh
load ../session.sh

setup_file()
{
	begin
	start true
	put_inside "$BATS_TEST_DIRNAME/hostile-server" .local/bin/xpra
	lxg-xpra attach < s > /dev/null
}

teardown_file()
{
	kill "$(cat pid)" 2> /dev/null || :
	finish
}

setup()
{
	rm -rf "$SHARE/rounds" typed Downloads /tmp/lxg-evil*
	start xterm
	xterm -T 'of the host' -geometry +700+500 3>&- & echo $! > pid
	: > before
	find "$HOME" -xdev -not -path "$XPRA/*" | sort > before
	wait_until 10 xdotool search --name 'of the host'
}

teardown()
{
	over
	kill "$(cat pid)" || :
}

rounds() { [ "$(sed -n '$=' "$SHARE/rounds" 2> /dev/null)" = 6 ]; }
evil_files()
{
	find "$HOME" /tmp -xdev -newer before -name '*evil*' 2> /dev/null |
	    grep -v -e /tests/attack/
}

# the host's own window still gets what is typed into it
host_lives()
{
	xdotool mousemove 750 550
	sleep 0.2
	xdotool type "touch $HOME/typed
"
	[ -e typed ] || { sleep 0.3; [ -e typed ]; }
}

@test "nothing is written, nothing is started, the host lives on" {
	attach
	wait_until 60 rounds
	wait_until 30 host_lives
	run ! evil_files
	find "$HOME" -xdev -not -path "$XPRA/*" -not -name rounds \
	    -not -name typed | sort | diff before - | grep -v -e ' .*/s2$' \
	    -e ' .*/log$' -e ' .*/after$' | grep '^[<>]' && return 1
	# bwrap, its init, and the client: nothing that it was told to start
	[ "$(pgrep -g "$(pgrep -P "$client" bwrap)" | wc -l)" -le 3 ]
	[ -z "$(ps -o args= -U "$(id -u)" | grep -e '[x]dg-open' -e '[l]p -d')" ]
	# a client that gave up is as good as one that held out
	detach
	[ "$(jq -r .state s2)" = live ]
}

@test "windows and titles are bounded, marked and clean" {
	attach
	wait_until 60 rounds
	[ "$(titles | wc -l)" -le 300 ]
	titles > shown
	[ -z "$(xwininfo -root -tree | grep '"Host"')" ]
	[ -z "$(grep -v -F "[$T] " shown | grep evil)" ]
	run ! grep '.\{260\}' shown
	LC_ALL=C run ! grep -P '[\x00-\x1f\x7f]|\xe2\x80[\xaa-\xae]' shown
}

@test "the attempt works where the defence is taken out" {
	attach --weak-sandbox -o --file-transfer=yes
	wait_until 60 rounds
	wait_until 20 evil_files
}
