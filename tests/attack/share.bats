#!/usr/bin/env bats
# What is mended is the share's own: while lxg share runs, again and again, the
# instance moves folders, swaps files for links to the host's, and takes away
# the names of what the host's user has linked there. SPDX-License-Identifier: ISC
# shellcheck disable=SC2154,SC2016 # of env.sh and run; scripts for inside
bats_require_minimum_version 1.5.0

load ../env.sh
load ../exec.sh

S=$HOME/.local/share/lxg/$LXG_ENGINE/default/$T/share
IN=/home/debian/share

setup_file()
{
	drop_instance "$T"
	rm -rf .local
	lxg create "$T" > /dev/null
	lxg-instance get "$T" | lxg-mount list |
	    jq -c 'select(.mount == "share")' > share
}

teardown_file()
{
	drop_instance "$T"
}

# looks FILE...: all that is to stay as it was
looks()
{
	stat -c '%n %u %g %a' "$@"
	getfacl -np "$@"
	sha256sum "$HOME"/victim/file* "$HOME"/victim/sub/*
}

# mends SECONDS [COMMAND...]: as often as it can, run by that command
mends()
{
	local end=$((SECONDS + $1))
	shift
	n=0
	while [ $SECONDS -lt $end ]; do
		timeout 120 "$@" lxg-mount mend -f < share > mended 2>> said || :
		n=$((n + 1))
	done
}

@test "links, renames and swaps: nothing outside of the share changes" {
	rm -rf victim
	mkdir -m 700 victim victim/sub
	echo secret > victim/file
	echo secret > victim/sub/file
	chmod 600 victim/file victim/sub/file
	set -- "$HOME/victim" "$HOME/victim/file" "$HOME/victim/sub" \
	    "$HOME/victim/sub/file"
	looks "$@" > before
	user_in "$T" sh -c "mkdir $IN/d; mkdir $IN/e; echo x > $IN/f" 
	# for as long as its file is there
	: > "$S/go"
	user_in "$T" sh -c "cd $IN"'
	while [ -e go ]; do
		ln -s "$1" d/l; mv d/l d/x; ln -s "$1/file" e/x
		echo x > f; chmod 600 f; mv f d/f; ln -s "$1/file" f
		mv d g; ln -s "$1" d; rm f d; mv g d; mv d/f f
		mkdir -m 700 d/sub; echo x > d/sub/file; chmod 600 d/sub/file
		mv d/sub e/sub; ln -s "$1/sub" d/sub; rm -rf e/sub d/sub
		rm -f d/x e/x
	done' sh "$HOME/victim" > /dev/null 2>&1 3>&- &
	mends 10
	rm "$S/go"
	wait
	[ "$n" -gt 3 ]
	looks "$@" | diff before -
}

@test "what the host's user has linked there, and the instance takes away" {
	local i
	rm -rf victim
	mkdir -m 700 victim victim/sub
	echo secret > victim/sub/file
	for i in $(seq 150); do
		echo secret > "victim/file$i"
		chmod 600 "victim/file$i"
	done
	set -- "$HOME"/victim/*
	looks "$@" > before
	: > "$S/go"
	user_in "$T" sh -c "cd $IN"'
	while [ -e go ]; do
		for f in link*; do
			rm -f "$f"
		done
	done' > /dev/null 2>&1 3>&- &
	{
		while [ -e "$S/go" ]; do
			for i in $(seq 150); do
				ln "victim/file$i" "$S/link$i" || :
			done
		done
	} > /dev/null 2>&1 3>&- &
	# slow enough for the name to go between any two looks
	mends 15 strace -qqo /dev/null -e trace=newfstatat \
	    -e inject=newfstatat:delay_enter=3000
	rm "$S/go"
	wait
	[ "$n" -gt 2 ]
	looks "$@" | diff before -
}

@test "one that hangs, lies and grows ends, and the lock is nobody's" {
	user_in "$T" sh -c "cd $IN; rm -rf -- *
	    mkdir -p \$(seq -s / 1 100); mkfifo p; mkdir -m 700 q
	    for i in \$(seq 600); do : > c\$i; chmod 600 c\$i; done"
	root_in "$T" sh -c 'mv /usr/bin/chmod /usr/bin/chmod.real
	    printf "#!/bin/sh\nsleep 600\n" > /usr/bin/chmod
	    chmod.real 755 /usr/bin/chmod'
	{ LXG_TIMEOUT=10 timeout 300 lxg share "$T" > out 2>&1 || echo $? > code; } 3>&- &
	# others can work on the instance meanwhile
	echo x > lent
	lxg-instance get "$T" | lxg-map plan -c lent | lxg-acl grant |
	    timeout 60 lxg-map add > added
	wait
	root_in "$T" mv /usr/bin/chmod.real /usr/bin/chmod
	[ "$(cat code)" = 75 ] || { cat code out; false; }
	lxg-map del < added | lxg-acl revoke > /dev/null
	lxg share "$T" > out 2>&1 || :
	echo more >> "$S/c600"
}
