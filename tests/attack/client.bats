#!/usr/bin/env bats
# Attacks 14, 19, 20 and 21: code run as lxg-client, after a takeover. A probe
# is in the place of its lock, takes that, and then tries; lxg-xpra runs it as it
# would run the client.
# bats file_tags=once

bats_require_minimum_version 1.5.0
load ../env.sh

# both engines' runs share one host: what is not in a file has to differ
N=$T abstract=$T-probe port=27114 shm=6c7867
[ "$LXG_ENGINE" = lxd ] || { port=27115 shm=6c7868; }

setup_file()
{
	drop_instance "$N"
	rm -rf .local .ssh bin targets
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
	mkdir -p .ssh bin
	echo secret > .ssh/id_probe
	: > pids
	: > victim
	apart xterm -T 'a secret title' -e sleep 10000
	apart sleep 10000
	local pid
	pid=$(tail -n 1 pids)
	apart ssh-agent -D -a "$HOME/agent"
	apart dbus-daemon --session --nofork --address="unix:path=$HOME/bus"
	apart pulseaudio -n --daemonize=no --exit-idle-time=-1 \
	    -L "module-native-protocol-unix socket=$HOME/pulse auth-anonymous=1"
	apart socat UNIX-LISTEN:cups,fork -
	apart socat UNIX-LISTEN:relay,fork -
	apart socat "ABSTRACT-LISTEN:$abstract,fork" -
	apart socat "TCP-LISTEN:$port,bind=127.0.0.1,fork,reuseaddr" -
	apart socat "UDP-LISTEN:$port,bind=127.0.0.1,fork,reuseaddr" EXEC:cat
	perl -e 'shmget(hex $ARGV[0], 4096, 01600) // die;
my @key = qw(user lxg-probe secret);
syscall(248, @key, 6, -4) > 0 or die "add_key: $!"' "$shm"
	wait_until 10 xdotool search --name 'a secret title' > window
	for socket_file in agent bus pulse cups relay; do
		wait_until 10 test -S "$socket_file"
	done
	cat > targets <<-END
		home $HOME
		ssh $HOME/.ssh/id_probe
		file $HOME/file
		new $HOME/made-by-probe
		victim $HOME/victim
		engine $socket
		agent $HOME/agent
		bus $HOME/bus
		sound $HOME/pulse
		cups $HOME/cups
		relay $HOME/relay
		abstract $abstract
		x /tmp/.X11-unix/X${DISPLAY#:}
		tcp $port
		bridge $(bridge)
		pid $pid
		shm $(ipcs -m | awk -v key="$shm" '$1 ~ key {print $2}')
		key lxg-probe
		window $(cat window)
		host_name $(uname -n)
	END
	cp "$LXG_STAGE/usr/bin/lxg-xpra" bin/
	stand_in bin "$LXG_STAGE/tests/attack/probe"
}

# probe [KEY VALUE]: runs it as attach does; its lines are in log
probe()
{
	{
		cat targets
		[ $# = 0 ] || printf '%s %s\n' "$@"
	} > aims
	xdotool keydown a
	LXG_DATADIR=$LXG_STAGE/usr/share/lxg SSH_AUTH_SOCK=$HOME/agent \
	    bin/lxg-xpra attach -o "--title=$HOME/aims" < s > out 2> err || :
	xdotool keyup a
	cat "$XDG_RUNTIME_DIR/lxg/$LXG_ENGINE/default/$N/"*/log > log
	grep -qx done log
}

policy()
{
	engine_api PATCH "/1.0/instances/$N" \
	    "{\"config\": {\"user.lxg.x11\": \"$1\"}}" > /dev/null
}

untouched()
{
	[ "$(cat file)" = content ]
	[ "$(stat -c %a file)" = 644 ]
	[ ! -e made-by-probe ]
	[ -e victim ]
	[ -z "$(getfattr -d file)" ]
}

@test "from behind the lock, with an untrusted cookie, everything is closed" {
	probe
	[ -z "$(grep '^open' log)" ]
	[ "$(grep -c '^closed' log)" -ge 50 ]
	# a second connection to X, as xhost allows it, and the sound server
	for name in x-second x-abstract sound cups dbus engine-socket; do
		grep -qx "closed $name: signal 31" log
	done
	untouched
}

@test "with the user's own cookie, only the connection that it has is open" {
	policy trusted
	probe
	policy untrusted
	[ "$(grep '^open' log | sort | paste -sd ' ')" = \
	    'open x-inject open x-keymap open x-screenshot' ]
	untouched
}

# as Ubuntu's AppArmor does, without a profile that allows them
@test "where user namespaces are denied, it is locked in all the same" {
	printf '%s\n' '#include <errno.h>' '#include <unistd.h>' \
	    'int unshare(int flags);' 'int unshare(int flags) {' \
	    '(void)flags; (void)!write(2, "denied\n", 7);' \
	    'errno = EACCES; return -1; }' > deny.c
	cc -shared -fPIC -o deny.so deny.c
	stand_in bin env LD_PRELOAD="$HOME/deny.so" \
	    "$LXG_STAGE/tests/attack/probe"
	probe || :
	stand_in bin "$LXG_STAGE/tests/attack/probe"
	grep -qx denied log
	grep -qx done log
	[ -z "$(grep '^open' log)" ]
	[ "$(grep -c '^closed' log)" -ge 50 ]
	untouched
}

@test "each system call that is not on the list kills" {
	probe calls 1
	[ -z "$(grep '^open' log)" ]
	[ "$(grep -c '^closed call-[0-9]*: signal 31$' log)" -ge 400 ]
}

@test "the same attempts succeed without the lock" {
	policy trusted
	probe unlocked 1
	policy untrusted
	for name in read-ssh list-home stat-home write-home create-home \
	    setxattr machine-id root maps engine-socket ssh-agent dbus sound \
	    cups other-session abstract x-second tcp udp bridge netlink socketpair \
	    signal see-others shared-memory keyring namespace exec fork \
	    host-name user-id run-memory environment send-descriptor \
	    signals-by-io copy-descriptor x-keymap x-screenshot x-inject \
	    unlink chmod truncate; do
		grep -x "open $name" log || {
			grep " $name" log
			return 1
		}
	done
	# and who reaches the sound server can have code run in it
	pactl --server="unix:$HOME/pulse" load-module module-null-sink
	rm -f made-by-probe
	: > victim
}

@test "an untrusted cookie is one without the lock as well" {
	probe unlocked 1
	grep -qx 'open read-ssh' log
	for name in x-keymap x-screenshot x-inject; do
		grep "^closed $name" log || {
			grep " $name" log
			return 1
		}
	done
	rm -f made-by-probe
	: > victim
}

has_written() { [ "$(cat "$XDG_RUNTIME_DIR/lxg/$LXG_ENGINE/default/$N/"*/log | wc -c)" -gt 500000 ]; }
has_ended() { ! kill -0 "$client" 2> /dev/null; }

@test "one that writes without end: its log is bounded, and attach hears a signal" {
	rm -rf endless
	mkdir endless
	cp "$LXG_STAGE/usr/bin/lxg-xpra" endless/
	stand_in endless sh -c 'exec cat /dev/zero'
	LXG_DATADIR=$LXG_STAGE/usr/share/lxg endless/lxg-xpra attach < s \
	    > out 2> err 3>&- &
	client=$!
	wait_until 20 has_written
	kill -TERM "$client"
	wait_until 20 has_ended
	wait "$client"
	[ "$(jq -r .state out)" = live ]
	[ "$(stat -c %s "$XDG_RUNTIME_DIR/lxg/$LXG_ENGINE/default/$N/"*/log)" -le \
	    $(((1 << 20) + 4096)) ]
}
