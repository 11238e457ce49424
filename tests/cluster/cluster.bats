# Two members of a real cluster: what is on the other one gets nothing of this
# host, is listed, stopped and deleted, and is named when that one is down.
# shellcheck disable=SC2016,SC2034,SC2154 # of env.sh and the driver
bats_require_minimum_version 1.5.0

KIND=${KIND-$LXG_ENGINE}
export KIND
LXG_ENGINE=$KIND	# for each test's process anew: it is in names
load ../env.sh

LXG_ENGINE=$CLUSTER/alpha/unix.socket

setup_file() {
	rm -rf .local
	lxg create "$T-a"
	lxg create -E "$CLUSTER/beta/unix.socket" "$T-b"
	printf 'mine\n' > file
	chmod 600 file
}

teardown_file() {
	for name in "$T-a" "$T-b" "$T-c"; do
		lxg delete -f "$name" || :
	done
}

setup() {
	cd "$HOME" || return
}

as_root() {
	local status
	printf '%s\n' "$*" > "$CLUSTER/ask"
	read -r status < "$CLUSTER/told"
	return "$status"
}

# refuses COMMAND...: with 78, and that it is on the other member
refuses() {
	run -78 --separate-stderr "$@"
	[ -z "$output" ]
	[[ $stderr == *"$T-b: is on beta, not on this host"* ]]
}

at() {
	lxg-instance get "$1" | jq -r .location
}

@test "cluster: each member makes what it is asked for, however full it is" {
	[ "$(at "$T-a") $(at "$T-b")" = 'alpha beta' ]
	lxg create -E "$CLUSTER/beta/unix.socket" "$T-c"
	[ "$(at "$T-c")" = beta ]
	lxg delete -f "$T-c"
	lxg create "$T-c"
	[ "$(at "$T-c")" = alpha ]
	lxg delete -f "$T-c"
	lxg-instance copy "$T-a" "$T-c" | jq -e '.location == "alpha"'
	lxg delete -f "$T-c"
	[ "$(lxg-instance where | jq -r .location)" = alpha ]
}

@test "cluster: what is lent reaches what is here, and nothing what is not" {
	lxg-instance get "$T-a" | lxg-map plan file | lxg-acl grant |
	    lxg-map add > lent
	[ "$(exec_in "$T-a" 1000 1000 cat /home/debian/lent/file)" = mine ]
	refuses sh -c "lxg-instance get $T-b | lxg-map plan file"
	refuses sh -c "lxg-instance get $T-b | lxg-mount plan share"
	refuses sh -c "lxg-instance get $T-b | jq -c 'del(.location)' |
	    lxg-map plan file | lxg-map add"
	refuses sh -c "lxg-instance get $T-b | jq -c 'del(.location)' |
	    lxg-map plan -c file | lxg-map add"
	refuses lxg-instance start "$T-b"
	refuses lxg-instance copy "$T-b" "$T-c"
	refuses sh -c "lxg-instance get $T-b | lxg-xpra start true"
	lxg unmap "$T-a"
}

@test "cluster: an operation of the other member is waited for" {
	lxg-instance api POST "/1.0/instances/$T-b/exec" - <<-'END' |
	{"command": ["cat", "/etc/passwd"], "wait-for-websocket": false}
	END
	    jq -e '.return == 0'
	lxg stop -f "$T-b"
	lxg list | grep -q "^$T-b  *$KIND@beta  *Stopped"
	lxg-instance start -E "$CLUSTER/beta/unix.socket" "$T-b"
}

@test "cluster: what the engine has moved is taken back, and not started" {
	lxg-instance get "$T-a" | lxg-map plan file | lxg-acl grant |
	    lxg-map add > lent
	lxg stop -f "$T-a"
	as_root move "$T-a" beta
	run -78 --separate-stderr lxg-instance start "$T-a"
	[[ $stderr == *"is on beta, not on this host"* ]]
	lxg unmap "$T-a"
	run ! grep -q "^user:[0-9]" <<< "$(getfacl -cps file)"
	as_root move "$T-a" alpha
	lxg-instance start "$T-a"
}

@test "cluster: where no member may be named, what is elsewhere goes again" {
	local r="-E $CLUSTER/r/unix.socket -p r" ended
	as_root forbid
	for _ in 1 2 3; do
		ended=0
		# shellcheck disable=SC2086 # words
		lxg create $r "$T-c" 2> said || ended=$?
		# shellcheck disable=SC2086 # words
		if [ "$ended" = 0 ]; then
			[ "$(lxg-instance get $r "$T-c" |
			    jq -r .location)" = alpha ]
			lxg delete -f $r "$T-c"
		else
			[ "$ended" = 78 ]
			grep -q restricted.cluster.target=allow said
			run -1 lxg-instance get $r "$T-c"
		fi
	done
	as_root allow
	# shellcheck disable=SC2086 # words
	lxg create $r "$T-c" && lxg delete -f $r "$T-c"
}

@test "cluster: a member that is down is named, and nothing is lost" {
	local row
	as_root kill beta
	run -75 --separate-stderr lxg delete -f "$T-b"
	[[ $stderr == *"is on beta, which does not answer"* ]]
	run -69 --separate-stderr lxg-instance get "$T-b"
	[[ $stderr == *"is on beta, which does not answer"* ]]
	row=$(lxg-instance list | jq -c --arg it "$T-b" \
	    'select(.instance == $it) | [.location, .profile, .status]')
	[ "$row" = "[\"beta\",\"$T-b\",\"Error\"]" ]
	lxg list | grep -q "^$T-b  *$KIND@beta  *Error"
	lxg recover -f
	as_root start beta
	wait_until 60 lxg-instance get "$T-b" > /dev/null
	[ "$(at "$T-b")" = beta ]
}

@test "cluster: what is on the other member is deleted" {
	run -0 --separate-stderr lxg delete -f "$T-b"
	[[ $stderr == *"lxg recover there"* ]]
	run -1 lxg-instance get "$T-b"
	lxg recover -f -E "$CLUSTER/beta/unix.socket"
	lxg list | grep -q "^$T-a "
}
