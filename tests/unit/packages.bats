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
