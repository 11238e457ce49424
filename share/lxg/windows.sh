# Read by lxg map: what it asks and tells in windows of zenity.
# SPDX-License-Identifier: ISC
# shellcheck shell=sh

title='lxg map' shown='' wake=awake

# awake: by a signal: the window that is shown is closed
awake()
{
	[ -z "$shown" ] || kill "$shown" 2>/dev/null || :
}

# window OPTION...: one that a signal closes, ours or that of the watcher
window()
{
	arm
	[ "$caught$gone" = 0 ] || return 1
	# GTK's own remarks help nobody
	zenity --title="$title" "$@" <&6 2>/dev/null &
	shown=$!
	answer=0
	[ "$caught$gone" != 0 ] || wait "$shown" || answer=$?
	[ "$caught$gone" = 0 ] || awake
	shown=''
	[ -n "$hold" ] || {
		disarm
		[ "$caught" = 0 ] || finish 1
	}
	return "$answer"
} 6<&0

# pick_instance FILE: prints name and engine of one of these records
pick_instance()
{
	jq -r '.instance, .engine, .status // "?"' "$1" > "$work/rows"
	window --list --text='Lend files to which container?' \
	    --column=Container --column=Engine --column=Status \
	    --print-column=1,2 --separator=' ' \
	    --width=480 --height=320 < "$work/rows"
}

# pick_files: prints names, each with a NUL behind it. A path has no empty
# part, so that two slashes can stand between two of them, newlines or not.
pick_files()
{
	title="lxg map: lend which files to $name?"
	window --file-selection --multiple --separator=// \
	    --filename="$PWD/" > "$work/picked" || return 0
	sed -z 's/\n$//; s,///,\x00/,g; s/$/\x00/' "$work/picked"
}

# told FILE: what the programs said, here as well
told()
{
	[ -s "$1" ] || return 0
	cat "$1" >&2 || :	# as lend.sh has it
	window --warning --no-markup --text="$(cat "$1")" || :
}

# wanted FILE: shows where these files are inside; true when it is enough
wanted()
{
	title="lxg map: $name"
	jq -L "$LXG_DATADIR" -r 'include "text";
	    (.origin // .source, .path) | clean' "$1" > "$work/rows"
	while window --list --text='These files are lent. Take them back?' \
	    --column=File --column='In the container' \
	    --ok-label='Take back' --cancel-label=Keep \
	    --width=720 --height=360 < "$work/rows" > /dev/null; do
		live || return 0
		window --question --default-cancel --no-markup \
		    --icon-name=dialog-warning --text="$(warning)" \
		    --ok-label='Take back' --cancel-label=Keep || continue
		return 0
	done
	[ "$caught$gone" != 0 ]
}
