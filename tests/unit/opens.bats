#!/usr/bin/env bats
# lxg open and the entries for menus, on stand-ins for the programs; and what
# answers inside (app.py), on entries that lie. SPDX-License-Identifier: ISC
# shellcheck disable=SC1003,SC2016,SC2030,SC2031,SC2154 # quotes; of run
bats_require_minimum_version 1.5.0

load ../glue.sh

setup()
{
	front
	export XDG_RUNTIME_DIR="$PWD/run"
	unset XDG_DATA_HOME FAIL
	for p in instance map acl xpra; do
		cat > "bin/lxg-$p" <<-'END'
		#!/bin/sh
		# notes its arguments, gives records as the real one would
		me=${0##*/}
		{ printf '%s\0' "$me" "$@"; printf '\n\0'; } >> "$LOG.$me.$1"
		for f in $FAIL; do
			[ "$f" = "${f#"$me.$1="}" ] || exit "${f#*=}"
		done
		case $me.$1 in
		*.get | *instance.start)
			printf '%s\n' "${RECORD:-{\"instance\":\"x\",\"engine\":\"incus\",\"project\":\"default\",\"uuid\":\"u\"\}}" ;;
		*map.list)
			cat > /dev/null
			[ ! -e "${LOG%/*}/before" ] || echo '{"device":"lxg-1"}'
			echo ;;
		*map.add)
			cat > /dev/null
			echo '{"instance":"x","device":"lxg-1","path":"/home/u/maps/f"}' ;;
		*xpra.attach)
			read -r line
			[ ! -e "${LOG%/*}/attach" ] || . "${LOG%/*}/attach"
			printf '{"instance":"x","session":"s","exit_status":%s}\n' \
			    "${STATUS:-0}" ;;
		*)	cat ;;
		esac
		END
		chmod +x "bin/lxg-$p"
	done
}

# ran PROGRAM VERB WORD...: was it called once, with these?
ran()
{
	printf '%s\0' "lxg-$1" "${@:2}" > want
	printf '\n\0' >> want
	cmp want "log.lxg-$1.$2"
}

@test "open: a copy is lent, opened by what inside says, and taken back" {
	: > 'a b.odt'
	STATUS=3 run -3 lxg open x 'a b.odt'
	ran map plan -c 'a b.odt'
	ran xpra start -d -m /home/u/maps/f
	ran map del -w
	[ -e log.lxg-acl.revoke ]
	[ ! -e log.lxg-xpra.stop ]
}

@test "open: a program with arguments; live; for reading" {
	: > ./-f
	lxg open -lr x -f prog 'a b' -z
	ran map plan -r -- -f
	ran xpra start -d prog 'a b' -z /home/u/maps/f
	rm log.*
	lxg open x -- -f -- -prog
	ran xpra start -d -- -prog /home/u/maps/f
}

@test "open: addresses go as they are, others are refused before anything" {
	for url in http://e.org 'HTTPS://e.org/a%20b?c=$d#`e`' mailto:a@e.org \
	    tel:+1 'magnet:?xt=1'; do
		rm -f log.*
		lxg open x "$url"
		ran xpra start -d -m "$url"
		[ ! -e log.lxg-map.plan ]
		[ ! -e log.lxg-map.del ]
	done
	rm -f log.*
	for url in javascript:alert file://other/etc/passwd data:text/html ftp://e.org \
	    file:///%00 file:///%zz file:a about:config http:// HTTPS:a tel:; do
		run -65 lxg open x "$url"
	done
	run ! ls log.*
}

@test "open: the address of a file here is the file" {
	: > "a %b
ü"
	lxg open x "file://$(hostname)$PWD/a%20%25b%0A%C3%BC"
	ran map plan -c "$PWD/a %b
ü"
	rm log.*
	: > http:
	lxg open x http:
	ran map plan -c http:
}

