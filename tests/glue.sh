# Read by the unit tests of the glue: `load ../glue.sh`.
# SPDX-License-Identifier: ISC
# shellcheck shell=bash

# front: lxg alone in bin/, with its data; stand-ins go beside it, and note in
# $LOG... how they were called
front()
{
	cd "$BATS_TEST_TMPDIR" || exit
	real=$(dirname "$(command -v lxg-instance)")
	mkdir bin
	cp "$real/lxg" bin/
	export LXG_DATADIR="${real%/*}/share/lxg" LOG="$PWD/log" HOME="$PWD"
	unset LXG_ENGINE LXG_PROJECT DISPLAY WAYLAND_DISPLAY
	# the share is opened beside what these look at: live/share.bats
	# shellcheck disable=SC2016 # of the stand-in's shell
	printf '#!/bin/sh\n[ "$1" = -f ] || exec /usr/bin/setsid "$@"\n' > bin/setsid
	chmod +x bin/setsid
	PATH=$PWD/bin:$PATH
}

# within SECONDS COMMAND...: until it succeeds
within()
{
	local end=$((SECONDS + $1))
	until "${@:2}"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.1
	done
}
