#!/bin/sh
# An instance as one of another machine, beside the same one as one of this: to
# the first window, on the loopback and with a round trip of 20 ms; then what the
# way to its socket takes, with a client and a server that do nothing else; and
# from a key to its echo, and a page that scrolls, beside the stock client that
# goes there by SSH over the same link. Run by tests/remote/run.
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2016,SC2094,SC2119,SC2154 # a shell inside; of what is read
set -eu

. "$LXG_STAGE/tests/bench/common"
. "$LXG_STAGE/tests/bench/engine"
. "$LXG_STAGE/tests/bench/beside"
rounds=${ROUNDS:-5}
keys=50
screen=1600x1000
ours=lxg-$name
relays=''

cold() { lxg-xpra start xterm < "$1" > s; attach lxg-xpra; }
attach() { "$1" attach < s > attached 2> said & client=$!; }
over() { lxg-xpra stop < s > /dev/null; }

# configured: the configuration of the engine's own client, to be added to
configured()
{
	variable=INCUS_CONF
	[ "$engine" != lxd ] || variable=LXD_CONF
	eval "conf=\$$variable"
	cp -R "$conf" conf
	sed -i '/^aliases:/d' conf/config.yml
	export "$variable=$work/conf"
}

# relay FILE ADDRESS [OPTION]...: a port that leads there, in the file
relay()
{
	file=$1 to=$2
	shift 2
	"$LXG_STAGE/tests/remote/between" "$@" "$to" "$file" &
	relays="$relays $!"
	wait_until 10 test -s "$file"
}

# link NAME [OPTION]...: the record NAME, of the remote behind a relay, and a port
# for SSH behind a like one
link()
{
	at=$1
	shift
	relay "port.$at" "$(jq -r '.api | ltrimstr("https://")' far)" "$@"
	relay "ssh.$at" "$address:22" "$@"
	api=https://127.0.0.1:$(cat "port.$at")
	cp "conf/servercerts/${REMOTE%:}.crt" "conf/servercerts/$at.crt"
	printf '  %s:\n    addr: %s\n    protocol: %s\n' "$at" "$api" "$engine" \
	    >> conf/config.yml
	jq -c --arg api "$api" --arg remote "$at" '. + {$api, $remote}' far \
	    > "$at"
}

windows()
{
	for _ in $(seq "$rounds"); do
		for way in record far slow; do
			until_window "$way.list" "$ours" cold "$way"
			leave
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
	by "$1"
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
	relay bare "127.0.0.1:$(sed -n 's/.*listening on .*://p' echoes)" -d 10
	bash -c '"$0" bare <> "/dev/tcp/127.0.0.1/$1"' "$LXG_STAGE/sink" \
	    "$(cat bare)"
	kill "$echoes" 2> /dev/null || :
	own=$(sed -n 's/^bare //p' sink)
}

ways()
{
	mkdir bin
	cp "$(command -v lxg-xpra)" bin/
	# but for the host's display, which is looked at by the real one
	cat > bin/lxg-client <<-END
	#!/bin/sh
	[ "\${1-}" != -w ] || exec "$LXG_STAGE/usr/bin/lxg-client" "\$@"
	exec "$LXG_STAGE/sink" "\$@"
	END
	chmod 755 bin/lxg-client
	ln -s "$LXG_STAGE/usr/share" share
	start sleep 9999
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
	over
}
ready() { lxg-xpra list < far | jq -e '.state == "live"' > /dev/null; }

# by RECORD: the session in s as one that is got to by that link
by()
{
	behind=$1
	jq -c --slurpfile way "$1" '. + ($way[0] | {api, remote})' own > s
}

ours() { attach lxg-xpra; }

# without OpenGL, as in the bench of the client
stock()
{
	xpra attach --opengl=no --ssh="ssh -F $work/config" \
	    "ssh:127.0.0.1:$(cat "ssh.$behind"):/var/lib/lxg/xpra/$(jq -r \
	    .session s).sock" > stock.log 2>&1 &
	client=$!
}

# start COMMAND...: in a session that any link leads to
start()
{
	lxg-xpra start "$@" < far > own
	wait_until 60 ready
	lxg-xpra list < far > own
}

typing()
{
	start xterm -e sh -c "$quiet"
	for way in slow distant; do
		rm -f echo.*
		by "$way"
		for _ in $(seq "$rounds"); do
			echoes ours "$ours"
			echoes stock xterm
		done
		[ "$way" = slow ] && ms=20 || ms=100
		figure "key to echo at $ms ms, to the stock client by SSH" 1 \
		    a/b "$(median echo.ours)" "$(median echo.stock)"
		told_echoes "$ms ms" ours stock
	done
	over
}

# a page that scrolls without end, as fast as Firefox draws it
page()
{
	firefox
	{
		echo '<!doctype html><title>page</title>'
		echo '<body style="font: 16px sans-serif; width: 50em">'
		fmt -w 400 "$LXG_STAGE/usr/share/doc/lxg/NEWS" |
		    sed 's/[<&]//g; s/^/<p>/'
		echo '<script>let y = 0;
		function on() {
			y = (y + 8) % (document.body.scrollHeight - 900);
			scrollTo(0, y);
			requestAnimationFrame(on);
		}
		on()</script>'
	} | push /srv/page.html
	start_page page
	by narrow
	beside 'a page that scrolls at 20 ms and 20 Mbit a second' Navigator
	over
}

with_ssh
lxg-instance get -E "$REMOTE" "$name" > far
trap 'kill $relays || :; rm -rf "$work"; clean > /dev/null 2>&1 || :' EXIT
configured
link slow -d 10
link distant -d 50
link narrow -d 10 -r 20
windows
ways
typing
page
