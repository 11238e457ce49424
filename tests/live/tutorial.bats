#!/usr/bin/env bats
# bats file_tags=once
# lxg-tutorial(7), typed word for word on a terminal: a new user's first minutes.
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2016,SC2154 # the terminal's shell has it; of env.sh
bats_require_minimum_version 1.5.0

load ../env.sh
load ../session.sh

PAGE=$LXG_STAGE/usr/share/man/man7/lxg-tutorial.7

setup_file()
{
	drop_instance "$T"
	rm -rf .local letter.txt
	host_display "$HOME"
}

teardown_file()
{
	tmux -S "$HOME/tmux" kill-server || :
	stop_display
	drop_instance "$T"
	rm -rf letter.txt tmux
}

# typed TEXT: into the terminal, as a line
typed()
{
	tmux -S tmux send-keys -t 0 -l "$1"
	tmux -S tmux send-keys -t 0 Enter
}

# screen: what it shows since the prompt that the last command was typed at, the
# number n of them all
screen()
{
	tmux -S tmux capture-pane -p -J -S - -t 0 | sed -n "/here $n\$/,\$p"
}
says() { screen | grep -q "$1"; }
prompted() { says "^ended [0-9]* here $((n + 1))\$"; }

# window: there is one of the instance's or of its copy's
window() { xdotool search --onlyvisible --class "^lxg-$T" > window; }
no_window() { ! xdotool search --onlyvisible --class "^lxg-$T"; }

# in_window TEXT: typed into it
in_window()
{
	wait_until 60 window
	xdotool windowfocus --sync "$(tail -n 1 window)"
	xdotool type --delay 30 "$1"
	xdotool key Return
}

# shown_greeting: what the page has one type there has arrived
shown_greeting()
{
	[ "$(cat "$SHARE/greeting")" = hello ]
}

@test "the tutorial, word for word" {
	local n=0
	tmux -S tmux -f /dev/null new-session -d -x 200 -y 50 \
	    "PS1='ended \$? here \\#
' exec bash --norc"
	wait_until 20 eval "tmux -S tmux capture-pane -p -t 0 | grep -q 'here 1'"
	sed -n 's/^\.Dl \$ //p' "$PAGE" | sed "s/\btutorial\b/$T/g" > commands
	[ "$(grep -c . commands)" = 15 ]
	while read -r command <&9; do
		n=$((n + 1))
		typed "$command"
		case $command in
		*' attach '*)
			in_window 'echo hello > share/greeting'
			wait_until 20 shown_greeting
			in_window exit ;;
		*' try '*)
			in_window exit ;;
		*' map '*)
			wait_until 60 says 'Enter or Ctrl-C takes it back'
			getfacl -cn letter.txt | grep -q '^user:[0-9]'
			typed '' ;;
		esac
		wait_until 120 prompted || { screen; return 1; }
		case $command in
		# others may have left something to find on this machine
		*doctor)	says '^ok ' ;;
		*)	says "^ended 0 here $((n + 1))\$" ||
			    { screen; return 1; } ;;
		esac
		case $command in
		cat*)	says '^hello$' ;;
		*' list')	says "^$T " ;;
		*'desktop -l')	says "$T" ;;
		esac
	done 9< commands
	wait_until 20 no_window
	# and it leaves nothing
	run -1 lxg-instance get "$T"
	[ -z "$(lxg-acl list)$(lxg-state list)" ]
	[ -z "$(find .local/share -name "*$T*")" ]
	[ ! -e letter.txt ]
}
