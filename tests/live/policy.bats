# The policy of an instance, key by key, with the real server and client.
# bats file_tags=once
# shellcheck disable=SC2016,SC2034,SC2154
bats_require_minimum_version 1.5.0

load ../env.sh
load ../session.sh
load ../border.sh

setup_file() {
	begin
	export DBUS_SESSION_BUS_ADDRESS=unix:path=$HOME/bus
	rm -f bus notes
	dbus-daemon --session --nofork --nopidfile \
	    --address="$DBUS_SESSION_BUS_ADDRESS" > bus.log 2>&1 3>&- &
	echo $! > bus.pid
	wait_until 10 test -S bus
	# shellcheck disable=SC2046 # words
	tool notifier.c $(pkg-config --cflags --libs dbus-1) -ljq
	tool bells.c -lxcb -lxcb-xkb
	# shellcheck disable=SC2046
	tool watcher.c $(pkg-config --cflags --libs dbus-1)
	tool ../x11/tray.c -lxcb -lxcb-icccm
	"$BATS_FILE_TMPDIR/notifier" notes > notifier.log 2>&1 3>&- &
	wait_until 10 called org.example.Secret
	install -m 755 /usr/bin/xclip "$SHARE/xclip"
	mkdir -p bin
	printf '#!/bin/sh\nprintf "%%s\\n" "$@" >> %s\n' "$HOME/opened" \
	    > bin/xdg-open
	chmod 755 bin/xdg-open
}

# What a test that failed has left is not the next one's.
setup() {
	PATH=$HOME/bin:$PATH
	policy clipboard= notifications= urls= files= bell= tray= printing= \
	    color= title= x11=
}

teardown_file() {
	over
	kill "$(cat bus.pid)" || :
	finish
}

teardown() {
	over
	forget_copies
}

# called SERVICE [ADDRESS [METHOD ARGUMENT...]]: does it answer a call?
called() {
	dbus-send --bus="${2-$DBUS_SESSION_BUS_ADDRESS}" --print-reply \
	    --reply-timeout=5000 --dest="$1" /org/freedesktop/Notifications \
	    "${3-org.freedesktop.Notifications.GetServerInformation}" \
	    "${@:4}" > /dev/null 2>&1
}

# the client, and what it was told to offer
client_pid() { pgrep -o -u "$(id -u)" -f "lxg-client -C .*-c lxg-$T( |\$)"; }
offers() {
	tr '\0' '\n' < "/proc/$(client_pid)/cmdline" |
	    awk 'last == "-p" { printf "%s%s", n++ ? " " : "", $0 }
	    { last = $0 } END { exit !n }'
}

copy() { xclip -selection clipboard 3>&-; }
paste_inside() { as_login timeout 5 share/xclip -o -selection clipboard; }
copy_inside() {
	as_login sh -c 'printf %s "$1" | share/xclip -selection clipboard \
	    > /dev/null 2>&1' sh "$1"
}
pasted() { [ "$(timeout 5 xclip -o -selection clipboard)" = "$1" ]; }
pasted_inside() { [ "$(paste_inside)" = "$1" ]; }

notify() {
	as_login busctl --user call org.freedesktop.Notifications \
	    /org/freedesktop/Notifications org.freedesktop.Notifications \
	    Notify 'susssasa{sv}i' app 0 icon "$1" "$2" 0 1 desktop-entry s \
	    firefox 5000
}
noted() { grep -q '^\["Notify"' notes; }

@test "strict: every channel is off, and the client is locked" {
	start xterm
	attach
	run ! offers
	grep -qx 'NoNewPrivs:	1' "/proc/$(client_pid)/status"
	grep -qx 'Seccomp:	2' "/proc/$(client_pid)/status"
	# nobody of the same user can look into it either
	run ! ls "/proc/$(client_pid)/fd"
	run ! cat "/proc/$(client_pid)/environ"
	run ! notify title body
}

