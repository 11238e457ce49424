#!/usr/bin/env bats
# lxg-profile without an engine: what show composes, what is refused.

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

# The profile that show prints for the arguments, in $output.
show() {
	run lxg-profile show "$@"
	[ "$status" -eq 0 ]
}

# fails CODE TEXT ARG...: ends with the code, says the text, prints nothing.
fails() {
	local code=$1 text=$2 out
	shift 2
	run lxg-profile "$@"
	[ "$status" -eq "$code" ] || { echo "$status: $output"; return 1; }
	[[ $output == *"$text"* ]] || { echo "$output"; return 1; }
	out=$(lxg-profile "$@" 2>/dev/null) || :
	[ -z "$out" ]
}

parts() {
	"$BATS_TEST_DIRNAME/../parts" "$@"
}

@test "strict is the default, and stores every policy key as off" {
	show firefox
	jq -e '.name == "firefox"
		and .config["security.devlxd"] == "false"
		and .config["security.idmap.isolated"] == "true"
		and .config["security.privileged"] == "false"
		and .config["security.nesting"] == "false"
		and .config["boot.autostart"] == "false"
		and .config["user.lxg.x11"] == "untrusted"
		and ([.config | to_entries[] | select(.key != "user.lxg.x11")
			| select(.key | startswith("user.lxg.")).value]
			== [range(9) | "off"])
		and ([.devices[] | select(.type == "nic")]
			| length == 1 and ([.[0] | to_entries[]
			| select(.key | startswith("security."))]
			| length == 4 and all(.value == "true")))
		and ([.devices[] | select(.type == "gpu")] == [])' <<<"$output"
	[ "$output" = "$(lxg-profile show -b strict firefox)" ]
}

