# lxg-map and lxg-mount where no engine is needed: which files may be lent, how
# their records look, which folders are made.
# shellcheck disable=SC2154,SC2016,SC2174 # run's variables; names as they are
bats_require_minimum_version 1.5.0

setup() {
	export HOME=$BATS_TEST_TMPDIR/home XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR/run
	unset XDG_STATE_HOME XDG_DATA_HOME LXG_HOME LXG_ENGINE LXG_PROJECT
	mkdir -m 700 "$HOME" "$XDG_RUNTIME_DIR"
	cd "$HOME" || return
	umask 077
	echo text >report.odt
	INSTANCE='{"engine": "lxd", "api": "/nonexistent", "project": "default",
	    "instance": "box", "uuid": "u-1", "user": "debian", "uid": 1000,
	    "gid": 1000, "home": "/home/debian", "host_uid": 900000,
	    "host_gid": 900000, "extra": [1, {"a": null}]}'
	jq -c . <<<"$INSTANCE" >box
}

plan() {
	lxg-map plan "$@" <box
}

# refused CODE TEXT ARG...: nothing is printed, and why is said
refused() {
	local code=$1 text=$2
	shift 2
	run --separate-stderr plan "$@"
	[ "$status" = "$code" ] || { echo "$status: $stderr"; return 1; }
	[ "$output" = '' ]
	[[ $stderr == "lxg-map: box: "*"$text"* ]] || {
		echo "$stderr"
		return 1
	}
}

@test "plan: a record has the instance's keys and the inode's identity" {
	plan report.odt >out
	jq -e --arg source "$HOME/report.odt" \
	    --arg ino "$(stat -c %i report.odt)" \
	    --arg dev "$(stat -c %d report.odt)" '.source == $source and
	    .ino == $ino and .dev == $dev and .type == "disk" and
	    .mode == "live" and .perm == "rw" and (.readonly | not) and
	    .path == "/home/debian/lent/report.odt" and .extra[1].a == null and
	    (.device | test("^lxg-[0-9a-f]{16}$"))' out
}

@test "plan: a device's name is the path's, and no other's" {
	cp report.odt other.odt
	plan report.odt other.odt report.odt | jq -r .device >names
	[ "$(wc -l <names)" = 2 ]
	[ "$(sort -u names | wc -l)" = 2 ]
	plan report.odt | jq -r .device | diff - <(head -n 1 names)
}

# letters LETTER N
letters() {
	printf "%$2s" '' | sed "s/ /$1/g"
}

@test "plan: a name that the engine can't mount is refused, and can be copied" {
	local name
	for name in "$(letters a 211)" "$(letters é 105)a" "$(letters - 105)a"; do
		: >"./$name"
		[ "$(plan -- report.odt "$name" | wc -l)" = 2 ]
	done
	for name in "$(letters a 212)" "$(letters é 106)" "$(letters - 106)"; do
		: >"./$name"
		refused 65 "$name: its name is longer than" report.odt "$PWD/$name"
		[[ $stderr == *'-c lends a copy' ]]
	done
}

@test "plan: a file system that does not judge by ACLs is refused" {
	mkdir real fuse
	echo x >real/f
	bindfs real fuse
	run --separate-stderr plan fuse/f
	fusermount3 -u fuse || fusermount -u fuse
	[ "$status" = 77 ]
	[[ $stderr == *"$HOME/fuse/f: on FUSE,"*'-c lends a copy' ]]
	plan real/f >/dev/null
}

@test "plan: a link stands for the file it leads to" {
	ln -s report.odt link
	[ "$(plan link report.odt | jq -r .source)" = "$HOME/report.odt" ]
}

@test "plan: perm is what the user may do" {
	[ "$(plan -r report.odt | jq -r '"\(.perm) \(.readonly)"')" = 'r true' ]
	chmod 700 report.odt
	[ "$(plan report.odt | jq -r .perm)" = rwx ]
	[ "$(id -u)" != 0 ] || return 0 # to root nothing is read-only
	chmod 400 report.odt
	[ "$(plan report.odt | jq -r '"\(.perm) \(.readonly)"')" = 'r true' ]
	chmod 200 report.odt
	refused 77 "can't read" report.odt
}

@test "plan: names that are hard to write" {
	local name names=(-dash ' ' 'a b' $'new\nline' "it's" '"quoted"' '$(id)'
	    'back\slash' 'é漢' .hidden '*')
	for name in "${names[@]}"; do
		: >"$name"
	done
	plan -- "${names[@]}" | jq -j '(.source | split("/") | last) + "\u0000"' |
	    cmp - <(printf '%s\0' "${names[@]}")
	printf '%s\0' "${names[@]}" >list
	plan -0 list | diff - <(plan -- "${names[@]}")
	[ "$(plan -0 list report.odt | tail -n 1 |
	    jq '.source | endswith("report.odt")')" = true ]
}

