#!/bin/sh
# What lxg-map costs beside the bare requests, and beside what people do by
# hand: ratios of medians, taken in turns in one run.
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # of what is read
set -eu

. "$LXG_STAGE/tests/bench/common"
. "$LXG_STAGE/tests/bench/engine"
rounds=${ROUNDS:-9}

# request METHOD PATH [FILE]: by curl, waits for the operation
request()
{
	curl -s --unix-socket "$socket" -X "$1" "http://engine/1.0/$2" \
	    ${3+-d "@$3"} > answer
	operation=$(jq -r '.operation // ""' answer)
	[ -z "$operation" ] || curl -s --unix-socket "$socket" \
	    "http://engine$operation/wait?timeout=60" > answer
}

ours_add() { lxg-map add < granted > added; }
ours_del() { lxg-map del < added > deleted; }
bare_add() { request PATCH "instances/$name" patch.json; }
bare_del() { request PUT "instances/$name" put.json; }

by_hand_add()
{
	for i in files/*; do
		sha256sum "$i" > sum
		getfacl -n "$i" > acl
		setfacl -m u:900000:rw "$i"
		"$cli" config device add "$name" "hand-${i##*/}" disk \
		    "source=$work/$i" "path=/home/debian/hand/${i##*/}"
	done > /dev/null
}

by_hand_del()
{
	for i in files/*; do
		"$cli" config device remove "$name" "hand-${i##*/}"
		"$cli" exec "$name" -- rm -f "/home/debian/hand/${i##*/}" \
		    < /dev/null
	done > /dev/null
}

clean > /dev/null 2>&1 || :
lxg-profile put "$name" | lxg-instance create -i lxg > record
mkdir files
umask 077
for i in 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20; do
	echo "$i" > "files/f$i"
done
lxg-instance get "$name" | lxg-map plan files/* > granted
# the same devices, and nothing of lxg in them
jq -s '{devices: map({key: .device, value: {type, source, path,
    required: "false", "user.lxg.perm": .perm, "user.lxg.mode": .mode,
    "user.lxg.dev": .dev, "user.lxg.ino": .ino,
    "user.lxg.handle": .handle}}) | from_entries}' granted > patch.json
request GET "instances/$name"
jq .metadata answer > put.json
: > ours.add; : > ours.del; : > bare.add; : > bare.del

round=0
while [ "$round" -lt "$rounds" ]; do
	round=$((round + 1))
	timed bare.add bare_add
	timed bare.del bare_del
	timed ours.add ours_add
	timed ours.del ours_del
done
timed hand.add by_hand_add
timed hand.del by_hand_del

mkdir many
seq 1000 | sed 's,^,many/,' | xargs touch
seq 1000 | sed 's,^,many/,' | tr '\n' '\0' > list.1000
seq 10 | sed 's,^,many/,' | tr '\n' '\0' > list.10
plan_10() { for i in 1 2 3 4 5 6 7 8 9 10; do plan list.10; done; }
plan() { lxg-map plan -0 "$1" < record > planned; }
for i in 1 2 3 4 5; do
	timed plan.10 plan_10
	timed plan.1000 plan list.1000
done
awk '{ print $1 * 10 }' plan.10 > ten # as long as a thousand at that rate

ratio 'add of 20 files to the bare PATCH' 1.1 ours.add bare.add
ratio 'del of 20 files to the bare PUT' 1.1 ours.del bare.del
ratio 'add of 20 files to 20 rounds by hand' 0.125 ours.add hand.add
ratio 'del of 20 files to 20 rounds by hand' 0.125 ours.del hand.del
ratio 'plan of 1,000 files to 100 plans of 10' 1.1 plan.1000 ten
