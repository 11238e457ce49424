#!/usr/bin/env bats
# lxg open and lxg desktop on a real engine: what inside says opens a file or an
# address, the way back of what was changed, and the host's own launchers.
# bats file_tags=once
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2016,SC2154 # an inner shell's; of env.sh
bats_require_minimum_version 1.5.0

load ../env.sh
load ../session.sh
load ../exec.sh

setup_file()
{
	begin
	# two programs of the instance: an editor that saves by renaming, and a
	# browser; each ends with a status of its own
	user_in "$T" sh -c 'HOME=$(getent passwd 1000 | cut -d : -f 6)
	    export HOME
	    mkdir -p ~/.local/share/applications ~/bin ~/.config
	    cat > ~/bin/editor <<-"END"
	#!/bin/sh
	printf %s "$1" > ~/share/edited
	{ cat "$1"; echo more; } > "$1.new" && mv "$1.new" "$1"
	exit 5
	END
	    cat > ~/bin/browser <<-"END"
	#!/bin/sh
	printf %s "$*" > ~/share/browsed
	exit 6
	END
	    chmod 755 ~/bin/*
	    for name in editor browser; do
		printf "%s\n" "[Desktop Entry]" Type=Application Name=$name \
		    "Exec=$HOME/bin/$name %u" "MimeType=text/plain;" \
		    > ~/.local/share/applications/$name.desktop
	    done
	    xdg-mime default editor.desktop text/plain
	    xdg-mime default browser.desktop x-scheme-handler/https'
}

teardown_file()
{
	finish
	rm -rf .config bin shown note*
}

setup()
{
	cd "$HOME" || return
	rm -rf note* "${SHARE:?}"/*
	umask 077
	echo text > note.txt
	before=$(acl)
}

teardown()
{
	end_jobs
	lxg-xpra list < record | lxg-xpra stop > /dev/null
	lxg unmap "$T" > /dev/null || :
}

acl() { getfacl -cnp note*; stat -c '%i %a' note*; }
lent() { lxg-map list < record | grep -c device || :; }
sessions() { lxg-xpra list < record | jq -r '.session // empty'; }

over_all() { [ -z "$(sessions)" ]; }

none_lent() { [ "$(lent)" = 0 ]; }
no_window() { ! shown; }

# as_before: nothing is lent, no session is there, and the file is as it was
as_before()
{
	[ "$(lent)" = 0 ]
	[ "$(acl)" = "$before" ]
}

@test "open: by what xdg-mime inside says; its status, and its changes" {
	run -5 lxg open "$T" note.txt
	[ "$(cat note.txt)" = $'text\nmore' ]
	[[ "$(cat "$SHARE/edited")" == */maps/note.txt ]]
	as_before
	[ -z "$(sessions)" ]
}

@test "open: an address, with the policy's way to the host open or not" {
	url='https://e.org/a_(b)?c=%20&d=$HOME#`e`'
	run -6 lxg open "$T" "$url"
	[ "$(cat "$SHARE/browsed")" = "$url" ]
	rm "$SHARE/browsed"
	policy urls=on
	run -6 lxg open "$T" "$url"
	policy urls=
	[ "$(cat "$SHARE/browsed")" = "$url" ]
}

@test "open: nothing inside opens it: told, and taken back" {
	printf '\211PNG\r\n\032\n' > note.png
	before=$(acl)
	run -125 lxg open "$T" note.png
	[[ "$output" == *'no program in the instance opens image/png'* ]]
	as_before
}

@test "open: by an entry of a package's, whose types no cache has" {
	root_in "$T" sh -c 'cd /usr/share/applications && rm -f mimeinfo.cache
	    printf "%s\n" "[Desktop Entry]" Type=Application Name=Viewer \
	    "Exec=/home/debian/bin/browser viewer %f" \
	    "MimeType=application/pdf;image/svg+xml;" > viewer.desktop
	    sed "s/viewer/none/; s/Exec=/TryExec=none\nExec=/" viewer.desktop \
	    > a.desktop'
	printf '%%PDF-1.4\n' > note.pdf
	before=$(acl)
	run -6 lxg open "$T" note.pdf
	[[ "$(cat "$SHARE/browsed")" == "viewer "*/maps/note.pdf ]]
	# what is a text for more is one for an editor
	echo '#!/usr/bin/env python3' > note.py
	before=$(acl)
	run -5 lxg open "$T" note.py
	as_before
}

