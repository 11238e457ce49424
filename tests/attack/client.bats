#!/usr/bin/env bats
# Attack 14: code run as the xpra client, after a takeover. The launcher is
# replaced by a probe, which lxg-xpra runs as it would run the client.

bats_require_minimum_version 1.5.0
load ../env.sh

# both engines' runs share one host: what is not in a file has to differ
N=$T abstract=$T-probe port=27114 shm=6c7867
[ "$LXG_ENGINE" = lxd ] || { port=27115 shm=6c7868; }

setup_file()
{
	drop_instance "$N"
	rm -rf .local .ssh data
	make_instance "$N" > record
	lxg-mount plan xpra < record | lxg-acl grant | lxg-mount add > devices
	host_display "$HOME"
	targets
}

teardown_file()
{
	while read -r pid; do
		kill -9 -- "-$pid" 2> /dev/null || :
	done < pids
	ipcrm -M 0x$shm 2> /dev/null || :
	stop_display
	drop_instance "$N"
}

setup()
{
	rm -f s log file
	printf 'content' > file
	lxg-xpra start sleep 1000 < record > s
}

teardown()
{
	lxg-xpra list < record | lxg-xpra stop > /dev/null
}

# the address of the engine's bridge, where its dnsmasq listens
bridge()
{
	engine_api GET '/1.0/networks?recursion=1' | jq -r 'map(select(.managed)
	    | .config["ipv4.address"] // empty)[0] | split("/")[0]'
}

# apart COMMAND...: in a group of its own, so that its children end with it, and
# with nothing that bats waits for
apart()
{
	setsid "$@" < /dev/null > /dev/null 2>&1 3>&- 4>&- &
	echo $! >> pids
}

# what the probe aims at, each of them there and reachable for the user
targets()
{
	mkdir -p .ssh data/lxg
	echo secret > .ssh/id_probe
	: > pids
	apart xterm -T 'a secret title' -e sleep 10000
	apart sleep 10000
	local pid
	pid=$(tail -n 1 pids)
	apart ssh-agent -D -a "$HOME/agent"
	apart dbus-daemon --session --nofork --address="unix:path=$HOME/bus"
	apart socat UNIX-LISTEN:relay,fork -
	apart socat "ABSTRACT-LISTEN:$abstract,fork" -
	apart socat "TCP-LISTEN:$port,bind=127.0.0.1,fork,reuseaddr" -
	apart socat "UDP-LISTEN:$port,bind=127.0.0.1,fork,reuseaddr" EXEC:cat
	python3 -c 'import ctypes, sys; l = ctypes.CDLL(None)
l.shmget(int(sys.argv[1], 16), 4096, 0o1600)
l.syscall(248, b"user", b"lxg-probe", b"secret", 6, -4)' "$shm"
	wait_until 10 xdotool search --name 'a secret title' > window
	for socket_file in agent bus relay; do
		wait_until 10 test -S "$socket_file"
	done
	cp -R "$LXG_STAGE/usr/share/lxg" data/
	{
		printf 'TARGETS = '
		jq -nc --arg home "$HOME" --arg engine "$socket" \
		    --arg me "$(id -un)" --arg host "$(uname -n)" \
		    --arg bridge "$(bridge)" --argjson pid "$pid" --argjson x "${DISPLAY#:}" \
		    --argjson window "$(cat window)" \
		    --arg abstract "$abstract" --argjson tcp "$port" \
		    --argjson shm "$(ipcs -m |
			awk -v key="$shm" '$1 ~ key {print $2}')" '
		    {$home, $engine, $pid, $window, $shm, comm: "sleep",
		    ssh: "\($home)/.ssh/id_probe", file: "\($home)/file",
		    victim: "\($home)/none", agent: "\($home)/agent",
		    bus: "\($home)/bus", relay: "\($home)/relay",
		    $bridge, $abstract, $tcp, x_number: $x,
		    user_name: $me, host_name: $host}'
		cat "$BATS_TEST_DIRNAME/probe.py"
	} > data/lxg/client.py
}

# probe [OPTION]: runs it as attach does; its lines are in log
probe()
{
	xdotool keydown a
	LXG_DATADIR=$HOME/data/lxg LXG_PROBE=1 \
	    SSH_AUTH_SOCK=$HOME/agent lxg-xpra attach "$@" < s > out 2> err ||
	    :
	xdotool keyup a
	cat "$XDG_RUNTIME_DIR/lxg/$LXG_ENGINE/default/$N/"*/log > log
	grep -qx done log
}

policy()
{
	engine_api PATCH "/1.0/instances/$N" \
	    "{\"config\": {\"user.lxg.x11\": \"$1\"}}" > /dev/null
}

@test "from the sandbox, with an untrusted cookie, everything is closed" {
	probe
	# window titles are not closed by the cookie: lxg-security(7)
	[ -z "$(grep '^open' log | grep -v x-title)" ]
	[ "$(grep -c '^closed' log)" -ge 40 ]
	[ "$(cat file)" = content ]
	[ "$(stat -c %a file)" = 644 ]
	[ ! -e made-by-probe ]
	[ -z "$(getfattr -d file)" ]
}

@test "with the user's own cookie, only the display is open" {
	policy trusted
	probe
	policy untrusted
	[ -z "$(grep '^open [^x]' log)" ]
	run ! grep '^open x-abstract' log
}

@test "the same attempts succeed without the sandbox" {
	policy trusted
	probe --weak-sandbox
	policy untrusted
	for name in read-ssh list-home write-home create-home truncate chmod \
	    setxattr engine-socket ssh-agent dbus other-relay abstract \
	    x-abstract tcp udp bridge netlink signal see-others shared-memory keyring \
	    namespace host-name user-name environment x-keymap x-screenshot \
	    x-inject x-title; do
		grep -x "open $name" log || {
			grep " $name" log
			return 1
		}
	done
	rm -f made-by-probe
}

@test "an untrusted cookie is one without the sandbox as well" {
	probe --weak-sandbox
	grep -qx 'open read-ssh' log
	for name in x-keymap x-screenshot x-inject; do
		grep "^closed $name" log || {
			grep " $name" log
			return 1
		}
	done
	rm -f made-by-probe
}

has_written() { [ "$(cat "$XDG_RUNTIME_DIR/lxg/$LXG_ENGINE/default/$N/"*/log | wc -c)" -gt 500000 ]; }
has_ended() { ! kill -0 "$client" 2> /dev/null; }

@test "one that writes without end: its log is bounded, and attach hears a signal" {
	rm -rf endless
	cp -R "$LXG_STAGE/usr/share/lxg" endless
	printf 'import os\nwhile True: os.write(1, bytes(65536))\n' \
	    > endless/client.py
	LXG_DATADIR=$HOME/endless lxg-xpra attach < s > out 2> err 3>&- &
	client=$!
	wait_until 20 has_written
	kill -TERM "$client"
	wait_until 20 has_ended
	wait "$client"
	[ "$(jq -r .state out)" = live ]
	[ "$(stat -c %s "$XDG_RUNTIME_DIR/lxg/$LXG_ENGINE/default/$N/"*/log)" -le \
	    $(((1 << 20) + 4096)) ]
}
