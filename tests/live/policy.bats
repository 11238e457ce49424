# The policy of an instance, key by key, with the real server and client.
# shellcheck disable=SC2016,SC2034,SC2154
bats_require_minimum_version 1.5.0

load ../env.sh
load ../session.sh
load ../border.sh

setup_file() {
	begin
	export DBUS_SESSION_BUS_ADDRESS=unix:path=$HOME/bus
	rm -f bus notes
	dbus-daemon --session --nofork --nopidfile \
	    --address="$DBUS_SESSION_BUS_ADDRESS" > bus.log 2>&1 3>&- &
	echo $! > bus.pid
	wait_until 10 test -S bus
	"$BATS_TEST_DIRNAME/notifier" notes > notifier.log 2>&1 3>&- &
	wait_until 10 called org.example.Secret
	install -m 755 /usr/bin/xclip "$SHARE/xclip"
	mkdir -p bin
	printf '#!/bin/sh\nprintf "%%s\\n" "$@" >> %s\n' "$HOME/opened" \
	    > bin/xdg-open
	chmod 755 bin/xdg-open
}

setup() {
	PATH=$HOME/bin:$PATH
}

teardown_file() {
	over
	kill "$(cat bus.pid)" || :
	finish
}

teardown() {
	over
	forget_copies
}

# called SERVICE [ADDRESS [METHOD ARGUMENT...]]: does it answer a call?
called() {
	dbus-send --bus="${2-$DBUS_SESSION_BUS_ADDRESS}" --print-reply \
	    --reply-timeout=5000 --dest="$1" /org/freedesktop/Notifications \
	    "${3-org.freedesktop.Notifications.GetServerInformation}" \
	    "${@:4}" > /dev/null 2>&1
}

# the client, as it is in its sandbox
launcher() { pgrep -o -u "$(id -u)" -f "^/usr/bin/python3 -I /run/lxg/client.py.*lxg-$T\""; }
has_option() { tr '\0' '\n' < "/proc/$(launcher)/cmdline" | grep -q -e "\"$1\""; }
sandboxed() { ls -A "/proc/$(launcher)/root/$1"; }

copy() { xclip -selection clipboard 3>&-; }
paste_inside() { as_login timeout 5 share/xclip -o -selection clipboard; }
copy_inside() {
	as_login sh -c 'printf %s "$1" | share/xclip -selection clipboard \
	    > /dev/null 2>&1' sh "$1"
}
pasted() { [ "$(timeout 5 xclip -o -selection clipboard)" = "$1" ]; }
pasted_inside() { [ "$(paste_inside)" = "$1" ]; }

notify() {
	as_login busctl --user call org.freedesktop.Notifications \
	    /org/freedesktop/Notifications org.freedesktop.Notifications \
	    Notify 'susssasa{sv}i' app 0 icon "$1" "$2" 0 1 desktop-entry s \
	    firefox 5000
}
noted() { grep -q '^\["Notify"' notes; }

@test "strict: every channel is off, and the sandbox holds no way to one" {
	start xterm
	attach
	for option in clipboard=no speaker=disabled microphone=disabled \
	    notifications=no bell=no system-tray=no printing=no \
	    file-transfer=no open-url=no webcam=no opengl=no mmap=no; do
		has_option "--$option"
	done
	[ "$(sandboxed run/lxg | LC_ALL=C sort | paste -sd ' ')" = \
	    'client.py cookie relay' ]
	run ! notify title body
}

@test "clipboard=in: what is copied here can be pasted inside" {
	policy x11=trusted clipboard=in
	start xterm
	attach
	copy <<< 'of the host'
	wait_until 20 pasted_inside 'of the host'
	copy_inside 'of the container'
	pasted 'of the host'
}

@test "clipboard=out: what is copied inside can be pasted here" {
	policy clipboard=out
	start xterm
	attach
	copy <<< 'of the host'
	run paste_inside
	[[ $output != *host* ]]
	copy_inside 'of the container'
	wait_until 20 pasted 'of the container'
}

@test "clipboard=both: either way" {
	policy clipboard=both
	start xterm
	attach
	copy <<< 'of the host'
	wait_until 20 pasted_inside 'of the host'
	copy_inside 'of the container'
	wait_until 20 pasted 'of the container'
	policy clipboard=off
}

