# Ctrl-C at many moments of what gives and takes: nothing is left half done, and
# none is swallowed. What others would do in that moment comes after it.
# shellcheck disable=SC2016,SC2154 # of a stand-in; of env.sh and run
bats_require_minimum_version 1.5.0

load ../env.sh

I=$T-a
ODD=1
[ "$LXG_ENGINE" = incus ] || ODD=0

setup_file() {
	tool ../terminal.c
	drop_instance "$I"
	make_instance "$I" >/dev/null
	lxg-instance get "$I" | lxg-mount plan maps | lxg-acl grant |
	    lxg-mount add >/dev/null
}

teardown_file() {
	rm -f "$HOME"/?.txt
	drop_instance "$I"
	drop_instance "$T-b"
}

setup() {
	umask 077
	cd "$HOME" || return
	echo text >a.txt
	echo text >b.txt
	setfacl -m u:1:r a.txt
	look >before
}

teardown() {
	lxg unmap "$I" >/dev/null 2>&1
}

# what is lent, and to be seen of the files; what was put back may be listed in
# another order
look() {
	getfacl -cn a.txt b.txt
	# one jq for all: this is called at each moment
	jq -rn --slurpfile devices <(engine_api GET "/1.0/instances/$I") \
	    --slurpfile grants <(lxg-acl list) \
	    --slurpfile copies <(lxg-map list -a) '
	    [$devices[0].devices[] | select(."user.lxg.mode").source],
	    [$grants[] | select(.mode).source], [$copies[].origin // "none"] |
	    sort[] // "-"'
}

# moments SECONDS: many, from the first to the last; on the other engine those
# between them
moments() {
	local first=0
	[ "$LXG_ENGINE" != lxd ] || first=0.5
	awk -v n="${MOMENTS:-30}" -v s="$1" -v first="$first" 'BEGIN {
	    for (i = 0; i < n; i++)
		printf "%.3f\n", (i + first) * s / n }'
}

# lasts COMMAND...: how long that takes, in seconds, and a half more
lasts() {
	local begun=$EPOCHREALTIME
	"$@" >/dev/null 2>&1 </dev/null
	awk -v a="$begun" -v b="$EPOCHREALTIME" 'BEGIN { print 1.5 * (b - a) }'
}

# ended: how the last one did
interrupt() {
	"$BATS_FILE_TMPDIR/terminal" interrupt "$@" >said
	ended=$(head -n 1 said)
	[ "$ended" != swallowed ] || { echo "$*"; cat said; return 1; }
}

@test "Ctrl-C at any moment of map" {
	local at option
	for option in '' -c; do
		for at in $(moments "$(lasts lxg map $option "$I" a.txt b.txt)"); do
			# shellcheck disable=SC2086 # none or one
			interrupt "$at" lxg map $option "$I" a.txt b.txt
			[ "$ended" = 130 ] || grep -q 'Enter or' said ||
			    { echo "$at: $ended"; cat said; return 1; }
			look | diff before - || { echo "$at"; cat said; return 1; }
		done
	done
}

@test "Ctrl-C while map tells what was said" {
	mkdir -p bin
	printf '%s\n' '#!/bin/sh' 'case ${1-} in' '*/said)' \
	    '	[ -e told ] || { : > told; kill -INT $PPID; kill -INT $$; } ;;' \
	    'esac' 'exec /bin/cat "$@"' > bin/cat
	chmod 755 bin/cat
	rm -f told
	run env --default-signal=INT PATH="$PWD/bin:$PATH" \
	    lxg map "$I" a.txt b.txt </dev/null
	[ -e told ]
	look | diff before -
}

# lend: both files
lend() {
	lxg-instance get "$I" | lxg-map plan a.txt b.txt | lxg-acl grant |
	    lxg-map add >/dev/null
}

@test "Ctrl-C at any moment of unmap" {
	local at
	lend
	look >lent
	for at in $(moments "$(lasts lxg unmap "$I")"); do
		lend
		interrupt "$at" lxg unmap "$I"
		# as it was lent, or taken back: nothing between
		look >now
		cmp -s lent now || diff before now ||
		    { echo "$at: $ended"; cat said; return 1; }
		[ "$ended" = 130 ] || cmp -s before now
	done
}

# code COMMAND...: prints how it ends
code() {
	local status=0
	"$@" >/dev/null 2>&1 || status=$?
	echo "$status"
}

