#!/bin/sh
# What lxg-acl costs beside setfacl(1): ratios of medians, taken in turns in one
# run. Needs no engine. SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # of common
set -eu

. "$LXG_STAGE/tests/bench/common"
export XDG_STATE_HOME="$work/state"
cc -O2 -shared -fPIC -D_GNU_SOURCE -o nosync.so \
    "$LXG_STAGE/tests/bench/nosync.c"

give() { LD_PRELOAD=$preload lxg-acl grant < "$1" > granted; }
take() { LD_PRELOAD=$preload lxg-acl revoke < "$1" > revoked; }
by_hand() { setfacl -m u:1001000:rw -- "$work"/many/*; }
back() { setfacl --restore=saved; }

all() { spread "$1" | cut -d ' ' -f 1; }

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
mkdir alone
touch alone/f
stat -c '%d %i %n' "$work"/alone/f | jq -cR --slurpfile like records '
    capture("^(?<dev>[0-9]+) (?<ino>[0-9]+) (?<source>.*)") as $it |
    $like[0] + $it' > one
split -l 100 records part.

preload=$work/nosync.so
for _ in 1 2 3 4 5 6 7 8 9; do
	timed hand.give by_hand
	timed hand.take back
	timed ours.give give records
	timed ours.take take records
	timed parts.give parts give
	timed parts.take parts take
	cost one.give 1 one lxg-acl grant
	cost one.take 1 one lxg-acl revoke
done
jq -c '.host_uid = 1001001 + range(10) | .device += "-\(.host_uid)"' records \
    > holders
give holders
cost list 5 /dev/null lxg-acl list
take holders
mkdir -p hundred/home hundred/many
seq 1000 | sed 's,^,hundred/many/,' | xargs touch
chmod 600 hundred/many/*
(
	cd hundred
	export HOME="$PWD/home" XDG_STATE_HOME="$PWD/state"
	# shellcheck disable=SC2016 # the inner shell's
	"$LXG_STAGE/tests/bench/instances" 100 1 sh -c '
	    "$LXG_STAGE/tests/bench/thousand" 2> /dev/null
	    "$LXG_STAGE/cost" 3 /dev/null lxg recover -E "$LXG_ENGINE"'
) > recover
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
printf 'bench: syncing, in both, takes %d ms\n' \
    "$((($(all sync.give+sync.take) - $(all ours.give+ours.take)) / 1000))"
for verb in give take; do
	figure "$verb of one record, us CPU" 5000 a "$(median "one.$verb")" 0
	figure "$verb of one record, KiB" 8192 a "$(median "one.$verb" 2)" 0
done
figure 'list of 10,000 grants, us CPU' 100000 a "$(median list)" 0
figure 'recover with 1,000 grants and 100 instances, us CPU' 1000000 a \
    "$(median recover)" 0
