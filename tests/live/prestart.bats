#!/usr/bin/env bats
# user.lxg.prestart: a display server that stands by from the instance's boot on.
# bats file_tags=once
# shellcheck disable=SC2016,SC2154 # for a shell inside; of session.sh

bats_require_minimum_version 1.5.0
load ../env.sh
load ../session.sh

setup_file()
{
	begin
	policy prestart=on
}

teardown_file()
{
	finish
}

teardown()
{
	over || :
}

stands_by() { grep -q 'xpra is ready' "$XPRA/standby/log" 2>/dev/null; }
display_of() { cat "$XPRA/$1/display"; }
session() { jq -r .session s; }

@test "it is there from the boot on, and is no session" {
	start true
	lxg-xpra attach < s > /dev/null
	[ "$(inside systemctl is-enabled lxg-standby.service)" = enabled ]
	lxg-instance stop "$T" > /dev/null
	lxg-instance start "$T" > record
	wait_until 60 stands_by
	[ -z "$(lxg-xpra list < record)" ]
}

@test "a program gets it, with all that a session has, and another follows" {
	wait_until 60 stands_by
	display=:$(display_of standby)
	start sh -c 'echo "$DISPLAY"; xterm; exit 3'
	[ ! -e "$XPRA/standby" ]
	lxg-xpra list < record > listed
	jq -e --arg display "$display" '.display == $display and
	    .command[0] == "sh" and now - .since < 60' listed
	lxg-xpra attach -O 5 < s 5> out > s2 3>&- &
	client=$!
	wait_until 30 shown
	[ "$(lxg-xpra join -O 5 sh -c 'echo "$DISPLAY"' < s 5>&1 > /dev/null)" = "$display" ]
	lxg-xpra join pkill -x xterm < s > /dev/null
	wait "$client"
	[ "$(cat out)" = "$display" ]
	[ "$(jq .exit_status s2)" = 3 ]
	[ ! -e "$XPRA/$(session)" ]
	wait_until 60 stands_by
}

@test "a program gets it without another process inside" {
	wait_until 60 stands_by
	python=$(inside readlink -f /usr/bin/python3)
	inside chmod a-x "$python"
	run start sleep 1000
	inside chmod a+x "$python"
	[ "$status" = 0 ]
	lxg-xpra list < record | jq -e '.state == "live"'
}

@test "a program that is not there is 127, and it goes on standing by" {
	wait_until 60 stands_by
	former=$(cat "$XPRA/standby/pid")
	run -127 --separate-stderr lxg-xpra start nonesuch < record
	[ -z "$output" ]
	[[ $stderr = *"nonesuch: no such program"* ]]
	[ "$(cat "$XPRA/standby/pid")" = "$former" ]
	[ -z "$(lxg-xpra list < record)" ]
}

# pretend ANSWER: what stands by says that to everyone, and no more
pretend()
{
	inside systemctl stop lxg-standby
	inside runuser -u "$(jq -r .user record)" -- sh -c 'umask 007; cd "$1" &&
	    mkdir standby && setsid python3 -c "
import socket, sys, time
s = socket.socket(socket.AF_UNIX)
s.bind(\"standby/control\")
s.listen()
while True:
    c, _ = s.accept()
    c.sendall(sys.argv[1].encode())
    if not sys.argv[1]:
        c.close()
" "$2" > /dev/null 2>&1 &' sh /var/lib/lxg/xpra "$1"
	wait_until 10 test -S "$XPRA/standby/control"
}

pretend_no_more()
{
	inside pkill -f standby/control
	inside systemctl start lxg-standby
}

@test "one that says nothing is passed over" {
	wait_until 60 stands_by
	pretend ''
	run start sleep 1000
	pretend_no_more
	[ "$status" = 0 ]
	lxg-xpra list < record | jq -e '.command == ["sleep", "1000"]'
}

@test "one that promises and does nothing: 75, or another way in time" {
	wait_until 60 stands_by
	pretend 'wait
'
	LXG_TIMEOUT=1 run -75 --separate-stderr lxg-xpra start sleep 1000 < record
	[ -z "$output" ]
	[[ $stderr = *"stands by gave no answer"* ]]
	[ -z "$(lxg-xpra list < record)" ]
	run start sleep 1000
	pretend_no_more
	[ "$status" = 0 ]
	[ "$(lxg-xpra list < record | jq -c .command)" = '["sleep","1000"]' ]
}

@test "what it asks is told to no socket that a link leads to" {
	wait_until 60 stands_by
	inside systemctl stop lxg-standby
	mkdir "$XPRA/standby"
	ln -s "$PWD/elsewhere" "$XPRA/standby/control"
	nc -lU elsewhere > told 3>&- &
	wait_until 10 test -S elsewhere
	start sleep 1000
	kill $!
	[ ! -s told ]
	lxg-xpra list < record | jq -e '.command == ["sleep", "1000"]'
}

@test "a start that is interrupted leaves no session, and one that stands by" {
	for delay in 0.015 0.02 0.025 0.03; do
		wait_until 60 stands_by
		status=0
		timeout -s INT "$delay" lxg-xpra start sleep 1000 \
		    < record > s || status=$?
		[ -s s ] || [ "$status" = 124 ]
		[ -s s ] || [ -z "$(lxg-xpra list < record)" ]
		over
	done
	wait_until 60 stands_by
}

@test "two at once: one gets it, the other one of its own" {
	wait_until 60 stands_by
	lxg-xpra start sleep 1000 < record > s1 &
	start sleep 1000
	wait $!
	[ "$(lxg-xpra list < record | jq -r .display | sort -u | wc -l)" = 2 ]
	lxg-xpra stop < s1 > /dev/null
}

# another one than when $former was noted
another_stands_by() { [ "$(cat "$XPRA/standby/pid")" != "$former" ] && stands_by; }

@test "stopped, or killed: another one stands by" {
	wait_until 60 stands_by
	former=$(cat "$XPRA/standby/pid")
	inside sh -c 'kill -9 "$(systemctl show -P MainPID lxg-standby)"'
	wait_until 60 another_stands_by
	start sleep 1000
	[ ! -e "$XPRA/standby" ]
	lxg-xpra stop < s > /dev/null
	[ ! -e "$XPRA/$(session)" ]
	wait_until 60 stands_by
}

@test "made for another policy it is not taken, and made anew" {
	wait_until 60 stands_by
	former=$(cat "$XPRA/standby/pid")
	policy bell=on
	start sleep 1000
	[ -e "$XPRA/$(session)/display" ] ||
	    wait_until 30 test -e "$XPRA/$(session)/display"
	inside grep -q -e --bell=yes /var/lib/lxg/standby/table
	over
	wait_until 60 another_stands_by
	start sleep 1000
	[ ! -e "$XPRA/standby" ]
}

@test "with the switch off there is none, now and at the next boot" {
	wait_until 60 stands_by
	policy prestart=off
	start true
	lxg-xpra attach < s > /dev/null
	wait_until 10 test ! -e "$XPRA/standby"
	run -2 inside ls /etc/systemd/system/lxg-standby.service /var/lib/lxg/standby
	run inside systemctl is-active lxg-standby.service
	[ "$output" != active ]
}

@test "delete takes it along" {
	policy prestart=on
	start true
	lxg-xpra attach < s > /dev/null
	lxg-instance stop "$T" > /dev/null
	lxg-instance start "$T" > record
	wait_until 60 stands_by
	lxg delete "$T"
	[ ! -e ".local/share/lxg/$LXG_ENGINE/default/$T" ]
}
