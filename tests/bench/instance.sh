#!/bin/sh
# What lxg-instance and lxg-acl cost: CPU beside the engine's own client, and
# the time that create adds to what the engine and cloud-init take.
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # of what is read
set -eu

. "$LXG_STAGE/tests/bench/common"
. "$LXG_STAGE/tests/bench/engine"

with_lxg()
{
	lxg-instance create < profile > record
}

# what nobody can do without, by the engine's own client
by_hand()
{
	{
		"$cli" init lxg "$name" -p default -p "$name" \
		    -c security.idmap.base="$base" < /dev/null
		"$cli" start "$name"
	} > /dev/null 2>&1
	result="/1.0/instances/$name/files?path=/var/lib/cloud/data/result.json"
	until engine_raw "$result" 2> /dev/null
	do
		sleep 0.05
	done > verdict
}

# what lxg list says of 500 instances of a cluster, and what one would ask by hand
by_curl()
{
	curl -s --unix-socket "$LXG_ENGINE" \
	    'http://lxg/1.0/instances?recursion=1' |
	    jq -r '.metadata[] | "\(.name) \(.location) \(.status)"'
}

# lists: of the engine that LXG_ENGINE names
lists()
{
	for _ in 1 2 3 4 5 6 7 8 9; do
		timed curl.list by_curl > hand
		timed many.list lxg list > ours
	done
	grep -c '^i[0-9]* .*@m' ours
}

if [ "${1-}" = lists ]; then
	cd "$2"
	lists
	exit
fi
"$LXG_STAGE/tests/bench/instances" 500 5 \
    sh "$0" lists "$work" > seen
ratio 'lxg list of 500 instances on 5 members to curl and jq' 1.3 many.list \
    curl.list

clean > /dev/null 2>&1 || :
lxg-profile put "$name" > profile
with_lxg
base=$(($(jq .host_uid record) - $(jq .uid record)))
for _ in 1 2 3; do
	cost query.list 100 /dev/null "$cli" query "/1.0/instances/$name"
	cost get.list 100 /dev/null lxg-instance get "$name"
done
figure 'lxg-instance get to query, CPU' 0.6 a/b "$(median get.list)" \
    "$(median query.list)"

: > file
jq -c --arg s "$work/file" --arg d "$(stat -c %d file)" \
    --arg i "$(stat -c %i file)" '. + {device: "lxg-bench", source: $s,
    perm: "rw", dev: $d, ino: $i}' record > device
for _ in 1 2 3 4 5 6 7 8 9 10; do
	cost grant.list 1 device lxg-acl grant
	cost revoke.list 1 device lxg-acl revoke
done
for verb in grant revoke; do
	figure "lxg-acl $verb of one, CPU ms" 5 a/1000 \
	    "$(median "$verb.list")" 0
	figure "lxg-acl $verb of one, MiB" 8 a/1024 \
	    "$(median "$verb.list" 2)" 0
done

round=0
while [ "$round" -lt "${ROUNDS:-5}" ]; do
	"$cli" delete -f "$name"
	timed hand.list by_hand
	"$cli" delete -f "$name"
	timed lxg.list with_lxg
	round=$((round + 1))
done
figure 'create over the bare way, s' 0.5 '(a-b)/1e6' \
    "$(median lxg.list)" "$(median hand.list)"

"$cli" delete -f "$name"
round=0
while [ "$round" -lt "${ROUNDS:-5}" ]; do
	lxg create "$name" 2> /dev/null
	timed hand.gone "$cli" delete -f "$name"
	lxg delete -f "$name" > said 2>&1
	lxg create "$name" 2> /dev/null
	timed lxg.gone lxg delete -f "$name"
	round=$((round + 1))
done
figure "delete over the engine's own, s" 0.5 '(a-b)/1e6' \
    "$(median lxg.gone)" "$(median hand.gone)"