@test "desktop opens what it says, and no more" {
	diff <(lxg-profile show x | jq -S .config) \
	    <(lxg-profile show -b desktop x | jq -S .config) >changes || :
	run grep '^>' changes
	[ "$(tr -d ' ,' <<<"$output")" = '>"user.lxg.audio":"out"
>"user.lxg.bell":"on"
>"user.lxg.clipboard":"both"
>"user.lxg.notifications":"on"
>"user.lxg.tray":"on"
>"user.lxg.x11":"trusted"' ]
}

@test "a part for each file, its type from its beginning" {
	printf '#cloud-config\n{}\n' >f1
	printf '#!/bin/sh\necho hi\n' >f2
	printf '#cloud-boothook\n:\n' >f3
	printf '#include\nhttp://x\n' >f4
	printf '#include-once\nhttp://x\n' >f5
	printf '#cloud-config-archive\n- "x"\n' >f6
	printf '#part-handler\n' >f7
	printf '## template: jinja\n#cloud-config\n{%% if %%}\n' >f8
	printf '\n  #CLOUD-CONFIG\na: 1\n' >f9
	printf 'hello\n' >f10
	head -c 300 /dev/zero >f11
	printf x | gzip -n >f12
	set -- f1 f2 f3 f4 f5 f6 f7 f8 f9 f10 f11 f12
	lxg-profile show x "$@" 2>said | parts "$@" >got
	cat >want <<-'EOF'
		text/cloud-config 7bit 001-f1
		text/x-shellscript 7bit 002-f2
		text/cloud-boothook 7bit 003-f3
		text/x-include-url 7bit 004-f4
		text/x-include-once-url 7bit 005-f5
		text/cloud-config-archive 7bit 006-f6
		text/part-handler 7bit 007-f7
		text/jinja2 7bit 008-f8
		text/cloud-config 7bit 009-f9
		text/plain 7bit 010-f10
		application/octet-stream base64 011-f11
		application/gzip base64 012-f12
	EOF
	diff want got
	grep 'lxg-profile: f10: begins like nothing' said
	grep 'lxg-profile: f9: a: ' said && return 1
	[ "$(grep -vc "is not looked into" said)" -eq 2 ]
}

@test "every text byte for byte: line ends, long lines, UTF-8, boundaries" {
	printf '#!/bin/sh\r\necho \r\n' >crlf
	printf '#!/bin/sh' >no-newline
	printf '#!/bin/sh\r' >cr
	printf '#!/bin/sh\n\n\n' >newlines
	{ printf '#!/bin/sh\n#'; head -c 5000 /dev/zero | tr '\0' x; } >long
	printf '#!/bin/sh\necho \303\244\360\237\220\243\n' >utf8
	printf '#!/bin/sh\necho \344\n' >latin1
	printf '#!/bin/sh\n\f\v\034\205\n' >controls
	printf '#!/bin/sh\nFrom me\n.\n--\n=3D\nContent-Type: x\n' >mail
	: >empty
	set -- crlf no-newline cr newlines long utf8 latin1 controls mail empty
	lxg-profile show x "$@" | parts "$@"
}

@test "a boundary that is in a part is not taken" {
	printf '#!/bin/sh\n' >a
	boundary=$(lxg-profile show x a | jq -r '.config[
	    "cloud-init.user-data"] | capture("boundary=\"(?<b>[^\"]*)").b')
	[ -n "$boundary" ]
	printf '#!/bin/sh\n--%s\n\nx\n--%s--\n' "$boundary" "$boundary" >b
	lxg-profile show x a b | parts a b
	lxg-profile show x a b | grep -q 'boundary=[^ ]*-1\\"'
}

@test "the same files give the same bytes" {
	printf '#!/bin/sh\n' >a
	[ "$(lxg-profile show x a)" = "$(lxg-profile show x a)" ]
}

@test "file names do not break out of their header" {
	f=$'a"b;\r\nX-Evil: \303\244'
	printf '#!/bin/sh\n' >"$f"
	lxg-profile show x "$f" "./$f" | parts "$f" "$f" >names
	[ "$(cut -d ' ' -f 3 names)" = "001-a_b___X-Evil____
002-a_b___X-Evil____" ]
	run lxg-profile show x "./$f" nothing-$'\e[31m'
	[ "$status" -eq 1 ]
	[[ $output != *$'\e'* ]]
}

@test "a file after -- that looks like an option; pipes" {
	printf '#!/bin/sh\n' >-f
	lxg-profile show -- x -f | parts ./-f
	lxg-profile show x <(cat ./-f) | parts ./-f
	cp ./-f copy
	lxg-profile show x /dev/stdin <copy | parts ./-f
}

@test "what is MIME already: alone as it is, among others a part" {
	printf '%s' $'Content-Type: multipart/mixed; boundary="b"\n' \
	    $'MIME-Version: 1.0\n\n--b\nContent-Type: text/x-shellscript\n\n' \
	    $'#!/bin/sh\n--b--\n' >m
	[ "$(lxg-profile show x m | jq -r '.config["cloud-init.user-data"]')" \
	    = "$(cat m)" ]
	printf '#!/bin/sh\n' >a
	lxg-profile show x a m a | parts -t >got
	printf '%s\n' multipart/mixed text/x-shellscript multipart/mixed \
	    text/x-shellscript text/x-shellscript >want
	diff want got
}

@test "bad cloud-config: file, line, column, 65" {
	printf '#cloud-config\na: 1\nb: [1, 2\n' >bad.yaml
	fails 65 'bad.yaml: line 4, column 1: ' show x bad.yaml
	printf '#cloud-config\na:\n\t- b\n' >tab.yaml
	fails 65 'tab.yaml: line 3, column 1: ' show x tab.yaml
	printf '#cloud-config\na: *b\n' >alias.yaml
	fails 65 'alias.yaml: line 2, column 4: ' show x alias.yaml
	printf '#cloud-config\n- a\n' >list.yaml
	fails 65 'list.yaml: line 2, column 1: keys' show x list.yaml
	printf '#cloud-config\na: 1\n---\nb: 1\n' >two.yaml
	fails 65 'two.yaml: line 4, column 1: a second document' show x two.yaml
	printf '#cloud-config\n\303\244: x\376\n' >latin.yaml
	fails 65 'latin.yaml: line 2, column 5: ' show x latin.yaml
	printf '#cloud-config-archive\na: 1\n' >archive.yaml
	fails 65 'archive.yaml: line 2, column 1: a list' show x archive.yaml
	printf '#cloud-config\na: 1\n' >good.yaml
	fails 65 'bad.yaml: line 4' show x good.yaml bad.yaml
	{ printf '#cloud-config\n'; head -c 1000000 /dev/zero |
		tr '\0' '['; } >deep.yaml
	fails 65 'deep.yaml: line 2, column 101: nested' show x deep.yaml
	{ printf '#cloud-config\n'; seq 1001 | sed 's/.*/k&: \&a& x/'; } >anchors.yaml
	fails 65 'anchors.yaml: line 1002, column ' show x anchors.yaml
	# an engine that is not there is not even asked for
	LXG_ENGINE=/nowhere fails 65 'bad.yaml: line 4' put x bad.yaml
}

# A line for each part of what show prints: its merger, its name.
mergers() {
	mergers_of x "$@"
}

mergers_of() {
	lxg-profile show "$@" 2>said | parts -m
}

LAST_FIRST='list(prepend)+dict(no_replace,recurse_list)'
IN_ORDER='list(append)+dict(no_replace,recurse_list)'

@test "several cloud-config files: sent last first, to be added up" {
	printf '#cloud-config\npackages: [a]\nb: 1\n' >one
	printf '#cloud-config\npackages: [c]\n' >two
	printf '## template: jinja\n#cloud-config\nb: {{ x }}\n' >three
	printf '#!/bin/sh\n' >script
	diff <(mergers one script two three) - <<-EOF
		$LAST_FIRST 004-three
		- 002-script
		$LAST_FIRST 003-two
		$LAST_FIRST 001-one
	EOF
	[ ! -s said ]
	# that of the base is the first
	jq -Rs '{config: {"cloud-init.user-data": .}}' one >base.json
	diff <(mergers_of -b base.json x two) - <<-EOF
		$LAST_FIRST 002-two
		$LAST_FIRST 001-cloud-init.user-data
	EOF
	# one alone has nothing to be added to
	diff <(mergers script one) - <<-EOF
		- 001-script
		- 002-one
	EOF
}

@test "a file's own way to merge wins, and what comes behind it is told" {
	printf '#cloud-config\npackages: [a]\nb: 1\n' >one
	printf '#cloud-config\npackages: [c]\n' >two
	printf '#cloud-config\nd: [c]\nmerge_how: "list(append)"\n' >how
	printf '## template: jinja\n#cloud-config\nmerge_type: "x()"\n' >jinja
	diff <(mergers one two how) - <<-EOF
		$LAST_FIRST 002-two
		$LAST_FIRST 001-one
		- 003-how
	EOF
	[ ! -s said ]
	diff <(mergers one jinja two) - <<-EOF
		- 001-one
		- 002-jinja
		$IN_ORDER 003-two
	EOF
	[ "$(cat said)" = "lxg-profile: two: packages: is added to that of one$(
	    ); of single values those stay, since a file between them merges$(
	    ) in its own way" ]
}

@test "what is not looked into replaces whole keys, which is told" {
	local f
	printf '#cloud-config\npackages: [a]\n' >one
	gzip -kn one
	printf '#cloud-config-archive\n- "x"\n' >archive
	printf '#include\nhttp://x\n' >include
	printf 'MIME-Version: 1.0\nContent-Type: text/plain\n\nx\n' >message
	for f in one.gz archive include message; do
		lxg-profile show x one "$f" 2>&1 >/dev/null |
		    grep "^lxg-profile: $f: is not looked into:.*replaces keys"
		lxg-profile show x "$f" one >/dev/null 2>said
		lxg-profile show x "$f" "$f" >/dev/null 2>>said
		[ ! -s said ]
	done
}

@test "a script that the kernel won't run is told" {
	printf '#!/bin/sh\r\necho\r\n' >crlf
	printf '#!/bin/sh\r' >cr
	printf '\n#!/bin/sh\n' >blank
	printf '#!/bin/sh\necho\r\n' >good
	for f in crlf cr; do
		lxg-profile show x "$f" 2>&1 >/dev/null |
		    grep "$f: its first line ends in a carriage return"
	done
	lxg-profile show x blank 2>&1 >/dev/null | grep 'blank: #! are not its'
	lxg-profile show x good 2>said >/dev/null
	[ ! -s said ]
}

@test "a key that is there twice is told" {
	printf '#cloud-config\na: 1\na: 2\n' >twice
	run lxg-profile show x twice
	[[ $output == *"twice: a: is there twice"* ]]
}

@test "what is no user-data is 65, with the line that it needs" {
	printf -- '---\npackages: [a]\n' >dashes
	printf '\357\273\277#cloud-config\npackages: [a]\n' >bom
	printf '#cloud-confg\npackages: [a]\n' >typo
	printf '# cloud-config\npackages: [a]\n' >space
	printf 'packages: [a]\n' >none
	printf '\377\376#\0' >utf16
	for f in dashes typo space none utf16; do
		fails 65 "$f: begins like nothing that cloud-init knows; $(
		    )the first line has to be #cloud-config, or #!/bin/sh" \
		    show x "$f"
	done
	fails 65 'bom: begins with a byte order mark' show x bom
	# an engine that is not there is not even asked for
	LXG_ENGINE=/nowhere fails 65 'dashes: begins' put x dashes
	: >empty
	run lxg-profile show x empty
	[[ $status -eq 0 && $output = *'empty: is empty'* ]]
}

@test "a base in YAML: values as written, as strings" {
	cat >base.yaml <<-'EOF'
		name: other
		used_by: [/1.0/instances/x]
		description: mine
		config:
		  limits.cpu: 010
		  limits.memory: 1e3
		  security.devlxd: no
		  user.empty:
		  user.null: ~
		  user.text: |
		    a
		    b
		  user.guess: "true"
		devices: &d
		  gpu: {type: gpu, id: 0}
	EOF
	show -b base.yaml x
	jq -e '. == {name: "x", description: "mine", config: {
		"limits.cpu": "010", "limits.memory": "1e3",
		"security.devlxd": "no", "user.text": "a\nb\n",
		"user.guess": "true"}, devices: {gpu: {type: "gpu", id: "0"}}}' \
		<<<"$output"
	# what the engine's own export holds of a put is not taken over
	printf 'config: {user.lxg.put: abc, user.lxg.audio: out}\n' >export.yaml
	show -b export.yaml x
	jq -e '.config == {"user.lxg.audio": "out"}' <<<"$output"
}

