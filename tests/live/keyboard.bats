# Keys: what is typed into a program inside is what a program here would get,
# for each key at each level, whatever the host's layout is and becomes.
# bats file_tags=once
# shellcheck disable=SC2016,SC2034,SC2154

load ../env.sh
load ../session.sh

SHIFT=50 ALTGR=108 RETURN=36 SPACE=65 CAPS=66
KEYS='10 11 12 13 14 15 16 17 18 19 20 21 24 25 26 27 28 29 30 31 32 33 34 35
    38 39 40 41 42 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 59 60 61 94'
CAT='stty -echo -icanon; exec cat'

setup_file() {
	tool typist.c -lxcb -lxcb-xtest
	begin -b desktop
	start xterm -u8 -T inside -e sh -c "$CAT >> share/inside"
	LC_ALL=C.UTF-8 xterm -u8 -T here -e sh -c "$CAT >> '$SHARE/here'" 3>&- &
	printf '%s\n' "$!" > here.pid
	wait_until 30 window here
}

teardown_file() {
	xargs kill < here.pid || :
	over
	finish
}

setup() {
	policy x11=trusted
}

teardown() {
	detach
}

# as TRUST: a client that is trusted, or has a cookie that takes the keyboard's
# layout from its sight
as() {
	detach
	policy "x11=$1"
	lxg-xpra attach -o --title=@title@ < s > s2 2> log 3>&- &
	client=$!
	wait_until 30 window inside
	wait_until 30 test -e "$SHARE/inside"
}

window() { xdotool search --name "^$1\$" > "window-$1" && [ -s "window-$1" ]; }

# focus WHERE: and what was typed there before is forgotten
focus() {
	xdotool windowfocus --sync "$(tail -n 1 "window-$1")"
	: > "$SHARE/$1"
}

type_keys() { "$BATS_FILE_TMPDIR/typist" "$@"; }

# lines WHERE NUMBER: have so many arrived?
lines() { [ "$(wc -l < "$SHARE/$1")" -ge "$2" ]; }

# row NUMBER WHERE [MODIFIER]...: all keys, and the end of the line, which is
# the NUMBERth there
row() {
	local n=$1 where=$2
	shift 2
	# shellcheck disable=SC2086
	type_keys "${@/#/+}" $KEYS "${@/#/-}" "$SPACE" "$RETURN"
	wait_until 20 lines "$where" "$n"
}

# everything WHERE: each key at each of four levels
everything() {
	focus "$1"
	row 1 "$1"
	row 2 "$1" "$SHIFT"
	row 3 "$1" "$ALTGR"
	row 4 "$1" "$SHIFT" "$ALTGR"
}

# has LAYOUT VARIANT: does the session, by now?
has() {
	as_login setxkbmap -query |
	    awk -v l="$1" -v v="$2" '{ k[$1] = $2 }
	    END { exit !(k["layout:"] == l && k["variant:"] == v) }'
}

# layout LAYOUT [VARIANT [OPTION]]: of the host, and then of the session
layout() {
	setxkbmap -layout "$1" -variant "${2-}" -option '' -option "${3-}"
	wait_until 20 has "$1" "${2-}"
}

same() {
	everything here
	everything inside
	[ "$(grep -c '[^ ]' "$SHARE/here")" = 4 ]
	diff "$SHARE/here" "$SHARE/inside"
}

# each LAYOUT[:VARIANT]...: every key of every level, by either client; the
# layouts change while it is attached
each() {
	local trust it
	for trust in trusted untrusted; do
		as "$trust"
		for it; do
			layout "${it%:*}" "$(expr "$it" : '.*:\(.*\)')"
			same
		done
	done
}

@test "us, de: each key at each level" {
	each us de
}

@test "fr(bepo), es: each key at each level" {
	each fr:bepo es
}

@test "gb, us(intl), ru: each key at each level" {
	each gb us:intl ru
}

# words WHERE: four keys in each group, with a look elsewhere in between
words() {
	focus "$1"
	type_keys 24 25 26 "$RETURN" "$CAPS" 24 25 26 "$RETURN"
	wait_until 20 lines "$1" 2
	xdotool windowfocus --sync "$(tail -n 1 "window-$2")"
	xdotool windowfocus --sync "$(tail -n 1 "window-$1")"
	type_keys 24 25 26 "$RETURN" "$CAPS" 24 25 26 "$RETURN"
	wait_until 20 lines "$1" 4
}

@test "us,ru: the group that a key toggles stays when the focus goes and comes" {
	for trust in trusted untrusted; do
		as "$trust"
		layout us,ru '' grp:caps_toggle
		as_login setxkbmap -query | tr "\n" " " >&2; setxkbmap -query | tr "\n" " " >&2
		words here inside
		words inside here
		[ "$(sed -n 2,3p "$SHARE/here" | sort -u)" != \
		    "$(sed 1q "$SHARE/here")" ]
		diff "$SHARE/here" "$SHARE/inside"
	done
}

@test "Caps Lock from elsewhere holds inside, and nothing stays pressed" {
	for trust in trusted untrusted; do
		as "$trust"
		layout us
		locked
	done
}

locked() {
	focus here
	type_keys "$CAPS"
	focus inside
	type_keys 24 "+$SHIFT" 25
	focus here
	type_keys "-$SHIFT" "$CAPS"
	focus inside
	type_keys 26 27 "$RETURN"
	wait_until 20 lines inside 1
	[ "$(cat "$SHARE/inside")" = er ]
}
