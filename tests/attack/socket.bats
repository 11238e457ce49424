#!/usr/bin/env bats
# Attack 2: the session's socket is swapped for something else. The instance
# can do so at any time; the attempt here is made in the shared folder.

bats_require_minimum_version 1.5.0
load ../env.sh
load ../session.sh

setup_file()
{
	begin
}

teardown_file()
{
	finish
}

setup()
{
	start sleep 1000
	sock=$(jq -r .socket s)
	wait_until 10 test -e "${sock%.sock}/display"
	rm -f got other.sock
	# a socket of the user's own, as the engine's or an agent's would be
	socat -u UNIX-LISTEN:other.sock,fork OPEN:got,creat,append 3>&- &
	other=$!
	wait_until 10 test -S other.sock
}

teardown()
{
	kill "$other"
	over
}

# refused TEXT: attach ends with 77, having sent nothing
refused()
{
	run -77 lxg-xpra attach < s
	[[ $output == *"$1"* ]]
	[ ! -s got ]
	run ! shown
}

swap() { as_login rm -f "/var/lib/lxg/xpra/${sock##*/}"; }

@test "what a session runs is root's: the login user can put nothing there" {
	made=$(inside sha256sum /run/lxg/session.py /run/lxg/session.pyc)
	for attempt in 'echo evil > /run/lxg/session.pyc' \
	    'rm -f /run/lxg/session.pyc' 'mv /run/lxg /run/lxg.old' \
	    'ln -sf /tmp/evil /run/lxg/session.pyc' \
	    'echo evil > /tmp/evil && mv /tmp/evil /run/lxg/session.py' \
	    'mkdir /run/lxg/more' 'chmod 777 /run/lxg /run/lxg/session.pyc' \
	    'rm -rf /run/lxg/ended && ln -s /tmp /run/lxg/ended'; do
		run ! as_login sh -c "$attempt" 2> /dev/null
	done
	[ "$(inside sha256sum /run/lxg/session.py /run/lxg/session.pyc)" = "$made" ]
	# root could: it is not the folder that is out of reach
	inside sh -c '> /run/lxg/more && rm /run/lxg/more'
}

@test "a link to another socket, by name or out of the folder" {
	swap
	as_login ln -s "$HOME/other.sock" "/var/lib/lxg/xpra/${sock##*/}"
	[ -S "$sock" ]
	refused 'not a socket'
	swap
	as_login ln -s ../../../../../../../../other.sock \
	    "/var/lib/lxg/xpra/${sock##*/}"
	refused 'not a socket'
}

@test "a socket of another uid: no byte is sent" {
	swap
	kill "$other"
	(cd "$XPRA" && exec socat -u "UNIX-LISTEN:${sock##*/},fork" \
	    "OPEN:$HOME/got,creat,append") 3>&- &
	other=$!
	wait_until 10 test -S "$sock"
	refused 'not of the instance'
}

@test "a file, a fifo, a folder: no hang" {
	for make in touch mkfifo mkdir; do
		swap
		as_login "$make" "/var/lib/lxg/xpra/${sock##*/}"
		run -77 timeout 20 lxg-xpra attach < s
		[[ $output == *'not a socket'* ]]
		as_login rm -rf "/var/lib/lxg/xpra/${sock##*/}"
	done
}

@test "links for the session's folder and files: not followed" {
	folder=${sock%.sock}
	mkdir -p victim
	echo 3 > victim/status
	: > victim/lock
	echo keep > victim/output
	as_login mv "/var/lib/lxg/xpra/${folder##*/}" /tmp/away
	as_login ln -s "$HOME/victim" "/var/lib/lxg/xpra/${folder##*/}"
	run ! timeout 20 lxg-xpra attach < <(jq -c '.state = "live"' s)
	[ "$(lxg-xpra list < record)" = '' ]
	lxg-xpra stop < s > /dev/null || :
	[ "$(cat victim/output)" = keep ]
	[ -e victim/lock ]
}

@test "the socket of another instance is not of this one" {
	begin_other
	lxg-xpra start sleep 1000 < other > s.other
	# what is moved has to be whole: start doesn't wait for the socket
	others=$(jq -r .socket s.other)
	wait_until 30 lives "$others"
	swap
	# as a hard link can't cross the mounts, root inside would bind its own;
	# what is tested is the map: the record names one, the folder another
	jq -c --slurpfile o s.other '.session = $o[0].session' s > mixed
	mv "$others" "$XPRA/"
	mv "${others%.sock}" "$XPRA/"
	run -77 lxg-xpra attach < mixed
	[[ $output == *'not of the instance'* ]]
	drop_instance "$T-2"
}

# lives SOCKET: its session has a display and a server
lives() { [ -S "$1" ] && [ -e "${1%.sock}/display" ]; }

begin_other()
{
	drop_instance "$T-2"
	make_instance "$T-2" > other
	lxg-mount plan xpra < other | lxg-acl grant | lxg-mount add > /dev/null
}
