#!/usr/bin/env bats
# Programs that users have, whose first process is not the one that shows the
# window: gvim forks, gnome-terminal has it shown by what the session's bus
# starts, LibreOffice by a child, and gives what comes later to the one that
# runs. SPDX-License-Identifier: ISC
# bats file_tags=once
# shellcheck disable=SC2154 # of session.sh

bats_require_minimum_version 1.5.0
load ../env.sh
load ../session.sh

setup_file()
{
	drop_instance "$T"
	rm -rf .local
	printf '#cloud-config\npackages: [%s]\n' \
	    'vim-gtk3, gnome-terminal, libreoffice-writer' > programs.yaml
	lxg create "$T" programs.yaml
	lxg-instance get "$T" > record
	host_display "$HOME"
}

teardown_file()
{
	finish
}

setup()
{
	clients=''
}

teardown()
{
	lxg-xpra list < record | lxg-xpra stop > /dev/null
	for client in $clients; do
		wait "$client" || :
	done
}

windows() { xdotool search --onlyvisible --class "^lxg-$T\$"; }
there_are() { [ "$(windows | wc -l)" = "$1" ]; }
sessions() { lxg-xpra list < record | jq -r 'select(.state != "ended").session // empty'; }
ended() { ! kill -0 "$client" 2> /dev/null; }

# attach_to COMMAND...: in a session of its own, in the background
attach_to()
{
	lxg attach "$T" "$@" > out 2> log 3>&- &
	client=$!
	clients="$clients $client"
}

# twice WORDS COMMAND...: two sessions of it live until they are closed by what
# is typed, and no longer; their status is 0
twice()
{
	local words=$1 window
	shift
	attach_to "$@"
	wait_until 60 there_are 1
	attach_to "$@"
	wait_until 60 there_are 2
	# longer than a program has for one more window
	sleep 10
	there_are 2
	[ "$(sessions | wc -l)" = 2 ]
	for window in $(windows); do
		xdotool windowfocus --sync "$window" type --delay 50 "$words"
		sleep 1
	done
	for client in $clients; do
		wait_until 30 ended
		wait "$client"
	done
	clients=''
	[ -z "$(sessions)" ]
}

@test "gvim, twice: a program that forks" {
	twice $':q\n' gvim
}

@test "gnome-terminal, twice: one that the bus starts, each on its display" {
	twice $'exit\n' gnome-terminal
}

@test "LibreOffice: lives until closed; another is told of the session" {
	attach_to soffice --writer --norestore
	wait_until 90 windows
	first=$(sessions)
	sleep 10
	windows
	kill "$client"
	wait "$client"
	[ "$(sessions)" = "$first" ]
	run -0 --separate-stderr lxg attach "$T" soffice --writer --norestore
	[[ $stderr = *"session $first"*"lxg run $T"* ]]
	attach_to
	wait_until 30 windows
	inside pkill -x soffice.bin
	wait_until 30 ended
	clients=''
	[ -z "$(sessions)" ]
}
