#!/bin/sh
# A session that is left for MINUTES with a busy program: what each process
# takes of memory and each file of the disk, once a minute. Ends with 1 where
# something grows.
#
# Memory: what is loaded late and caches that fill are there after ten minutes
# of an hour. From the median of minutes 6 to 10 to that of the last five it may
# grow by a fifth. Logs: in no minute more than what they are cut at, and what
# the supervisor waits for before it frees some more.
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # of what is read
set -eu

. "$LXG_STAGE/tests/bench/common"
. "$LXG_STAGE/tests/bench/engine"
minutes=${MINUTES:-60}
warm=$(((minutes + 5) / 6))

# In its window: a screenful and another title, four times a second. Printed:
# in an hour, more than ten times what is kept of it. And four times a minute
# a window that comes and goes.
cat > busy <<'END'
while [ "${1-}" = window ]; do
	printf '\033]0;%s\a' "$(date)"
	seq 1000 1030
	sleep 0.25
done
xterm -e sh -c "$0" "$0" window &
while seq 7000; do
	sleep 1
	second=$(((${second-0} + 1) % 15))
	[ "$second" != 0 ] || timeout 2 xterm &
done
END

shown() { xwininfo -root -tree | grep -q "\"lxg-$name\""; }

find_processes()
{
	xvfb=$(pgrep -U "$(jq .host_uid record)" -x Xvfb)
	supervisor=$(ps -o ppid= -p "$xvfb" | tr -d ' ')
	server=$(pgrep -P "$supervisor" -x 'python3|xpra')
	client=$(pgrep -P "$monitor" -x lxg-client)
}

# row MINUTE: KiB of each; fails where one is gone
row()
{
	for pid in "$supervisor" "$server" "$xvfb" "$monitor" "$client" \
	    "$HOST_X"; do
		awk '/^VmRSS/ { print $2 }' "/proc/$pid/status"
	done > memory
	folder=$xpra/$(jq -r .session s)
	du -k "$folder/output" "$folder/log" "$(client_log)" | cut -f 1 > disk
	printf '%s ' "$1" | cat - memory disk | xargs
}

# at FROM TO FIELD: the median there
at()
{
	sed -n "$1,$2p" table > part
	median part "$3"
}

memory()
{
	figure "memory of $2, the end to minute $warm" 1.2 a/b \
	    "$(at $((minutes - warm / 2)) "$minutes" "$1")" \
	    "$(at $((warm / 2 + 1)) "$warm" "$1")"
}

disk()
{
	figure "most of $2, MiB" "$3" a/1024 \
	    "$(cut -d ' ' -f "$1" table | sort -n | tail -n 1)" 0
}

with_display -i lxg
lxg-xpra start sh -c "$(cat busy)" < record > s
lxg-xpra attach -O 5 < s > attached 5> /dev/null &
monitor=$!
wait_until 60 shown
find_processes

form='%6s %11s %7s %7s %7s %7s %9s %7s %5s %10s\n'
# shellcheck disable=SC2059 # the form of both
printf "$form" minute supervisor server Xvfb monitor client host-Xvfb output log \
    client-log
for minute in $(seq "$minutes"); do
	sleep 60
	row "$minute" | tee -a table | xargs printf "$form"
done
kill "$monitor"
wait "$monitor"
jq -e '.state == "live"' attached > /dev/null

{
	memory 2 'the supervisor'
	memory 3 'the server'
	memory 4 'its Xvfb'
	memory 5 'the monitor'
	memory 6 'the client'
	memory 7 "the host's X server"
	disk 8 'the output' 10
	disk 9 'the log' 10
	disk 10 "the client's log" 1.1
} | tee figures
awk '$(NF - 2) > $NF + 0 { over = 1 } END { exit over }' figures