@test "notifications=on: under the container's name, as text, and no other service" {
	policy notifications=on
	rm -f notes
	start xterm
	attach
	wait_until 20 notify 'Update <b>now</b>' \
	    'see <a href="http://x/">this</a> & <img src="file:///etc/hosts"/>'
	wait_until 10 noted
	run jq -r 'select(.[0] == "Notify") | .[1, 3, 4, 5], (.[7] | keys[])' notes
	[ "${lines[0]}" = 'lxg (via Xpra)' ] || [ "${lines[0]}" = lxg ]
	[ "${lines[1]}" = "[$T] Update now" ]
	[ "${lines[2]}" = 'see this &amp; ' ]
	# the filter lets its one service through
	filter=unix:path=$(dirname "$(ls "$XDG_RUNTIME_DIR"/lxg/*/*/*/*/relay)")/bus
	called org.freedesktop.Notifications "$filter"
	run ! called org.example.Secret "$filter"
	run ! called org.freedesktop.DBus "$filter" \
	    org.freedesktop.DBus.RequestName string:org.example.Mine uint32:0
	policy notifications=off
}

@test "urls=on: web addresses are opened here, and nothing else is" {
	policy urls=on
	start xterm
	for sandbox in '' --weak-sandbox; do
		rm -f opened
		# shellcheck disable=SC2086 # or none
		attach $sandbox
		lxg-xpra join xdg-open 'https://e.org/a_(b)?c=1&d=%20#e' < s \
		    > joined
		wait_until 10 test -s opened
		for address in file:///etc/passwd 'https://e.org/$(id)' \
		    'https://e.org/ --x' javascript:1 "https://e.org/'"; do
			as_login xpra control "socket://$(inside_socket)" \
			    open-url "$address"
		done
		lxg-xpra join xdg-open https://e.org/last < s > joined
		wait_until 10 grep -q last opened
		[ "$(cat opened)" = 'https://e.org/a_(b)?c=1&d=%20#e
https://e.org/last' ]
		detach
	done
	policy urls=off
}

@test "files=on: what is sent lands in a folder of the instance's own" {
	policy files=on
	start xterm
	attach
	as_login sh -c 'mkdir -p send; echo sent > send/report.txt
	    xpra control "socket://$1" send-file "$PWD/send/report.txt"' sh \
	    "$(inside_socket)"
	wait_until 20 test -s "Downloads/$T/report.txt"
	[ "$(stat -c %a Downloads/"$T")" = 700 ]
	policy files=off
}

inside_socket() { printf '/var/lib/lxg/xpra/%s.sock' "$(jq -r .session s)"; }

@test "the other switches, all of them on: the client takes them" {
	set -- bell tray printing webcam opengl mmap
	policy "${@/%/=on}"
	start xterm
	attach
	for option in bell system-tray printing webcam opengl mmap; do
		has_option "--$option=yes"
	done
	policy "${@/%/=off}"
}

@test "color and title: what the window looks like" {
	policy color=#00ff00 'title=mine: @title@'
	start xterm -T yours -e sleep 1000
	attach
	wait_until 10 shown 'mine: yours'
	wait_until 10 all_bordered
	run -78 policy color=red
	run -78 policy $'title=a\eb'
	policy color= title=
	[ "$(lxg-instance get "$T" | wc -l)" = 1 ]
}

@test "color: a popup has the border, too" {
	policy color=#00ff00
	put_inside "$BATS_TEST_DIRNAME/popup" popup
	start ./popup
	attach
	wait_until 10 popped_up
	wait_until 10 all_bordered
	policy color=
}

popped_up() { geometries | grep '^300 250 200 100 '; }

# ringing BELL: a session with a program that rings, as policy has it
ringing()
{
	policy "bell=$1"
	start xterm -e sh -c 'while printf "\a"; do
		echo >> share/rung; sleep 0.3; done'
	attach
	: > "$SHARE/rung"
}

rung() { [ "$(wc -l < "$SHARE/rung")" -ge 5 ]; }

@test "bell: a program rings it here with on, and not with off" {
	policy x11=trusted
	rm -f bells
	"$BATS_TEST_DIRNAME/bells" bells 3>&- &
	bells=$!
	wait_until 10 test -e bells
	ringing off
	wait_until 10 rung
	over
	[ ! -s bells ]
	ringing on
	wait_until 10 test -s bells
	kill "$bells"
	policy x11= bell=
}
