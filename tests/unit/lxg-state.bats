#!/usr/bin/env bats
# lxg-state: rows of pipelines under way, and whose process is still there.

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export XDG_STATE_HOME=$BATS_TEST_TMPDIR/state
	unset LXG_ENGINE LXG_PROJECT LXG_INTENT
}

@test "a row is there from begin to end" {
	[ "$(lxg-state list)" = '' ]
	[ ! -e "$XDG_STATE_HOME" ]
	n=$(lxg-state begin -P $$ lend 'a b')
	m=$(lxg-state begin -P $$ -E incus -p q take b)
	[ "$(lxg-state list | jq -c '[.verb, .engine, .project, .instance,
	    .alive]')" = '["lend","","","a b",true]
["take","incus","q","b",true]' ]
	lxg-state end "$n"
	[ "$(lxg-state list | jq .intent)" = "$m" ]
	lxg-state end "$n" "$m"
	[ "$(lxg-state list)" = '' ]
	# a number is no other row's later
	[ "$(lxg-state begin x y)" != "$m" ]
}

@test "a process that is gone, or another one of its number, is not alive" {
	db=$XDG_STATE_HOME/lxg/state.db
	sh -c 'lxg-state begin -P $$ lend i; :'
	[ "$(lxg-state list | jq .alive)" = false ]
	lxg-state end 1
	lxg-state begin -P $$ lend i
	[ "$(lxg-state list | jq .alive)" = true ]
	sqlite3 "$db" 'UPDATE intent SET started = started - 1'
	[ "$(lxg-state list | jq .alive)" = false ]
	sqlite3 "$db" 'UPDATE intent SET started = started + 1, boot = "x"'
	[ "$(lxg-state list | jq .alive)" = false ]
	# another machine's are its own
	sqlite3 "$db" 'UPDATE intent SET machine = "x"'
	[ "$(lxg-state list)" = '' ]
}

# row [ARG]...: one whose process is gone
row() { sh -c 'lxg-state begin -P $$ "$@"; :' sh "$@"; }
is_used() { lxg-state list | jq -r "select(.intent == $1) | .used // false"; }

@test "a row whose process is gone is one other process's, once" {
	n=$(row -f delete i u)
	[ "$(lxg-state list | jq -c '[.uuid, .forced, .alive, .used]')" = \
	    '["u",true,false,null]' ]
	[ "$(lxg-state take -P $$ "$n" | jq -c '[.uuid, .pid, .alive]')" = \
	    "[\"u\",$$,true]" ]
	run lxg-state take -P $$ "$n"
	[ "$status:$output" = 1: ]
	run lxg-state take -P $$ 9999
	[ "$status:$output" = 1: ]
	m=$(row create j)
	[ "$(lxg-state take "$m" v | jq -r .uuid)" = v ]
	# of another machine it is not
	k=$(row delete i u)
	sqlite3 "$XDG_STATE_HOME/lxg/state.db" "UPDATE intent SET machine = 'x'"
	run lxg-state take "$k"
	[ "$status" = 1 ]
}

@test "what begins on an instance uses it; by its uuid, else by its name" {
	old=$(row delete i u)
	elsewhere=$(row -p q delete i)
	another=$(row delete other v)
	alive=$(lxg-state begin -P $$ delete i u)
	[ "$(is_used "$old")" = true ]
	[ "$(is_used "$elsewhere")" = true ]
	[ "$(is_used "$another")" = false ]
	[ "$(is_used "$alive")" = false ]
	# one that was renamed is the same, and another one of its name is not
	renamed=$(row delete before w)
	row lend after w > out
	[ "$(is_used "$renamed")" = true ]
	later=$(row delete i u)
	row lend i x > out
	[ "$(is_used "$later")" = false ]
	row -p q lend i > out
	row -p r lend i > out
	[ "$(is_used "$later")" = true ]
	# what went on of its own pipeline has not
	own=$(row create k)
	LXG_INTENT=$own row lend k > out
	[ "$(is_used "$own")" = false ]
}

