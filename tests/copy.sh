# Read by bats files that have no engine for a copy: `load ../copy.sh`. In a
# folder of the test's, $D, with the manifests in $C.
# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2034

HASH=$(printf 'old\n' | sha256sum)
HASH=${HASH%% *}

# a.txt is lent, with a manifest as lxg-map add leaves it
lent() {
	rm -rf a.* maps
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
	cp record "$C/$NAME.json"
}

# NAME: what lxg-map calls the manifest
name() {
	NAME=x
	lent
	rm "$C/x.json"
	strace -f -o calls lxg-map del <record >out
	NAME=$(sed -n 's/.*"\(lxg-[0-9a-f]*\)\.json".*/\1/p' calls | head -n 1)
	[ -n "$NAME" ]
}
