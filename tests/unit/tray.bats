#!/usr/bin/env bats
# Icons on the session's bus: what a client asks for is judged, marked and shown
# by a process of its own, and clicks come back. No engine, no display.
# shellcheck disable=SC2154 # of run

bats_require_minimum_version 1.5.0

load ../jobs.sh

setup_file() {
	make -s -C "$BATS_TEST_DIRNAME/../client" OUT="$BATS_FILE_TMPDIR"
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	unset XDG_RUNTIME_DIR
	export DBUS_SESSION_BUS_ADDRESS=unix:path=$PWD/bus
	dbus-daemon --session --nofork --nopidfile \
	    --address="$DBUS_SESSION_BUS_ADDRESS" > bus.log 2>&1 3>&- &
	wait_until test -S bus
	mkfifo in
	exec 9<> in
}

teardown() {
	exec 9>&-
	end_jobs
	wait
}

wait_until() {
	local end=$((SECONDS + 10))
	until "$@"; do
		[ $SECONDS -lt $end ] || { echo "not in time: $*" >&2; return 1; }
		read -rt 0.02 <> <(:) || :
	done
}

asks() {
	"$BATS_FILE_TMPDIR/asks" "$@" < in > out 2> log 3>&- 9>&- &
	asks=$!
}

watcher() {
	"$BATS_FILE_TMPDIR/watcher" "$1" > tray 3>&- 9>&- &
	watcher=$!
	wait_until grep -qx watcher tray
}

no_watcher() { kill "$watcher"; wait "$watcher" || :; watcher=; }

# icon ID TITLE W H [BYTES]: an icon of blue pixels that one can see through
icon() {
	printf '{"icon":%s,"title":"%s","w":%s,"h":%s,"argb":"%s"}\n' "$1" \
	    "$2" "$3" "$4" "$(perl -e 'print substr("\x80\x33\x66\xcc" x
	    10000, 0, $ARGV[0])' "${5-$(($3 * $4 * 4))}" | base64 -w 0)" >&9
}

# count N PATTERN: that many lines of the watcher's
count() { [ "$(grep -cE "$2" tray)" -eq "$1" ]; }
item() { awk '$1 == "item" { at = $2 } END { print at }' tray; }
busctl_() { busctl --address="$DBUS_SESSION_BUS_ADDRESS" --json=short -- "$@"; }
property() {
	busctl_ get-property "$(item)" /StatusNotifierItem \
	    org.kde.StatusNotifierItem "$1" | jq -c .data
}
item_call() {
	busctl_ call "$(item)" /StatusNotifierItem org.kde.StatusNotifierItem \
	    "$@"
}
is() { [ "$(property "$1")" = "$2" ]; }

@test "tray: an icon under the instance's name, in its colour; clicks come back" {
	watcher yes
	asks '#ff0001'
	icon 5 'mail' 2 1
	wait_until count 1 '^item :[0-9.]+ /StatusNotifierItem$'
	f=255,255,0,1
	is IconPixmap "[[4,3,[$f,$f,$f,$f,$f,128,51,102,204,128,51,102,204,$f,$f,$f,$f,$f]]]"
	is Id '"lxg-box"'
	is Title '"[box] mail"'
	is ToolTip '["",[],"[box] mail",""]'
	is Category '"ApplicationStatus"'
	is Status '"Active"'
	is WindowId 0
	is ItemIsMenu false
	run ! busctl_ get-property "$(item)" /StatusNotifierItem \
	    org.kde.StatusNotifierItem Menu
	# all of them at once, as most trays ask
	busctl_ call "$(item)" /StatusNotifierItem \
	    org.freedesktop.DBus.Properties GetAll s \
	    org.kde.StatusNotifierItem | jq -e '.data[0] | keys == ["Category",
	    "IconPixmap", "Id", "ItemIsMenu", "Status", "Title", "ToolTip",
	    "WindowId"] and .IconPixmap.type == "a(iiay)"'
	item_call Activate ii 10 20
	item_call SecondaryActivate ii 11 21
	item_call ContextMenu ii -5 22
	for way in vertical Horizontal; do
		item_call Scroll is 120 $way
		item_call Scroll is -1 $way
		item_call Scroll is 0 $way
	done
	run ! item_call Activated ii 1 2
	wait_until eval '[ "$(wc -l < out)" -ge 7 ]'
	diff out - <<-END
		click 5 1 10 20
		click 5 2 11 21
		click 5 3 -5 22
		click 5 5 -1 -1
		click 5 4 -1 -1
		click 5 7 -1 -1
		click 5 6 -1 -1
	END
	# it changes, and goes
	icon 5 'm\u001b[1m\u202eail' 1 1
	for news in NewIcon NewTitle NewToolTip; do
		wait_until count 1 "^$news $(item)\$"
	done
	is Title '"[box] m?[1m?ail"'
	property IconPixmap | jq -e '.[0][:2] == [3, 3]'
	echo '{"icon":5}' >&9
	wait_until count 1 "^gone $(item)\$"
	[ ! -s log ]
}

