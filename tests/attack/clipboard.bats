# ATTACKS 10: the clipboard of the host, asked for by a display server that
# doesn't care for the policy. The client's side has to hold by itself, so each
# direction that is open shows that the attempt works, and each other one that
# it fails.
# bats file_tags=once
# shellcheck disable=SC2016,SC2034,SC2154
bats_require_minimum_version 1.5.0

load ../env.sh
load ../session.sh
SECRET='only the host knows this'

setup_file() {
	begin -b desktop
	policy audio=off notifications=off tray=off
	start true
	put_inside "$BATS_TEST_DIRNAME/clipboard-server" .local/bin/xpra
	lxg-xpra attach < s > /dev/null
	printf first > "$SHARE/title"
	start xterm -e sh -c 'while sleep 0.2; do
		printf "\033]0;%s\a" "$(cat share/title)"; done'
}

teardown_file() {
	over
	finish
}

setup() {
	rm -f "$SHARE"/{asked,got,none}
	for selection in primary secondary clipboard; do
		xclip -selection "$selection" <<< "$SECRET" 3>&-
	done
}

teardown() {
	detach
	forget_copies
}

rounds() { [ "$(grep -c "" "$SHARE/asked")" -ge "$1" ]; }
lines() { grep -c "$1" "$SHARE/$2" 2>/dev/null; }

# besiege: lets the server ask for a while; the last of it is processed when a
# title arrives that was set behind it
besiege() {
	attach
	[ -n "${1-}" ] || focused
	wait_until 30 rounds 15
	printf 'behind %s' "$BATS_TEST_NUMBER" > "$SHARE/title"
	wait_until 30 shown "[$T] behind $BATS_TEST_NUMBER"
}

host_keeps() {
	local selection
	for selection in primary secondary clipboard; do
		[ "$(xclip -o -selection "$selection")" = "$SECRET" ]
	done
}

enough() { [ "$(lines "$1" "$2")" -ge "$3" ]; }

# pasted SELECTION: the host's clipboard, as a program that pastes has it
pasted() { [ "$(timeout 5 xclip -o -selection "$1")" = 'from inside' ]; }

@test "clipboard=off: nothing is read, nothing is written" {
	policy clipboard=off
	besiege
	[ ! -e "$SHARE/got" ]
	host_keeps
}

@test "clipboard=out: the host's is never read, in whatever way asked" {
	policy clipboard=out
	besiege
	[ ! -e "$SHARE/got" ]
	wait_until 10 enough "" none 9
	# that direction is open: the attempt itself works
	wait_until 10 pasted clipboard
	wait_until 10 pasted primary
}

@test "clipboard=in: the host's is never written" {
	policy clipboard=in
	besiege
	host_keeps
	# that direction is open
	wait_until 10 enough "$SECRET" got 3
}

@test "clipboard=both, and the focus is elsewhere: neither way" {
	policy clipboard=both
	besiege elsewhere
	[ ! -e "$SHARE/got" ]
	host_keeps
	# with the focus it is as asked
	focused
	wait_until 10 enough "$SECRET" got 1
}

@test "clipboard=both: with the defence taken out, all of it works" {
	policy clipboard=both
	besiege
	wait_until 10 pasted clipboard
}

@test "clipboard=off with the client of a strict instance" {
	policy clipboard=off x11=untrusted
	besiege
	policy x11=trusted
	[ ! -e "$SHARE/got" ]
	host_keeps
}