@test "open: what fails gives back what it took" {
	: > f
	FAIL=lxg-map.plan=65 run -65 lxg open x f
	[ ! -e log.lxg-xpra.start ]
	FAIL=lxg-xpra.start=78 run -125 lxg open x f
	[[ "$output" == *'lxg-xpra ended with 78'* ]]
	[ -e log.lxg-map.del ]
	rm log.*
	FAIL=lxg-xpra.start=127 run -127 lxg open x f prog
	[ -e log.lxg-map.del ]
	rm log.*
	FAIL=lxg-xpra.attach=69 run -125 lxg open x f
	[ -e log.lxg-xpra.stop ]
	[ -e log.lxg-map.del ]
	FAIL=lxg-map.del=75 run -125 lxg open x f
	[[ "$output" == *'lxg unmap x does that'* ]]
	run -1 lxg open x nosuch
	[ "$output" = 'lxg open: x: nosuch: not there, or not for you' ]
	run -64 lxg open x
	run -64 lxg open x -l f
	[[ "$output" == *'lxg open -l x f' ]]
}

@test "open: a signal ends the session, and the loan" {
	: > f
	echo 'echo > "${LOG%/*}/on"; exec sleep 100' > attach
	for signal in INT TERM HUP; do
		rm -f log.* on
		# which a shell's job would ignore
		env --default-signal=INT lxg open x f &
		pid=$!
		until [ -e on ]; do kill -0 "$pid"; sleep 0.02; done
		kill -s "$signal" "$pid"
		status=0
		wait "$pid" || status=$?
		[ "$status" = "$((128 + $(kill -l "$signal")))" ]
		[ -e log.lxg-xpra.stop ]
		ran map del
		[ -e log.lxg-acl.revoke ]
	done
}

@test "open: what was lent before stays lent; what is open twice, to the last" {
	: > f
	: > before
	lxg open x f
	[ ! -e log.lxg-map.del ]
	rm before log.*
	# the first ends while the second runs
	echo 'echo > "${LOG%/*}/on"; until [ -e "${LOG%/*}/go" ]; do sleep 0.02; done' \
	    > attach
	lxg open x f &
	pid=$!
	until [ -e on ]; do kill -0 "$pid"; sleep 0.02; done
	rm attach
	: > before	# as it is now
	lxg open x ./f
	[ ! -e log.lxg-map.del ]
	: > go
	wait "$pid"
	[ -e log.lxg-map.del ]
}

@test "lxg -n open prints what it runs" {
	[ "$(lxg -n open x d/f)" = "lxg-instance get x | lxg-map plan -c d/f |$(
	    ) lxg-acl grant | lxg-map add && lxg-instance start x |$(
	    ) lxg-xpra start -d -m maps/f | lxg-xpra attach; $(
	    )lxg-instance get x | lxg-map list d/f | lxg-map del -w |$(
	    ) lxg-acl revoke" ]
	[ "$(lxg -n open -l x f vi)" = "lxg-instance get x | lxg-map plan f |$(
	    ) lxg-acl grant | lxg-map add && lxg-instance start x |$(
	    ) lxg-xpra start -d vi lent/f | lxg-xpra attach; $(
	    )lxg-instance get x | lxg-map list f | lxg-map del -w |$(
	    ) lxg-acl revoke" ]
	[ "$(lxg -n open x https://e.org)" = "lxg-instance start x |$(
	    ) lxg-xpra start -d -m https://e.org | lxg-xpra attach" ]
}

@test "open -m: an entry that handles types, as desktop-file-validate wants it" {
	lxg open -m x > x.desktop
	desktop-file-validate --warn-kde x.desktop
	grep -qxF "Exec=$PWD/bin/lxg -g -E incus open x %u" x.desktop
	grep -qxF 'MimeType=text/html;x-scheme-handler/http;x-scheme-handler/https;' \
	    x.desktop
	grep -qxF StartupWMClass=lxg-x x.desktop
	lxg open -m x application/pdf image/svg+xml > x.desktop
	grep -qxF 'MimeType=application/pdf;image/svg+xml;' x.desktop
	run -65 lxg open -m x 'a/b;Exec=x'
	run -65 lxg open -m x $'a/b\nExec=x'
	FAIL=lxg-instance.get=1 run -1 lxg open -m x
	[ -z "$output" ]
}

