#!/usr/bin/env bats
# lxg-acl and the power cut at each of its system calls: what both file systems,
# the state's and the file's, have on disk at that moment is mounted instead,
# and one revoke makes the ACL what it was. The one where a loss would do no harm
# has by chance been written just before. Needs root, for mount(8).

setup_file() {
	cc -O2 -o "$BATS_FILE_TMPDIR/kill-at" \
	    "$BATS_TEST_DIRNAME/../kill-at.c"
}

setup() {
	PATH=$BATS_FILE_TMPDIR:$PATH
	cd "$BATS_TEST_TMPDIR" || return
	export XDG_STATE_HOME=$BATS_TEST_TMPDIR/state
	mkdir state files
}

teardown() {
	umount state files 2>/dev/null || :
}

mount_both() {
	mount -o loop "$1" state
	mount -o loop "$2" files
}

prepare() {
	truncate -s 4M state.img && mkfs.ext4 -q state.img
	case $1 in
	ext4)	truncate -s 4M files.img && mkfs.ext4 -q files.img ;;
	btrfs)	truncate -s 128M files.img && mkfs.btrfs -qf files.img 2>/dev/null ;;
	esac
	mount_both state.img files.img
	echo text > files/f
	setfacl -n -m u:5:rwx,m::r files/f
	stat -c '{"engine":"lxd","project":"p","instance":"i","device":"d",
	    "perm":"rw","host_uid":1001000,"source":"%n","dev":"%d",
	    "ino":"%i"}' "$PWD/files/f" | tr -d '\n\t ' > plan
	# with the handle: the number of the file system will be another one
	lxg-acl grant -n < plan | jq -c 'del(.dry_run, .grant)' > record
	getfacl -n files/f > before
	[ "$2" = grant ] || lxg-acl grant < record > /dev/null
	umount state files
}

# cut KIND VERB WRITTEN: until it gets through
cut() {
	local step=${WALK_STEP:-1} status=137 lent=0 n
	n=$((-(RANDOM % step)))
	prepare "$1" "$2"
	while [ "$status" -eq 137 ]; do
		n=$((n + step)) status=0
		[ "$n" -gt 0 ] || n=1
		cp state.img s && cp files.img f
		mount_both s f
		kill-at "$n" lxg-acl "$2" < record > out 2>&1 ||
		    status=$?
		sync -f "$3"
		cp s s.cut && cp f f.cut
		umount state files
		mount_both s.cut f.cut
		! getfacl -n files/f | grep -q ':1001000:' || lent=$((lent + 1))
		lxg-acl list | lxg-acl revoke > /dev/null
		getfacl -n files/f | diff before -
		[ ! -e state/lxg/state.db ] ||
		    [ "$(sqlite3 state/lxg/state.db \
		    'SELECT count(*) FROM inode')" = 0 ]
		umount state files
	done
	[ "$status" -eq 0 ] || { cat out; return 1; }
	[ "$n" -gt 100 ]
	echo "# $BATS_TEST_DESCRIPTION: $((n - 1)) points, $lent of them lent" >&3
}

@test "power cut in grant, on ext4" {
	cut ext4 grant files/f
}

@test "power cut in revoke, on ext4" {
	cut ext4 revoke state
}

@test "power cut in grant, on btrfs" {
	cut btrfs grant files/f
}

@test "power cut in revoke, on btrfs" {
	cut btrfs revoke state
}
