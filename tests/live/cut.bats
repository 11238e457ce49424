#!/usr/bin/env bats
# Creates and deletes that are killed: lxg recover finishes these and undoes
# those, and touches no instance that is another one, or was used since.
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2016,SC2154 # an inner shell's; of env.sh
bats_require_minimum_version 1.5.0

load ../env.sh

MOMENTS=5
HOMES=$HOME/.local/share/lxg/$LXG_ENGINE/default

setup_file()
{
	rm -rf .local bin
	mkdir -p bin
	cp "$LXG_STAGE/usr/bin/lxg" bin/
	# at one of these calls the verb is killed, and what it has started goes
	# on; or, a while after it, all of them are
	for name in lxg-profile lxg-instance lxg-mount lxg-map lxg-acl lxg-xpra \
	    lxg-state; do
		cat > "bin/$name" <<-'END'
		#!/bin/sh
		PATH=${PATH#*:} me=${0##*/}
		case " $me $* " in
		*" $AT "*)
			[ -n "${AFTER-}" ] || { kill -KILL "$(cat "$PIDS")"
			    exec "$me" "$@"; }
			case $me in
			lxg-acl | lxg-m*)	# once it has what it is to work on
				given=$(cat)
				printf '%s\n' "$given" > "$PIDS.given"
				exec < "$PIDS.given" ;;
			esac
			group=$(ps -o pgid= -p $$ | tr -d ' ')
			(sleep "$AFTER"; kill -KILL "-$group") &
		esac
		exec "$me" "$@"
		END
		chmod +x "bin/$name"
	done
}

teardown_file()
{
	local name
	for name in $(ours); do
		drop_instance "$name"
	done
	rm -rf bin
}

setup()
{
	cd "$HOME" || return
	lxg recover > /dev/null 2>&1 || :
}

# killed CALL AFTER VERB [ARG]...: beside the test, one that is killed there
killed()
{
	local pids=$BATS_TEST_TMPDIR/pid.$RANDOM.$RANDOM
	AT=$1 AFTER=$2 PIDS=$pids LXG_DATADIR=$LXG_STAGE/usr/share/lxg \
	    setsid sh -c 'echo $$ > "$PIDS"; exec bin/lxg "$@"' sh "${@:3}" \
	    < /dev/null > "$pids.out" 2>&1 3>&- &
	disown
}

# ended: all that were killed, and what of theirs went on
ended()
{
	local file pid
	for file in "$BATS_TEST_TMPDIR"/pid.*[0-9]; do
		wait_until 60 [ -s "$file" ]
		pid=$(cat "$file")
		wait_until 120 gone "$pid"
	done
}

# gone SESSION: has nothing of it?
gone() { ! pgrep -s "$1" > /dev/null; }

# one_recover: mends all, and has nothing to say the next time
one_recover()
{
	lxg recover > said 2>&1 || { cat said; return 1; }
	[ -z "$(lxg-state list)" ]
	[ -z "$(find .local/state/lxg/locks -name 'row:*')" ]
	run -0 lxg recover -f
	[ -z "$output" ]
}

# none NAME: nothing is left of it
none()
{
	run -1 engine_api GET "/1.0/instances/$1"
	run -1 engine_api GET "/1.0/profiles/$1"
	[ ! -e "$HOMES/$1" ]
	[ -z "$(lxg-acl list | jq -r --arg i "$1" 'select(.instance == $i)')" ]
	[ -z "$(lxg-map list -a | jq -r --arg i "$1" 'select(.instance == $i)')" ]
}

# whole NAME: all of it is there
whole()
{
	lxg-instance get "$1" | jq -e .user > /dev/null
	[ "$(lxg-instance get "$1" | lxg-mount list | wc -l)" = 3 ]
	[ "$(lxg-acl list | jq -r --arg i "$1" 'select(.instance == $i).mount' |
	    wc -l)" = 3 ]
}

# none_or_whole NAME
none_or_whole()
{
	if engine_api GET "/1.0/instances/$1" > /dev/null 2>&1; then
		whole "$1"
	else
		none "$1"
	fi
}

# at_each VERB FLAG: what is on standard input, MOMENTS of it: after how long of
# which call it is killed, each one of another instance, and all at once
at_each()
{
	local at after n=0 letters=abcdefghijklmnop
	names=''
	while read -r after at && [ "$n" -lt "$MOMENTS" ]; do
		names="$names $T-${letters:n:1}"
		# shellcheck disable=SC2086 # words
		killed "$at" "${after#-}" $1 "$T-${letters:n:1}"
		n=$((n + 1))
	done
	ended
}

@test "a create that is killed at any moment is undone, or whole" {
	local name names
	[ "$LXG_ENGINE" = incus ] || MOMENTS=3
	at_each create <<-END
	0.5 lxg-instance create
	- lxg-mount add
	0.05 lxg-acl grant
	0.1 lxg-instance create
	3 lxg-instance create
	END
	one_recover
	for name in $names; do
		none_or_whole "$name"
		drop_instance "$name"
	done
}

# bats test_tags=once
@test "a delete that is killed at any moment is finished, by one of two" {
	local name names pids=''
	MOMENTS=3
	for name in a b c; do
		lxg create "$T-$name" > "$BATS_TEST_TMPDIR/$name" 2>&1 3>&- &
		pids="$pids $!"
	done
	# shellcheck disable=SC2086 # numbers
	wait $pids
	at_each "delete -f" <<-END
	0.02 lxg-mount del
	0.1 lxg-instance del
	0.02 lxg-profile del
	END
	# one that is killed as it finishes one
	killed "lxg-instance del" 0.05 recover
	ended
	lxg recover > other 2>&1 3>&- &
	lxg recover > said 2>&1
	wait $!
	one_recover
	for name in $names; do
		none "$name"
	done
}
