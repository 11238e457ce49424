#!/usr/bin/env bats
# Attacks 9, 11 and 15: the host's display, its terminal and its memory, from
# inside an instance.
# bats file_tags=once

bats_require_minimum_version 1.5.0
load ../env.sh
load ../session.sh

setup_file()
{
	begin
	start true
	tool grabber.c -lxcb
	put_inside "$BATS_FILE_TMPDIR/grabber" grabber
	put_inside "$BATS_TEST_DIRNAME/asker" asker
	lxg-xpra attach < s > /dev/null
}

teardown_file()
{
	finish
}

setup()
{
	rm -f "$SHARE/keys" typed out
}

teardown()
{
	over
	[ ! -e pid ] || kill "$(cat pid)" || :
	rm -f pid
}

# a window of the host's own, and what is typed into it
host_window()
{
	xterm -T 'of the host' -geometry +700+500 3>&- & echo $! > pid
	wait_until 10 xdotool search --name 'of the host'
}

type_on_host()
{
	xdotool mousemove 750 550
	xdotool type "touch $HOME/typed
"
}

typed_on_host()
{
	type_on_host
	wait_until 2 test -e typed
}

@test "a window that wants to be active gets no key of another window" {
	host_window
	policy x11=trusted
	start ./asker
	xdotool search --name 'of the host' windowfocus
	attach
	wait_until 20 shown "[$T] asked"
	xdotool type "touch $HOME/typed
"
	policy x11=untrusted
	wait_until 10 test -e typed
}

@test "a grab of keyboard and pointer gets no key of another window" {
	host_window
	policy x11=trusted
	start ./grabber
	attach
	wait_until 20 shown "[$T] grabbed"
	xdotool mousemove 100 100 click 1
	wait_until 20 typed_on_host
	typed_on_host
	[ ! -e "$SHARE/keys" ]
}

@test "the same program on the host's own display gets them all" {
	host_window
	ln -sfn "$SHARE" share
	"$BATS_FILE_TMPDIR/grabber" 3>&- &
	grabber=$!
	wait_until 20 xdotool search --name '^grabbed$'
	keys_arrive() { type_on_host; [ -s "$SHARE/keys" ]; }
	wait_until 20 keys_arrive
	kill "$grabber"
}

# an X server of the host's with a number that no session inside has
far_display()
{
	far=$((700 + BASHPID % 200))
	[ "$LXG_ENGINE" = lxd ] || far=$((far + 200))
	Xvfb ":$far" -nolisten tcp > /dev/null 2>&1 3>&- &
	far_pid=$!
	wait_until 20 test -S "/tmp/.X11-unix/X$far"
}

