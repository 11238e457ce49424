#!/usr/bin/env bats
# lxg open and the entries for menus, on stand-ins for the programs; and what
# answers inside (app.py), on entries that lie. SPDX-License-Identifier: ISC
# shellcheck disable=SC1003,SC2016,SC2030,SC2031,SC2154 # quotes; of run
bats_require_minimum_version 1.5.0

setup()
{
	cd "$BATS_TEST_TMPDIR" || exit
	real=$(dirname "$(command -v lxg-instance)")
	mkdir bin
	cp "$real/lxg" bin/
	export LXG_DATADIR="${real%/*}/share/lxg" LOG="$PWD/log" HOME="$PWD"
	export XDG_RUNTIME_DIR="$PWD/run"
	unset LXG_ENGINE LXG_PROJECT DISPLAY WAYLAND_DISPLAY XDG_DATA_HOME FAIL
	for p in instance map acl xpra; do
		cat > "bin/lxg-$p" <<-'END'
		#!/bin/sh
		# notes its arguments, gives records as the real one would
		me=${0##*/}
		{ printf '%s\0' "$me" "$@"; printf '\n\0'; } >> "$LOG.$me.$1"
		for f in $FAIL; do
			[ "$f" = "${f#"$me.$1="}" ] || exit "${f#*=}"
		done
		case $me.$1 in
		*.get | *instance.start)
			printf '%s\n' "${RECORD:-{\"instance\":\"x\",\"engine\":\"incus\",\"project\":\"default\",\"uuid\":\"u\"\}}" ;;
		*map.list)
			cat > /dev/null
			[ ! -e "${LOG%/*}/before" ] || echo '{"device":"lxg-1"}'
			echo ;;
		*map.add)
			cat > /dev/null
			echo '{"instance":"x","device":"lxg-1","path":"/home/u/maps/f"}' ;;
		*xpra.attach)
			read -r line
			[ ! -e "${LOG%/*}/attach" ] || . "${LOG%/*}/attach"
			printf '{"instance":"x","session":"s","exit_status":%s}\n' \
			    "${STATUS:-0}" ;;
		*)	cat ;;
		esac
		END
		chmod +x "bin/lxg-$p"
	done
	# the share is opened beside what these look at: live/share.bats
	printf '#!/bin/sh\n[ "$1" = -f ] || exec /usr/bin/setsid "$@"\n' > bin/setsid
	chmod +x bin/setsid
	PATH=$PWD/bin:$PATH
}

# ran PROGRAM VERB WORD...: was it called once, with these?
ran()
{
	printf '%s\0' "lxg-$1" "${@:2}" > want
	printf '\n\0' >> want
	cmp want "log.lxg-$1.$2"
}

@test "open: a copy is lent, opened by what inside says, and taken back" {
	: > 'a b.odt'
	STATUS=3 run -3 lxg open x 'a b.odt'
	ran map plan -c 'a b.odt'
	ran xpra start -d -m /home/u/maps/f
	ran map del -w
	[ -e log.lxg-acl.revoke ]
	[ ! -e log.lxg-xpra.stop ]
}

@test "open: a program with arguments; live; for reading" {
	: > ./-f
	lxg open -lr x -f prog 'a b' -z
	ran map plan -r -- -f
	ran xpra start -d prog 'a b' -z /home/u/maps/f
	rm log.*
	lxg open x -- -f -- -prog
	ran xpra start -d -- -prog /home/u/maps/f
}

@test "open: addresses go as they are, others are refused before anything" {
	for url in http://e.org 'HTTPS://e.org/a%20b?c=$d#`e`' mailto:a@e.org \
	    tel:+1 'magnet:?xt=1'; do
		rm -f log.*
		lxg open x "$url"
		ran xpra start -d -m "$url"
		[ ! -e log.lxg-map.plan ]
		[ ! -e log.lxg-map.del ]
	done
	rm -f log.*
	for url in javascript:alert file://other/etc/passwd data:, ftp://e.org \
	    file:///%00 file:///%zz file:a about:config; do
		run -65 lxg open x "$url"
	done
	run ! ls log.*
}

@test "open: the address of a file here is the file" {
	: > "a %b
ü"
	lxg open x "file://$(hostname)$PWD/a%20%25b%0A%C3%BC"
	ran map plan -c "$PWD/a %b
ü"
	rm log.*
	: > http:
	lxg open x http:
	ran map plan -c http:
}

@test "open: what fails gives back what it took" {
	: > f
	FAIL=lxg-map.plan=65 run -65 lxg open x f
	[ ! -e log.lxg-xpra.start ]
	FAIL=lxg-xpra.start=78 run -125 lxg open x f
	[[ "$output" == *'lxg-xpra ended with 78'* ]]
	[ -e log.lxg-map.del ]
	rm log.*
	FAIL=lxg-xpra.start=127 run -127 lxg open x f prog
	[ -e log.lxg-map.del ]
	rm log.*
	FAIL=lxg-xpra.attach=69 run -125 lxg open x f
	[ -e log.lxg-xpra.stop ]
	[ -e log.lxg-map.del ]
	FAIL=lxg-map.del=75 run -125 lxg open x f
	[[ "$output" == *'lxg unmap x does that'* ]]
	run -1 lxg open x nosuch
	run -64 lxg open x
	run -64 lxg open x -l f
	[[ "$output" == *'lxg open -l x f' ]]
}

