# The whole pipelines that lend a file and take it back, killed at each system
# call in turn that can change anything: one process of them, or all of them as
# in a power cut, by turns. One lxg recover makes it exact. A kill before a read
# leaves what one before the next write leaves: who only reads changes nothing,
# its pipes close either way, and the other stages go on without it. Before the
# first lock nothing is changed.
# shellcheck disable=SC2154 # of env.sh and run
bats_require_minimum_version 1.5.0

load ../env.sh
load ../crash.sh

# a third of the points, each run another one; WALK_STEP=1 takes them all
STEP=${WALK_STEP:-3}

setup_file() {
	begin_crashes
	rm -rf "$HOME/work"
	mkdir -m 700 "$HOME/work"
	cd "$HOME/work" || return
	echo lent >f
	chmod 640 f
	setfacl -m u:12345:rwx,g:2:r,m::r f
	touch -d 2001-02-03 f
	look >before
}

setup() {
	cd "$HOME/work" || return
}

# all that has to be as it was
look() {
	getfacl -n f
	stat -c '%a %u %g %i %Y' f
	cat f
	devices
	lxg-acl list
}

devices() {
	engine_api GET "/1.0/instances/$I" | jq -c '.devices | keys_unsorted[]'
}

# what the engine was told before the kill it does all the same
idle() {
	[ "$(engine_api GET '/1.0/operations?recursion=1' | jq --arg i "/$I" '
	    [.running // [] | .[] | select(.resources.instances // [] |
	    any(endswith($i)))] | length')" = 0 ]
}

LEND="lxg-instance get $I | lxg-map plan f | lxg-acl grant | lxg-map add"
BACK="lxg-instance get $I | lxg-map list | lxg-map del | lxg-acl revoke"

# recovered: it says what it mends, and then there is nothing left to mend
recovered() {
	lxg recover -f "$I" >>log 2>&1
	[ -z "$(lxg recover -f "$I" 2>&1)" ]
}

# as before; or lent as a whole, and then the way back makes it so
exact() {
	look >now
	if ! cmp -s before now; then
		devices | jq -r . | diff - <(lxg-acl list | jq -r .device)
		[ "$(getfacl -cn f | grep -c ^user:)" = 3 ]
		sh -c "$BACK" >out
		look | diff before -
	fi
}

# walk PIPELINE [BEFORE]: what is done before it
walk() {
	local n=$((FIRST + 2 * (RANDOM % STEP))) points=0 all='' status=137
	[ $((RANDOM % 2)) = 0 ] || all=-a
	: >log
	while [ "$status" = 137 ]; do
		sh -c "${2:-:}" >out
		status=0
		# shellcheck disable=SC2086 # one option or none
		"$BATS_FILE_TMPDIR/kill-at" $all -w "$n" sh -c "$1" >out 2>err ||
		    status=$?
		[ "$status" != 137 ] || points=$((points + 1))
		wait_until 30 idle
		echo "killed at $n $all"
		recovered
		exact
		n=$((n + 2 * STEP))
		[ -n "$all" ] && all='' || all=-a
	done
	[ "$status" = 0 ]
	# some of them were in the middle
	[ -s log ]
	[ "$((points * 2 * STEP))" -gt 20 ]
	echo "# $BATS_TEST_DESCRIPTION: $points kill points" >&3
}

@test "crash: the pipeline that lends" {
	walk "$LEND"
}

@test "crash: the pipeline that takes back" {
	walk "$BACK" "$LEND"
}
