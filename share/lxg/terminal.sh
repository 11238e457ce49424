# Read by lxg map: what it asks and tells where it has a terminal, or a pipe.
# SPDX-License-Identifier: ISC
# shellcheck shell=sh

# pick_instance FILE: prints the name of one of these records
pick_instance()
{
	jq -r .instance "$1" >&2
	printf 'instance: ' >&2
	read -r answer && [ -n "$answer" ] && printf '%s\n' "$answer"
}

# pick_files: prints names, each with a NUL behind it
pick_files()
{
	while printf 'file (an empty line ends): ' >&2 &&
	    IFS= read -r answer && [ -n "$answer" ]; do
		case $answer in
		"~/"*)	answer=$HOME/${answer#??} ;;
		esac
		printf '%s\0' "$answer"
	done
}

# awake: by a signal: what is read now, or next, is at its end
awake()
{
	exec < /dev/null
}

# wanted FILE: shows where these files are inside; true when it is enough
wanted()
{
	jq -L "$LXG_DATADIR" -r 'include "text";
	    "\(.origin // .source | clean)\t\(.path | clean)"' "$1"
	while printf 'Enter or Ctrl-C takes it back ' >&2; do
		read -r answer || printf '\n' >&2
		[ "$caught$gone" = 0 ] && live || return 0
		printf '%s [y/N] ' "$(warning)" >&2
		read -r answer || { printf '\n' >&2; break; }
		case $answer in
		[Yy]*)	return 0 ;;
		esac
	done
	[ "$caught$gone" != 0 ]
}
