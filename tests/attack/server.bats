#!/usr/bin/env bats
# Attack 1: a display server that speaks xpra's protocol and means harm. It is
# the real one with its manners taken away, in a real instance.
# bats file_tags=once
# shellcheck disable=SC2034

bats_require_minimum_version 1.5.0
load ../env.sh
load ../session.sh
load ../border.sh

setup_file()
{
	begin
	start true
	tool composited.c -lxcb
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
	rm -rf "$SHARE"/{rounds,hello,answer,unmarked,challenge,only} typed Downloads \
	    /tmp/lxg-evil*
	start xterm -geometry 50x8+50+450
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

# besiege KIND: lets it send that for a while. A client that gave up, and said
# why, is as good as one that held out.
besiege()
{
	rm -f "$SHARE/rounds"
	echo "$1" > "$SHARE/only"
	attach
	wait_until 60 rounds_or_over
}

rounds_or_over() { rounds || ! kill -0 "$client" 2> /dev/null; }

held_out_or_said()
{
	local code=0
	if kill -0 "$client" 2> /dev/null; then
		detach
		[ "$(jq -r .state s2)" = live ]
	else
		wait "$client" || code=$?
		client=''
		cat log
		[ "$code" = 76 ]
	fi
}

@test "nothing is written, nothing is started, the host lives on" {
	for kind in files orders windows draws moves; do
		besiege "$kind"
		wait_until 30 host_lives
		rm -f typed
		run ! evil_files
		# the client, and who looks at the display for it
		[ "$(pgrep -P "$client" | wc -l)" -le 2 ]
		[ -z "$(pgrep -P "$(pgrep -P "$client" -x lxg-client)")" ]
		[ -z "$(ps -o args= -U "$(id -u)" |
		    grep -e '[x]dg-open' -e '[l]p -t')" ]
		held_out_or_said
	done
	grep -q 'packet draw: a move that is out of place' log
	find "$HOME" -xdev -not -path "$XPRA/*" -not -name rounds \
	    -not -name hello -not -name only | sort | diff before - |
	    grep -v -e ' .*/s2$' -e ' .*/log$' -e ' .*/after$' |
	    grep '^[<>]' && return 1
	true
}

@test "windows and titles are bounded, marked and clean" {
	besiege windows
	[ "$(titles | wc -l)" -le 300 ]
	titles > shown
	grep -q evil shown
	[ -z "$(xwininfo -root -tree | grep '"Host"')" ]
	[ -z "$(grep -v -F "[$T] " shown | grep evil)" ]
	run ! grep '.\{260\}' shown
	LC_ALL=C run ! grep -P '[\x00-\x1f\x7f]|\xe2\x80[\xaa-\xae]' shown
}

@test "no window sheds its border, its title bar or its name" {
	policy x11=trusted color=#00ff00
	"$BATS_FILE_TMPDIR/composited" 3>&- & echo $! > composited
	wait_until 10 xprop -root _LXG_COMPOSITED
	: > "$SHARE/unmarked"
	attach
	# what is sent last moves one to the right end
	wait_until 30 eval 'geometries | grep "^1196 "' # and its border
	geometries > all
	[ "$(wc -l < all)" = 6 ]
	wait_until 10 all_bordered
	kill "$(cat composited)"
	while read -r x _ _ _ id; do
		xwininfo -id "$id" > window
		grep -q 'Depth: 24' window
		xprop -id "$id" > properties
		run ! grep -e OPACITY -e STRUT -e BYPASS -e Host properties
		grep -qF "\"[$T] " properties
		[ "$x" = 296 ] || [ "$x" -lt 0 ] || [ "$x" -ge 1000 ] ||
		    framed
	done < all
	policy x11=untrusted color=
}

# what a window manager gives a title bar
framed()
{
	grep -q 'Override Redirect State: no' window
	grep -q '_NET_WM_WINDOW_TYPE_NORMAL' properties
	run ! grep '_MOTIF_WM_HINTS.* = 0x2, 0x0, 0x0' properties
}

@test "neither user, host nor machine are named to the server" {
	: > "$SHARE/unmarked"
	for round in 1 2; do
		attach
		for name in "$(id -un)" "$(getent passwd "$(id -u)" |
		    cut -d : -f 5)" "$(uname -n)" "$(uname -r)" \
		    "$(cat /etc/machine-id)" "$HOME"; do
			[ -z "$name" ] ||
			    run ! grep -F -e "$name" "$SHARE/hello"
		done
		[ "$(wc -l < "$SHARE/hello")" = 1 ]
		rm "$SHARE/hello"
		detach
	done
}

@test "no challenge is answered" {
	: > "$SHARE/challenge"
	run ! attach
	[ -s "$SHARE/hello" ]
	[ ! -e "$SHARE/answer" ]
}

@test "with files=on they come, to the one folder that is for them" {
	policy files=on
	besiege files
	policy files=off
	in_their_folder() { [ -s "Downloads/$T/evil" ]; }
	wait_until 20 in_their_folder
	[ -z "$(evil_files | grep -v "^$HOME/Downloads/$T/[^/]*$")" ]
	[ -z "$(find "Downloads/$T" -name '.*' -type f)" ]
	[ -z "$(find "Downloads/$T" -type f -perm /177)" ]
	[ -z "$(find "Downloads/$T" -name '*
*')" ]
}
