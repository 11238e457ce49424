#!/usr/bin/env bats
# The scripts of mk/ as a plain user calls them: they go on through sudo, as
# the same script with the same arguments. SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # of run
bats_require_minimum_version 1.5.0

setup()
{
	cd "$BATS_TEST_DIRNAME/../.." || exit
	bin=$BATS_TEST_TMPDIR/bin
	mkdir "$bin"
	standin id <<-'END'
		case $1 in
		-u)	echo 1000 ;;
		-un)	echo plain ;;
		esac
	END
	standin getent <<-'END'
		case $1 in
		group)	echo lxd:x:100: ;;
		*)	echo plain:x:1000:1000::/home/plain:/bin/sh ;;
		esac
	END
	standin dpkg-query <<< 'echo dpkg installed'
	# sudo does as much with what it is to run
	standin sudo <<-'END'
		while [ "$1" != -- ]; do shift; done
		shift
		command -v "$1" > /dev/null || exit 1
		printf '<%s>' "$@"
	END
	PATH=$bin:$PATH
	unset SUDO_USER
	export LXD_SOCKET=/nonexistent
}

# standin NAME: a program of that name, its text on standard input
standin()
{
	{ echo '#!/bin/sh'; cat; } > "$bin/$1"
	chmod +x "$bin/$1"
}

@test "sudo runs the same script, with the same arguments" {
	while read -r script arguments; do
		eval "set -- $arguments"
		run -0 sh "mk/$script" "$@" < /dev/null
		[ "$output" = "<sh>$(printf '<%s>' "mk/$script" "$@")" ]
	done <<-'END'
		bootstrap build run
		engine lxd
		plain-user -t
		as-user plain 'A=b  c' sh -c 'echo "$0"' '' '$HOME'
	END
}

@test "the demo goes on where an earlier one failed, and says the way out" {
	standin lxg <<-'END'
		[ "$1" != create ] || exit 75
	END
	standin lxg-instance <<< 'echo "{}"'
	run -75 sh mk/demo-show "$BATS_TEST_TMPDIR/picture"
	[[ $output == *"lxg delete -f firefox-demo"* ]]
}

@test "the picture's containers are its own: one that is there stays" {
	standin lxg-instance <<< 'exit 0'
	standin lxg <<-END
		echo "\$*" >> "$BATS_TEST_TMPDIR/called"
	END
	run -73 sh mk/picture "$BATS_TEST_TMPDIR/x.png"
	[ "$output" = 'picture: bank is there, and is not ours' ]
	[ "$(cat "$BATS_TEST_TMPDIR/called")" = image ]
}

@test "what apt says when it fails is said, and the code is 69" {
	standin id <<< 'echo 0'
	standin apt-get <<-'END'
		case " $* " in
		*" $FAILS "*)	echo "E: apt's own words about $FAILS" >&2
				exit 100 ;;
		esac
	END
	standin apt-cache <<< ':'
	export TMPDIR=$BATS_TEST_TMPDIR
	for FAILS in update install; do
		export FAILS
		run -69 --separate-stderr sh mk/bootstrap build
		[[ $stderr == *"apt's own words about $FAILS"* ]]
		[[ $stderr == *"apt-get $FAILS failed"* ]]
		[[ $output == '' ]]
	done
	# nothing is kept of one that went well
	rm -f "$TMPDIR"/lxg-bootstrap.*
	FAILS=none run -0 sh mk/bootstrap build
	[ "$(find "$TMPDIR" -name 'lxg-bootstrap.*')" = '' ]
}

@test "backports are asked only where Debian itself has no Incus" {
	standin apt-get <<< 'echo "$@" >> asked; exit 1'
	standin apt-cache <<< 'echo "incus-base | 6.0.4-2 | a mirror"'
	cd "$BATS_TEST_TMPDIR"
	sh "$BATS_TEST_DIRNAME/../../mk/backports"
	[ ! -e asked ]
}

@test "wait_until: what is waited for may wait itself" {
	# shellcheck source=/dev/null
	. "$BATS_TEST_DIRNAME/../../mk/display"
	third() {
		n=$((n + 1))
		WAIT_FACTOR=0 wait_until 0 false || [ "$n" = 3 ]
	}
	n=0
	WAIT_FACTOR=1 wait_until 60 third
	[ "$n" = 3 ]
	run wait_until 0 false
	[ "$status" = 1 ]
	[ "$output" = 'late: false' ]
}
