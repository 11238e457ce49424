#!/usr/bin/env bats
# bats file_tags=once
# A delete that was cut short: what keeps lxg recover from finishing it.
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2016,SC2154 # an inner shell's; of env.sh and run
bats_require_minimum_version 1.5.0

load ../env.sh

I=$T-a

setup_file()
{
	rm -rf "$HOME/.local"
	drop_instance "$I"
	drop_instance "$T-b"
	lxg create "$I"
}

teardown_file()
{
	drop_instance "$I"
	drop_instance "$T-b"
}

setup()
{
	cd "$HOME" || return
}

# cut [ARG]...: a delete of it that was cut short
cut_short()
{
	sh -c 'lxg-state begin -P $$ "$@"; :' sh -E "$socket" -p default "$@"
}

uuid() { lxg-instance list | jq -r --arg i "$I" 'select(.instance == $i).uuid'; }

# kept WHY: it is named, and there
kept()
{
	run -0 lxg recover
	[ "$output" = "$1" ]
	[ -z "$(lxg-state list)" ]
	[ "$(lxg-instance get "$I" | lxg-mount list | wc -l)" = 3 ]
}

named="$I: its delete was cut short"

@test "what was used since is the user's to decide on" {
	local verb
	for verb in "lxg-instance start $I" "lxg set $I bell=on" \
	    "lxg create $I" "lxg-profile put -f $I"; do
		cut_short -f delete "$I" "$(uuid)"
		$verb > out 2>&1 || :
		kept "$named, and it was used since; lxg delete $I goes on"
	done
}

@test "so is what was started since, or has a session" {
	local row
	row=$(cut_short -f delete "$I" "$(uuid)")
	sqlite3 .local/state/lxg/state.db \
	    "UPDATE intent SET stepped = stepped - 600 WHERE id = $row"
	kept "$named, and it was started since; lxg delete $I goes on"
	lxg-instance start "$I" | lxg-xpra start sleep 1000 > session
	cut_short -f delete "$I" "$(uuid)"
	kept "$named, and it has a session; lxg delete $I goes on"
	lxg-xpra stop < session
}

@test "another one of its name is another one" {
	cut_short -f delete "$I" 8d3f6a1c-0000-4000-8000-000000000000
	kept ''
}

@test "an engine that cannot be asked, or another machine, has lost nothing" {
	local row
	row=$(sh -c 'lxg-state begin -P $$ -E /nonexistent -p default -f \
	    delete "$1" "$2"; :' sh "$I" "$(uuid)")
	run -0 lxg recover
	[ -z "$output" ]
	[ "$(lxg-state list | jq .intent)" = "$row" ]
	lxg-state end "$row"
	row=$(cut_short -f delete "$I" "$(uuid)")
	sqlite3 .local/state/lxg/state.db "UPDATE intent SET machine = 'x'"
	kept ''
	sqlite3 .local/state/lxg/state.db "DELETE FROM intent"
}

@test "without -f, a share that holds files keeps it; with it, it goes by its new name" {
	local uuid
	uuid=$(uuid)
	: > ".local/share/lxg/incus/default/$I/share/mine"
	cut_short delete "$I" "$uuid"
	run -0 --separate-stderr lxg recover
	[ "$output" = "$named; lxg delete $I goes on" ]
	[[ $stderr == *"$I: its share holds files ("* ]]
	[ -z "$(lxg-state list)" ]
	lxg-instance stop -f "$I"
	engine_api POST "/1.0/instances/$I" "{\"name\": \"$T-b\"}"
	cut_short -f delete "$I" "$uuid"
	run -0 lxg recover
	[ "$output" = "$T-b: its delete was cut short; finished" ]
	[ -z "$(lxg-state list)$(lxg-acl list)$(ls .local/share/lxg/incus/default)" ]
	run -1 engine_api GET "/1.0/instances/$T-b"
}