@test "a base in JSON" {
	printf '{"config": {"a.b": "\\ud83d\\ude00", "c": 7, "d": false}}' >b
	show -b ./b x
	jq -e '.config == {"a.b": "\ud83d\ude00", c: "7", d: "false"}' \
	    <<<"$output"
	[ "$(lxg-profile show -b strict x | jq 'del(.name)' >s.json
	lxg-profile show -b s.json x)" = "$(lxg-profile show x)" ]
}

@test "a base's own user-data is the first part" {
	printf 'config:\n  cloud-init.user-data: |\n    #!/bin/sh\n' >base.yaml
	printf '#!/bin/sh\n' >one
	printf '#!/bin/bash\n' >two
	lxg-profile show -b base.yaml x two | parts one two
	lxg-profile show -b base.yaml x | parts one
	printf 'config: {user.user-data: "#!/bin/sh\\n"}' >old.yaml
	lxg-profile show -b old.yaml x two | parts one two
	lxg-profile show -b old.yaml x two |
	    jq -e '.config | has("user.user-data") | not'
}

@test "a base that is none: 65, with line and column" {
	try() {
		printf '%b' "$1" >b.yaml
		fails 65 "b.yaml: $2" show -b b.yaml x
	}
	try 'config: [a]' 'line 1, column 9: keys'
	try 'config: {a: [b]}' 'line 1, column 13: a plain value'
	try 'config: {a: 1, a: 2}' 'line 1, column 16: this key is there twice'
	try 'config: {a: 1}\nconfig: {}' 'line 2, column 1: this key'
	try 'konfig: {}' 'line 1, column 9: belongs to none'
	try 'devices: {a: b}' 'line 1, column 14: keys'
	try 'x: &x {a: b}\n' 'line 1, column 4: belongs'
	try 'config: &c {a: *c}' 'line 1, column '
	try 'config: {<<: {a: b}}' 'line 1, column '
	try 'config: {"a\\0b": c}' 'line 1, column '
	try '{"config": {"a": "b"' 'line 2, column 1: '
	try '' 'is empty'
	try 'hello' 'line 1, column 1: keys'
	try 'config: {security.devlxd: a, security.guestapi: b}' \
	    'security.devlxd and security.guestapi are the same key'
	try "$(head -c 2000 /dev/zero | tr '\0' '[')" 'line '
	head -c 1100000 /dev/zero | tr '\0' ' ' >b.yaml
	fails 65 'b.yaml: is larger than' show -b b.yaml x
	{
		printf 'devices:\n  d0: &d\n'
		seq -f '    k%g: v' 2000
		seq -f '  d%g: *d' 1 2000
	} >b.yaml
	show -b b.yaml x 2>/dev/null || fails 65 'too many keys' show -b b.yaml x
	fails 1 'nothing: neither a preset' show -b nothing x
	fails 1 'nothing.yaml' show -b nothing.yaml x
	fails 65 '.: is a folder' show -b ./. x
	fails 65 '/dev/zero: is larger' show -b /dev/zero x
}

