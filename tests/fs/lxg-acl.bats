#!/usr/bin/env bats
# lxg-acl on file systems of its own: each kind, full, gone, come back, copied,
# and cut off from power. Needs root, for mount(8).

U=1001000

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export XDG_STATE_HOME=$BATS_TEST_TMPDIR/state
	db=$XDG_STATE_HOME/lxg/state.db
	mkdir m
}

teardown() {
	local at
	awk -v under="$BATS_TEST_TMPDIR/" 'index($5, under) == 1 { print $5 }' \
	    /proc/self/mountinfo | tac | while read -r at; do umount "$at"; done
}

# nothing_held: the state knows of nothing
nothing_held() {
	[ ! -e "$db" ] || [ "$(sqlite3 "$db" 'SELECT count(*) FROM inode')" = 0 ]
}

# image NAME KIND: one of the file system
image() {
	case $2 in
	ext4)	truncate -s 8M "$1" && mkfs.ext4 -q "$1" ;;
	xfs)	truncate -s 320M "$1" && mkfs.xfs -q "$1" ;;
	btrfs)	truncate -s 128M "$1" && mkfs.btrfs -q "$1" ;;
	esac
}

record() {
	stat -c "{\"engine\":\"lxd\",\"project\":\"p\",\"instance\":\"i\",
	    \"device\":\"%i\",\"perm\":\"rwx\",\"host_uid\":$U,
	    \"source\":\"%n\",\"dev\":\"%d\",\"ino\":\"%i\"}" "$PWD/$1" |
	    tr -d '\n\t '
	echo
}

state() {
	getfacl -np -- "$@" && stat -c '%a %u %g %Y %n' -- "$@"
}

