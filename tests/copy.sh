# Read by bats files that have no engine for a copy: `load ../copy.sh`. In a
# folder of the test's, $D, with the snapshots in $C. What is lent comes from
# files of release 0.1, which the first program that needs it takes over.
# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2034

HASH=$(printf 'old\n' | sha256sum)
HASH=${HASH%% *}

NAME=lxg-2 # of the manifest, as 0.1 called it

# a.txt is lent, with a manifest as lxg-map add of 0.1 left it
lent() {
	rm -rf a.* maps "${C:?}"/* "${C%/*}"/state.*
	mkdir maps
	echo u-1 >uuid
	printf 'old\n' >a.txt
	chmod 640 a.txt
	setfacl -m u:12345:r a.txt
	cp a.txt maps/a.txt
	printf '{"engine": "lxd", "api": "/var/lib/lxd/unix.socket",
	    "project": "default", "instance": "box", "uuid": "u-1",
	    "device": "lxg-1", "mode": "copy", "perm": "rw",
	    "readonly": false, "uid": 1000, "gid": 1000, "origin": "%s/a.txt",
	    "source": "%s/maps/a.txt", "path": "/home/debian/maps/a.txt",
	    "state": "lent", "sha256": "%s", "origin_dev": "%s",
	    "origin_ino": "%s"}' "$D" "$D" "$HASH" \
	    "$(stat -c %d a.txt)" "$(stat -c %i a.txt)" |
	    tr -d '\n' >record
	echo >>record
	know record
}

# know RECORD: so it is from now on
know() {
	rm -f "${C%/*}"/state.*
	cp "$1" "$C/$NAME.json"
}

# row COLUMN...: what the state has of the copy
row() {
	[ ! -e "${C%/*}/state.db" ] || # sqlite3 would make one
		sqlite3 "${C%/*}/state.db" \
		    "SELECT $(IFS=,; echo "$*") FROM copy"
}

# nothing_known: of the copy, but for what 0.1 left
nothing_known() {
	[ -z "$(find "$C" -mindepth 1 ! -name '*.json-0.1')" ] &&
		[ -z "$(row id)" ]
}