@test "clipboard=in: what is copied here can be pasted inside" {
	policy x11=trusted clipboard=in
	start xterm
	attach
	focused
	copy <<< 'of the host'
	wait_until 20 pasted_inside 'of the host'
	copy_inside 'of the container'
	pasted 'of the host'
}

@test "clipboard=out: what is copied inside can be pasted here" {
	policy x11=trusted clipboard=out
	start xterm
	attach
	focused
	copy <<< 'of the host'
	run paste_inside
	[[ $output != *host* ]]
	copy_inside 'of the container'
	wait_until 20 pasted 'of the container'
}

@test "clipboard=both: either way" {
	policy x11=trusted clipboard=both
	start xterm
	attach
	focused
	copy <<< 'of the host'
	wait_until 20 pasted_inside 'of the host'
	copy_inside 'of the container'
	wait_until 20 pasted 'of the container'
	policy clipboard=off
}

@test "notifications=on: under the container's name, as text, and no other service" {
	policy notifications=on
	rm -f notes
	start xterm
	attach
	wait_until 20 notify 'Update <b>now</b>' \
	    'see <a href="http://x/">this</a> & <img src="file:///etc/hosts"/>'
	wait_until 10 noted
	run jq -r 'select(.[0] == "Notify") | .[1, 3, 4, 5], (.[7] | keys[])' notes
	[ "${lines[0]}" = lxg ]
	[ "${lines[1]}" = "[$T] Update now" ]
	[ "${lines[2]}" = 'see this &amp; ' ]
	# one that replaces another, and is taken back
	replaced() {
		as_login busctl --user call org.freedesktop.Notifications \
		    /org/freedesktop/Notifications \
		    org.freedesktop.Notifications "$@"
	}
	id=$(replaced Notify 'susssasa{sv}i' app 0 '' one '' 0 0 5000)
	wait_until 10 grep -q "\] one" notes
	replaced Notify 'susssasa{sv}i' app "${id#u }" '' two '' 0 0 5000
	wait_until 10 grep -q "\] two" notes
	[ "$(jq -c 'select(.[4] == "['"$T"'] two")[2]' notes)" = 7 ]
	replaced CloseNotification u "${id#u }"
	wait_until 10 grep -qx '\["CloseNotification",7\]' notes
	# nothing but these was asked of it, or of another
	[ "$(jq -r '.[0]' notes | sort -u | paste -sd ' ')" = \
	    'CloseNotification Notify' ]
	policy notifications=off
}

opened() { [ "$(wc -l < opened)" -ge "$1" ]; }

