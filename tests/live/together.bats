#!/usr/bin/env bats
# Five instances on one display: made, attached to, used, left and deleted at
# the same moments, and none is in another's way.
# shellcheck disable=SC2016,SC2154 # for a shell inside; of env.sh
bats_require_minimum_version 1.5.0

load ../env.sh

FOLDERS=$HOME/.local/share/lxg/$LXG_ENGINE/default

setup_file()
{
	each drop_instance
	rm -rf .local
	each lxg create
	host_display "$HOME"
}

teardown_file()
{
	stop_display
	each drop_instance
}

setup()
{
	rm -f ./*.said
}

teardown()
{
	each end_sessions 2> /dev/null || :
	wait
}

# each COMMAND [ARG]...: for all at once, with its name behind; are all done?
each()
{
	local n pids='' failed=0
	for n in 1 2 3 4 5; do
		"$@" "$T-$n" 3>&- &
		pids="$pids $!"
	done
	for n in $pids; do
		wait "$n" || failed=1
	done
	return "$failed"
}

end_sessions()
{
	lxg-instance get "$1" | lxg-xpra list | lxg-xpra stop > /dev/null
}

# a terminal that says where it is, where the others are not
attach()
{
	local n=${1##*-}
	lxg attach "$1" sh -c 'xterm -geometry "$1" -T "$(hostname)" -e sh' \
	    sh "20x4+$((n * 200 - 150))+$((n * 140 - 100))" > "$1.said" 2>&1
}

# window NAME: the id of what has its class and its title
window()
{
	xwininfo -root -tree |
	    grep -F "\"[$1] $1\": (\"lxg-$1\" \"lxg-$1\")" |
	    awk '{ print $1 }' | grep .
}

# mark NAME: the colour of its border
mark()
{
	import -window "$(window "$1")" -crop 1x1+1+1 txt:- | tail -n 1
}

# type_into NAME LINE COMMAND...: until the command says that it came there
type_into()
{
	xdotool mousemove --window "$(window "$1")" 50 20
	xdotool type "$2
"
	wait_until 3 "${@:3}"
}

typed() { type_into "$1" 'hostname > share/typed' test -s "$FOLDERS/$1/share/typed"; }
left() { type_into "$1" exit gone "$1"; }

# gone [NAME]: its windows, or all
gone()
{
	tree=$(xwininfo -root -tree 2> /dev/null) &&
	    [[ $tree != *"\"lxg-${1:-$T-}"* ]]
}

@test "five at once: each has its own window, border, keys and end" {
	each attach &
	attached=$!
	each wait_until 40 window
	wait_until 20 five_colours
	for n in 1 2 3 4 5; do
		wait_until 20 typed "$T-$n"
	done
	for n in 1 2 3 4 5; do
		wait_until 20 left "$T-$n"
	done
	wait "$attached"
	for n in 1 2 3 4 5; do
		[ "$(cat "$FOLDERS/$T-$n/share/typed")" = "$T-$n" ]
	done
	wait_until 10 gone
	wait_until 10 nothing_left
}

five_colours()
{
	[ "$(for n in 1 2 3 4 5; do mark "$T-$n"; done | sort -u | wc -l)" = 5 ]
}

# what helps an attach ends as soon as it hears that it is over
nothing_left()
{
	[ -z "$(find "$XDG_RUNTIME_DIR/lxg" ! -type d)" ] &&
	    [ -z "$(find "$FOLDERS"/*/xpra -mindepth 1)" ] &&
	    [ -z "$(pgrep -u "$(id -u)" -f "$T-")" ]
}

@test "one that is stopped takes no other with it" {
	each attach &
	each wait_until 40 window
	lxg stop "$T-3"
	wait_until 10 gone "$T-3"
	for n in 1 2 4 5; do
		window "$T-$n"
	done
}

@test "all are deleted, with their sessions, and nothing stays" {
	each attach &
	each wait_until 40 window
	each lxg delete -f
	wait
	wait_until 10 gone
	[ -z "$(find "$XDG_RUNTIME_DIR/lxg" "$FOLDERS" ! -type d)" ]
	[ -z "$(ls "$FOLDERS")" ]
	[ -z "$(lxg-acl list)" ]
	[ "$(lxg-instance list | grep -c "\"$T-")" = 0 ]
}
