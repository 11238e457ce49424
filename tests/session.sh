# Read by bats files that attach to a real session, behind env.sh: an instance
# called $T with its folders, a display of the host, and what goes on inside.
# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2016,SC2034,SC2119,SC2120,SC2154

SHARE=$HOME/.local/share/lxg/$LXG_ENGINE/default/$T/share
XPRA=$HOME/.local/share/lxg/$LXG_ENGINE/default/$T/xpra

# begin [-b BASE]: for setup_file
begin()
{
	anew "$@"
	host_display "$HOME"
}

# anew [-b BASE]: the instance alone
anew()
{
	drop_instance "$T"
	rm -rf .local Downloads
	make_instance "$@" "$T" > record
	lxg-mount plan xpra share maps < record | lxg-acl grant |
	    lxg-mount add > devices
}

# finish: for teardown_file
finish()
{
	stop_display
	drop_instance "$T"
}

# detach: ends the client, and leaves the session
detach()
{
	[ -z "${client-}" ] || {
		kill "$client" && wait "$client"
	} || :
	client=''
}

# over: ends the client and every session
over()
{
	detach
	lxg-xpra list < record | lxg-xpra stop > /dev/null
}

# policy KEY=VALUE...: of the instance from now on
policy()
{
	lxg-instance set "$T" "$@"
}

# start COMMAND [ARG]...: a session, its record in s
start()
{
	lxg-xpra start "$@" < record > s
}

# attach [OPTION]...: a client of s, until its first window is there
attach()
{
	lxg-xpra attach "$@" < s > s2 2> log 3>&- &
	client=$!
	wait_until 30 shown_or_over
	shown || kill -0 "$client" || { cat log >&2; return 1; }
}

shown_or_over() { shown || ! kill -0 "$client" 2>/dev/null; }

# the titles of the windows that the client shows
titles()
{
	xwininfo -root -tree | sed -n "s/^ *0x[0-9a-f]* \"\(.*\)\": (\"lxg-$T\".*/\1/p"
}

# shown [TITLE]: is there a window, with this title?
shown()
{
	if [ $# -gt 0 ]; then
		titles | grep -qxF -e "$1"
	else
		titles | grep -q ''
	fi
}

# focused: the instance has the clipboard while one of its windows has the focus
focused()
{
	xdotool windowfocus --sync "$(xdotool search --onlyvisible \
	    --class "^lxg-$T\$" | head -n 1)"
}

# forget_copies: ends the programs that own a selection of our display
forget_copies()
{
	local pid
	for pid in $(pgrep -u "$(id -u)" -x xclip); do
		! grep -qzx "DISPLAY=$DISPLAY" "/proc/$pid/environ" ||
		    kill "$pid" || :
	done
}

# inside COMMAND...: as root in the instance; prints what it prints
inside()
{
	exec_in "$T" 0 0 "$@"
}

# as_login COMMAND...: as the login user in the instance, on the session's
# display
as_login()
{
	local uid session display
	uid=$(jq -r .uid record)
	session=$(lxg-xpra list < record | jq -r '.session // empty' | tail -n 1)
	inside runuser -u "$(jq -r .user record)" -- env \
	    "HOME=$(jq -r .home record)" "XDG_RUNTIME_DIR=/run/user/$uid" \
	    sh -c 'cd; folder=/var/lib/lxg/xpra/$1; shift
	    own=$XDG_RUNTIME_DIR/lxg-$(cat "$folder/pid")
	    XAUTHORITY=$own/auth DISPLAY=:$(cat "$folder/display")
	    DBUS_SESSION_BUS_ADDRESS=unix:path=$own/bus PATH=$own:$PATH
	    export DISPLAY XAUTHORITY DBUS_SESSION_BUS_ADDRESS PATH
	    exec "$@"' sh "$session" "$@"
}

# put_inside FILE PATH: a program of the login user's
put_inside()
{
	install -m 755 "$1" "$SHARE/.put"
	as_login sh -c 'mkdir -p "$(dirname "$1")" && cp share/.put "$1"' \
	    sh "$2"
	rm -f "$SHARE/.put"
}