@test "urls=on: web addresses are opened here, and nothing else is" {
	policy urls=on
	start xterm
	for round in 1 2; do
		rm -f opened
		attach
		lxg-xpra join xdg-open 'https://e.org/a_(b)?c=1&d=%20#e' < s \
		    > joined
		wait_until 10 test -s opened
		for address in file:///etc/passwd 'https://e.org/$(id)' \
		    'https://e.org/ --x' javascript:1 "https://e.org/'" \
		    'mailto:a@e.org?attach=/etc/passwd'; do
			as_login xpra control "socket://$(inside_socket)" \
			    open-url "$address"
		done
		# one after the other, as from a page with several links
		lxg-xpra join sh -c 'for i in 1 2 last; do
		    xdg-open https://e.org/$i; done' < s > joined
		wait_until 10 opened 4
		lxg-xpra join xdg-open mailto:a@e.org < s > joined
		wait_until 10 opened 5
		[ "$(sort opened)" = 'https://e.org/1
https://e.org/2
https://e.org/a_(b)?c=1&d=%20#e
https://e.org/last
mailto:a@e.org' ]
		detach
	done
	policy urls=off
}

@test "files=on: what is sent lands in a folder of the instance's own" {
	policy files=on
	start xterm
	attach
	as_login sh -c 'mkdir -p send; echo sent > send/report.txt
	    xpra control "socket://$1" send-file "$PWD/send/report.txt"' sh \
	    "$(inside_socket)"
	wait_until 20 test -s "Downloads/$T/report.txt"
	[ "$(stat -c %a Downloads/"$T")" = 700 ]
	[ "$(cat Downloads/"$T"/report.txt)" = sent ]
	# one that is there is never written to, and larger ones arrive in full
	as_login sh -c 'head -c 3000000 /dev/urandom > send/report.txt
	    cp send/report.txt share/
	    xpra control "socket://$1" send-file "$PWD/send/report.txt"' sh \
	    "$(inside_socket)"
	wait_until 20 cmp "$SHARE/report.txt" "Downloads/$T/report-1.txt"
	[ "$(cat Downloads/"$T"/report.txt)" = sent ]
	policy files=off
}

inside_socket() { printf '/var/lib/lxg/xpra/%s.sock' "$(jq -r .session s)"; }

@test "the other switches, all of them on: the client takes them" {
	set -- bell tray printing
	policy "${@/%/=on}"
	start xterm
	attach
	[ "$(offers)" = 'bell=on tray=on printing=on' ]
	policy "${@/%/=off}"
}

# asks [PATH]: a client that was taken over wants a page to be printed
asks() {
	mkdir -p asks
	cp "$LXG_STAGE/usr/bin/lxg-xpra" asks/
	stand_in asks sh -c "cat \"$HOME/wishes\" >&3; exec cat <&3"
	PATH=${1-$PATH} LXG_DATADIR=$LXG_STAGE/usr/share/lxg \
	    asks/lxg-xpra attach < s > s2 2> log 3>&- &
	client=$!
}

@test "printing=on: a page goes to lp with its name; off, or without an lp: said" {
	printf '%s\n' '{"locked":true}' \
	    '{"file":"../a\u001bb.pdf","size":4,"print":true}' \
	    '{"data":"JVBERg=="}' '{"end":true}' > wishes
	printf '#!/bin/sh\n{ printf "%%s|" "$@"; cat; } > "%s/job"
	    mv "%s/job" "%s/printed"; echo no paper >&2\n' "$HOME" "$HOME" \
	    "$HOME" > bin/lp
	chmod 755 bin/lp
	rm -f printed
	start sleep 1000
	asks
	wait_until 20 grep -q 'a file was sent, which is off' log
	detach
	[ ! -e printed ]
	policy printing=on
	asks
	wait_until 20 test -e printed
	[ "$(cat printed)" = "-t|[$T] a?b.pdf|%PDF" ]
	wait_until 20 grep -qx 'no paper' log
	detach
	# what CUPS inside puts before it is no page
	rm printed
	printf '%s\n' '{"locked":true}' \
	    '{"file":"c","size":20,"print":true}' "{\"data\":\"$(printf \
	    '\033%%-12345X@PJL\n%%PDF-1' | base64 -w 0)\"}" \
	    '{"end":true}' > wishes
	asks
	wait_until 20 test -e printed
	[ "$(cat printed)" = "-t|[$T] c|%PDF-1" ]
	detach
	mkdir -p only
	ln -sf "$(command -v xauth)" only/
	asks "$HOME/only"
	wait_until 20 grep -q 'not printed: lp(1): No such file' log
}

# icon_is X Y: is there the color of the icon?
icon_is() {
	import -window root -depth 8 -crop "1x1+$1+$2" rgb:- | od -An -tx1 |
	    grep -qx ' 33 66 cc'
}

@test "tray=on: that the host has no tray is said; in one the icon is clicked" {
	policy tray=on x11=trusted color=#00ff00
	put_inside "$BATS_TEST_DIRNAME/status" status
	start ./status
	attach
	wait_until 20 grep -q 'no tray here takes the icon' log
	detach
	[ -p says ] || mkfifo says
	"$BATS_FILE_TMPDIR/tray" 1000 700 24 > bar 3>&- 0<> says &
	bar=$!
	wait_until 5 grep -qx tray bar
	attach
	wait_until 20 icon_is 1012 712
	# with its border, a square as high as the tray
	[ "$(tail -n 1 bar)" = 'layout 24x24' ]
	xdotool mousemove 1012 712 click 1
	wait_until 10 shown "[$T] clicked"
	kill "$bar"
}

# item [PROPERTY]: of the icon that was registered last
item() { awk '$1 == "item" { at = $2 } END { print at }' items; }
property() {
	busctl --address="$DBUS_SESSION_BUS_ADDRESS" --json=short \
	    get-property "$(item)" /StatusNotifierItem \
	    org.kde.StatusNotifierItem "$1" | jq -c .data
}

# Has it the program's colour in its middle, and a frame in the policy's?
is_drawn() {
	property IconPixmap | jq -e '.[0] | .[:2] == [32, 32] and
	    .[2][:8] == [255, 0, 255, 0, 255, 0, 255, 0] and
	    .[2][2112:2116] == [255, 51, 102, 204]' > /dev/null
}

@test "tray=on: where the tray is on the session's bus, the icon is there and is clicked" {
	put_inside "$BATS_TEST_DIRNAME/status" status
	"$BATS_FILE_TMPDIR/watcher" yes > items 3>&- &
	watcher=$!
	wait_until 5 grep -qx watcher items
	# an untrusted client as well: the bus is not its business
	for x11 in trusted untrusted; do
		policy tray=on x11=$x11 color=#00ff00
		start ./status
		attach
		wait_until 20 grep -q '^item ' items
		wait_until 20 is_drawn
		property Title | grep -q "^\"\[$T\] "
		[ "$(property Id)" = "\"lxg-$T\"" ]
		busctl --address="$DBUS_SESSION_BUS_ADDRESS" call "$(item)" \
		    /StatusNotifierItem org.kde.StatusNotifierItem \
		    Activate ii 600 500
		wait_until 10 shown "[$T] clicked"
		! grep -q 'no tray' log
		# nothing of the bus is in the client's reach
		grep -qx 'Seccomp:	2' "/proc/$(client_pid)/status"
		at=$(item)
		detach
		wait_until 10 grep -qx "gone $at" items
		over
	done
	policy tray=off
	start ./status
	attach
	[ "$(grep -c '^item ' items)" -eq 2 ]
	kill "$watcher"
}

@test "color and title: what the window looks like" {
	policy color=#00ff00 'title=mine: @title@'
	start xterm -T yours -e sleep 1000
	attach
	wait_until 10 shown 'mine: yours'
	wait_until 10 all_bordered
	run -78 policy color=red
	run -78 policy $'title=a\eb'
	policy color= title=
	[ "$(lxg-instance get "$T" | wc -l)" = 1 ]
}

@test "color: a popup has the border, too, and a window's own icon" {
	policy color=#00ff00
	put_inside "$BATS_TEST_DIRNAME/popup" popup
	start ./popup
	attach
	wait_until 10 popped_up
	wait_until 10 all_bordered
	wait_until 10 own_icon
	policy color=
}

# a size, #00ff00 at the corner, and what the program has in the middle
own_icon() {
	xprop -f _NET_WM_ICON 32c -name "[$T] popup" _NET_WM_ICON |
	    tr -d ' ' | awk -F '[=,]' '{ exit !($2 == 48 && $3 == 48 &&
		$4 == 4278255360 && $(4 + 24 * 48 + 24) == 4281558732) }'
}

popped_up() { geometries | grep '^296 246 208 108 '; } # with its border

# ringing BELL: a session with a program that rings, as policy has it
ringing()
{
	policy "bell=$1"
	start xterm -e sh -c 'while printf "\a"; do
		echo >> share/rung; sleep 0.3; done'
	attach
	: > "$SHARE/rung"
}

rung() { [ "$(wc -l < "$SHARE/rung")" -ge 5 ]; }

@test "bell: a program rings it here with on, and not with off" {
	policy x11=trusted
	rm -f bells
	"$BATS_FILE_TMPDIR/bells" bells 3>&- &
	bells=$!
	wait_until 10 test -e bells
	ringing off
	wait_until 10 rung
	over
	[ ! -s bells ]
	ringing on
	wait_until 10 test -s bells
	kill "$bells"
	policy x11= bell=
}
