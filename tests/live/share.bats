#!/usr/bin/env bats
# The share works both ways: what one side has closed, as cp, mv, rsync and
# mkstemp do, lxg share opens, and nothing else.
# SPDX-License-Identifier: ISC
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
}

teardown_file()
{
	drop_instance "$T"
}

setup()
{
	lxg-instance start "$T" > /dev/null
	root_in "$T" runuser -u debian -- sh -c \
	    "find $IN -mindepth 1 -exec chmod 777 {} + ; rm -rf $IN/* $IN/.[!.]*" \
	    > /dev/null 2>&1 || :
	find "$S" -mindepth 1 -delete 2> /dev/null || :
	cd "$BATS_TEST_TMPDIR" || return
}

teardown()
{
	stop_display
}

# open_inside FILE...: can the program inside read, write and remove them?
open_inside()
{
	user_in "$T" sh -ec "cd $IN"'
	for f; do
		if [ -d "$f" ]; then
			: > "$f/new"
			rm "$f/new"
		else
			cat "$f" > /dev/null
			echo more >> "$f"
		fi
	done' sh "$@"
}

# open_here FILE...
open_here()
{
	local f
	for f; do
		if [ -d "$S/$f" ]; then
			: > "$S/$f/new" && rm "$S/$f/new" || return
		else
			cat "$S/$f" > /dev/null && echo more >> "$S/$f" ||
			    return
		fi
	done
}

@test "what the host's user copies in, moves in, saves in" {
	umask 022
	echo x > a
	chmod 644 a
	cp a "$S/cp"
	(umask 077; cp a "$S/cp077"; mkdir -p "$S/d077/e"; cp a "$S/d077/e/f")
	chmod 600 a
	cp -p a "$S/cp-p"
	rsync -a a "$S/rsync"
	cp a b
	mv b "$S/mv"
	mkdir -m 700 moved
	echo x > moved/x
	mv moved "$S/"
	# as editors save: a new file, and it is renamed
	saved=$(mktemp "$S/XXXXXX")
	echo x > "$saved"
	mv "$saved" "$S/saved"
	set -- cp cp077 d077/e/f cp-p rsync mv moved moved/x saved
	for f; do
		run ! open_inside "$f"
	done
	run -0 --separate-stderr lxg share "$T"
	[ "$output" = "$T: $# of its share opened to both sides" ]
	[ -z "$stderr" ]
	open_inside "$@"
	open_here "$@"
	# what is made in a folder that was moved in is for both
	user_in "$T" sh -c ": > $IN/moved/in; umask 0; mkdir $IN/moved/in.d"
	echo x > "$S/moved/here"
	open_here moved/in moved/in.d
	open_inside moved/in
	# nothing to do, and nothing said
	run -0 --separate-stderr lxg share "$T"
	[ "$output:$stderr" = : ]
}

@test "never more than its owner may do, and for nobody else" {
	echo x > "$S/ro"
	chmod 440 "$S/ro"
	echo x > "$S/x"
	chmod 700 "$S/x"
	echo x > "$S/other"
	setfacl -b -m u:12345:rwx,g:12346:rwx,m::r "$S/other"
	chmod o= "$S/other"
	lxg share "$T" > out
	user_in "$T" cat "$IN/ro" "$IN/x" "$IN/other" > /dev/null
	run ! user_in "$T" sh -c "echo y > $IN/ro"
	user_in "$T" sh -c "echo y > $IN/other && test -x $IN/x"
	getfacl -ncE "$S/other" > acl
	grep -q '^user:12345:r--' acl
	grep -q '^group:12346:r--' acl
	grep -q '^other::---' acl
	grep -q '^mask::rw-' acl
	getfacl -nc "$S/ro" > acl
	grep -q '^mask::r--' acl
	grep -q '^other::---' acl
}

