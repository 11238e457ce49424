#!/bin/sh
# An instance as one of another machine, beside the same one as one of this: to
# the first window, on the loopback and with a round trip of 20 ms; then what the
# way to its socket takes, with a client and a server that do nothing else. Run by
# tests/remote/run. SPDX-License-Identifier: ISC
# shellcheck disable=SC2016,SC2094,SC2119,SC2154 # a shell inside; of what is read
set -eu

. "$LXG_STAGE/tests/bench/common"
. "$LXG_STAGE/tests/bench/engine"
rounds=${ROUNDS:-5}
ours=lxg-$name

cold() { lxg-xpra start xterm < "$1" > s; attach lxg-xpra; }
attach() { "$1" attach < s > attached 2> said & client=$!; }
leave() { kill "$client"; wait "$client" 2> /dev/null || :; }
over() { leave; lxg-xpra stop < s > /dev/null; }

# slow: the record slow, of the remote behind a relay, and its configuration
slow()
{
	variable=INCUS_CONF
	[ "$engine" != lxd ] || variable=LXD_CONF
	eval "conf=\$$variable"
	cp -R "$conf" conf
	"$LXG_STAGE/tests/remote/between" -d 10 \
	    "$(jq -r '.api | ltrimstr("https://")' far)" port &
	relay=$!
	wait_until 10 test -s port
	cp "conf/servercerts/${REMOTE%:}.crt" conf/servercerts/slow.crt
	sed -i '/^aliases:/d' conf/config.yml
	printf '  slow:\n    addr: https://%s\n    protocol: %s\n' \
	    "127.0.0.1:$(cat port)" "$engine" >> conf/config.yml
	export "$variable=$work/conf"
	jq -c --arg api "https://127.0.0.1:$(cat port)" '.api = $api' far > slow
}

windows()
{
	for _ in $(seq "$rounds"); do
		for way in record far slow; do
			until_window "$way.list" "$ours" cold "$way"
			over
		done
	done
	seconds='(b - a) / 1000000'
	figure 'first window of a remote on the loopback, over a local one, s' \
	    0.3 "$seconds" "$(median record.list)" "$(median far.list)"
	figure 'first window of a remote at 20 ms, over a local one, s' 0.5 \
	    "$seconds" "$(median record.list)" "$(median slow.list)"
	printf 'bench: (local %d ms, loopback %d ms, 20 ms %d ms)\n' \
	    $(($(median record.list) / 1000)) $(($(median far.list) / 1000)) \
	    $(($(median slow.list) / 1000))
}

# no server of xpra's, but one that does as sink.c says
serve='import os, socket, sys
path = "/var/lib/lxg/xpra/%s.sock" % sys.argv[1]
os.unlink(path)
s = socket.socket(socket.AF_UNIX)
s.bind(path)
s.listen()
print("serves", flush=True)
while True:
    c, _ = s.accept()
    while (what := c.recv(1)):
        c.sendall(b"e" if what == b"e" else bytes(200000000))'

# carry RECORD: what sink says of it, and the CPU of who carries, in
# microseconds
carry()
{
	rm -f go
	: > served
	jq -c --slurpfile way "$1" '. + ($way[0] | {api, remote})' own > s
	lxg-xpra join -O 5 python3 -c "$serve" "$(jq -r .session s)" \
	    < s 5> served > /dev/null &
	server=$!
	wait_until 30 grep -q serves served
	: > sink
	attach bin/lxg-xpra
	wait_until 60 grep -q turn sink || { cat said >&2; return 1; }
	link=$(pgrep -P "$client" -x lxg-link)
	before=$(cut -d ' ' -f 1 "/proc/$link/schedstat")
	: > go
	wait_until 120 grep -q down sink
	cpu=$((($(cut -d ' ' -f 1 "/proc/$link/schedstat") - before) / 1000))
	leave
	kill "$server"
	wait "$server" || :
	turn=$(sed -n 's/^turn //p' sink) down=$(sed -n 's/^down //p' sink)
}

# bare: what a turn takes on the link alone, through a relay as that of slow
bare()
{
	socat -d -d TCP-LISTEN:0,bind=127.0.0.1,nodelay PIPE 2> echoes &
	echoes=$!
	wait_until 10 grep -q 'listening on' echoes
	"$LXG_STAGE/tests/remote/between" -d 10 \
	    "127.0.0.1:$(sed -n 's/.*listening on .*://p' echoes)" bare &
	link=$!
	wait_until 10 test -s bare
	bash -c '"$0" bare <> "/dev/tcp/127.0.0.1/$1"' "$LXG_STAGE/sink" \
	    "$(cat bare)"
	kill "$link" "$echoes" 2> /dev/null || :
	own=$(sed -n 's/^bare //p' sink)
}

ways()
{
	mkdir bin
	cp "$(command -v lxg-xpra)" bin/
	cp "$LXG_STAGE/sink" bin/lxg-client
	ln -s "$LXG_STAGE/usr/share" share
	lxg-xpra start sleep 9999 < far > own
	wait_until 60 ready
	lxg-xpra list < far > own
	carry far
	figure 'remote, seconds for 200 MB on the loopback' 4 a/1000000 "$down" 0
	figure 'remote, CPU of ours for a MB, ms' 3 a/200000 "$cpu" 0
	figure 'remote, a round trip on the loopback, ms' 1 a/1000 "$turn" 0
	carry slow
	figure 'remote, seconds for 200 MB at 20 ms' 4 a/1000000 "$down" 0
	bare
	figure "remote, a round trip at 20 ms over the link's own, ms" 1 \
	    '(a - b) / 1000' "$turn" "$own"
	printf 'bench: (remote, a round trip at 20 ms: %d us, of the link %d us)\n' \
	    "$turn" "$own"
	lxg-xpra stop < own > /dev/null
}
ready() { lxg-xpra list < far | jq -e '.state == "live"' > /dev/null; }

with_display
lxg-instance get -E "$REMOTE" "$name" > far
slow
trap 'kill "$relay"; rm -rf "$work"; clean > /dev/null 2>&1 || :' EXIT
windows
ways