@test "open: a signal ends the session, and the loan" {
	: > f
	echo 'echo > "${LOG%/*}/on"; exec sleep 100' > attach
	for signal in INT TERM HUP; do
		rm -f log.* on
		# which a shell's job would ignore
		env --default-signal=INT lxg open x f &
		pid=$!
		until [ -e on ]; do kill -0 "$pid"; sleep 0.02; done
		kill -s "$signal" "$pid"
		status=0
		wait "$pid" || status=$?
		[ "$status" = "$((128 + $(kill -l "$signal")))" ]
		[ -e log.lxg-xpra.stop ]
		ran map del
		[ -e log.lxg-acl.revoke ]
	done
}

@test "open: what was lent before stays lent; what is open twice, to the last" {
	: > f
	: > before
	lxg open x f
	[ ! -e log.lxg-map.del ]
	rm before log.*
	# the first ends while the second runs
	echo 'echo > "${LOG%/*}/on"; until [ -e "${LOG%/*}/go" ]; do sleep 0.02; done' \
	    > attach
	lxg open x f &
	pid=$!
	until [ -e on ]; do kill -0 "$pid"; sleep 0.02; done
	rm attach
	: > before	# as it is now
	lxg open x ./f
	[ ! -e log.lxg-map.del ]
	: > go
	wait "$pid"
	[ -e log.lxg-map.del ]
}

@test "lxg -n open prints what it runs" {
	[ "$(lxg -n open x d/f)" = "lxg-instance get x | lxg-map plan -c d/f |$(
	    ) lxg-acl grant | lxg-map add && lxg-instance start x |$(
	    ) lxg-xpra start -d -m maps/f | lxg-xpra attach; $(
	    )lxg-instance get x | lxg-map list d/f | lxg-map del -w |$(
	    ) lxg-acl revoke" ]
	[ "$(lxg -n open -l x f vi)" = "lxg-instance get x | lxg-map plan f |$(
	    ) lxg-acl grant | lxg-map add && lxg-instance start x |$(
	    ) lxg-xpra start -d vi lent/f | lxg-xpra attach; $(
	    )lxg-instance get x | lxg-map list f | lxg-map del -w |$(
	    ) lxg-acl revoke" ]
	[ "$(lxg -n open x https://e.org)" = "lxg-instance start x |$(
	    ) lxg-xpra start -d -m https://e.org | lxg-xpra attach" ]
}

@test "open -m: an entry that handles types, as desktop-file-validate wants it" {
	lxg open -m x > x.desktop
	desktop-file-validate --warn-kde x.desktop
	grep -qxF "Exec=$PWD/bin/lxg -g -E incus open x %u" x.desktop
	grep -qxF 'MimeType=text/html;x-scheme-handler/http;x-scheme-handler/https;' \
	    x.desktop
	grep -qxF StartupWMClass=lxg-x x.desktop
	lxg open -m x application/pdf image/svg+xml > x.desktop
	grep -qxF 'MimeType=application/pdf;image/svg+xml;' x.desktop
	run -65 lxg open -m x 'a/b;Exec=x'
	run -65 lxg open -m x $'a/b\nExec=x'
	FAIL=lxg-instance.get=1 run -1 lxg open -m x
	[ -z "$output" ]
}

@test "lxg -g: what goes wrong is shown, and what the program says is not" {
	cat > bin/notify-send <<-'END'
	#!/bin/sh
	printf '%s\0' "$@" > "${LOG%/*}/shown"
	END
	chmod +x bin/notify-send
	: > f
	STATUS=3 run -3 lxg -g open x f
	[ ! -e shown ]
	echo 'echo "lxg-map: x: /f: written back" >&2' > attach
	lxg -g open x f
	[ ! -e shown ]
	echo 'echo "lxg-map: x: both are kept" >&2' > attach
	lxg -g open x f
	grep -qz both shown
	rm attach
	FAIL=lxg-xpra.start=78 run -125 lxg -g open x f
	[[ "$output" == *'lxg-xpra ended with 78'* ]]
	[ "$(tail -zn 2 shown | tr '\0' '\n')" = \
	    $'lxg open\nlxg open: x: lxg-xpra ended with 78' ]
	: > '<b>&'
	FAIL=lxg-map.plan=65 run -65 lxg -g open x 'javascript:<b>&'
	[[ "$(tail -zn 1 shown | tr -d '\0')" == *'javascript:&lt;b&gt;&amp;: '* ]]
	# nothing there that takes notifications
	rm shown
	printf '#!/bin/sh\nexit 1\n' > bin/notify-send
	printf '#!/bin/sh\nprintf "%%s\\0" "$@" > "${LOG%%/*}/shown"\n' > bin/zenity
	chmod +x bin/zenity
	FAIL=lxg-xpra.start=78 run -125 lxg -g open x f
	grep -qz -- --no-markup shown
}
