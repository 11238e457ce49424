# lxg-map killed at each system call in turn that can change anything: the next
# ordinary step makes it exact. That of copies needs no engine, for the host
# user can read them.
# shellcheck disable=SC2154 # of env.sh and run
bats_require_minimum_version 1.5.0

load ../env.sh
load ../copy.sh
load ../crash.sh

setup_file() {
	begin_crashes
	lxg-instance get "$I" | lxg-mount plan maps | lxg-acl grant |
	    lxg-mount add >/dev/null
}

setup() {
	D=$HOME/work-$BATS_TEST_NUMBER
	M=$HOME/.local/share/lxg/$LXG_ENGINE/default/$I/maps
	C=$HOME/.local/state/lxg/copies
	rm -rf "$D" "$C" "${C%/*}"/state.*
	mkdir -p "$D" "$C"
	chmod 700 "$C"
	cd "$D" || return
	umask 077
}

teardown() {
	cd "$HOME" || return
	rm -rf "$D" "$C"
}

# all that has to stay of the original
look() {
	getfacl -n a.txt
	stat -c '%a %u %g %i' a.txt
}

# walk TITLE BEFORE AFTER: functions that set up and that judge
walk() {
	local n status=137
	n=$((FIRST - 2))
	while [ "$status" = 137 ]; do
		n=$((n + 2))
		lent
		look >before
		"$2"
		status=0
		"$BATS_FILE_TMPDIR/kill-at" -w "$n" lxg-map del <record >out 2>err \
		    || status=$?
		lxg-map del <record >out 2>>err || { cat err; return 1; }
		[ "$(jq -r .error out)" = null ]
		"$3" || { echo "killed at $n"; ls -l . maps; cat err; return 1; }
		[ ! -e a.txt ] || look | diff before - ||
			{ echo "killed at $n"; return 1; }
		nothing_known || { ls "$C"; row state; echo "at $n"; return 1; }
	done
	[ "$status" = 0 ]
	[ "$n" -gt 20 ]
	echo "# del, $1: half of $((n - 1)) kill points" >&3
}

changed() {
	printf 'a new and longer text\n' >maps/a.txt
}
written() {
	[ "$(cat a.txt)" = 'a new and longer text' ] && [ -z "$(ls maps)" ] &&
		[ ! -e a.lxg-conflict.txt ]
}

both() {
	printf 'theirs\n' >maps/a.txt
	printf 'mine\n' >a.txt
}
kept() {
	[ "$(cat a.txt a.lxg-conflict.txt)" = $'mine\ntheirs' ] &&
		[ -z "$(ls maps)" ] && [ "$(echo a.*)" = "a.lxg-conflict.txt a.txt" ]
}

lost() {
	printf 'theirs\n' >maps/a.txt
	rm a.txt
}
saved() {
	[ "$(cat a.lxg-conflict.txt)" = theirs ] && [ ! -e a.txt ] &&
		[ -z "$(ls maps)" ]
}

# cut short earlier, and the user went on since
mended() {
	changed
	cp maps/a.txt "$C/$NAME.snapshot"
	jq -c '.state = "writing"' record >new
	know new
	printf 'mended\n' >a.txt
}
beside() {
	[ "$(cat a.txt)" = 'a new and longer text' ] && [ -z "$(ls maps)" ] &&
		[ "$(cat a.lxg-conflict.txt)" = mended ] &&
		[ "$(echo a.*)" = "a.lxg-conflict.txt a.txt" ]
}

@test "crash: a changed copy" {
	walk 'a changed copy' changed written
}

@test "crash: changed on both sides" {
	walk 'changed on both sides' both kept
}

@test "crash: the original is gone" {
	walk 'the original is gone' lost saved
}

@test "crash: changed after a crash" {
	walk 'changed after a crash' mended beside
}

devices() {
	engine_api GET "/1.0/instances/$I" |
	    jq '[.devices[] | select(."user.lxg.mode")] | length'
}

# what the engine was told before the kill it does all the same
idle() {
	[ "$(engine_api GET '/1.0/operations?recursion=1' | jq --arg i "/$I" '
	    [.running // [] | .[] | select(.resources.instances // [] |
	    any(endswith($i)))] | length')" = 0 ]
}

# one live, one copy (what lxg-acl does between plan and add has its own walk)
two() {
	rm -rf a.txt b.txt
	echo live >a.txt
	echo copied >b.txt
	lxg-instance get "$I" >box
	lxg-map plan a.txt <box >told
	lxg-map plan -c b.txt <box >>told
}

nothing_lent() {
	[ "$(devices)" = 0 ] && [ -z "$(ls "$M")" ] &&
		[ "$(cat a.txt b.txt)" = $'live\ncopied' ]
}
nothing_left() { nothing_lent && nothing_known; }

# killed COMMAND...: at the Nth call; STATUS as kill-at has it
killed() {
	STATUS=0
	"$BATS_FILE_TMPDIR/kill-at" -w "$N" "$@" <told >out 2>err || STATUS=$?
	wait_until 30 idle
}

@test "crash: add of a live file and a copy" {
	two
	N=$((FIRST - 2)) STATUS=137
	while [ "$STATUS" = 137 ]; do
		N=$((N + 2))
		killed lxg-map add
		lxg-map list <box | lxg-map del >out
		nothing_left || { echo "killed at $N"; ls "$M" "$C"; return 1; }
	done
	[ "$STATUS" = 0 ]
	echo "# add: half of $((N - 1)) kill points" >&3
}

@test "crash: del of a live file and a copy" {
	two
	N=$((FIRST - 2)) STATUS=137
	while [ "$STATUS" = 137 ]; do
		N=$((N + 2))
		lxg-map add <told >out
		killed lxg-map del
		lxg-map del <told >out
		nothing_left || { echo "killed at $N"; ls "$M" "$C"; return 1; }
	done
	[ "$STATUS" = 0 ]
	echo "# del: half of $((N - 1)) kill points" >&3
}

# a commit whose last sync fails has come about for who reads it next
@test "crash: EIO at each write of add: all or nothing, but for a row" {
	local call points=0
	two
	for call in fsync fdatasync pwrite64 write copy_file_range; do
		for ((N = FIRST; ; N += 2)); do
			STATUS=0
			strace -o trace -e "inject=$call:error=EIO:when=$N" \
			    lxg-map add <told >out 2>err || STATUS=$?
			grep INJECTED trace >hit || break
			points=$((points + 1))
			[ "$STATUS" = 0 ] || nothing_lent ||
			    { cat hit err; ls "$M" "$C"; return 1; }
			grep -q '^write([12],' hit || [ "$STATUS" = 0 ] ||
			    grep -q 'Input/output\|disk I/O' err ||
			    { cat hit err; return 1; }
			lxg-map list <box | lxg-map del >out
			nothing_left || { cat hit err; return 1; }
		done
		lxg-map list <box | lxg-map del >out
	done
	[ "$points" -gt 3 ]
	echo "# EIO in add: half of $((2 * points)) points" >&3
}