@test "a state of the first schema has its rows, and none of them says more" {
	db=$XDG_STATE_HOME/lxg/state.db
	n=$(row delete i)
	sqlite3 "$db" 'CREATE TABLE was AS SELECT id, verb, machine, host, engine,
	    project, instance, pid, started, boot FROM intent;
	    DROP TABLE intent;
	    CREATE TABLE intent (id INTEGER PRIMARY KEY AUTOINCREMENT,
	    verb TEXT NOT NULL, machine TEXT NOT NULL, host TEXT NOT NULL,
	    engine TEXT NOT NULL, project TEXT NOT NULL,
	    instance TEXT NOT NULL, pid INTEGER NOT NULL,
	    started INTEGER NOT NULL, boot TEXT NOT NULL);
	    INSERT INTO intent SELECT * FROM was;
	    DROP TABLE was;
	    PRAGMA user_version = 1'
	[ "$(lxg-state list | jq -c '[.intent, .verb, .uuid, .stepped]')" = \
	    "[$n,\"delete\",null,0]" ]
	[ "$(sqlite3 "$db" 'PRAGMA user_version')" = 2 ]
	lxg-state end "$n"
	sqlite3 "$db" 'PRAGMA user_version = 3'
	run lxg-state list
	[ "$status" = 78 ]
}

@test "what is granted meanwhile is the row's, until it ends" {
	echo > f
	stat -c '{"engine": "lxd", "project": "p", "instance": "i",
	    "device": "d", "perm": "r", "host_uid": 1001000,
	    "source": "'"$PWD"'/f", "dev": "%d", "ino": "%i"}' f |
	    tr -d '\n\t' > record
	n=$(lxg-state begin -P $$ lend i)
	LXG_INTENT=$n lxg-acl grant < record > out
	[ "$(lxg-acl list | jq .intent)" = "$n" ]
	# who has it already doesn't lose it to another
	m=$(lxg-state begin -P $$ lend i)
	LXG_INTENT=$m lxg-acl grant < record > out
	[ "$(lxg-acl list | jq .intent)" = "$n" ]
	lxg-state end "$n"
	[ "$(lxg-acl list | jq .intent)" = null ]
	# one that was never begun, or has ended, marks nothing
	lxg-acl revoke < record > out
	LXG_INTENT=$n lxg-acl grant < record > out
	[ "$(lxg-acl list | jq .intent)" = null ]
	lxg-acl list | lxg-acl revoke > out
	[ "$(jq -r .restored out)" = exact ]
}

@test "bad usage is 64, no such process 66, an unsafe state 77" {
	for words in 'begin lend' 'begin -P x lend i' 'end' 'end x' 'end 0' \
	    'begin a b c d' 'take' 'take x' 'take 1 u v' 'list x'; do
		# shellcheck disable=SC2086
		run lxg-state $words
		[ "$status" = 64 ]
	done
	run lxg-state begin -P 4194305 lend i
	[ "$status" = 66 ]
	mkdir -p "$XDG_STATE_HOME/lxg"
	chmod 777 "$XDG_STATE_HOME/lxg"
	run lxg-state begin lend i
	[ "$status" = 77 ]
}

@test "a state on a file system of the network: 78, what to do, and doctor tells" {
	cc -O2 -shared -fPIC -D_GNU_SOURCE -o statfs.so \
	    "$BATS_TEST_DIRNAME/statfs.c"
	for type in 6969 fe534d42 1021997; do # NFS, SMB, 9p
		run env STATFS="$type" LD_PRELOAD="$PWD/statfs.so" \
		    lxg-state begin -P $$ lend i
		[ "$status" = 78 ]
		[[ $output == *"$XDG_STATE_HOME/lxg: on a file system of the"* ]]
		[[ $output == *'set XDG_STATE_HOME to a folder on a disk'* ]]
		[ ! -e "$XDG_STATE_HOME/lxg/state.db" ]
	done
	lxg-state begin -P $$ lend i
	run env STATFS=6969 LD_PRELOAD="$PWD/statfs.so" lxg doctor
	[[ $output == *"problem  $XDG_STATE_HOME/lxg: on a file system of"* ]]
	run lxg doctor
	[[ $output != *'file system of the network'* ]]
}