@test "open: live, for reading, with a program" {
	run -0 lxg open -lr "$T" note.txt sh -c 'cat "$1"; echo x >> "$1" || :' sh
	[ "${lines[0]}" = text ]
	[ "$(cat note.txt)" = text ]
	as_before
	lxg open -l "$T" note.txt sh -c 'echo x >> "$1"' sh
	[ "$(cat note.txt)" = $'text\nx' ]
	as_before
}

@test "open: beside another session; a signal ends its own, and the loan" {
	start xterm -T other -e sleep 1000
	attach
	wait_until 20 shown "[$T] other"
	lxg open "$T" note.txt xterm -T opened -e sh -c 'echo new >> "$1"
	    exec sleep 1000' sh > log 2>&1 3>&- &
	pid=$!
	wait_until 30 shown "[$T] opened"
	wait_until 10 root_in "$T" pgrep -fx 'sleep 1000'
	kill "$pid"
	status=0
	wait "$pid" || status=$?
	[ "$status" = 143 ]
	[ "$(cat note.txt)" = $'text\nnew' ]
	as_before
	[ "$(sessions)" = "$(jq -r .session s)" ]
	shown "[$T] other"
}

@test "open -m: the host's xdg-open opens a file and an address in there" {
	mkdir -p .local/share/applications .config bin
	# what would be shown is not waited for
	printf '#!/bin/sh\nprintf "%%s\\n" "$@" >> "$HOME/shown"\n' > bin/notify-send
	chmod +x bin/notify-send
	PATH=$HOME/bin:$PATH
	rm -f shown
	lxg open -m "$T" text/plain x-scheme-handler/https \
	    > .local/share/applications/lxg-test.desktop
	xdg-mime default lxg-test.desktop text/plain x-scheme-handler/https
	[ "$(xdg-mime query default text/plain)" = lxg-test.desktop ]
	cp note.txt 'note ü%20.txt'
	before=$(acl)
	xdg-open 'note ü%20.txt' 3>&- &
	pid=$!
	wait_until 30 grep -q more 'note ü%20.txt'
	wait "$pid" || :
	as_before
	gio open https://e.org/x 3>&-
	wait_until 30 grep -qsxF https://e.org/x "$SHARE/browsed"
	wait_until 30 over_all
}

@test "desktop: a real program's entry, its icon, and its window from a launcher" {
	entry=.local/share/applications/lxg-$T-xterm.desktop
	lxg desktop "$T" xterm
	desktop-file-validate --no-hints "$entry"
	grep -qx "Name=.* ($T)" "$entry"
	[ "$(identify -format '%m %w' "$(sed -n 's/^Icon=//p' "$entry")")" = \
	    'PNG 128' ]
	lxg desktop -l "$T" | cut -f 1,3 | grep -qxF "$T"$'\t'"$HOME/$entry"
	gtk-launch "lxg-$T-xterm" 3>&-
	wait_until 30 shown
	grep -qx "StartupWMClass=lxg-$T" "$entry"
	lxg-xpra list < record | lxg-xpra stop > /dev/null
	wait_until 20 no_window
	run -1 lxg desktop "$T" nosuch
	[[ "$output" == *'nosuch: no such program in the instance' ]]
	# a file that it opens, with -m; else it is the program alone
	lxg desktop -m "$T" editor.desktop
	gtk-launch "lxg-$T-editor" "$PWD/note.txt" 3>&-
	wait_until 30 grep -qsx more note.txt
	wait_until 30 over_all
	wait_until 30 none_lent
}

@test "delete takes the entries of the menu with it" {
	lxg desktop "$T" xterm
	rm "$SHARE"/* || :
	lxg delete "$T"
	[ -z "$(find .local/share/applications .local/share/icons -name 'lxg-*')" ]
	[ -z "$(lxg desktop -l)" ]
}
