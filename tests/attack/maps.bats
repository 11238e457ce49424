# ATTACKS 3 to 7, as far as they concern shared folders and lent files: what a
# container would try with them, tried.
# shellcheck disable=SC2154,SC2016,SC2094 # of env.sh and run; scripts
bats_require_minimum_version 1.5.0

load ../env.sh
load ../exec.sh

A=$T-a
B=$T-b

setup_file() {
	drop_instance "$A"
	drop_instance "$B"
	make_instance "$A" >/dev/null
	make_instance "$B" >/dev/null
	folders
}

folders() {
	lxg-instance get "$A" | lxg-mount plan xpra share maps |
	    lxg-acl grant | lxg-mount add >/dev/null
}

teardown_file() {
	drop_instance "$A"
	drop_instance "$B"
}

setup() {
	D=$HOME/work-$BATS_TEST_NUMBER
	F=$HOME/.local/share/lxg/$LXG_ENGINE/default/$A
	rm -rf "$D"
	mkdir "$D"
	cd "$D" || return
	umask 077
	# what nobody inside may touch
	mkdir victim
	echo victim >victim/file
	chmod 640 victim/file
	look >victim.before
}

teardown() {
	cd "$HOME" || return
	root pkill -f attack-loop
	for i in "$A" "$B"; do
		lxg-instance get "$i" | lxg-map list | lxg-map del -D |
		    lxg-acl revoke
	done
	user find /home/debian/maps /home/debian/share -mindepth 1 -delete
	rm -rf "$D"
} >/dev/null 2>&1

look() {
	getfacl -nR victim
	find victim -printf '%p %m %U %G %i %n %T@ %l\n' | sort
	cat victim/file
}

untouched() {
	look | diff victim.before -
}

user() {
	user_in "$A" "$@"
}

root() {
	root_in "$A" "$@"
}

# attack SCRIPT: in the background inside, until teardown; it has begun
attack() {
	user rm -f /tmp/begun
	user sh -c 'nohup sh -c "$1" attack-loop "$2" >/dev/null 2>&1 &' sh \
	    "$1" "$D/victim"
	wait_until 20 user test -e /tmp/begun
}

lend() {
	lxg-instance get "$A" | lxg-map plan "$@" | lxg-acl grant | lxg-map add
}

back() {
	lxg-instance get "$A" | lxg-map list | lxg-map del "$@" |
	    lxg-acl revoke
}

