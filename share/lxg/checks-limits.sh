# Read by lxg doctor: limits of the host that look like something else when they
# are reached. SPDX-License-Identifier: ISC
# shellcheck shell=sh

# what an instance with systemd takes when it is idle, tried
inotify_each=9

# of: a number in a file of the kernel's, 0 where it can't be read
of()
{
	cat "$1" 2>/dev/null || printf 0
}

# what the kernel counts for all containers together
check_inotify()
{
	limit=$(of /proc/sys/fs/inotify/max_user_instances)
	running=$(jq -s 'map(select(.status == "Running")) | length' \
	    "$work/instances")
	room=$((limit / inotify_each - 1))
	if [ "$running" -ge "$room" ]; then
		problem "inotify: $running instances run, and there is room for" \
		    "about $room: more hang in boot"
		cure 'sysctl fs.inotify.max_user_instances=1024'
	elif [ "$limit" -lt 512 ]; then
		note "inotify: there is room for about $room running instances"
		cure 'sysctl fs.inotify.max_user_instances=1024'
	else
		fine "inotify: room for about $room running instances"
	fi
}

# the ranges of host ids that instances get, and how many are left
check_ranges()
{
	ids=$(awk -F: '$1 == "root" { print $3; exit }' /etc/subuid 2>/dev/null)
	total=$((${ids:-1000000000} / 65536 - 1))
	taken=$(jq -s 'map(.config["volatile.idmap.base"] // "0" |
	    select(. != "0" and . != "")) | unique | length' "$work/instances")
	left=$((total - taken))
	if [ "$left" -le 0 ]; then
		problem "ids: root has $ids in /etc/subuid, all of them given to" \
		    "instances; each takes 65536 of its own"
	elif [ "$left" -lt 5 ]; then
		note "ids: /etc/subuid has room for $left more instances"
	else
		fine "ids: room for $left more instances"
	fi
}

check_memory()
{
	free=$(awk '$1 == "MemAvailable:" { print int($2 / 1024) }' \
	    /proc/meminfo)
	if [ "${free:-0}" -lt 512 ]; then
		note "memory: $free MiB are available; an instance with a" \
		    'program takes about as much'
	else
		fine "memory: $free MiB available"
	fi
}

# check_pools KIND: is there room on the disks of this engine's instances?
check_pools()
{
	api GET '/1.0/storage-pools' 2>/dev/null > "$work/pools" || return 0
	jq -r '.[]' "$work/pools" | while IFS= read -r pool; do
		api GET "$pool/resources" 2>/dev/null |
		    jq -r --arg pool "${pool##*/}" --arg kind "$1" '.space |
		    select(.total) | (.total - (.used // 0)) as $free |
		    (if $free < 1073741824 then "problem"
		    elif $free < 4294967296 then "note" else "fine" end) +
		    "\t\($kind): pool \($pool): \($free / 1048576 | floor)" +
		    " MiB are free"' || :
	done > "$work/space"
	while IFS="$(printf '\t')" read -r how text; do
		"$how" "$text"
	done < "$work/space"
}

check_limits()
{
	check_inotify
	check_ranges
	check_memory
}