@test "tray: an icon that is none is refused, and the next one is shown" {
	watcher yes
	asks 'red,0'
	while read -r w h bytes; do
		icon 1 wrong "$w" "$h" "$bytes"
	done <<-END
		65 1 260
		1 65 260
		0 1 0
		1 0 0
		-1 -1 4
		1e9 1e9 4
		1.5 2 12
		65536 65536 4
		4294967297 1 4
		2 2 15
		2 2 17
		2 2 0
		64 64 16385
	END
	printf '%s\n' '{"icon":-1,"title":"wrong","w":1,"h":1,"argb":"AAAAAA=="}' \
	    '{"icon":"x","title":"wrong","w":1,"h":1,"argb":"AAAAAA=="}' \
	    '{"icon":1,"title":"wrong","w":1,"h":1,"argb":"!AAAAA=="}' \
	    '{"icon":1,"title":7,"w":1,"h":1,"argb":"AAAAAA=="}' \
	    '{"icon":1,"title":"wrong","argb":"AAAAAA=="}' '{"icon":9}' >&9
	icon 1 "$(printf 'é%.0s' {1..900})" 64 64
	wait_until count 1 '^item '
	# the policy's width is 0: no frame; a title of whole characters
	property IconPixmap | jq -e '.[0][:2] == [64, 64] and
	    (.[0][2] | length) == 16384'
	property Title | jq -e 'test("^\\[box\\] é{400}$")'
	count 0 '^New'
	kill -0 "$asks"
	# so many at once, and so many in a time
	for i in {2..40}; do
		icon "$i" x 1 1
	done
	wait_until count 8 '^item '
	for i in {2..40}; do
		echo "{\"icon\":$i}" >&9
		icon $((i + 100)) x 1 1
		echo "{\"icon\":$((i + 100))}" >&9
	done
	wait_until count 20 '^item '
	wait_until retitled last
	count 20 '^item '
	# a picture that moves is told of ten times in a second
	news=$(grep -c '^NewIcon' tray)
	icon 1 last 1 1 9> one
	for i in {1..60}; do
		cat one
	done >&9
	icon 1 end 1 1
	wait_until is_first_title '"[box] end"'
	[ $(($(grep -c '^NewIcon' tray) - news)) -lt 30 ]
}

# Of more than it can take at once some is dropped.
retitled() { icon 1 "$1" 1 1; is_first_title "\"[box] $1\""; }

is_first_title() {
	local first
	first=$(awk '$1 == "item" { print $2; exit }' tray)
	[ "$(busctl_ get-property "$first" /StatusNotifierItem \
	    org.kde.StatusNotifierItem Title | jq -c .data)" = "$1" ]
}

@test "tray: off, there is none, nor any word of it on the bus" {
	watcher yes
	asks '#ff0000' off
	icon 1 x 1 1
	echo '{"say":"over"}' >&9
	wait_until grep -q 'box: over' log
	count 0 '^item '
	run ! pgrep -P "$asks"
}

@test "tray: a watcher that begins later, ends and begins anew has the icon" {
	asks '#ff0000'
	icon 1 x 1 1
	wait_until grep -q 'no tray here takes the icon of a program' log
	icon 2 y 1 1
	for _ in 1 2; do
		watcher yes
		wait_until count 2 '^item '
		is WindowId 0
		no_watcher
	done
	# it ends with who asks, and is said once
	watcher no
	wait_until count 2 '^item '
	exec 9>&-
	wait "$asks"
	asks=
	wait_until count 2 '^gone '
	[ "$(wc -l < log)" -eq 1 ]
}

@test "tray: without a bus it is said, and none is begun" {
	export DBUS_SESSION_BUS_ADDRESS=unix:path=$PWD/none
	asks '#ff0000'
	icon 1 x 1 1
	wait_until grep -q 'no tray here' log
	exec 9>&-
	wait "$asks"
	# nor where the address is to be found elsewhere
	DBUS_SESSION_BUS_ADDRESS=
	export DISPLAY=:9 XDG_RUNTIME_DIR=$PWD
	exec 9<> in
	asks '#ff0000'
	watched=unix:path=$PWD/bus
	DBUS_SESSION_BUS_ADDRESS=$watched watcher yes
	icon 1 x 1 1
	wait_until count 1 '^item '
}