@test "the host's X server can't be reached: path, abstract, TCP" {
	start sleep 1000
	far_display
	cat > "$SHARE/reach" <<-'END'
	use strict;
	use warnings;
	use Socket;
	my ($n, $bridge) = @ARGV;
	my $path = "/tmp/.X11-unix/X$n";
	$SIG{ALRM} = sub { die "timed out\n" };
	for ([PF_UNIX, pack_sockaddr_un($path), $path],
	    [PF_UNIX, pack_sockaddr_un("\0$path"), "\@$path"],
	    [PF_INET, pack_sockaddr_in(6000 + $n, inet_aton($bridge)), $bridge]) {
		my ($family, $address, $name) = @$_;
		my $s;
		eval {
			alarm 3;
			socket($s, $family, SOCK_STREAM, 0) or die "$!\n";
			connect($s, $address) or die "$!\n";
			print "reached $name\n";
			1;
		} or print "closed $name: $@";
		alarm 0;
	}
	END
	gateway=$(inside sh -c "ip route 2>/dev/null |
	    awk '\$1 == \"default\" { print \$3; exit }'")
	as_login perl share/reach "$far" "${gateway:-10.0.0.1}" > out
	# the same from the host: the first two are there
	perl "$SHARE/reach" "$far" 127.0.0.1 > here
	kill "$far_pid"
	cat out here
	[ "$(grep -c '^closed' out)" = 3 ]
	[ "$(grep -c '^reached' here)" = 2 ]
}

@test "the host's X authority is nowhere inside, nor is it named there" {
	start xterm
	attach
	cookie=$(xauth list "$DISPLAY" | awk '{ print $3; exit }')
	[ "${#cookie}" = 32 ]
	seek=$(cat <<-'END'
	import glob, os, sys
	path, cookie = sys.argv[1].encode(), bytes.fromhex(sys.argv[2])
	def seek(name, *what):
	    try:
	        with open(name, "rb") as file:
	            text = file.read(1 << 20)
	    except OSError:
	        return
	    if any(w in text for w in what):
	        print("found", name)
	print("there" if os.path.exists(path) else "no such path")
	seek("/proc/self/mountinfo", path, b"X11-unix/X")
	for name in glob.glob("/proc/[0-9]*/environ"):
	    seek(name, path)
	for top, folders, names in os.walk("/"):
	    folders[:] = [f for f in folders if top != "/" or
	                  f not in ("proc", "sys", "dev", "usr")]
	    for name in names:
	        name = os.path.join(top, name)
	        if os.path.isfile(name):
	            seek(name, cookie)
	END
	)
	for who in inside as_login; do
		"$who" python3 -c "$seek" "$XAUTHORITY" "$cookie" > out
		[ "$(cat out)" = 'no such path' ]
	done
	# were it there, it would be found
	cat "$XAUTHORITY" > "$SHARE/copy"
	copy=$(jq -r .home record)/share/copy
	as_login python3 -c "$seek" "$copy" "$cookie" > out
	rm "$SHARE/copy"
	cat out
	[ "$(cat out)" = "there
found $copy" ]
}

@test "a terminal gets no control sequence, a file gets every byte" {
	start printf 'a\033]52;c;eA==\ab\302\233c\342\200\256d\033[31me\n'
	script -qec 'lxg-xpra attach -O 2 < s > s2' /dev/null > out
	LC_ALL=C run ! grep -P '[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\xc2\x9b' out
	grep -q 'a.*52;c;eA==.*b.*c.*d.*31me' out
	start printf 'a\033]52;c;eA==\ab'
	lxg-xpra attach -O 5 5> out < s > s2
	printf 'a\033]52;c;eA==\ab' | cmp - out
}

@test "messages and lists show no control characters of the instance's" {
	start sleep 1000
	folder=$(jq -r .socket s | sed 's/\.sock$//')
	as_login sh -c 'printf "%s" "$1" > "$2/command"' sh \
	    '["\u001b]52;c;eA==\u0007"]' \
	    "/var/lib/lxg/xpra/${folder##*/}"
	lxg-xpra list < record > out
	LC_ALL=C run ! grep -P '[\x00-\x09\x0b-\x1f]' out
}

@test "endless output: bounded on the disk, and nobody waits for it" {
	start sh -c 'head -c 100000000 /dev/zero | tr "\0" y; echo end'
	folder=$(jq -r .socket s | sed 's/\.sock$//')
	wait_until 60 test -e "$folder/status"
	[ "$(stat -c %s "$folder/output")" = 100000004 ]
	[ "$(du -k "$folder/output" | cut -f 1)" -le 10240 ]
	lxg-xpra attach -O 5 5> out < s > s2
	[ "$(jq .exit_status s2)" = 0 ]
	[ "$(tail -n 1 out | tail -c 4)" = end ]
	[ "$(stat -c %s out)" -le 10485760 ]
}

@test "a flood of events in the shared folder: attach and detach go on" {
	start sh -c 'cd /var/lib/lxg/xpra; while :; do
		touch flood */flood; rm flood */flood; done'
	attach_text
	kill -INT "$client"
	wait "$client"
	[ "$(jq -r .state s2)" = live ]
}

# a client without a window: attached once its server says so
attach_text()
{
	lxg-xpra attach < s > s2 3>&- &
	client=$!
	wait_until 30 grep -qs 'Handshake complete' \
	    "$XPRA/$(jq -r .session s)/log"
}
