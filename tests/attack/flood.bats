# ATTACKS 15: an instance that floods what it shares. What comes of it is
# bounded, told, and can be taken away again.
# bats file_tags=once
# shellcheck disable=SC2016,SC2034,SC2154
bats_require_minimum_version 1.5.0

load ../env.sh
load ../session.sh

setup_file() {
	begin
}

teardown_file() {
	finish
}

teardown() {
	over
}

# more than 100 MiB
printed() { [ "$(stat -c %s "$XPRA"/*/output 2>/dev/null || echo 0)" -gt 104857600 ]; }

gone() { ! shown "$1"; }
client_log() { ls "$XDG_RUNTIME_DIR/lxg/$LXG_ENGINE/default/$T/"*/log; }

@test "endless output and windows: disk and attach hold only the last of it" {
	start sh -c 'xterm -e yes & while :; do
			until rm share/open; do sleep 0.3; done
			xterm -T brief -e sh -c "until rm share/close; do
			    sleep 0.3; done"
		done 2> /dev/null &
		yes endless'
	attach -O 5 5> /dev/null
	for now in 1 2; do
		: > "$SHARE/open"
		wait_until 60 shown "[$T] brief"
		: > "$SHARE/close"
		wait_until 60 gone "[$T] brief"
	done
	wait_until 60 printed
	[ "$(du -sm "$XPRA" | cut -f 1)" -le 24 ]
	[ "$(awk '/^VmHWM/ { print $2 }' "/proc/$client/status")" -lt 32768 ]
	# a client has nothing to say of what programs do
	[ "$(stat -c %s "$(client_log)")" -lt 16384 ]
	run ! grep Error: "$(client_log)"
	# it can be left, found and ended as any other
	detach
	[ "$(lxg-xpra list < record | jq -r .state)" = live ]
}

@test "a client that says no end of things: a MiB of it is kept" {
	rm -rf talker
	mkdir talker
	cp "$LXG_STAGE/usr/bin/lxg-xpra" talker/
	stand_in talker sh -c 'head -c $((1 << 25)) /dev/zero | tr "\0" z
	    exit 1'
	start sleep 1000
	LXG_DATADIR=$LXG_STAGE/usr/share/lxg run -69 talker/lxg-xpra attach < s
	[[ $output == *"the client ended"* ]]
	[ "${#output}" -lt 8192 ]
	[ "$(stat -c %s "$(client_log)")" -le $(((1 << 20) + 4096)) ]
}

@test "sessions by the thousand: told, in no time, and the host's side holds none" {
	start sleep 1000
	lxg-xpra attach < s > s2 2> log 3>&- &
	client=$!
	as_login python3 -c 'import os
for i in range(6000):
    os.mkdir("/var/lib/lxg/xpra/f%07d" % i)
    open("/var/lib/lxg/xpra/f%07d.sock" % i, "w").close()'
	began=$SECONDS
	run -75 lxg-xpra list < record
	[[ $output == *"too much in its xpra folder"* ]]
	run ! lxg list
	[ "$((SECONDS - began))" -le "$((20 * WAIT_FACTOR))" ]
	[ "$(find "$XDG_RUNTIME_DIR/lxg" -mindepth 4 -type d | wc -l)" -le 2 ]
	# who knows a session's record is not kept from it
	detach
	[ "$(jq -r .state s2)" = live ]
	lxg-xpra stop < s2 > /dev/null
	as_login sh -c 'rm -rf /var/lib/lxg/xpra/f*'
	[ "$(lxg-xpra list < record)" = '' ]
}

@test "a session's folder without an end can be stopped" {
	start sleep 1000
	as_login python3 -c 'import os
os.chdir(os.path.join("/var/lib/lxg/xpra", os.listdir("/var/lib/lxg/xpra")[0]
    .split(".")[0]))
for i in range(3000):
    open("x%d" % i, "w").close()
for i in range(400):
    os.mkdir("d" * 200)
    os.chdir("d" * 200)'
	lxg-xpra stop < s | jq -e '.state == "ended"'
	[ -z "$(ls -A "$XPRA")" ]
}

@test "a helper inside that never ends is waited for, and not for ever" {
	lxg-xpra start sleep 1000 < record > two
	lxg-xpra start sleep 1000 < record >> two
	inside sh -c 'printf "#!/bin/sh\nexec sleep 10000\n" \
	    > /usr/local/bin/python3; chmod 755 /usr/local/bin/python3'
	began=$SECONDS
	LXG_TIMEOUT=2 run lxg-xpra start xterm < record
	echo "$status $output"
	[ "$status" = 75 ] || [ "$status" = 71 ]
	[ "$((SECONDS - began))" -le "$((30 * WAIT_FACTOR))" ]
	# and once for all sessions
	LXG_TIMEOUT=5 run lxg-xpra stop < two
	[ "$status" = 75 ]
	[[ $output == *"its helper doesn't end"* ]]
	inside sh -c 'rm /usr/local/bin/python3; pkill sleep'
}

# able COMMAND...: as the login user, who may enter a shared folder, with what
# root may do there
able() {
	local caps=+chown,+dac_override
	inside setpriv --reuid="$(jq .uid record)" --regid="$(jq .gid record)" \
	    --clear-groups --inh-caps "$caps" --ambient-caps "$caps" "$@"
}

# shut FOLDER: made by root there, and closed to all others
shut() {
	able sh -c 'mkdir -p "$1" && cd "$1" && echo x > x && chmod 700 . &&
	    chown 0:0 x .' sh "$1"
}

@test "stop: no session keeps the instance running" {
	shut /var/lib/lxg/xpra/shut2345/deep
	run -75 lxg stop "$T"
	[[ $output == *shut2345* ]]
	[ "$(lxg-instance get "$T" | jq -r .status)" = Stopped ]
	lxg-instance start "$T" > record
	able rm -r /var/lib/lxg/xpra/shut2345
}

@test "delete -f takes what root inside has closed to all others" {
	shut /home/debian/share/shut
	shut /var/lib/lxg/xpra/shut2345/deep
	run -1 lxg delete "$T"
	lxg delete -f "$T"
	[ ! -e "${SHARE%/share}" ]
	run -1 lxg-instance get "$T"
	anew
}

@test "delete -f takes all of it, however deep and however many" {
	as_login python3 -c 'import os
for top in "/var/lib/lxg/xpra", "share", "maps":
    for i in range(2000):
        open("%s/\n%d\x1b[2J" % (top, i), "w").close()
    os.chdir(top)
    for i in range(300):
        os.mkdir("d" * 200)
        os.chdir("d" * 200)
    os.chdir("/home/debian")'
	began=$SECONDS
	lxg delete -f "$T"
	[ "$((SECONDS - began))" -le "$((45 * WAIT_FACTOR))" ]
	[ ! -e "${SHARE%/share}" ]
	run -1 lxg-instance get "$T"
}
