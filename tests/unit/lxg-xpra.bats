#!/usr/bin/env bats
# lxg-xpra without an engine: usage, records, and a hostile shared folder.

bats_require_minimum_version 1.5.0

setup()
{
	cd "$BATS_TEST_TMPDIR" || return
	export LXG_HOME=$PWD/home XDG_RUNTIME_DIR=$PWD/run HOME=$PWD
	unset DISPLAY LXG_ENGINE LXG_PROJECT
	mkdir -m 0700 run home
	(umask 077 && mkdir -p home/lxd/default/web/xpra)
	xpra=home/lxd/default/web/xpra
	printf '{"engine":"lxd","api":"%s/none","project":"default",' "$PWD" \
	    > record
	printf '"instance":"web","uid":1000,"gid":1000,"uuid":"u-1"}\n' \
	    >> record
}

# session NAME: one that is ended, as its supervisor leaves it
session()
{
	mkdir "$xpra/$1"
	: > "$xpra/$1/lock"
	printf '["a b","c"]' > "$xpra/$1/command"
	printf '3\n' > "$xpra/$1/status"
	printf '7' > "$xpra/$1/display"
}

keys() { lxg-xpra list < record | jq -c "$1"; }

@test "usage" {
	for args in '' 'fly' 'start' 'join' 'list x' 'stop x' 'attach x' \
	    'start -z x' 'list -n' 'attach --weak-sandbox' 'attach -o'; do
		# shellcheck disable=SC2086 # words
		run -64 lxg-xpra $args
		[[ $output == *usage:* ]]
	done
	run -64 lxg-xpra attach -O 77
	[[ $output == *"no open descriptor"* ]]
	run -0 lxg-xpra --help
	run -0 lxg-xpra --version
}

@test "bad records: program, line and key" {
	run -66 lxg-xpra start xterm < /dev/null
	[ "$output" = '' ]
	run -65 lxg-xpra start xterm <<< 'nonsense'
	run -65 lxg-xpra start xterm <<< '{"instance": 3}'
	[[ $output == lxg-xpra:*"line 1"* ]]
	run -65 lxg-xpra list <<< '{"engine":"lxd","project":"default"}'
	[[ $output == *'line 1'*instance* ]]
	for s in '' A short toolongname ../../../x 'a.bcdefg' 1bcdefgh; do
		jq -c --arg s "$s" '. + {session: $s, state: "live"}' \
		    < record > s
		run -65 lxg-xpra attach < s
		run -65 lxg-xpra stop < s
		[[ $output == *"no session's name"* ]]
	done
}

@test "an argument that is not UTF-8 is refused before anything is done" {
	run -65 lxg-xpra start xterm $'\xff\xfe' < record
	[[ $output == *"not UTF-8"* ]]
}

@test "attach -o: what no client takes is told before anything is read" {
	local option
	while IFS=' ' read -r code option; do
		run -"$code" --separate-stderr lxg-xpra attach -o "$option" < /dev/null
		[[ $code = 6[46] && -z $stderr || $stderr == *" -o $option: "* ]]
	done <<-END
		64 --nonsense
		64 --opengl=yes
		64 --border=colourful
		64 --border=,3
		1 --window-icon=missing
		66 --border=#aabbcc,3
		66 --border=red
		66 --title=
		66 --window-icon=/etc/passwd
	END
}

@test "no engine: 69" {
	run -69 lxg-xpra start xterm < record
}

@test "dry runs and blank lines pass by" {
	run -0 lxg-xpra attach <<< ''
	[ "$output" = '' ]
	jq -c '. + {dry_run: true}' < record > dry
	[ "$(lxg-xpra start xterm '$x' < dry | jq -c .command)" = \
	    '["xterm","$x"]' ]
	jq -c '. + {session: "abcdefgh"}' < record > s
	lxg-xpra stop -n < s | jq -e .dry_run
}

@test "a full disk on standard output: 74" {
	run -74 sh -c 'lxg-xpra list < record > /dev/full'
}

@test "list: what an ended session left" {
	session abcdefgh
	[ "$(keys '[.session, .state, .exit_status, .command, .display,
	    .attached]')" = \
	    '["abcdefgh","ended",3,["a b","c"],":7",false]' ]
	[ "$(keys .socket)" = "\"$PWD/$xpra/abcdefgh.sock\"" ]
}

@test "list: starting and live are told by lock, socket and display" {
	session abcdefgh
	rm "$xpra/abcdefgh/status"
	[ "$(keys .state)" = '"ended"' ]
	cc -O2 -o hold "$BATS_TEST_DIRNAME/../hold.c"
	./hold "$xpra/abcdefgh/lock" > held 3>&- &
	supervisor=$!
	until [ -s held ]; do sleep 0.02; done
	[ "$(keys .state)" = '"starting"' ]
	: > "$xpra/abcdefgh.sock"
	[ "$(keys .state)" = '"live"' ]
	kill "$supervisor"
	wait "$supervisor" || :
	[ "$(keys .state)" = '"ended"' ]
}