@test "a file called strict in the working folder is not the preset" {
	printf 'config: {a: b}' >strict
	show x
	jq -e '.config | has("a") | not' <<<"$output"
	show -b ./strict x
	jq -e '.config == {a: "b"}' <<<"$output"
}

@test "-k sets and takes away keys of config and devices" {
	show -k user.lxg.audio=out -k limits.cpu=2 -k security.nesting= \
	    -k devices.gpu.type=gpu -k devices.eth0.security.port_isolation= \
	    -k user.a=b=c x
	jq -e '.config["user.lxg.audio"] == "out"
		and .config["limits.cpu"] == "2" and .config["user.a"] == "b=c"
		and (.config | has("security.nesting") | not)
		and .devices.gpu == {type: "gpu"}
		and .devices.eth0["security.mac_filtering"] == "true"
		and (.devices.eth0 | has("security.port_isolation") | not)' \
	    <<<"$output"
	show -k devices.eth0= x
	jq -e '.devices == {}' <<<"$output"
	show -k security.guestapi=true x
	jq -e '.config["security.devlxd"] == "true"' <<<"$output"
	for k in a =b devices.=b devices.a=b devices..b=c devices.a.=b ''; do
		fails 64 '' show -k "$k" x
	done
	fails 65 'not UTF-8' show -k $'user.a=\xff' x
}