@test "3: links and renames in the share while it is emptied" {
	# folders and links to the victim change places, 100 at a time
	attack 'cd /home/debian/share && exec python3 -c "
import ctypes, os, sys
libc = ctypes.CDLL(None)
open(\"/tmp/begun\", \"w\").close()
while True:
    for i in range(100):
        d, l = b\"d%d\" % i, b\"l%d\" % i
        if libc.renameat2(-100, d, -100, l, 2) == 0:
            continue
        for make in (lambda: os.mkdir(d), lambda: os.symlink(sys.argv[2], l)):
            try:
                make()
            except OSError:
                pass
" attack-loop "$1"'
	for i in {1..10}; do
		lxg-instance get "$A" | lxg-mount list | lxg-mount del -f \
		    >out 2>err || true
		lxg-instance get "$A" | lxg-mount plan xpra share maps |
		    lxg-acl grant | lxg-mount add >out 2>err || true
	done
	untouched
	root pkill -f attack-loop || true
	lxg-acl list | lxg-acl revoke >/dev/null 2>&1 || true
	folders
	untouched
}

@test "3: a way in the share that is swapped under plan" {
	attack 'cd /home/debian/share; mkdir -p real; echo x >real/file
		while :; do
			ln -sfn "$1" way; touch /tmp/begun
			ln -sfn real way; rm way; mkdir way; rmdir way
		done'
	for i in {1..200}; do
		lxg-map plan "$F/share/way/file" < <(lxg-instance get "$A") \
		    >>planned 2>/dev/null || true
	done
	# what the link led to is the user's own, and may be named; nothing else
	run grep -c "$F" planned
	[ "$output" = 0 ]
	untouched
}

@test "3: links and renames of sessions while they are listed, stopped, deleted" {
	local A=$T-c i stops=0
	drop_instance "$A"
	make_instance "$A" >record
	folders
	mkdir victim/sub
	touch victim/lock victim/status victim/sub/file
	look >victim.before
	# a session and its socket change places with links to the victim
	attack 'cd /var/lib/lxg/xpra && exec python3 -c "
import ctypes, os, socket, sys
libc = ctypes.CDLL(None)
open(\"/tmp/begun\", \"w\").close()
while True:
    for c in \"abcd\":
        s, l = \"s\" + 7 * c, \"l\" + 7 * c
        for x, y, make, to in (
                (s, l, lambda: os.mkdir(s), \"\"),
                (s + \"/sub\", l + \"/sub\", lambda: os.mkdir(s + \"/sub\"),
                 \"/sub\"),
                (s + \".sock\", l + \".sock\", lambda: socket.socket(
                 socket.AF_UNIX).bind(s + \".sock\"), \"/file\")):
            if libc.renameat2(-100, x.encode(), -100, y.encode(), 2) == 0:
                continue
            for act in make, lambda: os.symlink(sys.argv[2] + to, y):
                try:
                    act()
                except OSError:
                    pass
" attack-loop "$1"'
	for i in {1..4}; do
		timeout 30 lxg-xpra list <record >sessions 2>err || true
		grep -q '"session":"s' sessions || continue
		timeout 60 lxg-xpra stop <sessions >out 2>err || true
		stops=$((stops + 1))
		untouched
	done
	[ "$stops" -gt 0 ]
	timeout 120 lxg delete -f "$A" >out 2>err ||
	    timeout 120 lxg delete -f "$A"
	untouched
	[ ! -e "${F%/*}/$A" ]
	run -1 lxg-instance get "$A"
}

@test "4: what is put in the place of a copy is not followed, nor waited for" {
	local kind
	for kind in 'ln -s "$1/file" a.txt' 'ln -s ../../../../../etc/passwd a.txt' \
	    'mkfifo a.txt' 'mkdir a.txt' 'ln -s a.txt a.txt' \
	    'python3 -c "import socket
socket.socket(socket.AF_UNIX).bind(\"a.txt\")"'; do
		echo text >a.txt
		lend -c a.txt >/dev/null
		user sh -c "cd /home/debian/maps; rm a.txt; $kind" sh "$D/victim"
		run --separate-stderr timeout 60 lxg-map del < \
		    <(lxg-instance get "$A" | lxg-map list)
		[ "$status" = 75 ]
		[[ $stderr == *'no regular file'* ]]
		[ "$(cat a.txt)" = text ]
		untouched
		back -D >/dev/null
		[ -z "$(ls -A "$F/maps")" ]
	done
}

@test "4: a copy that is swapped all the time comes back as something of it" {
	echo text >a.txt
	lend -c a.txt >/dev/null
	attack 'cd /home/debian/maps; echo theirs >b; while :; do
		touch /tmp/begun; cp b c; mv c a.txt
		ln -s "$1/file" l; mv -T l a.txt; mkfifo p; mv p a.txt
	done'
	for i in {1..30}; do
		timeout 20 lxg-map del < <(lxg-instance get "$A" |
		    lxg-map list) >out 2>err || true
		# never what the link leads to, never nothing
		[[ $(cat a.txt) == text || $(cat a.txt) == theirs ]]
	done
	untouched
	[ "$(stat -c %i victim/file)" != "$(stat -c %i a.txt)" ]
}

@test "4: a copy that grows without end is cut off" {
	echo text >a.txt
	lend -c a.txt >/dev/null
	user truncate -s 1T /home/debian/maps/a.txt
	run --separate-stderr timeout 60 lxg-map del < \
	    <(lxg-instance get "$A" | lxg-map list)
	[ "$status" = 75 ]
	[[ $stderr == *'larger than'* ]]
	[ "$(cat a.txt)" = text ]
	attack 'cd /home/debian/maps; : >a.txt; while :; do
		head -c 6000000 /dev/zero >>a.txt; touch /tmp/begun; done'
	LXG_COPY_MAX=5000000 run --separate-stderr timeout 60 lxg-map del < \
	    <(lxg-instance get "$A" | lxg-map list)
	[ "$status" = 75 ]
	root pkill -f attack-loop
	[ "$(cat a.txt)" = text ]
}

@test "4: one copy linked in the place of another writes only to its own" {
	echo one >a.txt
	echo two >b.txt
	lend -c a.txt b.txt >/dev/null
	user sh -c 'cd /home/debian/maps; echo three >a.txt; ln -f a.txt b.txt'
	before=$(stat -c '%i %h' a.txt b.txt)
	back >/dev/null 2>&1
	[ "$(cat a.txt b.txt)" = $'three\nthree' ]
	[ "$(stat -c '%i %h' a.txt b.txt)" = "$before" ]
}

@test "4: a file swapped while it is added is never another's" {
	local ms
	# at another moment each time, so that all of add is gone through
	for ms in {000..240..12}; do
		echo mine >a.txt
		ino=$(stat -c %i a.txt)
		lxg-instance get "$A" | lxg-map plan a.txt >planned
		ln -s victim/file l
		{ sleep "0.$ms"; mv a.txt keep; mv -T l a.txt; } 3>&- &
		lxg-map add <planned >added 2>err || : >added
		wait $!
		# what was not refused is the file that was planned, or none
		if [ -s added ]; then
			run root sh -c 'stat -c %i "$1" && sleep 0.1' sh \
			    /home/debian/lent/a.txt
			[ "$status" != 0 ] || [ "$output" = "$ino" ]
		fi
		lxg-map del <planned >/dev/null 2>&1
		rm -f a.txt keep l
	done
	untouched
}

@test "4: a source swapped for a link is dropped at the next start" {
	echo mine >a.txt
	lend a.txt >lent
	lxg-instance stop -f "$A" >/dev/null
	mv a.txt keep
	ln -s victim/file a.txt
	run --separate-stderr lxg-instance start "$A"
	[ "$status" = 0 ]
	[[ $stderr == *a.txt* ]]
	run root test -e /home/debian/lent/a.txt -a -s /home/debian/lent/a.txt
	[ "$status" != 0 ]
	untouched
	lxg-acl revoke <lent >/dev/null
}

@test "5: a setuid program in the share stays the container's, and out of reach" {
	user sh -c 'cp /usr/bin/id /home/debian/share/id
	    chmod 4755 /home/debian/share/id'
	[ "$(stat -c %u "$F/share/id")" -ge 65536 ]
	[ "$(stat -c '%a %u' "$F")" = "700 $(id -u)" ]
	[ "$(getfacl -nc "$F" | grep -c :)" = 3 ]
	# and can't be lent further
	run lxg-map plan "$F/share/id" < <(lxg-instance get "$B")
	[ "$status" = 77 ]
}

@test "6: what is lent to one is denied to the other" {
	echo secret >a.txt
	lend a.txt >/dev/null
	[ "$(user cat /home/debian/lent/a.txt)" = secret ]
	# the device without the grant: all that the other could ever have
	lxg-instance get "$B" | lxg-map plan a.txt | lxg-map add >/dev/null
	for id in 0 1000; do
		run exec_in "$B" "$id" "$id" cat /home/debian/lent/a.txt
		[ "$status" != 0 ]
		[[ $output == *denied* ]]
	done
	[ "$(user cat /home/debian/lent/a.txt)" = secret ]
}

@test "7: after unmap neither a new open nor a mount made by root gets it" {
	echo secret >a.txt
	lend a.txt >lent
	root sh -c ': >/mnt/a; mount --bind /home/debian/lent/a.txt /mnt/a'
	[ "$(user cat /mnt/a)" = secret ]
	back >back 2>err
	[ "$(jq -r .restored back)" = exact ]
	run user cat /mnt/a
	[ "$status" != 0 ]
	run root cat /mnt/a
	[ "$status" != 0 ]
	root umount /mnt/a
}

@test "7: what others may read stays in sight until the restart, as is said" {
	echo open >a.txt
	chmod 644 a.txt
	run --separate-stderr lend a.txt
	[[ $stderr == *'others may read it'* ]]
	root sh -c ': >/mnt/a; mount --bind /home/debian/lent/a.txt /mnt/a'
	back >/dev/null 2>&1
	[ "$(user cat /mnt/a)" = open ]
	run user sh -c 'echo x >/mnt/a'
	[ "$status" != 0 ]
	# it shall not stop, for then it would have to let go
	root systemctl mask --runtime halt.target poweroff.target
	run lxg unmap -x "$A"
	[ "$status" = 0 ]
	[[ $output == *'stopped hard'* ]]
	[ "$(lxg-instance get "$A" | jq -r .status)" = Running ]
	[ -z "$(root cat /mnt/a)" ]
}

@test "7: an open descriptor is named, and is all that is left" {
	echo one >a.txt
	lend a.txt >/dev/null
	user sh -c 'nohup sh -c "exec 9>>/home/debian/lent/a.txt
	    touch /tmp/begun; while [ ! -e /tmp/go ]; do sleep 0.1; done
	    echo late >&9; : >/tmp/wrote; sleep 60" attack-loop \
	    >/dev/null 2>&1 &'
	wait_until 20 user test -e /tmp/begun
	run --separate-stderr lxg-map del < \
	    <(lxg-instance get "$A" | lxg-map list)
	[[ $stderr == *"$D/a.txt: sh ("*'still has it'* ]]
	lxg-acl revoke <<<"$output" >/dev/null
	user touch /tmp/go
	wait_until 20 user test -e /tmp/wrote
	# the manual says so
	[ "$(cat a.txt)" = $'one\nlate' ]
	[ "$(getfacl -nc a.txt | grep -c :)" = 3 ]
	user rm /tmp/go /tmp/wrote
}

@test "7: a copy never shows the original itself" {
	echo secret >a.txt
	chmod 644 a.txt
	run --separate-stderr lend -c a.txt
	[ "$stderr" = '' ]
	root find / -xdev -inum "$(stat -c %i a.txt)" -print >found 2>/dev/null ||
	    true
	user sh -c 'echo changed >/home/debian/maps/a.txt'
	[ "$(cat a.txt)" = secret ]
	[ "$(user stat -c %i /home/debian/maps/a.txt)" != "$(stat -c %i a.txt)" ]
	back -D >/dev/null
	[ "$(cat a.txt)" = secret ]
}

@test "7: a file moved out of the share stays within reach by a link, a copy not" {
	local id
	id=$(lxg-instance get "$A" | jq .host_uid)
	echo mine >"$F/share/x"
	user ln /home/debian/share/x /home/debian/share/y
	cp "$F/share/x" copied
	mv "$F/share/x" moved
	user sh -c 'echo theirs >>/home/debian/share/y'
	# the manual says so
	[ "$(cat moved)" = $'mine\ntheirs' ]
	getfacl -nc moved | grep -q "^user:$id:rw"
	[ "$(cat copied)" = mine ]
	[ "$(getfacl -nc copied | grep -c :)" = 3 ]
	# and what has another name is not lent by mistake
	run lxg-map plan moved < <(lxg-instance get "$A")
	[ "$status" = 65 ]
	[[ $output == *'2 names'* ]]
}

@test "what an instance prints reaches no terminal as it is" {
	echo x >a.txt
	lend a.txt >/dev/null
	user sh -c 'cp /usr/bin/sleep "/tmp/$(printf "e\033]2;x\007l")"
	    nohup /tmp/e* 60 </home/debian/lent/a.txt >/dev/null 2>&1 &'
	wait_until 20 user pgrep -f '^/tmp/e.* 60$'
	run --separate-stderr lxg-map del < \
	    <(lxg-instance get "$A" | lxg-map list)
	[[ $stderr == *'still has it'* ]]
	[[ $stderr != *$'\033'* && $stderr != *$'\007'* ]]
	lxg-acl revoke <<<"$output" >/dev/null
	root pkill -f ' 60$' || true
}