@test "list -t: a line a session, and one for an instance that has none" {
	session abcdefgh
	printf '["xterm","a b","","\\u001b[2J\\u202e\\u0000"]' \
	    > "$xpra/abcdefgh/command"
	touch -d '2 hours ago' "$xpra/abcdefgh/lock"
	jq -c '(. + {status: "Running"}), (. + {instance: "none", location: "m1"}),
	    (. + {instance: "far", status: "Stopped", remote: "work",
	    api: "https://127.0.0.1:1"}),
	    (. + {instance: "bad", error: "is\u001b away"})' record > many
	run -0 --separate-stderr lxg-xpra list -t < many
	[ "$stderr" = 'lxg-xpra: bad: is? away' ]
	[ "$output" = "$(cat <<-'END'
	web   lxd     Running  abcdefgh  ended  2h  xterm "a b" "" "\u001b[2J?\u0000"
	none  lxd@m1  -        -         -      -   -
	far   work:   Stopped  -         -      -   -
	bad   lxd     -        -         -      -   -
	END
	)" ]
	script -qec 'lxg-xpra list -t < many' /dev/null < /dev/null > screen
	grep -q '^INSTANCE  *ENGINE.* PROGRAM' screen
	run -0 lxg-xpra list -t <<< ''
	[ "$output" = '' ]
	run -0 lxg-xpra list -t <<< "$(jq -c '. + {command: [1, "x"]}' record)"
	[[ $output == *' 1 x' ]]
	run -74 sh -c 'lxg-xpra list -t < many > /dev/full'
}

@test "no folder, no session: an empty line" {
	rm -r home/lxd
	run -0 lxg-xpra list < record
	[ "$output" = '' ]
}

@test "the instance's folder must be the user's alone, and this instance's" {
	chmod 0777 home/lxd/default/web
	run -77 lxg-xpra list < record
	chmod 0700 home/lxd/default/web
	echo other > home/lxd/default/web/uuid
	run -0 lxg-xpra list < record
	[ "$output" = '' ]
	run -73 lxg-xpra join true < <(jq -c '.session = "abcdefgh"' record)
	echo u-1 > home/lxd/default/web/uuid
	run -0 lxg-xpra list < record
	mv "$xpra" elsewhere
	ln -s "$PWD/elsewhere" "$xpra"
	run ! lxg-xpra list < record
}

@test "links, fifos, folders and giants where files should be: no hang" {
	echo 9 > secret
	for kind in 'ln -s ../../../../../../secret' mkfifo mkdir \
	    'truncate -s 1T'; do
		for file in status display command lock; do
			session abcdefgh
			rm "$xpra/abcdefgh/$file"
			$kind "$xpra/abcdefgh/$file"
			run -0 timeout 5 lxg-xpra list < record
			[ "$(jq .exit_status <<< "$output")" != 9 ]
			rm -r "$xpra/abcdefgh"
		done
	done
}

@test "numbers are numbers" {
	for n in -1 256 ' 3' 3x 0x3 1e2 99999999999999999999 $'3\n4' ''; do
		session abcdefgh
		printf '%s\n' "$n" > "$xpra/abcdefgh/status"
		[ "$(keys .exit_status)" = "$(case $n in
			3*) [ "$n" = $'3\n4' ] && echo 3 || echo null ;;
			*) echo null ;;
		esac)" ]
		rm -r "$xpra/abcdefgh"
	done
}

@test "a command that is none is null" {
	for c in '"x"' '{}' '[1]' '[' '[["x"]]' ''; do
		session abcdefgh
		printf '%s' "$c" > "$xpra/abcdefgh/command"
		[ "$(keys .command)" = null ]
		rm -r "$xpra/abcdefgh"
	done
}

@test "a flooded folder is bounded, and told" {
	(cd "$xpra" && seq -f 'a%07.0f' 6000 | xargs mkdir)
	run -75 timeout 20 lxg-xpra list < record
	[[ $output == *"too much in its xpra folder"* ]]
}

@test "list: an instance that floods hides no other's sessions" {
	session abcdefgh
	(umask 077 && mkdir -p home/lxd/default/flood/xpra)
	seq -f 'home/lxd/default/flood/xpra/f%07.f' 600 | xargs mkdir
	jq -c '.instance = "flood"' < record > both
	cat record >> both
	run -75 --separate-stderr lxg-xpra list < both
	[[ $stderr == *"flood: too much in its xpra folder"* ]]
	jq -se 'map(.instance + " " + (.session // "")) |
	    index("web abcdefgh") and (map(select(. >= "flood f")) | length > 99)' \
	    <<< "$output"
	# what comes behind it is told, too
	jq -se 'map(select(.error)) | length == 1 and .[0].instance == "flood"' \
	    <<< "$output"
}

@test "each option of the table is in four columns, and versions are numbers" {
	table=$(dirname "$(command -v lxg-xpra)")/../share/lxg/xpra.options
	run ! awk -F '\t' '/^#/ || NF == 0 { next }
		NF != 4 || $1 !~ /^(server|display|way)$/ ||
		$2 !~ /^[0-9]+-[0-9]+$/ ||
		$3 !~ /^(always|[a-z]+=[a-z]+)$/ { print; bad = 1 }
		END { exit !bad }' "$table"
}