# no_trace: nothing of the other instance, in the engine and here; prints what is
no_trace() {
	local folder=$HOME/.local/share/lxg/$LXG_ENGINE/default/$T-b
	{
		echo "instance $(code lxg-instance get "$T-b")"
		echo "profile $(code engine_api GET "/1.0/profiles/$T-b")"
		ls -d "$folder" 2>/dev/null || :
		lxg-acl list | jq -r --arg i "$T-b" 'select(.instance == $i).source'
	} >traces
	printf '%s\n' 'instance 1' 'profile 1' | diff - traces
}

@test "Ctrl-C at any moment of create" {
	local at n=0
	drop_instance "$T-b"
	for at in 0 0.05 0.1 0.2 0.4 0.8 1.2 1.6 2 2.5 3 4 5 6 8 10 12 14 16 18; do
		# on the other engine those between them, as for map
		n=$((n + 1))
		[ $((n % 2)) = "$ODD" ] || continue
		interrupt "$at" lxg create "$T-b"
		[ "$ended" != 0 ] || break
		[ "$ended" = 130 ] || { echo "$at: $ended"; cat said; return 1; }
		no_trace || { echo "$at: left"; cat said; return 1; }
	done
}

# apart VERB [ARG]...: in a session of its own, whose leader it is, with what is
# in bin; sets ended
apart() {
	ended=0
	chmod 755 bin/*
	PATH=$PWD/bin:$PATH LXG_PRINT='' LXG_DATADIR=$LXG_STAGE/usr/share/lxg \
	    setsid -w "$LXG_STAGE/usr/share/lxg/$1" "${@:2}" 2>said </dev/null ||
	    ended=$?
}

# late "PROGRAM WORD" VERB [ARG]...: Ctrl-C comes when the verb calls that
late() {
	local program=${1% *} word=${1#* }
	rm -rf bin
	mkdir bin
	cat >"bin/$program" <<-END
		#!/bin/sh
		case "\$*" in
		*"$word"*)	kill -INT "-\$(ps -o sid= -p \$\$ | tr -d ' ')" ;;
		esac
		exec $(command -v "$program") "\$@"
	END
	apart "${@:2}"
}

@test "Ctrl-C when create has done most of it, or all" {
	local at
	drop_instance "$T-b"
	for at in "lxg-mount plan" "lxg-acl grant" "lxg-mount add" \
	    "lxg-instance /usr/bin/xpra"; do
		late "$at" create "$T-b"
		[ "$ended" = 130 ] || { echo "$at: $ended"; cat said; return 1; }
		no_trace || { echo "$at: left"; cat said; return 1; }
	done
	late "lxg-state end" create "$T-b"
	[ "$ended" = 0 ] || { cat said; return 1; }
	lxg-instance get "$T-b"
	lxg delete "$T-b"
}

@test "Ctrl-C that reaches only the first step of map" {
	local option
	rm -rf bin
	mkdir bin
	cat >bin/lxg-instance <<-END
		#!/bin/sh
		$(command -v lxg-instance) "\$@"
		[ -n "\$LXG_INTENT" ] || exit 0
		kill -INT "\$(ps -o sid= -p \$\$ | tr -d ' ')"
		exit 130
	END
	for option in '' -c; do
		# shellcheck disable=SC2086 # none or one
		apart map $option "$I" a.txt b.txt
		[ "$ended" = 130 ] || { echo "$ended"; cat said; return 1; }
		look | diff before -
	done
}

@test "Ctrl-C at each step of map and unmap" {
	local at
	for at in "lxg-map plan" "lxg-acl grant" "lxg-map add" "lxg-state end"; do
		late "$at" map "$I" a.txt b.txt
		[ "$ended" = 130 ] || { echo "$at: $ended"; cat said; return 1; }
		look | diff before - || { echo "$at"; cat said; return 1; }
	done
	for at in "lxg-map list" "lxg-map del" "lxg-acl revoke" "lxg-state end"; do
		lxg map "$I" a.txt b.txt </dev/null >/dev/null
		late "$at" unmap "$I"
		[ "$ended" = 130 ] || { echo "$at: $ended"; cat said; return 1; }
		lxg unmap "$I"
		look | diff before - || { echo "$at"; cat said; return 1; }
	done
}
