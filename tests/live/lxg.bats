#!/usr/bin/env bats
# The verbs on a real engine, as their users have them: one instance goes
# through all of its life. SPDX-License-Identifier: ISC
# shellcheck disable=SC1003,SC2016,SC2103,SC2143,SC2154 # quotes; of env.sh
bats_require_minimum_version 1.5.0

load ../env.sh
load ../session.sh

setup_file()
{
	drop_instance "$T"
	drop_instance "$T-b"
	rm -rf .local work
	mkdir -p work
	printf '#cloud-config\nwrite_files:\n- path: /root/config\n' > a.yaml
	printf '  content: one\nruncmd: [[touch, /root/run]]\n' >> a.yaml
	printf '#!/bin/sh\necho "two $(id -u)" > /root/script\n' > 'b it'"'"'s.sh'
	printf '#cloud-boothook\n#!/bin/sh\ntouch /root/hook\n' > c.hook
	lxg create "$T" a.yaml 'b it'"'"'s.sh' c.hook
	lxg-instance get "$T" > record
	host_display "$HOME"
}

teardown_file()
{
	stop_display
	drop_instance "$T"
	drop_instance "$T-b"
}

setup()
{
	cd "$HOME" || return
	rm -rf work/* s
	client=''
}

teardown()
{
	end_jobs
	lxg-instance get "$T" 2>/dev/null | lxg-xpra list | lxg-xpra stop \
	    > /dev/null || :
	if [ -n "$(lxg-acl list | jq -r 'select(.mode)')" ]; then
		lxg unmap "$T"
	fi
}

# attach_it COMMAND...: by the glue, until a window is there
attach_it()
{
	lxg attach "$@" > work/out 2> work/err 3>&- &
	client=$!
	wait_until 30 shown || { cat work/err >&2; return 1; }
}

# interrupt SIGNAL: it comes to the one process that attach is, which ends with
# a status
interrupt()
{
	kill -s "$1" "$client"
	status=0
	wait "$client" || status=$?
	client=''
}

listed() { lxg list | grep -qE "^$T .* $1 +[0-9]+s +xterm$"; }
sessions() { lxg-instance get "$T" | lxg-xpra list | jq -r '.session // empty'; }
lent() { lxg-instance get "$T" | lxg-map list | grep -c . || :; }
mapped() { [ "$(lxg-instance get "$T" | lxg-map list | grep -c device)" = "$1" ]; }
acls() { getfacl -n -- work/* 2>/dev/null; stat -c '%n %a %u %g %y' -- work/*; }

@test "create: cloud-init ran each of the user-data files" {
	[ "$(inside cat /root/config)" = one ]
	inside test -e /root/run
	[ "$(inside cat /root/script)" = 'two 0' ]
	inside test -e /root/hook
}

@test "create again: it is there already, and stays what it is" {
	run lxg create "$T" a.yaml 'b it'"'"'s.sh' c.hook
	[ "$status" = 0 ]
	[ -z "$output" ]
	[ "$(lxg-instance get "$T" | jq -r .uuid)" = "$(jq -r .uuid record)" ]
	[ "$(lxg-instance get "$T" | lxg-mount list | wc -l)" = 3 ]
}

@test "create: other user-data or another base is 73, and opens nothing" {
	engine_api GET "/1.0/profiles/$T" > work/before
	run -73 lxg create "$T" a.yaml
	[[ "$output" == *'differing: key cloud-init.user-data' ]]
	run -73 lxg create -b desktop "$T" a.yaml 'b it'"'"'s.sh' c.hook
	[[ "$output" == *'lxg set'*'-f overwrites'*'key user.lxg.clipboard'* ]]
	engine_api GET "/1.0/profiles/$T" | cmp - work/before
	lxg create -f -b desktop "$T" a.yaml 'b it'"'"'s.sh' c.hook
	engine_api GET "/1.0/profiles/$T" |
	    jq -e '.config["user.lxg.clipboard"] == "both"'
	lxg create -f "$T" a.yaml 'b it'"'"'s.sh' c.hook
	engine_api GET "/1.0/profiles/$T" | cmp - work/before
	[ "$(lxg-instance get "$T" | jq -r .uuid)" = "$(jq -r .uuid record)" ]
}

@test "create: an error in a file is named by its line, and nothing is made" {
	printf '#cloud-config\nx: [\ny: 1\n' > work/bad.yaml
	run lxg create "$T-b" a.yaml work/bad.yaml
	[ "$status" = 65 ]
	[[ "$output" == *bad.yaml* && "$output" == *line* ]]
	run lxg-instance get -E "$LXG_ENGINE" "$T-b"
	[ "$status" = 1 ]
	run engine_api GET "/1.0/profiles/$T-b"
	[ "$status" != 0 ]
}

@test "create: no such image is 1, and no profile stays" {
	run lxg create -i nosuchimage "$T-b"
	[ "$status" = 1 ]
	run engine_api GET "/1.0/profiles/$T-b"
	[ "$status" != 0 ]
}

@test "create: a private key is refused before anything happens" {
	ssh-keygen -q -t ed25519 -N '' -f work/key
	run -65 lxg create -i nosuchimage -K work/key "$T-b"
	[[ "$output" == *'private key'* ]]
	[[ "$output" != *nosuchimage* ]]
	run -1 engine_api GET "/1.0/profiles/$T-b"
}

@test "create: what fails leaves a profile that was there before" {
	lxg-profile put "$T-b" > /dev/null
	run -1 lxg create -i nosuchimage "$T-b"
	engine_api GET "/1.0/profiles/$T-b" > /dev/null
	lxg-profile del "$T-b" > /dev/null
}

@test "create: an interrupt takes back what it made" {
	setsid lxg create "$T-b" > work/out 2>&1 3>&- &
	pid=$!
	wait_until 30 engine_api GET "/1.0/instances/$T-b" > /dev/null 2>&1
	kill -TERM -- "-$pid"
	status=0
	wait "$pid" || status=$?
	[ "$status" = 143 ]
	for what in instances profiles; do
		run engine_api GET "/1.0/$what/$T-b"
		[ "$status" != 0 ]
	done
	[ ! -e ".local/share/lxg/$LXG_ENGINE/default/$T-b" ]
}

@test "attach: a program without a window, its output byte for byte" {
	set -- 'a b' "it's" '"' '$HOME' '`id`' 'new
line' 'grün' '' '-x' '\' '*' ' '
	lxg attach "$T" printf '%s\0' "$@" > work/out
	printf '%s\0' "$@" | cmp - work/out
	[ "$(lxg attach "$T" id -u)" = 1000 ]
	[ -z "$(sessions)" ]
}

@test "attach: the program's status, a signal's, and a shell's 126 and 127" {
	run -0 lxg attach "$T" true
	run -3 lxg attach "$T" sh -c 'exit 3'
	run -66 lxg attach "$T" sh -c 'exit 66'
	run -137 lxg attach "$T" sh -c 'kill -9 $$'
	run -127 lxg attach "$T" nosuchprogram
	run -126 lxg attach "$T" /etc/passwd
}

@test "attach: 125 and the number, where lxg itself fails" {
	run -125 lxg attach nosuch id
	[[ "$output" == *'lxg-instance ended with 1' ]]
	run -125 env -u DISPLAY lxg attach "$T" xterm
	[[ "$output" == *DISPLAY* ]]
}

@test "attach: what is typed arrives; detach, re-attach, another program, stop" {
	attach_it "$T" xterm
	wait_until 10 listed attached
	wait_until 10 xdotool search --onlyvisible --class "lxg-$T"
	window=$(xdotool search --onlyvisible --class "lxg-$T" | head -n 1)
	xdotool windowfocus "$window" type 'echo typed > share/typed'
	xdotool key Return
	wait_until 20 grep -qx typed "$SHARE/typed"

	# a second client is refused, and the first goes on
	run -125 lxg attach "$T"
	shown

	# beside it
	[ "$(lxg run "$T" sh -c 'echo $DISPLAY')" = \
	    "$(lxg-xpra list < record | jq -r .display)" ]
	run -7 lxg run "$T" sh -c 'exit 7'

	# a signal ends the waiting for it, and not the program
	lxg run "$T" sleep 1000 3>&- &
	wait_until 10 inside pgrep -fx 'sleep 1000'
	kill $!
	status=0
	wait $! || status=$?
	[ "$status" = 143 ]
	inside pkill -fx 'sleep 1000'

	interrupt INT
	[ "$status" = 0 ]
	listed live
	run -1 lxg run "$T" true

	attach_it "$T"
	interrupt TERM
	[ "$status" = 0 ]
	listed live

	attach_it "$T"
	lxg stop -s "$(sessions)" "$T"
	wait "$client" || :
	client=''
	[ -z "$(sessions)" ]
	run -1 lxg attach "$T"
	rm "$SHARE/typed"
}

# bats test_tags=once
@test "attach: a terminal that is closed detaches it" {
	tool ../terminal.c
	mkfifo work/close
	"$BATS_FILE_TMPDIR/terminal" close lxg attach "$T" xterm \
	    < work/close > work/status 3>&- &
	client=$!
	exec 9> work/close
	wait_until 30 shown
	echo >&9
	exec 9>&-
	wait "$client"
	client=''
	[ "$(cat work/status)" = 0 ]
	listed live
}

# bats test_tags=once
@test "attach: several sessions, and which is meant" {
	lxg-xpra start sleep 900 < record > work/one
	lxg-xpra start sleep 901 < record > work/two
	run -1 lxg attach "$T"
	[[ "$output" == *'sleep 900'* && "$output" == *'sleep 901'* ]]
	[ "$(lxg list | grep -c "^$T .*sleep 90")" = 2 ]
	lxg stop -s "$(jq -r .session work/one)" "$T"
	[ "$(sessions)" = "$(jq -r .session work/two)" ]
	run -1 lxg stop -s "$(jq -r .session work/one)" "$T"
	lxg-xpra stop < work/two > /dev/null
}

prompt() { tmux -L "$T" capture-pane -p 2>/dev/null | grep -q 'debian@.*\$'; }
is_over() { [ "$(lxg-xpra list < record | jq -r .state)" = ended ]; }
is_live() { [ "$(lxg-xpra list < record | jq -r .state)" = live ]; }

@test "shell: the login user's, on a terminal" {
	run -64 lxg shell "$T" < /dev/null
	tmux -L "$T" -f /dev/null new-session -d -x 120 -y 24 \
	    "lxg shell $T 2> work/err; echo over > work/over" 3>&-
	wait_until 60 prompt || { cat work/err >&2; return 1; }
	tmux -L "$T" send-keys 'id -un > ~/share/who; exit' Enter
	wait_until 60 test -e work/over
	tmux -L "$T" kill-server || :
	[ "$(cat "$SHARE/who")" = debian ]
	rm "$SHARE/who"
}

@test "info, control and logs: of a session, by its own display server" {
	lxg-xpra start sh -c 'echo hello; exec sleep 900' < record > work/one
	wait_until 60 is_live
	lxg control "$T" name lxg-here
	lxg info "$T" > work/info
	grep -q '=lxg-here$' work/info
	run ! lxg control "$T" nosuch
	lxg logs "$T" > work/logs
	grep -q '^== .*: cloud-init' work/logs
	grep -q '^== .*: display server' work/logs
	grep -A 1 '^== .*: program' work/logs | grep -qx hello
	lxg-xpra stop < work/one > /dev/null
}

# bats test_tags=once
@test "doctor, logs: a program that dies at once, and a display server" {
	run -7 lxg attach "$T" sh -c 'printf "first\n\033[2Jno display\n" >&2; exit 7'
	run lxg doctor "$T"
	grep -A 3 -F "note     $T: sh -c" <<< "$output" > work/said
	grep -q 'ended with status 7 and showed no window$' work/said
	diff <(sed 1d work/said) - <<-END
	         | first
	         | ?[2Jno display
	         lxg logs $T
	END
	lxg doctor -j "$T" > work/said || [ $? = 1 ]
	jq -es --arg r "lxg logs $T" 'any(.[]; .remedy == $r and
	    .said == ["first", "?[2Jno display"])' work/said > /dev/null
	lxg logs "$T" > work/said
	grep -A 1 '^== .*: a program that showed no window, sh -c' work/said |
	    grep -qx first
	# from a menu nobody sees what it printed
	printf '#!/bin/sh\nfor last; do :; done\necho "$last" > work/told\n' \
	    > work/notify-send
	chmod 755 work/notify-send
	run -3 env PATH="$PWD/work:$PATH" lxg -g attach "$T" \
	    sh -c 'echo no display >&2; exit 3'
	grep -q "$T: .* ended with status 3 and showed no window: no display\$" \
	    work/told
	run -127 env PATH="$PWD/work:$PATH" lxg -g attach "$T" nosuchprogram
	grep -q "$T: nosuchprogram: no such program in the instance\$" work/told
	# the last one counts
	lxg attach "$T" true
	run lxg doctor "$T"
	[[ $output != *'showed no window'* ]]
	# a display server: what it said is kept
	lxg-xpra start sleep 900 < record > work/one
	id=$(jq -r .session work/one)
	wait_until 60 is_live
	inside pkill -KILL -f 'Xvfb -displayfd'
	wait_until 60 is_over
	run lxg doctor "$T"
	grep -A 9 -F "note     $T: session $id: its display server died" \
	    <<< "$output" > work/said
	grep -q '^         | Xvfb ended with status 137$' work/said
	grep -q "^         lxg logs -s $id $T; " work/said
	lxg logs -s "$id" "$T" | grep -qx 'Xvfb ended with status 137'
	lxg-xpra stop < work/one > /dev/null
}

@test "map: shows where, stays until Enter, then all is as before" {
	umask 077
	echo text > work/report.odt
	echo text > 'work/-it'"'"'s new
line'
	setfacl -m u:1:r work/report.odt
	acls > before
	mkfifo work/fifo
	cd work
	lxg map "$T" report.odt '-it'"'"'s new
line' < fifo > ../shown 3>&- &
	map=$!
	exec 7> fifo
	wait_until 20 mapped 2
	wait_until 20 grep -q "report.odt	/home/debian/lent/report.odt$" ../shown
	[ "$(inside runuser -u debian cat /home/debian/lent/report.odt)" = text ]
	echo >&7
	wait "$map"
	exec 7>&-
	rm fifo
	cd ..
	acls | diff before -
	mapped 0
}

@test "map: unmap from elsewhere is noticed" {
	echo text > work/report.odt
	mkfifo work/fifo
	lxg map -r "$T" work/report.odt < work/fifo > /dev/null 2> work/err 3>&- &
	map=$!
	exec 7> work/fifo
	wait_until 20 mapped 1
	lxg unmap "$T" work/report.odt
	wait "$map"
	exec 7>&-
	grep -q 'taken back by somebody else' work/err
}

# bats test_tags=once
@test "map: a signal ends it, and nothing stays" {
	echo text > work/report.odt
	acls > before
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	for signal in INT TERM HUP; do
		# env: what bats runs in the background ignores INT
		setsid env --default-signal=INT lxg map "$T" work/report.odt \
		    < "$BATS_TEST_TMPDIR/fifo" > work.out 2>&1 3>&- &
		map=$!
		exec 7> "$BATS_TEST_TMPDIR/fifo"
		wait_until 20 mapped 1
		wait_until 20 grep -q Enter work.out
		sleep 0.3 # it asks before it reads
		kill "-$signal" -- "-$map"
		wait "$map"
		exec 7>&-
		mapped 0
		acls | diff before -
	done
}

@test "map: what fails leaves neither grant nor device" {
	echo text > work/report.odt
	acls > before
	run -1 lxg map "$T" work/report.odt work/nosuch < /dev/null
	# the share is no place to lend from
	echo x > "$SHARE/x"
	run -77 lxg map "$T" work/report.odt "$SHARE/x" < /dev/null
	rm "$SHARE/x"
	mapped 0
	acls | diff before -
	[ -z "$(lxg-acl list | jq -r 'select(.mode).source')" ]
}

@test "map: a file of several names, where that is meant" {
	echo text > work/report.odt
	ln work/report.odt work/other
	acls > before
	run -65 lxg map "$T" work/report.odt < /dev/null
	[[ "$output" == *'2 names'*'-f if that is meant' ]]
	lxg map -f "$T" work/report.odt < /dev/null > work.out
	grep -q 'report.odt	/home' work.out
	mapped 0
	acls | diff before -
}

@test "unmap: what is not lent is told, with what is, and the rest is taken" {
	echo a > work/a
	echo b > work/b
	lxg-instance get "$T" | lxg-map plan work/a work/b | lxg-acl grant |
	    lxg-map add > /dev/null
	run -1 lxg unmap "$T" work/typo
	[ "${lines[0]}" = "lxg unmap: $T: work/typo: is not lent" ]
	[[ "$output" = *"lent is $PWD/work/a"* ]]
	mapped 2
	run -1 lxg unmap "$T" work/typo work/a
	mapped 1
	lxg unmap "$T" work/b
	run -1 lxg unmap "$T" work/b
	mapped 0
}

@test "names that are nowhere are told by each verb" {
	local verb
	for verb in "delete $T-none" "stop $T-none" "unmap $T-none" \
	    "explain $T-none" "set $T-none bell=on" "adopt $T-none"; do
		# shellcheck disable=SC2086
		run -1 lxg $verb
		[ -n "$output" ]
	done
	run -1 lxg delete "$T-none"
	[[ "$output" = *"no such instance; there are:"*" $T"* ]]
	# a profile is not nothing
	lxg-profile put -b strict "$T-none" > /dev/null
	run -0 --separate-stderr lxg delete "$T-none"
	[ -z "$stderr" ]
	run -1 lxg recover "$T-none"
	# and so is a project
	for verb in "delete $T" "create $T-b" "stop $T" "unmap $T" \
	    "explain $T" "list" "set $T bell=on" "map $T a.yaml"; do
		# shellcheck disable=SC2086
		run -1 lxg -p nosuch $verb
		[[ "$output" = *'no project nosuch'* ]]
	done
	run -125 lxg -p nosuch attach "$T" true
	[[ "$output" = *'no project nosuch'* ]]
	run -1 lxg -p nosuch doctor
	[[ "$output" = *'problem  '*'no project nosuch'* ]]
}

# bats test_tags=once
@test "map asks on the terminal where there is no display" {
	echo text > work/report.odt
	printf '%s\nwork/report.odt\n\n\n' "$T" |
	    env -u DISPLAY lxg map > work/shown
	grep -q 'report.odt	/home' work/shown
	mapped 0
	run -1 env -u DISPLAY lxg map "$T" < /dev/null
}

# bats test_tags=once
@test "map on the terminal: what a session may have open is kept by default" {
	echo text > work/report.odt
	lxg-xpra start sleep 900 < record > /dev/null
	lxg map "$T" work/report.odt <<< '' > work.out 2>&1
	grep -q "A program runs in $T" work.out
	grep -q "still lent; lxg unmap $T" work.out
	mapped 1
	lxg map "$T" work/report.odt <<< $'\ny' > /dev/null 2>&1
	mapped 0
}

# the windows of lxg map that are there, and the one that is not W
questions() { xdotool search --onlyvisible --name '^lxg map' 2>/dev/null; }
another()
{
	questions | grep -vxF -e "$W" > work.window && W=$(cat work.window)
}

# answered KEYS: is window W no more? If it is, it gets these keys
answered()
{
	questions | grep -qxF -e "$W" || return 0
	# shellcheck disable=SC2086 # words
	xdotool windowfocus "$W" key $1 || :
	return 1
}

# bats test_tags=once
@test "map -g on a display: what a session may have open is kept by Enter" {
	echo text > work/report.odt
	lxg-xpra start sleep 900 < record > /dev/null
	NO_AT_BRIDGE=1 lxg map -g "$T" work/report.odt > work.out 2>&1 3>&- &
	client=$!
	# that others may read it; the list; the question; the list again
	W=none
	for key in Return 'Down Return' Return Escape; do
		wait_until 30 another
		wait_until 20 answered "$key"
	done
	wait "$client"
	client=''
	grep -q "still lent; lxg unmap $T" work.out
	mapped 1
}

@test "unmap -x restarts the instance, and what was lent comes back" {
	echo text > work/report.odt
	lxg-map plan work/report.odt < record | lxg-acl grant | lxg-map add > work/d
	before=$(inside cat /proc/sys/kernel/random/uuid; inside stat -c %Y /proc/1)
	lxg unmap -x "$T"
	mapped 0
	[ "$(inside stat -c %Y /proc/1)" != "${before##*
}" ]
	# what does not run holds nothing
	lxg-instance stop -f "$T" > /dev/null
	lxg unmap -x "$T"
	[ "$(lxg-instance get "$T" | jq -r .status)" = Stopped ]
	lxg-instance start "$T" > /dev/null
}

@test "set and explain: what is open, and what it exposes" {
	lxg explain "$T" > work/closed
	grep -q '^closed: clipboard audio' work/closed
	run ! grep -q '^clipboard' work/closed
	lxg set "$T" clipboard=both audio=out
	lxg explain "$T" > work/open
	grep -q '^clipboard  *both ' work/open
	grep -q '^audio  *out ' work/open
	lxg set "$T" clipboard= audio=
	lxg explain "$T" | diff work/closed -
	run -78 lxg set "$T" clipboard=on
	run -78 lxg set "$T" nosuchkey=on
	lxg explain "$T" | diff work/closed -
	# set behind lxg's back
	engine_api PATCH "/1.0/instances/$T" \
	    '{"config": {"user.lxg.clipboard": "ON"}}' > /dev/null
	run -78 lxg explain "$T"
	lxg set "$T" clipboard=
}

# bats test_tags=once
@test "keys that open nothing any more: told, and the rest works" {
	lxg set "$T" webcam=on 2> work/said
	grep -q 'webcam: has no effect any more' work/said
	lxg explain "$T" > work/gone
	lxg explain "$T" | diff work/gone -
	run ! grep webcam work/gone
	lxg set "$T" webcam= 2> work/said
	run lxg-profile show -k user.lxg.opengl=on -k user.lxg.mmap=off x
	[[ $output == *"user.lxg.opengl: has no effect any more"* ]]
	[[ $output == *"user.lxg.mmap: has no effect any more"* ]]
	[ "$(lxg-profile show -k user.lxg.opengl=on x 2> /dev/null |
	    jq -r '.config | keys[]' | grep -c opengl)" = 0 ]
}

# bats test_tags=once
@test "doctor: is there a display, and can it hold a client back?" {
	host_display "$HOME"
	lxg doctor "$T" > work/said || :
	grep -q "^ok  *DISPLAY $DISPLAY, 1280x800 at 96 dpi, keyboard us" \
	    work/said
	run ! grep SECURITY work/said
	: > work/none
	run -1 env DISPLAY=:9999 lxg doctor "$T"
	[[ $output == *"problem  DISPLAY is :9999: is the X server running"* ]]
	run -1 env XAUTHORITY="$PWD/work/none" DISPLAY=:9998 lxg doctor
	stop_display
	Xvfb :$((600 + $$ % 99)) -displayfd 4 -extension SECURITY -nolisten tcp \
	    4> work/display 3>&- > /dev/null 2>&1 &
	weak=$!
	wait_until 20 test -s work/display
	run -1 env DISPLAY=":$(cat work/display)" lxg doctor "$T"
	kill "$weak"
	[[ $output == *"note     this X server has no SECURITY"* ]]
	[[ $output == *"problem  $T: its policy has x11=untrusted"* ]]
}

@test "doctor: fine, and what is wrong" {
	run lxg doctor "$T"
	[[ "$output" == *"ok       $T: Running, user debian"* ]]
	# others may have made instances whose ids overlap
	[ -z "$(grep ^problem <<< "$output" | grep -v ' in common$')" ]
	run -1 lxg doctor nosuch
	touch "$SHARE/su"
	chmod 4755 "$SHARE/su"
	run -1 lxg doctor
	[[ "$output" == *'set-user-ID'* ]]
	rm -f "$SHARE/su"
}

# found FILE RESULT TEXT REMEDY: such a record is there
found()
{
	jq -es --arg result "$2" --arg text "$3" --arg remedy "$4" 'any(.[];
	    .result == $result and (.text | contains($text)) and
	    ((.remedy // "") | startswith($remedy)))' "$1" > /dev/null ||
	    { cat "$1"; return 1; }
}

@test "doctor: what can be wrong in an instance, with the way out, as records" {
	echo mine > "$SHARE/closed"
	chmod 600 "$SHARE/closed"
	# it was started before, and start doesn't wait for it
	wait_until 60 exec_in "$T" 0 0 sh -c 'cd /var/lib/cloud/data
	    [ -e result.json ] || mv kept result.json' 2> /dev/null
	exec_in "$T" 0 0 sh -c 'cd /var/lib/cloud/data; mv result.json kept
	    echo "{\"v1\": {\"errors\": [\"no\", \"no\"]}}" > result.json'
	run -1 lxg doctor -j "$T"
	echo "$output" > work/said
	found work/said note "$T: 1 of its share closed to the other side" \
	    "lxg share $T"
	found work/said problem "$T: cloud-init failed, errors: 2" "lxg logs $T"
	lxg share "$T"
	exec_in "$T" 0 0 rm /var/lib/cloud/data/result.json
	lxg doctor "$T" > work/said || [ $? = 1 ]
	grep -A 1 "^note     $T: cloud-init is still at work" work/said |
	    grep "^         lxg logs $T"
	run ! grep -E 'closed to the other|no address' work/said
	exec_in "$T" 0 0 sh -c \
	    "cd /var/lib/cloud/data; mv kept result.json"
	rm "$SHARE/closed"
	engine_api PUT "/1.0/instances/$T/state" '{"action": "freeze"}'
	run -1 lxg doctor -j "$T"
	echo "$output" > work/said
	found work/said problem "$T: it is frozen" "lxg-instance start $T"
	lxg-instance start "$T"
	[ "$(lxg-instance get "$T" | jq -r .status)" = Running ]
}

@test "list: plain columns, of instances with and without a session" {
	lxg list | awk -v t="$T" -v e="$LXG_ENGINE" \
	    '$1 == t && $2 == e && $3 == "Running" && $4 == "-" { n++ }
	    END { exit n != 1 }'
	script -qec 'lxg list' /dev/null | grep -q ^INSTANCE
}

@test "stop: the sessions, then the instance; twice" {
	lxg-xpra start sleep 900 < record > work/one
	lxg stop "$T"
	[ "$(lxg-instance get "$T" | jq -r .status)" = Stopped ]
	[ -z "$(sessions)" ]
	lxg stop "$T"
	# and attach starts it
	[ "$(lxg attach "$T" echo up)" = up ]
}

@test "delete: refuses while the share holds files, and nothing is lost" {
	echo mine > "$SHARE/file"
	run -1 lxg delete "$T"
	[[ "$output" == *"$SHARE"* && "$output" == *-f* ]]
	[ "$(cat "$SHARE/file")" = mine ]
	[ "$(lxg-instance get "$T" | lxg-mount list | wc -l)" = 3 ]
	rm "$SHARE/file"
}

@test "delete -f: what only root inside may remove, and no link is followed" {
	mkdir -p work/keep
	echo mine > work/keep/file
	inside runuser -u debian -- sh -c 'cd ~/share && mkdir -m 700 shut && echo x > shut/x &&
	    ln -s / root && mkfifo fifo'
	ln -s "$HOME/work/keep" "$SHARE/link"
	echo text > work/report.odt
	acls > before
	lxg-map plan work/report.odt < record | lxg-acl grant | lxg-map add \
	    > /dev/null
	lxg-map plan -c work/keep/file < record | lxg-acl grant | lxg-map add \
	    > /dev/null
	lxg-xpra start sleep 900 < record > /dev/null
	lxg delete -f "$T"

	# no instance, profile, folder, ACL, grant, unit or process
	run -1 lxg-instance get "$T"
	run engine_api GET "/1.0/profiles/$T"
	[ "$status" != 0 ]
	[ ! -e "${SHARE%/share}" ]
	[ -z "$(lxg-acl list)" ]
	acls | diff before -
	[ "$(cat work/keep/file)" = mine ]
	run ! grep -ls "lxc.payload.$T\(/\|\$\)" /proc/[0-9]*/cgroup
	[ -z "$(find "$XDG_RUNTIME_DIR/lxg" -name "$T" 2>/dev/null)" ]
	# what is gone and left nothing is told
	run -1 lxg delete "$T"
	[[ "$output" == "lxg delete: $T: no such instance"* ]]
	rm -r work/keep
}
