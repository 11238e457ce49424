#!/usr/bin/env bats
# What make install leaves, and make uninstall doesn't; what make says where the
# build lacks something. SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # of run
bats_require_minimum_version 1.5.0

setup_file()
{
	# a clone that was made under umask 077
	export TREE=$BATS_FILE_TMPDIR/tree
	mkdir "$TREE"
	cd "$BATS_TEST_DIRNAME/../.." || return
	cp -Rp Makefile LICENSE README mk lib bin share "$TREE/"
	chmod -R go= "$TREE"
}

setup()
{
	cd "$TREE" || return
	root=$BATS_TEST_TMPDIR/root
}

# made TARGET [NAME=VALUE]...
made() { make -s "$@" > "$BATS_TEST_TMPDIR/said" 2>&1; }

# tree FOLDER: all in it, kinds, modes and contents
tree()
{
	(cd "$1" && find . -printf '%y %m %p %l\n' | sort &&
	    find . -type f -exec sha256sum {} + | sort)
}

@test "umask 077, here and in the clone: what is installed all can read" {
	umask 077
	made install DESTDIR="$root"
	[ "$(find "$root/usr" -type d ! -perm 755)" = '' ]
	[ "$(find "$root/usr" -type f ! -perm 755 ! -perm 644)" = '' ]
	[ "$(find "$root/usr/local/share/lxg" -maxdepth 1 -name attach \
	    -perm 755)" != '' ]
	[ "$(find "$root/usr/local/share/lxg" -maxdepth 1 -name lib.sh \
	    -perm 644)" != '' ]
	# all that the tree has is there
	(cd share/lxg && find . -type f ! -name '*.pyc' | sort) |
	    diff - <(cd "$root/usr/local/share/lxg" &&
	    find . -type f ! -path './cloud-config/*' | sort)
}

@test "uninstall is the inverse of install" {
	local usr=$root/usr/local
	mkdir -p "$usr/bin" "$usr/share/man/man1" "$usr/share/doc/other" \
	    "$usr/share/bash-completion/completions"
	echo other > "$usr/share/man/man1/other.1"
	echo other > "$usr/share/bash-completion/completions/other"
	tree "$root" > before
	made install DESTDIR="$root"
	tree "$root" | cmp -s before - && return 1
	made uninstall DESTDIR="$root"
	tree "$root" | diff before -
	# and where there is nothing to uninstall
	made uninstall DESTDIR="$root"
	tree "$root" | diff before -
}

@test "a place that had nothing keeps no folder of ours" {
	mkdir -p "$root/opt/bin" "$root/opt/share/man"
	tree "$root" > before
	made install DESTDIR="$root" PREFIX=/opt
	made uninstall DESTDIR="$root" PREFIX=/opt
	tree "$root" | diff before -
}

@test "what others put among what is ours stays" {
	made install DESTDIR="$root" PREFIX=/usr
	echo mine > "$root/usr/share/lxg/profiles/mine.yaml"
	made uninstall DESTDIR="$root" PREFIX=/usr
	[ "$(find "$root/usr" -type f)" = \
	    "$root/usr/share/lxg/profiles/mine.yaml" ]
}

@test "the crontab works with cron's PATH" {
	local bin=$BATS_TEST_TMPDIR/usr/bin
	made install PREFIX="${bin%/bin}"
	# each command as cron runs it, with programs that say what they were
	for name in "$bin"/*; do
		printf '#!/bin/sh\necho "${0##*/}" >> "%s"\n' "$PWD/ran" \
		    > "$name"
	done
	rm -f ran
	sed '/^#/d; /^$/d' "${bin%/bin}/share/doc/lxg/examples/crontab" |
	    while read -r line; do
		case $line in
		[A-Z]*=*)	echo "export $line" ;;
		*)		echo "$line" | cut -d ' ' -f 6- ;;
		esac
	done > cron
	env -i HOME="$HOME" LOGNAME="$(id -un)" SHELL=/bin/sh \
	    PATH=/usr/bin:/bin sh -e cron
	[ "$(sort -u ran | tr '\n' ' ')" = \
	    'lxg lxg-acl lxg-instance lxg-map ' ]
}

@test "the user's units name what is installed, and systemd takes them" {
	local units=$root/opt/share/systemd/user name program
	made install DESTDIR="$root" PREFIX=/opt
	for name in "$units"/*.service; do
		program=$(sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' "$name")
		[ -x "$root$program" ]
		# to be looked at where it is
		sed -i "s|^ExecStart=|&$root|" "$name"
	done
	mkdir -m 700 "$BATS_TEST_TMPDIR/run"
	run env XDG_RUNTIME_DIR="$BATS_TEST_TMPDIR/run" \
	    SYSTEMD_UNIT_PATH="$units:" systemd-analyze --user --man=no \
	    verify "$units"/*
	[ "$status" = 0 ] && [ -z "$output" ] || { echo "$output"; return 1; }
}

@test "what the build lacks is one line, with the command that installs it" {
	local bin=$BATS_TEST_TMPDIR/bin name
	run -2 --separate-stderr make -s CC="gcc -nostdinc"
	[ "$(grep -c . <<< "$stderr")" = 2 ]	# make's own is the other
	[[ $stderr == *'make deps'* ]]
	# a machine without a compiler, or without pkg-config
	mkdir "$bin"
	for name in sh make grep sed sort cat env gcc cc; do
		ln -s "$(command -v "$name")" "$bin/$name"
	done
	run -2 --separate-stderr env PATH="$bin" make -s
	[[ $stderr == *'pkg-config'*'make deps'* ]]
	[ "$(grep -c . <<< "$stderr")" = 2 ]
	rm "$bin/gcc" "$bin/cc"
	run -2 --separate-stderr env PATH="$bin" make -s
	[[ $stderr == *'cc'*'make deps'* ]]
}

@test "an install that is in no PATH: what verbs run is found beside lxg" {
	made install DESTDIR="$root"
	bin=$root/usr/local/bin
	ln -s "$bin/lxg" "$BATS_TEST_TMPDIR/link"
	cd "$BATS_TEST_TMPDIR"
	for lxg in "$bin/lxg" ./link; do
		for verb in image 'delete x' 'explain x' 'logs x' upgrade; do
			# shellcheck disable=SC2086 # words
			run -69 --separate-stderr env -i PATH=/usr/bin:/bin \
			    HOME="$PWD" LXD_DIR="$PWD" INCUS_DIR="$PWD" "$lxg" $verb
			[[ $stderr = 'lxg-instance: '*'no engine answers; '* ]]
		done
	done
}