@test "plan: a name that is not UTF-8 is 65" {
	: >$'a\xff'
	refused 65 'not UTF-8' $'a\xff'
	ln -s $'a\xff' link
	refused 65 'not UTF-8' link
	mkdir $'d\xff'
	: >$'d\xff/x'
	ln -s $'d\xff' folder
	refused 65 'not UTF-8' folder/x
}

@test "plan: what is no regular file is 65" {
	mkdir folder
	refused 65 'share' folder
	refused 65 'share' /
	mkfifo fifo
	refused 65 'not a regular file' fifo
	refused 65 'not a regular file' /dev/null
	"$BATS_TEST_DIRNAME/../unheard" sock
	refused 65 'not a regular file' sock
	refused 1 'No such file' absent
	ln -s absent dangling
	refused 1 'No such file' dangling
	ln -s loop loop
	refused 71 'loop' loop
	refused 71 'report.odt/' report.odt/
}

@test "plan: several hard links are 65, but for -f" {
	ln report.odt second
	refused 65 '2 names' report.odt
	plan -f report.odt
}

@test "plan: a file of someone else is 77" {
	local file=/etc/passwd
	[ "$(id -u)" != 0 ] || { : >theirs; chown 12345 theirs; file=theirs; }
	refused 77 'not yours' "$file"
}

@test "plan: set-user-ID and set-group-ID programs are 77" {
	chmod 4700 report.odt
	refused 77 'set-user-ID' report.odt
	chmod 2710 report.odt
	refused 77 'set-user-ID' report.odt
}

@test "plan: lxg's own files, and those in a share, are 77" {
	mkdir -p .local/state/lxg .local/share/lxg/lxd/default/box/share \
	    "$XDG_RUNTIME_DIR/lxg"
	: >.local/state/lxg/journal
	refused 77 "lxg's own" .local/state/lxg/journal
	: >"$XDG_RUNTIME_DIR/lxg/record"
	refused 77 "lxg's own" "$XDG_RUNTIME_DIR/lxg/record"
	: >.local/share/lxg/lxd/default/box/share/x
	refused 77 'shares already' .local/share/lxg/lxd/default/box/share/x
	ln -s .local/share/lxg/lxd/default/box/share/x link
	refused 77 'shares already' link
}

@test "plan: a folder on the way that others may write in is 77" {
	mkdir -p a/b
	mv report.odt a/b
	chmod 707 a
	refused 77 "$HOME/a: others may write in this folder; -c" a/b/report.odt
	chmod 700 a
	plan a/b/report.odt
	chmod 770 a
	chgrp daemon a 2>/dev/null || chgrp "$(id -G | tr ' ' '\n' | tail -n 1)" a
	if [ "$(stat -c %G a)" != "$(id -un)" ]; then
		refused 77 'others may write' a/b/report.odt
	fi
	chmod 700 a
	setfacl -m u:12345:rwx a/b
	refused 77 "$HOME/a/b: others may write" a/b/report.odt
	setfacl -m m::r-x a/b
	plan a/b/report.odt
	setfacl -b -m g:12345:rwx a/b
	refused 77 'others may write' a/b/report.odt
	setfacl -b -m u:12345:r-x a/b
	plan a/b/report.odt
}

@test "plan: in a sticky folder the entry's owner counts" {
	mkdir sticky
	chmod 1777 sticky
	mv report.odt sticky
	plan sticky/report.odt
	chmod 0777 sticky
	refused 77 'others may write' sticky/report.odt
}

@test "plan: that others may read the file is said" {
	run --separate-stderr plan report.odt
	[ "$stderr" = '' ]
	chmod 644 report.odt
	run --separate-stderr plan report.odt
	[ "$status" = 0 ]
	[[ $stderr == *report.odt*'others may read it'*restarts* ]]
	cp -p report.odt second.odt
	run --separate-stderr plan report.odt second.odt
	[[ $stderr == *'1 more'* ]]
	[ "${#stderr_lines[@]}" = 1 ]
}

@test "plan: one that can't be lent keeps all" {
	mkfifo fifo
	refused 65 'not a regular file' report.odt fifo
}

@test "plan: no names are usage, a list that is not there 66" {
	run plan
	[ "$status" = 64 ]
	run plan -0 absent
	[ "$status" = 66 ]
	: >empty
	[ "$(plan -0 empty | wc -c)" = 1 ]
}

