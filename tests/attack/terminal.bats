# ATTACKS 11: what comes from an instance and would drive the user's terminal:
# a program's output, titles, names of files and sessions, messages; and keys
# put into the terminal's input.
# bats file_tags=once
# shellcheck disable=SC2016,SC2034,SC2154
bats_require_minimum_version 1.5.0

load ../env.sh
load ../session.sh

# C0, DEL, C1 in both of its forms, OSC 52, bidirectional controls
EVIL=$'\e]52;c;ZXZpbA==\a\e[2J\eP\x7f\x9b31m\xc2\x9b31m\xe2\x80\xaeevil\xe2\x81\xa6\b\0'

setup_file() {
	begin
	install -m 644 /dev/stdin "$SHARE/evil.py" <<-'END'
	import sys, time
	evil = bytes.fromhex(sys.argv[1])
	out = sys.stdout.buffer
	out.write(b"begin " + evil)
	# in parts that are none by themselves
	for at in range(len(evil)):
	    out.write(evil[at:at + 1])
	    out.flush()
	    time.sleep(0.02)
	sys.stderr.buffer.write(evil)
	out.write(b" end\n")
	END
}

teardown_file() {
	over
	finish
}

teardown() {
	over
	rm -rf typed
}

hex() { printf %s "$EVIL" | od -An -tx1 | tr -d ' \n'; }

# on_terminal COMMAND...: what a terminal gets of it, in shown
on_terminal() {
	script -qefc "$(printf '%q ' "$@")" typed < /dev/null > screen 3>&-
}

# drives FILE: is there anything in it that a terminal would obey?
drives() {
	LC_ALL=C grep -qaP '[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f]' "$1" ||
	    LC_ALL=C grep -qaP '\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]|(^|[^\xc2-\xf4\x80-\xbf])[\x80-\xbf]' "$1"
}

@test "a program's output on a terminal is text; in a file, byte for byte" {
	on_terminal lxg attach "$T" python3 share/evil.py "$(hex)"
	grep -qa 'begin .*evil' screen
	grep -qa ' end' screen
	run ! drives screen
	# with the filter out of the way, it is all there
	lxg attach "$T" python3 share/evil.py "$(hex)" > raw
	drives raw
	LC_ALL=C grep -qaF $'\e]52;c;ZXZpbA==\a' raw
}

@test "the same for a second program" {
	start sleep 1000
	lxg-xpra attach < s > s2 2> log 3>&- &
	client=$!
	wait_until 20 attached
	on_terminal lxg run "$T" python3 share/evil.py "$(hex)"
	grep -qa 'begin .*evil' screen
	run ! drives screen
}

attached() { [ "$(lxg-xpra list < record | jq .attached)" = true ]; }

@test "a terminal that takes no more stops no window" {
	start sh -c 'yes | head -c 300000; exec xterm -T behind -e sleep 1000'
	tool ../terminal.c
	"$BATS_FILE_TMPDIR/terminal" full lxg-xpra attach -e < s 3>&- &
	client=$!
	wait_until 30 shown "[$T] behind" || { pkill -P "$client"; false; }
	pkill -P "$client"
	wait "$client"
}

@test "a program has no terminal to put keys into" {
	cat > "$SHARE/keys.py" <<-'END'
	import fcntl, os, sys, termios
	for path in "/dev/tty", "/dev/console", "/proc/self/fd/0", "/dev/pts/0":
	    try:
	        fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
	        fcntl.ioctl(fd, termios.TIOCSTI, b"x")
	        print("in by", path)
	    except OSError:
	        pass
	for fd in range(256):
	    try:
	        fcntl.ioctl(fd, termios.TIOCSTI, b"x")
	        print("in by", fd)
	    except OSError:
	        pass
	print("tried")
	END
	on_terminal lxg attach "$T" python3 share/keys.py
	grep -q tried screen
	run ! grep 'in by' screen
}

@test "titles of windows are text" {
	cat > "$SHARE/title.py" <<-'END'
	import gi, sys
	gi.require_version("Gtk", "3.0")
	from gi.repository import Gtk
	window = Gtk.Window(title="one\x1b]52;c;eA==\x07\u202etwo\x9b2J")
	window.show_all()
	Gtk.main()
	END
	start python3 share/title.py
	attach
	wait_until 10 title > title.txt
	title > title.txt
	[[ $(cat title.txt) == *"[$T] one"*two* ]]
	run ! drives title.txt
}

# the property itself: xwininfo prints what it likes
title() {
	xprop -id "$(xdotool search --class "lxg-$T" | tail -n 1)" \
	    -notype 8u _NET_WM_NAME | grep two
}

@test "names that lie in the shared folders, and forged sessions" {
	as_login sh -c 'cd share && : > "$1"' sh $'\e]52;c;eA==\a\xe2\x80\xaename'
	start sleep 1000
	# a session of the container's own making
	as_login python3 -c 'import json, os, subprocess, sys
base = "/var/lib/lxg/xpra/forged00"
os.mkdir(base)
evil = bytes.fromhex(sys.argv[1]).decode("latin-1")
with open(base + "/command", "w") as f:
    json.dump(["x" + evil, evil, "\u202e\x9b"], f)
with open(base + "/display", "w") as f:
    f.write("1\x1b[2J")
subprocess.Popen([sys.executable, "-c", """import fcntl, sys, time
f = open(sys.argv[1], "w")
fcntl.lockf(f, fcntl.LOCK_EX)
time.sleep(1000)""", base + "/lock"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)' "$(hex)"
	wait_until 10 forged
	on_terminal lxg list
	grep -qa xforged0\\\|forged00 screen
	run ! drives screen
	on_terminal lxg attach "$T" || :
	grep -qa forged00 screen
	run ! drives screen
	on_terminal lxg delete "$T" || :
	run ! drives screen
	on_terminal lxg stop -s forged00 "$T" || :
	run ! drives screen
	rm -f "$SHARE"/*name
}

forged() { [ "$(lxg-xpra list < record | jq -r .session | grep -c forged00)" = 1 ]; }

@test "messages of what runs inside as our helper" {
	inside /usr/bin/python3 -c 'import os, sys
with open("/root/said", "wb") as f:
    f.write(bytes.fromhex(sys.argv[1]))
with open("/usr/local/bin/python3", "w") as f:
    f.write("#!/bin/sh\ncat /root/said >&2\nexit 101\n")
os.chmod("/usr/local/bin/python3", 0o755)' "$(hex)"
	on_terminal lxg attach "$T" true || :
	grep -qa 'evil' screen
	run ! drives screen
	on_terminal lxg doctor "$T" || :
	run ! drives screen
	inside rm /usr/local/bin/python3
}