@test "policy: an unknown key or value is 78, wherever it comes from" {
	fails 78 'user.lxg.clipbord: no such policy key' \
	    show -k user.lxg.clipbord=off x
	fails 78 'user.LXG.clipboard: no such' show -k user.LXG.clipboard=off x
	fails 78 'user.lxg.clipboard: Both is none of off, in, out, both' \
	    show -k user.lxg.clipboard=Both x
	for k in audio=on bell=yes tray=true x11=maybe color=red color=#12345 \
	    color=#1234567 title=$'\e[31m' files=off\  put2=x; do
		fails 78 "user.lxg.${k%%=*}" show -k "user.lxg.$k" x
	done
	for k in audio=both clipboard=in color=#12aBef 'title=[x] @title@'; do
		show -k "user.lxg.$k" x
	done
	printf 'config: {user.lxg.audio: "Off"}' >b.yaml
	fails 78 'user.lxg.audio: Off is none of' show -b b.yaml x
	LXG_ENGINE=/nowhere fails 78 'user.lxg.audio' put -b b.yaml x
}

@test "names: 65 before anything else" {
	for n in '' -x 1a a_b a.b a- 'a b' a/b .. $'a\nb' $'\xff' ä \
	    "$(printf 'a%.0s' {1..64})"; do
		LXG_ENGINE=/nowhere fails 65 'a name' put -- "$n" 
		LXG_ENGINE=/nowhere fails 65 'a name' del -- good "$n"
	done
	fails 65 'root disk' show default
	LXG_ENGINE=/nowhere LXG_PROJECT=a/b fails 65 'a/b' put x
}

@test "files that can't be read" {
	mkdir folder
	fails 1 'nothing: opening: No such file' show x nothing
	fails 65 'folder: is a folder' show x folder
	fails 65 '/dev/zero: is larger than 16384 KiB' show x /dev/zero
	head -c 9000000 /dev/zero >big
	fails 65 'big: is larger' show x big big
}

@test "usage: 64; help and version: 0" {
	for a in '' frob 'show' 'show -z x' 'put' 'del' 'show -b' 'show -f x' \
	    'put -k' 'show -E lxd x'; do
		# shellcheck disable=SC2086 # the words are the arguments
		fails 64 usage $a
	done
	for a in -h --help 'show -h' 'put --help'; do
		# shellcheck disable=SC2086
		run lxg-profile $a
		[ "$status" -eq 0 ]
		[[ $output == usage:*USER-DATA* ]]
	done
	run lxg-profile --version
	[[ $status -eq 0 && $output == lxg-profile\ [0-9]* ]]
}

@test "no engine: 69, naming the sockets" {
	export LXD_SOCKET=$PWD/no-lxd INCUS_SOCKET=$PWD/no-incus
	unset LXG_ENGINE
	fails 69 "$PWD/no-incus" put x
	fails 69 "$PWD/no-lxd" del x
	fails 64 'an engine is' put -E docker x
}

@test "a full disk: 74" {
	run sh -c 'lxg-profile show x >/dev/full'
	[ "$status" -eq 74 ]
	[[ $output == *"standard output"* ]]
}

@test "a preset edited to nonsense opens nothing: 78 or 65" {
	mkdir -p data/profiles
	export LXG_DATADIR=$PWD/data
	preset=$(dirname "$(command -v lxg-profile)")/../share/lxg/profiles
	sed 's/clipboard: .*/clipboard: Off/' "$preset/strict.yaml" \
	    >data/profiles/strict.yaml
	fails 78 'user.lxg.clipboard: Off is none of' show x
	sed 's/clipboard: .*/clipboard: [/' "$preset/strict.yaml" \
	    >data/profiles/strict.yaml
	fails 65 'profiles/strict.yaml: line ' show x
	rm data/profiles/strict.yaml
	fails 1 'strict: neither a preset' show x
}

@test "the manual's example" {
	run lxg-profile show -b desktop -k devices.gpu.type=gpu game
	jq -e '.devices.gpu.type == "gpu"' <<<"$output"
}
