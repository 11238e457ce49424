# What a host has to have installed, by the list that everything goes by, and what
# others get: the package, the tarball, the pages.
# shellcheck disable=SC2154 # of run
bats_require_minimum_version 1.5.0

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
		./live/pixels
		./live/popup
		./live/rectangles
		./live/status
		./unit/acl-property
		./unit/acl-walk
		./unit/create-on
		./unit/remote-server
	END
	list test | grep '^python' | diff - <(echo python3)
}

# control FIELD: the packages of that field of debian/control, each on a line
control()
{
	awk -v field="$1:" '/^[^ ]/ { on = $1 == field; next } on' \
	    "$BATS_TEST_DIRNAME/../../debian/control" |
	    sed 's/(.*//; s/[|,]/\n/g; s/ //g' | grep -v '^\${' | grep . | sort
}

@test "packages: the Debian package builds with what make deps installs" {
	# gcc, make and libc6-dev are on every machine that builds packages
	diff <(control Build-Depends | grep -v '^debhelper-compat$') \
	    <(list build | grep -vxE 'gcc|make|libc6-dev' | sort)
}

@test "packages: the Debian package asks for what the suite runs with" {
	list run | sort > "$BATS_TEST_TMPDIR/run"
	# what there is beside: the engines, and what has to be there for one
	# option alone
	diff "$BATS_TEST_TMPDIR/run" <({ control Depends; control Recommends
	    control Suggests; } | sort |
	    grep -vxE 'incus|incus-base|lxd|cups-client|libnotify-bin')
}

@test "packages: one version, in the program, the package and the news" {
	cd "$BATS_TEST_DIRNAME/../.."
	version=$(sed -n 's/^VERSION = //p' mk/config.mk)
	[ "$(sed -n '1s/^lxg (\(.*\)) .*/\1/p' debian/changelog)" = "$version" ]
	grep -qx "$version" share/doc/lxg/NEWS
}

@test "make dist: the same bits, whoever makes it, wherever, whenever" {
	cd "$BATS_TEST_TMPDIR"
	export HOME=$PWD
	git config --global user.name tests
	git config --global user.email tests@example.org
	git init -q tree
	cp -Rp "$BATS_TEST_DIRNAME"/../../{Makefile,LICENSE,README,mk} tree/
	git -C tree add .
	git -C tree commit -qm all
	git clone -q tree one
	make -s -C one dist
	git config --global tar.umask user
	git config --global core.umask 077
	(umask 077; git clone -q tree two)
	find two -name .git -prune -o -type f -exec touch -d @1 {} +
	TZ=Asia/Tokyo LC_ALL=C.UTF-8 GZIP=-1 make -s -C two dist
	cmp one/lxg-*.tar.gz two/lxg-*.tar.gz
	tar -tzf one/lxg-*.tar.gz | grep -qx 'lxg-[0-9.]*/README'
	# all can read what is unpacked, however its tree was made
	run -1 grep -v '^.r..r..r' <(tar -tvzf two/lxg-*.tar.gz)
}

@test "make html: every page of the manual, and no link of ours leads nowhere" {
	cd "$BATS_TEST_DIRNAME/../.."
	make -s html HTMLDIR="$BATS_TEST_TMPDIR/html"
	pages=$(find bin share/man -name '*.[17]' -printf '%f.html\n' | sort)
	cd "$BATS_TEST_TMPDIR/html"
	diff <(find . -type f -printf '%f\n' | sort) \
	    <(printf '%s\nindex.html\n' "$pages" | sort)
	for page in $pages; do
		grep -q "<a href=\"$page\">" index.html
		grep -q '<h1 class="Sh" id="NAME">' "$page"
	done
	grep -oh 'href="[^"#][^"#]*' ./*.html | cut -c 7- | sort -u > links
	while read -r link; do
		case $link in
		https://*/lxg*)	echo "$link"; return 1 ;;
		https://*)	;;
		*)		[ -s "$link" ] || { echo "$link"; return 1; } ;;
		esac
	done < links
}
