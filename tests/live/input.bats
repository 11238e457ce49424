#!/usr/bin/env bats
# Input methods inside: what the recipes install works as it is, with one engine
# of ibus and one of fcitx5. Keys are typed on the host's display, and a program
# inside prints what it got.
# bats file_tags=once
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2016,SC2154 # a shell's inside; of env.sh
bats_require_minimum_version 1.5.0

load ../env.sh
load ../session.sh

setup_file() {
	local recipes=$LXG_STAGE/usr/share/lxg/cloud-config
	drop_instance "$T"
	rm -rf .local
	# zenity is a program of GTK's, as many are, and PyQt makes one of Qt's
	printf '#cloud-config\npackages: [zenity, python3-pyqt5, %s]\n' \
	    fcitx5-frontend-qt5 > programs.yaml
	make_instance "$T" "$recipes/chinese.yaml" "$recipes/japanese.yaml" \
	    programs.yaml > record
	lxg-mount plan xpra share < record | lxg-acl grant |
	    lxg-mount add > devices
	host_display "$HOME"
	setxkbmap -layout de
}

teardown_file() {
	finish
}

teardown() {
	over
}

# ask [COMMAND]...: a program with an entry, and the client that shows it
ask() {
	[ $# -gt 0 ] || set -- zenity --entry --title=asked
	start "$@"
	rm -f said
	lxg-xpra attach -O 5 < s 5> said > s2 2> log 3>&- &
	client=$!
	wait_until 30 shown
	focused
}

# ask_qt: the same of Qt, which knows no XIM
ask_qt() {
	ask python3 -c 'from PyQt5.QtWidgets import QApplication, QInputDialog
application = QApplication([])
print(QInputDialog.getText(None, "asked", "")[0])'
}

# ask_xim: the same of xterm, which asks an input method by XIM alone
ask_xim() {
	start xterm -e sh -c 'read -r x; printf "%s\n" "$x" > share/said'
	lxg-xpra attach < s > s2 2> log 3>&- &
	client=$!
	wait_until 30 shown
	focused
}

# switch ENGINE COMMAND...: to what the command calls ENGINE
switch() {
	local wanted=$1
	shift
	wait_until 30 answers "$@"
	# ibus begins with what was used last
	! is "$wanted" "$@" || return 0
	for _ in 1 2 3; do
		xdotool key --delay 100 ctrl+space
		! wait_until 5 is "$wanted" "$@" || return 0
	done
	return 1
}

answers() { [ -n "$(as_login "$@" 2> /dev/null)" ]; }

is() { [ "$(as_login "${@:2}")" = "$1" ]; }

# has TEXT [FILE]: what was asked for, and the session is over with its daemons
has() {
	wait_until 60 over_by_itself
	cat "${2-said}"
	[ "$(cat "${2-said}")" = "$1" ]
	wait_until 30 nothing_left
}

over_by_itself() { ! kill -0 "$client" 2> /dev/null; }

nothing_left() {
	[ -z "$(inside pgrep -fl '^[^ ]*(ibus-|fcitx5|mozc_server)')" ]
}

type_keys() {
	for key; do
		xdotool key --delay 50 "$key"
	done
}

@test "input: Japanese, by fcitx5 and Mozc; the layout stays" {
	ask
	switch mozc fcitx5-remote -n
	type_keys n i h o n g o space Return Return
	has 日本語
	ask
	as_login setxkbmap -query | grep -q 'layout: *de'
	is keyboard-us fcitx5-remote -n
	type_keys z Return
	has z
}

@test "input: Japanese, by XIM" {
	ask_xim
	switch mozc fcitx5-remote -n
	type_keys n i h o n g o space Return Return
	has 日本語 "$SHARE/said"
}

@test "input: Japanese, in Qt" {
	ask_qt
	switch mozc fcitx5-remote -n
	type_keys n i h o n g o space Return Return
	has 日本語
}

@test "input: Chinese, by ibus and Pinyin, which im-config would choose" {
	inside sh -c 'echo run_im ibus > /home/debian/.xinputrc'
	ask
	switch libpinyin ibus engine
	type_keys n i h a o space Return
	has 你好
}

@test "input: Chinese, by XIM, and in Qt" {
	ask_xim
	switch libpinyin ibus engine
	type_keys n i h a o space Return
	has 你好 "$SHARE/said"
	ask_qt
	switch libpinyin ibus engine
	type_keys n i h a o space Return
	has 你好
}

@test "input: none is run for who wants none" {
	inside sh -c 'echo run_im none > /home/debian/.xinputrc'
	ask
	as_login sh -c 'env; pgrep -l . ' > seen
	run ! grep -E "IM_MODULE|ibus|fcitx" seen
	type_keys z Return
	has z
}