@test "lxg -g: what goes wrong is shown, and what the program says is not" {
	cat > bin/notify-send <<-'END'
	#!/bin/sh
	printf '%s\0' "$@" > "${LOG%/*}/shown"
	END
	chmod +x bin/notify-send
	: > f
	STATUS=3 run -3 lxg -g open x f
	[ ! -e shown ]
	echo 'echo "lxg-map: x: /f: written back" >&2' > attach
	lxg -g open x f
	[ ! -e shown ]
	echo 'echo "lxg-map: x: both are kept" >&2' > attach
	lxg -g open x f
	grep -qz both shown
	rm attach
	FAIL=lxg-xpra.start=78 run -125 lxg -g open x f
	[[ "$output" == *'lxg-xpra ended with 78'* ]]
	[ "$(tail -zn 2 shown | tr '\0' '\n')" = \
	    $'lxg open\nlxg open: x: lxg-xpra ended with 78' ]
	: > '<b>&'
	FAIL=lxg-map.plan=65 run -65 lxg -g open x 'javascript:<b>&'
	[[ "$(tail -zn 1 shown | tr -d '\0')" == *'javascript:&lt;b&gt;&amp;: '* ]]
	# nothing there that takes notifications
	rm shown
	printf '#!/bin/sh\nexit 1\n' > bin/notify-send
	printf '#!/bin/sh\nprintf "%%s\\0" "$@" > "${LOG%%/*}/shown"\n' > bin/zenity
	chmod +x bin/zenity
	FAIL=lxg-xpra.start=78 run -125 lxg -g open x f
	grep -qz -- --no-markup shown
}

# said JSON: what the instance says of a program
said() {
	jq -cn --argjson app "$1" '{instance: "x", engine: "incus",
	    project: "default", uuid: "u", $app}' > app
	RECORD=$(cat app)
	export RECORD
}

ENTRIES=.local/share/applications

# valid NAME: is there such an entry, and does it hold to the specification?
valid()
{
	desktop-file-validate --no-hints "$ENTRIES/$1.desktop" > said
	[ ! -s said ] || { cat said; return 1; }
}

# runs NAME [FILE]: what GLib's parser makes of its Exec, a line a word
runs()
{
	python3 - "$ENTRIES/$1.desktop" "${@:2}" <<-'END'
	import re, sys
	line = [l[5:] for l in open(sys.argv[1]) if l.startswith("Exec=")]
	assert len(line) == 1
	line = re.sub(r"\\(.)", lambda m: {"\\": "\\", "s": " "}[m[1]],
	              line[0].rstrip("\n"))
	words = re.findall(r'"(?:[^"\\]|\\["`$\\])*"|[^\s"\\`$]+', line)
	assert " ".join(words) == line, line
	for word in words:
	    if word[0] == '"':
	        word = re.sub(r"\\(.)", r"\1", word[1:-1])
	    if word == "%u":
	        print(*sys.argv[2:], sep="\n", end="\n" * (len(sys.argv) > 2))
	    else:
	        print(re.sub("%(.)", lambda m: {"%": "%"}[m[1]], word))
	END
}

@test "desktop: an entry of what the instance says" {
	said '{"keys": {"Name": "Editor", "Comment": "Edits text",
	    "Categories": "Utility;TextEditor;X-Foo;", "Keywords": "a;b;",
	    "MimeType": "text/plain;text/html;"}, "takes": true,
	    "command": ["editor"], "icon": "iVBORw=="}'
	lxg desktop x /usr/bin/editor -a
	valid lxg-x-editor
	ran xpra app /usr/bin/editor
	diff - "$ENTRIES/lxg-x-editor.desktop" <<-END
	[Desktop Entry]
	Type=Application
	Name=Editor (x)
	Comment=Edits text
	Exec=$PWD/bin/lxg -g -E incus attach x -- /usr/bin/editor -a
	Icon=$PWD/.local/share/icons/hicolor/128x128/apps/lxg-x-editor.png
	Categories=Utility;
	Keywords=a;b;
	TryExec=$PWD/bin/lxg
	StartupNotify=true
	StartupWMClass=lxg-x
	Terminal=false
	X-Lxg-Uuid=u
	X-Lxg-Instance=x
	END
	[ "$(od -An -tx1 .local/share/icons/hicolor/128x128/apps/lxg-x-editor.png)" \
	    = ' 89 50 4e 47' ]
	[ "$(stat -c %a "$ENTRIES/lxg-x-editor.desktop")" = 644 ]
	# the same again, with its types
	lxg -p work desktop -m x editor
	valid lxg-x-editor
	grep -qx 'MimeType=text/plain;text/html;' "$ENTRIES/lxg-x-editor.desktop"
	grep -qx 'Exec=.* open -u 1 x editor %u' "$ENTRIES/lxg-x-editor.desktop"
	[ "$(lxg desktop -l)" = \
	    "$(printf 'x\tEditor (x)\t%s' "$PWD/$ENTRIES/lxg-x-editor.desktop")" ]
	[ -z "$(lxg desktop -l y)" ]
	run -1 lxg desktop -r x other
	run -1 lxg desktop -r y
	lxg desktop -r x editor
	[ -z "$(find .local -type f ! -name mimeinfo.cache)" ]
	run -1 lxg desktop -r x
}