@test "far.py: who reads slowly is told all, though no event comes any more" {
	mkdir -p base/abcdefgh
	: > base/abcdefgh/lock
	head -c 3000000 /dev/zero | tr '\0' x > base/abcdefgh/output
	run -0 timeout 60 python3 - "$(dirname "$(command -v lxg)")/../share/lxg" \
	    <<-'END'
	import os, sys
	text = "".join(open(sys.argv[1] + "/" + name).read()
	    for name in ("sessions.py", "far.py"))
	sys.argv[1:] = ["list"]
	exec(text.replace("/var/lib/lxg/xpra", os.getcwd() + "/base"))
	said = os.fdopen(os.dup(1), "w")
	os.dup2(os.pipe()[1], 2)        # has room, whenever it is asked
	read = [0]
	def flush(told):
	    # nothing is taken until all has been looked at, then all that is there
	    flush.calls += 1
	    if flush.calls > 1:
	        read[0] += len(told.queue)
	        told.queue = b""
	flush.calls = 0
	Told.flush = flush
	carrier = Carrier("abcdefgh", "", 0, True)
	carrier.look()
	assert carrier.told.more and not carrier.told.queue
	steps = 0
	while carrier.told.more:
	    carrier.step()
	    steps += 1
	print(read[0] > 3000000, steps < 100, 2 in carrier.want(), file=said)
	END
	[ "${lines[-1]}" = "True True False" ]
}

@test "far.py: what the client says and the microphone hears is told apart, however cut" {
	python3 - "$(dirname "$(command -v lxg)")/../share/lxg" <<-'END'
	import os, random, sys
	with open(sys.argv[1] + "/far.py") as f:
	    text = f.read()
	sys.argv[1:] = ["list"]
	exec(text)


	class Heard(list):
	    put = list.append


	random.seed(7)
	for _ in range(100):
	    heard = Heard()
	    both = Both(os.dup(1), heard)
	    want, said = {"display": b"", "microphone": b""}, b""
	    for _ in range(30):
	        name = random.choice(list(want))
	        piece = os.urandom(random.choice([1, 5, 40, 3000]))
	        want[name] += piece
	        said += b"%s %d\n" % (name.encode(), len(piece)) + piece
	    display = b""
	    while said:
	        n = random.randint(1, 200)
	        display, said = display + both.take(said[:n]), said[n:]
	    assert display == want["display"]
	    assert b"".join(heard) == want["microphone"]
	    os.close(both.sink)
	END
}

@test "far.py: it ends where nobody says any more that he is there" {
	mkdir -p base
	for beat in true false; do
		run -0 timeout 60 python3 - "$beat" "$(dirname \
		    "$(command -v lxg)")/../share/lxg" <<-'END'
		import os, signal, sys, time
		beats = sys.argv[1] == "true"
		text = "".join(open(sys.argv[2] + "/" + name).read()
		    for name in ("sessions.py", "far.py"))
		sys.argv[1:] = ["list"]
		exec(text.replace("/var/lib/lxg/xpra", os.getcwd() + "/base"))
		BEAT = 2
		os.dup2(os.pipe()[0], 0)
		carrier, begun = Carrier("abcdefgh", "", 0, True), time.monotonic()
		if beats:
		    signal.signal(signal.SIGALRM, lambda *_:
		        os.kill(os.getpid(), signal.SIGWINCH))
		    signal.setitimer(signal.ITIMER_REAL, 0.1, 0.1)
		while carrier.step() and time.monotonic() - begun < 4:
		    pass
		# an interpreter that ends has no handlers any more
		signal.setitimer(signal.ITIMER_REAL, 0)
		print(time.monotonic() - begun >= 4, file=sys.stdout)
		END
		[ "${lines[-1]}" = "${beat^}" ]
	done
}

@test "far.py: what is said to a server that is gone ends nothing but itself" {
	mkdir -p base/abcdefgh
	run -0 timeout 60 python3 - "$(dirname "$(command -v lxg)")/../share/lxg" \
	    <<-'END'
	import os, socket, sys
	text = "".join(open(sys.argv[1] + "/" + name).read()
	    for name in ("sessions.py", "far.py"))
	sys.argv[1:] = ["list"]
	exec(text.replace("/var/lib/lxg/xpra", os.getcwd() + "/base"))
	said = os.fdopen(os.dup(1), "w")
	os.dup2(os.open("/dev/null", os.O_WRONLY), 2)
	end, word = os.pipe()
	os.dup2(end, 0)
	server = socket.socket(socket.AF_UNIX)
	server.bind("base/abcdefgh.sock")
	server.listen()
	carrier = Carrier("abcdefgh", "", 0, True)
	carrier.look()
	server.accept()[0].close()
	os.write(word, b"late")
	steps = [carrier.step() for _ in range(3)]
	os.close(word)
	print(steps, all(carrier.step() for _ in range(9)), file=said)
	END
	[ "${lines[-1]}" = "[True, True, True] False" ]
}
