# What is copied, in both directions: of any size, and of whichever owner is
# the last.
# bats file_tags=once
# shellcheck disable=SC2016,SC2034,SC2154

bats_require_minimum_version 1.5.0

load ../env.sh
load ../session.sh

setup_file() {
	begin -b desktop
	install -m 755 /usr/bin/xclip "$SHARE/xclip"
	start xterm -T inside -e sh -c 'exec sleep 9999'
	lxg-client -t @title@ -p clipboard=both "$(jq -r .socket s)" \
	    > client.log 2>&1 3>&- &
	printf '%s\n' "$!" > client.pid
	wait_until 30 window inside
}

teardown_file() {
	xargs kill < client.pid || :
	forget_copies
	over
	finish
}

setup() {
	xdotool windowfocus --sync "$(tail -n 1 window-inside)"
}

window() { xdotool search --name "^$1\$" > "window-$1" && [ -s "window-$1" ]; }

# xclip of the host and of the instance, which is given what "$SHARE/in" has
copy() { xclip -i -selection "$1" -t "$2" 3>&-; }
copy_inside() {
	cp /dev/stdin "$SHARE/in"
	as_login sh -c 'exec share/xclip -i -selection "$1" -t "$2" < share/in \
	    > /dev/null 2>&1' \
	    sh "$1" "$2"
}
paste_inside() {
	as_login sh -c 'timeout 10 share/xclip -o -selection "$1" -t "$2" > share/out
	    ' sh "$1" "$2" && cat "$SHARE/out"
}
paste() { timeout 10 xclip -o -selection "$1" -t "$2"; }

# the same bytes as the file big has?
came() { paste "$@" 2>/dev/null | cmp -s - big; }
came_inside() { paste_inside "$@" 2>/dev/null | cmp -s - big; }

@test "text of 6 MB, either way, in whole" {
	head -c 6000000 /dev/urandom | base64 -w0 | head -c 6000000 > big
	copy clipboard UTF8_STRING < big
	wait_until 30 came_inside clipboard UTF8_STRING
	head -c 6000000 /dev/urandom | base64 -w0 | head -c 6000000 > big
	copy_inside clipboard UTF8_STRING < big
	wait_until 30 came clipboard UTF8_STRING
}

@test "a picture of 3 MB, either way, byte for byte" {
	head -c 3000000 /dev/urandom |
	    convert -size 1000x1000 -depth 8 rgb:- png:big
	copy primary image/png < big
	wait_until 30 came_inside primary image/png
	copy_inside clipboard image/png < big
	wait_until 30 came clipboard image/png
}

offers() { paste "$1" TARGETS | grep -qx "$2"; }
offers_inside() { paste_inside "$1" TARGETS | grep -qx "$2"; }

@test "what an earlier owner had is not offered for a later one" {
	printf '<b>x</b>' | copy clipboard text/html
	wait_until 20 offers_inside clipboard text/html
	printf x | copy clipboard UTF8_STRING
	wait_until 20 offers_inside clipboard UTF8_STRING
	run ! offers_inside clipboard text/html
	printf '<b>x</b>' | copy_inside clipboard text/html
	wait_until 20 offers clipboard text/html
	printf x | copy_inside clipboard UTF8_STRING
	wait_until 20 offers clipboard UTF8_STRING
	run ! offers clipboard text/html
}
