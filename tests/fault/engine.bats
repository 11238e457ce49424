# Every program that asks an engine, and an engine that goes wrong at each of
# its requests in turn: the right code, a message, nothing half done.
# bats file_tags=once-lxd
# shellcheck disable=SC2154 # of env.sh
bats_require_minimum_version 1.5.0

load ../env.sh

# every step of tests/fault/walk
STEPS='get list api api-out api-in set start stop del create create-N map-add map-list map-del
mount-add mount-list mount-del profile-put profile-del xpra-start xpra-stop
xpra-join xpra-attach'

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	ssh-keygen -q -t ed25519 -N '' -f key
}

# walk [-all] FAULT...: each of the steps with each of the faults; AT_ONCE of them
# at a time, where most of it is waiting
walk() {
	local all=''
	[ "$1" != -all ] || { all=$1; shift; }
	# shellcheck disable=SC2086 # one option or none
	AT_ONCE=${AT_ONCE:-1} "$BATS_TEST_DIRNAME/walk" $all "$STEPS" "$@" 3>&-
}

@test "fault: the connection is closed, before or after it was done" {
	walk close lost
}

@test "fault: answers are cut short" {
	walk mid truncate huge cut
}

@test "fault: what answers does not speak HTTP" {
	watched
	walk garbage headless
}

@test "fault: HTTP that is not the API" {
	walk html text list
	watched
	STEPS='get start map-del'
	walk empty null object number nul binary deep notype type-number \
	    error-200
}

@test "fault: the engine refuses" {
	walk 400 403 404 500
	STEPS='get start map-del'
	walk 401 409 423 503 507
}

@test "fault: success with nothing in it, or nonsense" {
	walk meta-null meta-object
	watched
	STEPS='get start map-del'
	walk no-metadata meta-list meta-number meta-text meta-true
}

@test "fault: operations that fail, vanish, or are none" {
	walk op-fail op-gone op-nowhere
	watched
	STEPS='start map-add'
	walk op-cancelled op-weird op-none op-evil op-number
}

@test "fault: each value of each answer has each other type" {
	watched
	STEPS='get create map-list map-add xpra-start'
	walk types
}

@test "fault: what can't be removed again is named" {
	STEPS=create
	walk -all 500
}

@test "fault: conflicts are tried again; without end they are 75" {
	AT_ONCE=3
	STEPS='start create map-add map-del mount-add mount-del profile-put'
	LXG_TIMEOUT=5 walk 412
	STEPS='map-add mount-add profile-put start'
	walk -all 412
}

@test "fault: while the engine is busy it is tried again; without end: 75" {
	AT_ONCE=3
	STEPS='stop del map-add map-del mount-add mount-del'
	LXG_TIMEOUT=5 walk busy op-busy
	STEPS='stop del'
	walk -all busy
}

@test "fault: what a killed engine left mounted is cleared away" {
	STEPS='map-add mount-add'
	LXG_TIMEOUT=5 walk op-stuck
}

@test "fault: what nobody reads the records of is taken back" {
	STEPS='map-add mount-add create start'
	walk full unread
}

@test "fault: no answer, or one that never ends, is given up" {
	AT_ONCE=3
	STEPS='get start stop api-out api-in'
	walk hang
	STEPS='get map-list create'
	walk endless-header
	STEPS='get map-list api-out'
	walk slow
	# which takes a while to be longer than is taken
	LXG_TIMEOUT=20 walk endless
}

@test "fault: what the verbs ask themselves is given up as well, or told" {
	AT_ONCE=3
	STEPS='explain delete recover'
	walk hang 403 500 truncate
	STEPS=explain
	walk 404 html close garbage empty meta-null meta-list meta-text
}

@test "fault: an operation that never ends is given up" {
	STEPS=stop
	walk op-never
}
