#!/usr/bin/env bats
# What release 0.1 had lent when it was replaced: grants of 0.1/ are its own
# journal, written by its lxg-acl.

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export XDG_STATE_HOME=$BATS_TEST_TMPDIR/state
	state=$XDG_STATE_HOME/lxg
	umask 022
}

# files: as they were, and then as 0.1 has left them
files() {
	local name
	for name in m1 m2 m3 m4 m5 m6 m7 m8 m9 a b c; do
		echo text > "$name"
		chmod 640 "$name"
	done
	setfacl -n -m u:5:rwx,m::r b
	mkdir -m 700 d x
	mv c x
	getfacl -np m* a b d x/c > before
	setfacl -n -m u:1001000:rw,m::rw m* a x/c
	setfacl -n -m u:5:r,u:1001000:rw,u:1002000:r,m::rw b
	me=$(id -u)
	setfacl -n -m "u:1001000:rwx,m::rwx,d:u::rwx,d:u:$me:rwx" d
	setfacl -n -m "d:u:1001000:rwx,d:g::-,d:m::rwx,d:o::-" d
	"$BATS_TEST_DIRNAME/replay-old" "$BATS_TEST_DIRNAME/0.1/grants" \
	    "$state/grants"
	cp -R "$state/grants" kept
}

@test "upgrade: what 0.1 lent is listed, and its own files stay beside" {
	mkdir -p "$state"
	chmod 700 "$state"
	cp -R "$BATS_TEST_DIRNAME/0.1/grants" "$state/"
	chmod 700 "$state/grants"
	lxg-acl list > listed
	[ "$(jq -r .device listed | sort | tr '\n' ,)" = \
	    'lxg a,lxg b,lxg b,lxg d,lxg m1,lxg m2,lxg m3,lxg m4,lxg m5,lxg m6,lxg m7,lxg m8,lxg m9,' ]
	jq -e '.granted > 1700000000 and (.boot | length) == 36' listed
	diff -r "$BATS_TEST_DIRNAME/0.1/grants" "$state/grants-0.1"
	[ ! -e "$state/grants" ]
	# and once more changes nothing
	lxg-acl list | diff listed -
}

@test "upgrade: what 0.1 lent comes back exactly" {
	files
	lxg-acl list > listed
	[ "$(wc -l < listed)" = 13 ]
	lxg-acl revoke < listed > revoked
	[ "$(jq -r .restored revoked | sort -u)" = exact ]
	# the one that was gone is found where it is lent again
	mv x/c c
	jq -c '.source |= sub("/a$"; "/c") | .device = "lxg c" |
	    del(.handle)' <(grep '/a"' listed) |
	    jq -c --arg ino "$(stat -c %i c)" '.ino = $ino' | lxg-acl revoke
	mv c x
	getfacl -np m* a b d x/c | diff before -
	diff -r kept "$state/grants-0.1"
}

@test "upgrade: cut short, it is done again" {
	files
	cc -O2 -o kill-at "$BATS_TEST_DIRNAME/../kill-at.c"
	cp -R "$state" fresh
	chmod 700 fresh fresh/grants
	local n=0 status=137 step=${WALK_STEP:-1}
	while [ "$status" = 137 ]; do
		n=$((n + step)) status=0
		rm -rf "$state"
		cp -Rp fresh "$state"
		./kill-at "$n" lxg-acl list > out 2>&1 || status=$?
		[ "$(lxg-acl list 2>&1 | jq -r .device | wc -l)" = 13 ]
		diff -r kept "$state/grants-0.1"
	done
	[ "$status" = 0 ]
	lxg-acl list | lxg-acl revoke > revoked
	[ "$(jq -r .restored revoked | sort -u)" = exact ]
}

@test "upgrade: 0.1 used once more, and what of its files is damaged" {
	files
	lxg-acl list >/dev/null
	echo text > e
	chmod 640 e
	cp e a # of its content: the inode stays
	mkdir -m 700 "$state/grants"
	sed s/rw-/rwx/ "$(grep -l '/a"' kept/*)" > "$state/grants/damaged"
	printf 'half' > "$state/grants/short"
	lxg-acl list > listed 2> err
	[ "$(wc -l < listed)" = 13 ]
	grep -q 'lxg/grants: a part of it is damaged; kept in grants-0.1' err
	[ -e "$state/grants-0.1-2/damaged" ]
	[ -z "$(lxg-acl list 2>&1 >/dev/null)" ]
	# now an entry that no grant tells of may be of what was lost
	setfacl -n -m u:1001000:rw e
	grep '/a"' listed | jq -c --arg ino "$(stat -c %i e)" --arg e "$PWD/e" \
	    'del(.handle) | .source = $e | .ino = $ino' |
	    lxg-acl revoke > revoked 2> err
	[ "$(jq -r .restored revoked)" = merged ]
	grep -q 'what it was is lost' err
}