@test "desktop: what lies ends in no key, no command and no terminal" {
	nasty=$'\e[2J\nExec=evil\nName=x\u202e;\\n%f"`$(evil)`'
	said "$(jq -cn --arg n "$nasty" '{keys: {Name: $n, GenericName: ($n + "1"),
	    Comment: ($n + "2"), Categories: ("Utility;" + $n), Keywords: $n, Exec: $n,
	    MimeType: ("text/plain;" + $n + ";a/b\n;../x;a/b/c;text/x-y;"),
	    "X-Evil": $n, DBusActivatable: "true", OnlyShowIn: "x",
	    Actions: $n}, takes: true, command: ["evil"]}')"
	lxg desktop -m x prog
	valid lxg-x-prog
	grep -qx 'MimeType=text/plain;text/x-y;' "$ENTRIES/lxg-x-prog.desktop"
	grep -qx 'Categories=Utility;' "$ENTRIES/lxg-x-prog.desktop"
	[ "$(grep -c ^Exec= "$ENTRIES/lxg-x-prog.desktop")" = 1 ]
	run ! grep -qE $'\e|^X-Evil|^DBus|^OnlyShow|^Actions|^Icon' \
	    "$ENTRIES/lxg-x-prog.desktop"
	run ! grep -q $'\u202e' "$ENTRIES/lxg-x-prog.desktop"
	[ "$(runs lxg-x-prog /f | tail -n 5 | tr '\n' ' ')" = '-u 1 x prog /f ' ]
	# long ones are short then
	said "$(jq -cn '{keys: {Name: ("n" * 100000), Keywords: ("k;" * 10000)}}')"
	lxg desktop x prog
	valid lxg-x-prog
	[ "$(wc -c < "$ENTRIES/lxg-x-prog.desktop")" -lt 2000 ]
	# and of another kind are none
	for app in '{}' '[]' '3' 'null' '{"keys": []}' '{"keys": {"Name": 3,
	    "MimeType": {}, "Categories": ["x"]}, "icon": 3}'; do
		rm -f "$ENTRIES"/*
		said "$app"
		lxg desktop x prog
		grep -qx 'Name=prog (x)' "$ENTRIES/lxg-x-prog.desktop"
	done
	run -1 lxg desktop -m x prog
}

@test "desktop: each word of the command arrives" {
	said '{"keys": {}}'
	set -- 'a b' "it's" '"' '$HOME' '`id`' '\' '\\n' '%f %%' '' 'grün' '-x' \
	    'a;b' '~' '#' '=' '|' '&'
	lxg desktop x prog "$@"
	valid lxg-x-prog
	diff <(runs lxg-x-prog) <(printf '%s\n' "$PWD/bin/lxg" -g -E incus \
	    attach x -- prog "$@")
	# of an entry that was named, the instance's words
	said '{"keys": {}, "command": ["a b", "`$\\\"%u"]}'
	lxg desktop x org.e.desktop
	valid lxg-x-org.e
	diff <(runs lxg-x-org.e) <(printf '%s\n' "$PWD/bin/lxg" -g -E incus \
	    attach x -- 'a b' '`$\"%u')
	said '{"keys": {}, "command": ["a\nExec=evil"]}'
	run -65 lxg desktop x org.e.desktop
	run -65 lxg desktop x $'a\nb'
	said '{"keys": {}, "command": []}'
	run -65 lxg desktop x org.e.desktop
	[ "$(runs lxg-x-org.e | tail -n 1)" = '`$\"%u' ]
}

@test "desktop: what is of another instance, or of the user's own, stays" {
	said '{"keys": {}}'
	mkdir -p "$ENTRIES"
	echo '[Desktop Entry]' > "$ENTRIES/lxg-x-prog.desktop"
	run -73 lxg desktop x prog
	run -1 lxg desktop -r x
	[ "$(cat "$ENTRIES/lxg-x-prog.desktop")" = '[Desktop Entry]' ]
	lxg desktop x two
	sed -i 's/^X-Lxg-Uuid=.*/X-Lxg-Uuid=v/' "$ENTRIES/lxg-x-two.desktop"
	run -73 lxg desktop x two
	lxg desktop -r x
	[ ! -e "$ENTRIES/lxg-x-two.desktop" ]
	FAIL=lxg-xpra.app=1 run -1 lxg desktop x three
	[ ! -e "$ENTRIES/lxg-x-three.desktop" ]
	[ "$(lxg -n desktop x p)" = 'lxg-instance start x | lxg-xpra app p' ]
}

