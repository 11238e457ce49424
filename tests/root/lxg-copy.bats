# Copies on file systems of each kind, the instance's folders and the originals
# on the same one: a reflink where there is such a thing, plainly elsewhere.
# shellcheck disable=SC2154 # of env.sh
bats_require_minimum_version 1.5.0

load ../env.sh
load root.sh

setup_file()
{
	drop_instance "$T"
	rm -rf .local
	make_instance "$T" > record
}

teardown_file()
{
	drop_instance "$T"
}

setup()
{
	kind=${BATS_TEST_DESCRIPTION%%:*}
	as_root mount "$kind"
	cd "$LXG_ROOT/$kind" || return
	export LXG_HOME=$PWD/lxg
	umask 077
	head -c 8M /dev/urandom > original
	chmod 640 original
	setfacl -m u:1:r original
	touch -d 2001-02-03 original
	lxg-mount plan maps < "$HOME/record" | lxg-acl grant |
	    lxg-mount add > "$HOME/mounts"
}

teardown()
{
	cd "$HOME" || return
	lxg-map list < record | lxg-map del -D | lxg-acl revoke
	lxg-mount list < record | lxg-mount del -f | lxg-acl revoke
} > /dev/null

# how much of the file system is taken, in KiB
used() { sync -f . && df -k --output=used . | tail -n 1; }

# shared FILE: all its extents belong to another file as well
shared()
{
	sync "$1"
	filefrag -v "$1" | awk '/^ *[0-9]+:/ { n++ } /shared/ { shared++ }
	    END { exit !(n && n == shared) }'
}

look() { getfacl -n original; stat -c '%a %u %g %i' original; }

# lent_and_back: the copy is what the original is, and what is written to it
# comes back into the same inode
lent_and_back()
{
	look > before
	stat -c %Y original > mtime
	lxg-map plan -c original < "$HOME/record" | lxg-acl grant |
	    lxg-map add > lent
	copy=$LXG_HOME/$LXG_ENGINE/default/$T/maps/original
	[ "$(jq -r .source lent)" = "$copy" ]
	cmp original "$copy"
	"$@"
	# what is written to the one does not show in the other
	printf changed | dd of="$copy" conv=notrunc status=none
	[ "$(head -c 7 original)" != changed ]
	lxg-map list < "$HOME/record" | lxg-map del | lxg-acl revoke > back
	[ ! -e "$copy" ]
	look | diff before -
	[ "$(head -c 7 original)" = changed ]
	[ "$(stat -c %s original)" = 8388608 ]
}

reflinked()
{
	shared original
	shared "$copy"
	[ "$(($(used) - before_it))" -lt 4096 ]
}

plain()
{
	if shared "$copy" 2>/dev/null; then return 1; fi
	[ "$(($(used) - before_it))" -ge 8192 ]
}

@test "btrfs: a copy shares the original's blocks, and comes back" {
	before_it=$(used)
	lent_and_back reflinked
}

@test "xfs: a copy shares the original's blocks, and comes back" {
	before_it=$(used)
	lent_and_back reflinked
}

@test "ext4: a copy has blocks of its own, and comes back" {
	before_it=$(used)
	lent_and_back plain
}

@test "tmpfs: a copy has memory of its own, and comes back" {
	before_it=$(used)
	lent_and_back plain
}