@test "plan -n marks the records" {
	[ "$(plan -n report.odt | jq .dry_run)" = true ]
}

@test "a thousand files are planned" {
	mkdir many
	for i in {1..1000}; do
		: >"many/$i"
	done
	find many -type f -print0 >list
	plan -0 list >out
	[ "$(jq -r .device out | sort -u | wc -l)" = 1000 ]
}

@test "list -a without any copies is empty, and makes nothing" {
	[ "$(lxg-map list -a </dev/null | wc -c)" = 1 ]
	[ ! -e .local/state/lxg/copies ]
}

# a manifest as lxg-map writes it, but for what the test changes
manifest() {
	mkdir -p -m 700 .local/state/lxg/copies
	jq -c '. + {device: "lxg-1", mode: "copy", state: "lent", sha256: "0",
	    source: "/nonexistent/maps/x", origin: "/nonexistent/x", since: 1,
	    boot: "b"}' <<<"$INSTANCE" >.local/state/lxg/copies/lxg-1.json
}

@test "list -a names a manifest that is garbage, sets it aside, goes on" {
	manifest
	for text in '' x '{' '[]' '{}' '{"state": 1}'; do
		printf '%s' "$text" >.local/state/lxg/copies/lxg-2.json
		run --separate-stderr lxg-map list -a
		[ "$status" = 0 ]
		[ "$(jq -r .device <<<"$output")" = lxg-1 ]
		[[ $stderr == *lxg-2.json* ]]
		[ ! -e .local/state/lxg/copies/lxg-2.json ]
		[ -e .local/state/lxg/copies/lxg-2.bad ]
	done
	[ "$(lxg-map list -a | jq -r 'has("sha256") or has("age")')" = false ]
}

@test "a folder of manifests that others may write in is 77" {
	manifest
	chmod 777 .local/state/lxg/copies
	run --separate-stderr lxg-map list -a
	[ "$status" = 77 ]
}

@test "mount plan makes the folders, 0700, once" {
	lxg-mount plan xpra share maps <box >out
	[ "$(jq -r .path out | tr '\n' ' ')" = \
	    '/var/lib/lxg/xpra /home/debian/share /home/debian/maps ' ]
	[ "$(jq -r .mount out | tr '\n' ' ')" = 'xpra share maps ' ]
	F=.local/share/lxg/lxd/default/box
	[ "$(stat -c %a "$F" "$F/xpra" "$F/share" "$F/maps" | sort -u)" = 700 ]
	[ "$(cat "$F/uuid")" = u-1 ]
	[ "$(jq -r .ino out)" = "$(stat -c %i "$F/xpra" "$F/share" "$F/maps")" ]
	lxg-mount plan xpra share maps <box | cmp out -
}

@test "mount plan: another place inside, or none" {
	[ "$(lxg-mount plan share=/srv/x <box | jq -r .path)" = /srv/x ]
	for path in '' x /x/ //x /x/../y /.; do
		run lxg-mount plan "share=$path" <box
		[ "$status" = 64 ]
	done
	run lxg-mount plan <box
	[ "$status" = 64 ]
	run lxg-mount plan tools <box
	[ "$status" = 64 ]
}

@test "mount plan: the folder of another instance is 73, and stays" {
	lxg-mount plan share <box
	run --separate-stderr lxg-mount plan maps \
	    < <(jq -c '.uuid = "u-2"' box)
	[ "$status" = 73 ]
	[[ $stderr == *'another instance'* ]]
	[ ! -e .local/share/lxg/lxd/default/box/maps ]
	[ "$(cat .local/share/lxg/lxd/default/box/uuid)" = u-1 ]
}

@test "mount plan: what was made is unmade when one can't be" {
	jq -c '., (.instance = "other" | del(.home))' box >two
	run lxg-mount plan xpra share <two
	[ "$status" = 65 ]
	[ ! -e .local/share/lxg/lxd/default/box ]
	[ ! -e .local/share/lxg/lxd/default/other ]
}

@test "mount plan: a way that others may write on is 77" {
	mkdir data
	chmod 777 data
	LXG_HOME=$HOME/data/lxg run --separate-stderr lxg-mount plan share <box
	[ "$status" = 77 ]
	[[ $stderr == *"$HOME/data: others may write"* ]]
	[ ! -e data/lxg/lxd/default/box ]
}

@test "mount plan -n touches nothing" {
	[ "$(lxg-mount plan -n xpra share <box | jq -c .dry_run)" = $'true\ntrue' ]
	[ ! -e .local ]
}