@test "what programs inside make for themselves alone" {
	user_in "$T" sh -c "cd $IN && umask 077 &&
	    echo x > f && mkdir -p a/b/c && echo x > a/b/c/f &&
	    python3 -c 'import os, tempfile
fd, name = tempfile.mkstemp(dir=\".\")
os.rename(name, \"saved\")'
	    chmod 600 f; chmod 700 a a/b a/b/c"
	# of root inside, whom the folder is closed to, and who lends itself
	# the login user's name
	root_in "$T" setpriv --reuid=1000 --clear-groups sh -c \
	    "cd $IN; umask 077; mkdir r; : > r/f"
	root_in "$T" setpriv --inh-caps +chown,+dac_override \
	    --ambient-caps +chown,+dac_override --reuid=1000 --clear-groups \
	    chown -R 0:0 "$IN/r"
	run ! open_here f
	run ! open_here a
	run -0 --separate-stderr lxg share "$T"
	[ -z "$stderr" ]
	[[ $output == "$T: "*" of its share opened to both sides" ]]
	open_here f saved a a/b a/b/c a/b/c/f r r/f
	rm -r "$S/a" "$S/r"
}

@test "what has lost its entries inside is told, and made anew with -f" {
	user_in "$T" sh -c "cd /home/debian; umask 022; echo old > f; chmod 600 f
	    mkdir -m 755 d; echo x > d/x; touch -d @1000000000 f
	    mv f d share/; cp -p /etc/hostname share/h"
	run ! open_here f
	run -75 --separate-stderr lxg share "$T"
	[[ $stderr == *'-f makes it anew'* ]]
	run -0 --separate-stderr lxg share -f "$T"
	[ -z "$stderr" ]
	[ "$(stat -c %Y "$S/f")" = 1000000000 ]
	[ "$(cat "$S/f" "$S/d/x")" = $'old\nx' ]
	open_here f d d/x h
	open_inside f d d/x h
	[ "$(find "$S" -name '.lxg*')" = '' ]
}

@test "setuid, other names, and what is no file: left alone, and named" {
	user_in "$T" sh -c "cd $IN; umask 077; echo x > s; chmod 4700 s
	    mkfifo p; ln -s /etc/passwd l"
	echo x > mine
	chmod 600 mine
	ln mine "$S/mine"
	before=$(getfacl -n mine)
	run -75 --separate-stderr lxg share "$T"
	[[ $stderr == *'mine: has, or may get, other names'* ]]
	[[ $stderr == *'s: has setuid or setgid bits'* ]]
	[[ $stderr == *': share: 2 are left: '* && $stderr != *'; ...'* ]]
	[ "$(getfacl -n mine)" = "$before" ]
	[ "$(stat -c %a "$S/s")" = 4700 ]
	# not all of many
	user_in "$T" sh -c "cd $IN; for n in 1 2 3 4 5 6 7; do
	    : > s\$n; chmod 4755 s\$n; done"
	run -75 --separate-stderr lxg share "$T"
	[[ $stderr == *': share: 9 are left: '*'; ...' ]]
}

@test "an instance that is stopped: the host's part is done, the rest is told" {
	user_in "$T" sh -c "echo x > $IN/f; chmod 600 $IN/f"
	echo x > a
	chmod 600 a
	cp -p a "$S/a"
	lxg-instance stop -f "$T" > /dev/null
	run ! --separate-stderr lxg share "$T"
	[[ $stderr == *"$T"* ]]
	lxg-instance start "$T" > /dev/null
	open_inside a
	lxg share "$T"
	open_here f
}

@test "-w: at once what is the host's, and all of it in the end" {
	cp /etc/hostname a
	chmod 600 a
	cp -p a "$S/a"
	user_in "$T" sh -c "echo x > $IN/f; chmod 600 $IN/f"
	mkfifo alive
	lxg share -w "$T" < alive > out 2>&1 3>&- &
	exec 5> alive
	wait_until 20 open_inside a
	run ! open_here f
	exec 5>&-
	wait
	open_here f
}

@test "lxg -n share prints what mends it" {
	user_in "$T" sh -c "echo x > $IN/f; chmod 600 $IN/f"
	[ "$(lxg -n share -f "$T")" = "lxg-instance get -E $LXG_ENGINE $T $(
	    )| lxg-mount list | lxg-mount mend -f" ]
	lxg -n share "$T" | sh > records
	[ "$(jq -r 'select(.mount == "share") | [.mended, .left] | @tsv' \
	    records)" = $'1\t0' ]
	lxg-instance get "$T" | lxg-mount list | lxg-mount mend -n > dry
	[ "$(jq -r .dry_run dry | sort -u)" = true ]
	open_here f
}

@test "attach opens the share before the program, and after it" {
	host_display "$HOME"
	cp /etc/hostname a
	chmod 600 a
	cp -p a "$S/a"
	lxg attach "$T" sh -c 'until echo more >> share/a; do sleep 0.1; done
	    echo new > share/n; chmod 600 share/n' 3>&-
	wait_until 20 open_here n
	grep -q more "$S/a"
	wait_until 10 none_waits
}

# nobody is left who waits for the end of an attach
none_waits() { ! pgrep -u "$(id -u)" -f "share -w $T"; }

@test "map opens the share, and at its end once more" {
	cp /etc/hostname a
	chmod 600 a
	cp -p a "$S/a"
	echo x > f
	mkfifo answer
	lxg map "$T" f < answer > said 2>&1 3>&- &
	exec 5> answer
	wait_until 20 open_inside a
	user_in "$T" sh -c "echo x > $IN/f; chmod 600 $IN/f"
	wait_until 20 grep -q f said
	echo >&5
	exec 5>&-
	wait
	wait_until 20 open_here f
}
