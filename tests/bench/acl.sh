#!/bin/sh
# What lxg-acl costs beside setfacl(1): ratios of medians, taken in turns in one
# run. Needs no engine; lxg-acl is LXG_STAGE's, or the one in PATH.
# SPDX-License-Identifier: ISC
set -eu

here=$(cd "$(dirname "$0")" && pwd)
PATH=${LXG_STAGE:+$LXG_STAGE/usr/bin:}$PATH
work=$(mktemp -d "${TMPDIR:-/tmp}/bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
cd "$work"
export XDG_STATE_HOME="$work/state"
cc -O2 -o cost "$here/cost.c"
cc -O2 -shared -fPIC -D_GNU_SOURCE -o nosync.so "$here/nosync.c"

# timed LIST COMMAND...: appends microseconds
timed()
{
	list=$1
	shift
	begin=$(date +%s%N)
	"$@"
	echo $((($(date +%s%N) - begin) / 1000)) >> "$list"
}

median()
{
	sort -n "$1" | sed -n "$((($(wc -l < "$1") + 1) / 2))p"
}

# ratio NAME LIMIT ABOVE BELOW: of two sums of medians (lists, with a plus)
ratio()
{
	printf '%s %s\n' "$(total "$3")" "$(total "$4")" |
	    awk -v n="$1" -v l="$2" '{
		printf "bench: %s %.3f (limit %s); %.1f ms to %.1f ms\n", n,
		    $1 / $2, l, $1 / 1000, $2 / 1000 }'
}

total()
{
	for list in $(printf '%s' "$1" | tr + ' '); do median "$list"; done |
	    awk '{ n += $1 } END { print n }'
}

give() { LD_PRELOAD=$preload lxg-acl grant < "$1" > granted; }
take() { LD_PRELOAD=$preload lxg-acl revoke < "$1" > revoked; }
by_hand() { setfacl -m u:1001000:rw -- "$work"/many/*; }
back() { setfacl --restore=saved; }

# parts VERB: 1,000 files in ten calls
parts() { for part in part.*; do "$1" "$part"; done; }

mkdir many
seq 1000 | sed 's,^,many/,' | xargs touch
chmod 640 many/*
getfacl -p -- "$work"/many/* > saved
stat -c '%d %i %n' "$work"/many/* | jq -cR '
    capture("^(?<dev>[0-9]+) (?<ino>[0-9]+) (?<source>.*)") |
    . + {engine: "lxd", api: "/var/lib/lxd/unix.socket", project: "default",
	instance: "firefox", uuid: "2f0cfe1d-8ac8-4e18-a2a4-b07cb20fc4d3",
	device: "lxg-\(.ino)", type: "disk", path: "/home/debian/lent/\(.ino)",
	readonly: false, perm: "rw", mode: "live", host_uid: 1001000}' > records
head -n 1 records > one
split -l 100 records part.

preload=$work/nosync.so
for _ in 1 2 3 4 5 6 7 8 9; do
	timed hand.give by_hand
	timed hand.take back
	timed ours.give give records
	timed ours.take take records
	timed parts.give parts give
	timed parts.take parts take
	./cost 1 one lxg-acl grant >> one.give
	./cost 1 one lxg-acl revoke >> one.take
done
preload=''
for _ in 1 2 3; do
	timed sync.give give records
	timed sync.take take records
done

ratio 'grant and revoke of 1,000 files to setfacl -m and --restore' 1.5 \
    ours.give+ours.take hand.give+hand.take
ratio 'revoke of 1,000 files to setfacl --restore' 1.5 ours.take hand.take
ratio 'grant of 1,000 files to ten of 100' 1.1 ours.give parts.give
ratio 'revoke of 1,000 files to ten of 100' 1.1 ours.take parts.take
printf 'bench: syncing, in both, takes %d ms\n' "$((($(total \
    sync.give+sync.take) - $(total ours.give+ours.take)) / 1000))"
for verb in give take; do
	printf 'bench: %s of one record, us CPU: %d (limit 5000)\n' \
	    "$verb" "$(cut -d ' ' -f 1 one.$verb | sort -n | sed -n 5p)"
	printf 'bench: %s of one record, KiB: %d (limit 8192)\n' \
	    "$verb" "$(cut -d ' ' -f 2 one.$verb | sort -n | tail -n 1)"
done
