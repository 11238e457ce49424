# What a host has to have installed, by the list that everything goes by.

list() { awk -v of="$1" '!/^#/ && $1 == of { print $2 }' \
    "$BATS_TEST_DIRNAME/../../mk/packages"; }

# none SECTION PATTERN: no package of it is called so
none() { ! list "$1" | grep -xE "$2" >&2; }

@test "packages: a section and a name a line, each once" {
	[ -z "$(awk '!/^#/ && NF && (NF != 2 || seen[$0]++)' \
	    "$BATS_TEST_DIRNAME/../../mk/packages")" ]
	[ -n "$(list test)" ]
}

@test "packages: display server and sandbox are no business of the host's" {
	for section in build run demo test; do
		none "$section" 'xpra.*|bubblewrap|firejail|xdg-dbus-proxy'
	done
}

@test "packages: what is run needs no Python, GTK or GStreamer" {
	for section in build run demo; do
		none "$section" '.*python.*|.*gtk-?[0-9].*|.*gstreamer.*'
	done
}

@test "packages: what of the tests is in Python still; no more may be" {
	cd "$BATS_TEST_DIRNAME/.."
	# attack and live: inside, where xpra has brought it; the others: here
	diff <(grep -rlE '^#!.*python' . | grep -v '^\./bench/' |
	    LC_ALL=C sort) - <<-END
		./attack/asker
		./attack/clipboard-server
		./attack/hostile-server
		./fault/walk
		./live/popup
		./live/status
		./unit/acl-property
		./unit/acl-walk
		./unit/create-on
	END
	list test | grep '^python' | diff - <(echo python3)
}