@test "open -u: the program stands before, and runs alone where nothing is opened" {
	: > f
	lxg open -u 2 x prog -a f
	ran xpra start -d prog -a /home/u/maps/f
	rm log.*
	lxg open -u 1 x prog https://e.org
	ran xpra start -d prog https://e.org
	rm log.*
	lxg open -u 2 x -- prog -a
	ran xpra start -d prog -a
	[ ! -e log.lxg-map.plan ]
	for n in 0 x '' -1 3; do
		run -64 lxg open -u "$n" x prog f
	done
	run -64 lxg open -u 1 x prog f g
}

@test "inside: an entry is found, and its command is filled in" {
	mkdir -p d/applications/kde
	cat > d/applications/org.ed.desktop <<-'END'
	# a comment
	[Other]
	Exec=evil
	[Desktop Entry]
	Name = Ed
	Exec=env A=b "/opt/my ed/ed" --new\s"x\\\\$" -t%%%c %i %u
	Exec=second
	MimeType=text/plain;
	[Desktop Action x]
	Exec=evil
	END
	printf '[Desktop Entry]\nExec=ed\nNoDisplay=true\n' > d/applications/a.desktop
	printf '[Desktop Entry]\nExec=ex --preferences\n' \
	    > d/applications/ex-a.desktop
	printf '[Desktop Entry]\nExec=env A=b ex %%i %%U\n' > d/applications/ex.e.desktop
	printf '[Desktop Entry]\nExec=vi\nTerminal=true\nMimeType=text/x-tex\n' \
	    > d/applications/kde/v.desktop
	printf '[Desktop Entry]\nExec=cat\nNoDisplay=true\nMimeType=%s;\n' \
	    'text/x-tex;a/b;application/octet-stream' > d/applications/b.desktop
	printf '[Desktop Entry]\nHidden=true\nExec=cat\nMimeType=c/d;\n' \
	    > d/applications/hidden.desktop
	printf '[Desktop Entry]\nExec=gone\nMimeType=c/d;a/b\n' \
	    > d/applications/a.b.desktop
	printf '[Desktop Entry]\nExec="\nMimeType=c/d\n' > d/applications/bad.desktop
	ln -s nowhere d/applications/gone.desktop
	cat "$LXG_DATADIR/app.py" - <<-'END' | sed '/^if __name__/,/^    main/d' | python3 -I -
	data_dirs = lambda: ["d"]
	path, keys = find_entry("/usr/bin/ed")
	assert path == "d/applications/org.ed.desktop", path
	assert keys["Name"] == "Ed" and keys["MimeType"] == "text/plain;"
	assert command_of(keys, path, "/a b") == [
	    "env", "A=b", "/opt/my ed/ed", "--new", "x\\$", "-t%Ed", "/a b"], \
	    command_of(keys, path, "/a b")
	assert find_entry("ex")[0] == "d/applications/ex.e.desktop"
	assert find_entry("a")[0] == find_entry("a.desktop")[0] == \
	    "d/applications/a.desktop"
	path, keys = find_entry("v")
	assert command_of(keys, path, "f")[1:] == ["-e", "vi", "f"]
	assert find_entry("nosuch") == (None, {})
	is_a = lambda kind, of: (of in (kind, "application/octet-stream") or
	    of == "text/plain" and kind[:5] == "text/")
	shutil.which = lambda name, **_: name in ("env", "vi", "cat")
	ours = "d/applications/"
	assert lists("text/plain", is_a) == ours + "org.ed.desktop"
	assert lists("text/x-tex", is_a) == ours + "kde/v.desktop"
	assert lists("text/x-c", is_a) == ours + "org.ed.desktop"
	assert lists("a/b", is_a) == ours + "b.desktop"
	assert lists("c/d", is_a) is None
	END
}