# files FOLDER: of several kinds of ACL
files() {
	mkdir -m 700 "$1"
	for n in 1 2 3; do echo text > "$1/$n"; done
	chmod 640 "$1/1"
	chmod 444 "$1/2"
	setfacl -n -m u:5:rwx,g:7:rw,m::r "$1/3"
	touch -d 2001-02-03 "$1"/* "$1"
}

# there_and_back FOLDER: grant changes all of it, revoke restores it
there_and_back() {
	local f
	for f in "$1" "$1"/*; do record "$f"; done > records
	state "$1" "$1"/* > before
	lxg-acl grant < records > granted
	[ "$(getfacl -np "$1" "$1"/* | grep -c "^user:$U:")" -eq 4 ]
	lxg-acl revoke < granted > revoked
	[ "$(jq -r .restored revoked | sort -u)" = exact ]
	diff before <(state "$1" "$1"/*)
	nothing_held
}

kind() {
	image i "$1"
	mount -o loop i m
	files m/d
	there_and_back m/d
}

@test "ext4" {
	kind ext4
}

@test "xfs" {
	kind xfs
}

@test "btrfs" {
	kind btrfs
}

@test "tmpfs" {
	mount -t tmpfs none m
	files m/d
	there_and_back m/d
}

@test "an ACL of 1,000 entries" {
	mount -t tmpfs none m
	echo text > m/f
	for n in $(seq 2000 2 3998); do echo "u:$n:rwx"; done |
	    setfacl -n -M - m/f
	chmod g=r m/f
	getfacl -n m/f > before
	lxg-acl grant <<<"$(record m/f)" > granted
	[ "$(getfacl -cn m/f | grep -c '^user:[0-9]*:r--')" -eq 1000 ]
	[ "$(getfacl -cn m/f | grep -c "^user:$U:rw-")" -eq 1 ]
	lxg-acl revoke < granted > revoked
	[ "$(jq -r .restored revoked)" = exact ]
	getfacl -n m/f | diff before -
}

@test "a file system without ACLs: an error, and no change" {
	mount -t ramfs none m
	echo text > m/f
	stat m/f > before
	run lxg-acl grant <<<"$(record m/f)"
	[ "$status" -eq 71 ]
	[[ $output == *"m/f: its file system has no ACLs" ]]
	stat m/f | diff before -
	nothing_held
}

@test "a file system that is read only: an error, and nothing in the state" {
	image i ext4
	mount -o loop i m
	echo text > m/f
	mount -o remount,ro m
	run lxg-acl grant <<<"$(record m/f)"
	[ "$status" -eq 77 ]
	[[ $output == *"m/f: its ACL: Read-only file system" ]]
	nothing_held
}

@test "where the state can't be written nothing is given, but taken back" {
	files d
	record d/1 > one
	# of some size, for a few rows find room in what the state has
	for n in 2 3; do record "d/$n"; done | jq -c '.x = "." * 9000' > others
	state d/* > before
	mkdir state
	mount -t tmpfs -o size=256k none state
	lxg-acl grant < one > /dev/null
	fallocate -l 1M state/full 2>/dev/null || :
	dd if=/dev/zero of=state/full status=none 2>/dev/null || :
	run lxg-acl grant < others
	[ "$status" -eq 74 ]
	[[ $output == *"state.db: No space left on device" ]]
	lxg-acl revoke < one > revoked
	[ "$(jq -r .restored revoked)" = exact ]
	diff before <(state d/*)
	nothing_held
}

@test "a file system that is not mounted: kept, and exact when it is back" {
	image i ext4
	mount -o loop i m
	files m/d
	record m/d/1 > one
	state m/d/1 > before
	lxg-acl grant < one > granted
	umount m
	run lxg-acl revoke < granted
	[ "$status" -eq 75 ]
	[[ $output == *"m/d/1: its file system is not mounted where it was"* ]]
	[ "$(lxg-acl list | wc -l)" -eq 1 ]
	# with another number than before
	mkdir other
	image j ext4
	mount -o loop j other
	mount -o loop i m
	lxg-acl revoke < granted > revoked
	[ "$(jq -r .restored revoked)" = exact ]
	diff before <(state m/d/1)
}

# revoke_in_boot BOOT FILE: as after a reboot
revoke_in_boot() {
	echo "$1" > boot
	unshare -m sh -c '
		mount --bind boot /proc/sys/kernel/random/boot_id
		exec lxg-acl revoke < "$1"' sh "$2"
}

@test "a disk that is mounted later than the boot: kept, and exact then" {
	image i ext4
	mount -o loop i m
	files m/d
	record m/d/1 > one
	state m/d/1 > before
	lxg-acl grant < one > granted
	umount m
	run revoke_in_boot 11111111-2222-3333-4444-555555555555 granted
	[ "$status" -eq 75 ]
	[[ $output == *"not mounted where it was; mount it, and take"* ]]
	[ "$(lxg-acl list | wc -l)" -eq 1 ]
	mount -o loop i m
	revoke_in_boot 11111111-2222-3333-4444-555555555555 granted > revoked
	[ "$(jq -r .restored revoked)" = exact ]
	diff before <(state m/d/1)
	nothing_held
}

@test "another file system with the number that the disk had is not it" {
	mkdir n
	image i ext4
	mount -o loop i m
	files m/d
	record m/d/1 > one
	dev=$(stat -c %d m)
	lxg-acl grant < one > granted
	umount m
	image j ext4
	mount -o loop j m
	[ "$(stat -c %d m)" = "$dev" ]
	run lxg-acl revoke < granted
	[ "$status" -eq 75 ]
	[[ $output == *"not mounted where it was"* ]]
	umount m
	mount -o loop i m
	lxg-acl revoke < granted > revoked
	[ "$(jq -r .restored revoked)" = exact ]
}

@test "what was in memory ends with the boot" {
	mount -t tmpfs none m
	files m/d
	record m/d/1 > one
	lxg-acl grant < one > granted
	umount m
	run lxg-acl revoke < granted
	[ "$status" -eq 75 ]
	revoke_in_boot 11111111-2222-3333-4444-555555555555 granted > revoked
	[ "$(jq -r .restored revoked)" = gone ]
	nothing_held
}

@test "a copy of a file system beside it: the twin's ACL is not the file's" {
	image i ext4
	mount -o loop i m
	files m/d
	sync -f m/d
	cp i j
	mkdir n
	mount -o loop j n
	chmod 600 n/d/1
	lxg-acl grant <<<"$(record m/d/1)" > granted
	state n/d/1 > before
	for verb in grant revoke; do
		run lxg-acl "$verb" <<<"$(record n/d/1)"
		[ "$status" -ne 0 ]
		[[ $output == *"its twin on a copy of its file system is lent"* ]]
	done
	diff before <(state n/d/1)
	lxg-acl revoke < granted > revoked
	[ "$(jq -r .restored revoked)" = exact ]
}

@test "the kernel agrees: nobody but the container's user gets in" {
	chmod 755 "$BATS_RUN_TMPDIR" . m
	mount -t tmpfs none m
	files m/d
	chmod 711 m/d
	lxg-acl grant <<<"$(record m/d/3)" > granted
	# as uid 5 and gid 7 were before, and the container's user in
	for who in 5:100:no 6:7:no "$U:$U:yes"; do
		IFS=: read -r uid gid may <<<"$who"
		run setpriv --reuid "$uid" --regid "$gid" --clear-groups \
		    sh -c ': < m/d/3 && (: >> m/d/3) 2>/dev/null'
		[ "$([ "$status" -eq 0 ] && echo yes || echo no)" = "$may" ]
		run setpriv --reuid "$uid" --regid "$gid" --clear-groups \
		    cat m/d/3
		[ "$status" -eq 0 ]
	done
	lxg-acl revoke < granted > /dev/null
	run setpriv --reuid "$U" --regid "$U" --clear-groups sh -c \
	    '(: >> m/d/3) 2>/dev/null'
	[ "$status" -ne 0 ]
}

# on MACHINE COMMAND...: as on another one, whose home this is as well
on() {
	echo "$1" > id
	unshare -m -u sh -c 'mount --bind id /etc/machine-id
		hostname "$0"; exec "$@"' "$@"
}

@test "a home that two machines share: what the other one holds stays" {
	files d
	state d/1 > before
	record d/1 > one
	on b lxg-acl grant < one > /dev/null
	state d/1 > during
	[ "$(lxg-acl list | jq -r .host)" = b ]
	[ "$(on b lxg-acl list | jq -r .machine)" = null ]
	run bash -c 'lxg-acl list | lxg-acl revoke'
	[ "$status" -eq 75 ]
	[[ $output == *"held by another machine, b, and to be taken back"* ]]
	diff during <(state d/1)
	# the same device of the same instance, here
	lxg-acl grant < one > /dev/null
	[ "$(lxg-acl list | wc -l)" -eq 2 ]
	[ "$(lxg-acl revoke < one | jq -r .restored)" = held ]
	[ "$(lxg-acl revoke < one | jq -r .restored)" = held ]
	diff during <(state d/1)
	[ "$(on b lxg-acl revoke < one | jq -r .restored)" = exact ]
	diff before <(state d/1)
	nothing_held
}
