#!/usr/bin/env bats
# What two of the suite's languages have each to say for themselves, and that
# must be the same. SPDX-License-Identifier: ISC
# shellcheck disable=SC1091,SC2034,SC2154 # of and for what is read; of run
bats_require_minimum_version 1.5.0

setup()
{
	cd "$BATS_TEST_TMPDIR" || exit
	tree=$BATS_TEST_DIRNAME/../..
	data=$tree/share/lxg
	unset LXD_SOCKET LXD_DIR INCUS_SOCKET INCUS_DIR LXG_ENGINE LXG_PROJECT
	unset LXG_TIMEOUT
}

teardown()
{
	[ -z "${engine-}" ] || kill "$engine" || :
}

# constant FILE NAME: its value in a program of C or Python
constant()
{
	sed -nE "s/^#define $2[[:space:]]+\"?([^\" ]*)\"?.*/\1/p
	    s/^$2 = \"?([^\" ]*)\"?.*/\1/p" "$tree/$1"
}

# same FILE NAME FILE NAME...: each has that constant, and the same value
same()
{
	local value
	value=$(constant "$1" "$2")
	[ -n "$value" ] || { echo "$1: $2: none"; return 1; }
	while [ $# -gt 0 ]; do
		[ "$(constant "$1" "$2")" = "$value" ] ||
		    { echo "$1: $2: $(constant "$1" "$2"), not $value"; return 1; }
		shift 2
	done
}

@test "folders, names and exit codes of what runs inside" {
	same share/lxg/helper.py BASE share/lxg/session.py BASE
	grep -qF "{\"xpra\", \"$(constant share/lxg/helper.py BASE)\"}" \
	    "$tree/bin/lxg-mount/plan.c"
	grep -qF "\"$(constant share/lxg/helper.py BASE)/%s/control\"" \
	    "$data/join.py"
	same share/lxg/helper.py STANDBY share/lxg/session.py STANDBY \
	    bin/lxg-xpra/standby.c STANDBY
	grep -q '^RUN = "/run/lxg"' "$data/helper.py"
	grep -q '^ENDED = RUN + "/ended"' "$data/helper.py"
	[ "$(constant share/lxg/session.py ENDED)" = /run/lxg/ended ]
	python3 - "$data/helper.py" "$data/join.py" "$data/app.py" \
	    "$tree/bin/lxg-xpra/exec.h" <<-'END'
	import re, sys
	inside = {}
	for path in sys.argv[1:4]:
	    text = open(path).read()
	    for names, values in re.findall(
	            r"^([A-Z_, ]+) = ([0-9, ]+)", text, re.M):
	        inside.update(zip(names.split(", "), values.split(", ")))
	here = dict(re.findall(r"^#define EXEC_(N\w+)\s+(\d+)",
	                       open(sys.argv[4]).read(), re.M))
	assert len(here) == 7, here
	for name, value in here.items():
	    assert inside[name] == value, (name, value, inside.get(name))
	END
}

@test "where an engine's socket may be" {
	. "$data/image.d/engines"
	for kind in lxd incus; do
		for path in $(sockets "$kind"); do
			grep -qF "\"$path\"" "$tree/lib/engine.c"
		done
		[ "$(sockets "$kind" | wc -l)" = "$(grep -oE \
		    "\"/[a-z/]*/$kind(-user)?/unix.socket[a-z.]*\"" \
		    "$tree/lib/engine.c" | wc -l)" ]
	done
}

# serve: an engine at ./socket; to all but /1.0 it answers with an error of the
# status and the text that the file answer has
serve()
{
	python3 - <<-'END' 3>&- &
	import json, os, socketserver
	from http.server import BaseHTTPRequestHandler
	class Engine(BaseHTTPRequestHandler):
	    def address_string(self):
	        return ""
	    def log_message(self, *_):
	        pass
	    def do_GET(self):
	        with open("answer") as f:
	            status, _, text = f.read().rstrip("\n").partition("\t")
	        status = int(status)
	        body = {"type": "error", "error": text, "error_code": status}
	        if self.path.split("?")[0] == "/1.0":
	            status = 200
	            body = {"type": "sync", "metadata": {
	                "auth": "trusted", "environment": {"server": "lxd"}}}
	        text = json.dumps(body).encode()
	        self.send_response(status)
	        self.send_header("Content-Length", str(len(text)))
	        self.end_headers()
	        self.wfile.write(text)
	server = socketserver.UnixStreamServer("made", Engine)
	os.rename("made", "socket")
	server.serve_forever()
	END
	engine=$!
	until [ -S socket ]; do
		kill -0 "$engine"
		sleep 0.02
	done
}

@test "the glue takes an engine's errors for what the programs take them for" {
	n=0
	serve
	while IFS='	' read -r status text; do
		printf '%s\t%s\n' "$status" "$text" > answer
		code=0 said=''
		said=$(LXG_TIMEOUT=1 lxg-instance get -E "$PWD/socket" x 2>&1) || code=$?
		[ "$code" -ge 65 ] || [ "$code" = 1 ]
		me=glue project=default
		( socket=$PWD/socket
		. "$data/image.d/engines"
		api GET /1.0/instances/x ) > out 2> err || glue=$?
		[ "$glue" = "$code" ] ||
		    { echo "$status $text: $code, $glue"; return 1; }
		[ "$(sed 's|^glue: /1.0/instances/x: ||' err)" = \
		    "${said#lxg-instance: x: }" ]
		n=$((n + 1))
	done <<-END
	400	bad
	401	who
	403	no
	404	gone
	409	there
	412	changed
	423	locked
	429	often
	500	why
	503	late
	500	Instance is busy running a "start" operation
	400	Instance is busy running a "stop" operation
	500	database: context deadline exceeded
	500	Failed shutting down instance: context deadline exceeded
	500	$(printf 'a\033[31m\302\233 \342\200\250 \342\200\256 \330\234 b\342\201\246')
	END
	[ "$n" = 15 ]
}
