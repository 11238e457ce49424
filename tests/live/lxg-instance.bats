# An instance's life on a real engine. Most tests share one instance, for a
# boot costs seconds.
# shellcheck disable=SC2016,SC2034,SC2154 # of env.sh; awk's own
bats_require_minimum_version 1.5.0

load ../env.sh
load ../fails.sh

case $LXG_ENGINE in
incus)	cli=incus other=lxd ;;
*)	cli=lxc other=incus ;;
esac

setup_file() {
	local record
	drop_instance "$T"
	write_user_data
	ssh-keygen -q -t ed25519 -N '' -f key
	lxg-profile put "$T" cloud.yaml script.sh hook jinja archive \
	    odd\ name > profile
	lxg-instance create -i lxg -K key.pub < profile > record
}

teardown_file() {
	for name in "$T" "$T-b" "$T-c"; do
		drop_instance "$name"
	done
	drop_project
	rm -f key key.pub
}

# the restricted one, and what is in it
drop_project() {
	(
		export LXG_PROJECT=$T
		project=$T
		drop_instance "$T-a"
	)
	engine_api DELETE "/1.0/projects/$T" > /dev/null 2>&1 || :
}

setup() {
	cd "$HOME" || return
}

teardown() {
	gone "$T-a" || drop_instance "$T-a"
}

# A file of each kind that cloud-init tells apart, each with a trace of its own.
write_user_data() {
	cat > cloud.yaml <<-'END'
		#cloud-config
		write_files:
		- path: /etc/lxg-config
		  content: "config\n"
		runcmd:
		- [sh, -c, 'echo "$0" > /etc/lxg-runcmd', 'a  b "c"']
	END
	printf '#!/bin/sh\necho script > /etc/lxg-script\n' > script.sh
	printf '#cloud-boothook\n#!/bin/sh\necho hook > /etc/lxg-hook\n' > hook
	cat > jinja <<-'END'
		## template: jinja
		#cloud-config
		bootcmd:
		- echo {{ v1.local_hostname }} > /etc/lxg-jinja
	END
	cat > archive <<-'END'
		#cloud-config-archive
		- type: text/x-shellscript
		  content: |
		    #!/bin/sh
		    echo archive > /etc/lxg-archive
	END
	printf '#!/usr/bin/env python3\nopen("/etc/lxg-python", "w")%s' \
	    '.write("é\n")' > 'odd name'
}

# inside NAME COMMAND...: as root there
inside() {
	exec_in "$1" 0 0 "${@:2}"
}

# config NAME KEY VALUE: on the instance itself, as another tool would
config() {
	engine_api PATCH "/1.0/instances/$1" \
	    "$(jq -n --arg k "$2" --arg v "$3" '{config: {($k): $v}}')"
}

exists() {
	engine_api GET "/1.0/instances/$1" > /dev/null 2>&1
}

gone() {
	! exists "$1"
}

status_is() {
	[ "$(engine_api GET "/1.0/instances/$1" 2>/dev/null | jq -r .status)" = \
	    "$2" ]
}

# requests COMMAND...: runs it; prints method and path of what it asked
requests() {
	strace -f -qq -s 256 -e trace=sendto -o trace "$@" > /dev/null
	sed -n 's/.*sendto([0-9]*, "\([A-Z]* [^ ]*\) HTTP.*/\1/p' trace
}

@test "create: cloud-init ran each of the files that it was given" {
	local want
	for want in config:config script:script hook:hook "jinja:$T" \
	    archive:archive python:é 'runcmd:a  b "c"'; do
		[ "$(inside "$T" cat "/etc/lxg-${want%%:*}")" = "${want#*:}" ]
	done
}

@test "create: -K installs keys for the login user alone" {
	inside "$T" cat /home/debian/.ssh/authorized_keys | cmp - key.pub
	[ "$(inside "$T" stat -c '%U %a' /home/debian/.ssh \
	    /home/debian/.ssh/authorized_keys | paste -s -)" = \
	    'debian 700	debian 600' ]
}

@test "create: a private key is refused before any request" {
	requests lxg-instance create -K key "$T-a" < profile > asked || :
	[ ! -s asked ]
	fails 65 'holds a private key' \
	    lxg-instance create -K key "$T-a" < profile
	gone "$T-a"
}

@test "get: status, login user, and where that one sits on the host" {
	lxg-instance get "$T" > got
	jq -e --arg t "$T" --arg e "$LXG_ENGINE" --arg s "$socket" '
	    .engine == $e and .api == $s and .project == "default" and
	    .instance == $t and .profile == $t and .status == "Running" and
	    .user == "debian" and .uid == 1000 and .gid == 1000 and
	    .home == "/home/debian" and (.uuid | length) == 36' got
	cmp got record
	base=$(inside "$T" awk '$1 == 0 { print $2; exit }' /proc/self/uid_map)
	[ "$(jq .host_uid got)" = $((base + 1000)) ]
	[ "$(jq .host_gid got)" = $((base + 1000)) ]
	[ "$base" -gt 100000 ]
}

@test "create: again is the same, at once, and changes nothing" {
	requests lxg-instance create -i lxg < profile > asked
	run ! grep -v '^GET' asked
	lxg-instance create -i lxg -K key.pub < profile | cmp - record
}

@test "create: what differs from what is there is 73, and named" {
	fails 73 "another image: lxg, not nonsense" \
	    lxg-instance create -i nonsense < profile
	fails 73 "another network: on, not off" lxg-instance create -N < profile
	jq -c '.profile = "default"' profile > profile2
	fails 73 "another profile: $T, not default" \
	    lxg-instance create "$T" < profile2
	lxg-instance get "$T" | cmp - record
}

@test "create: an image that is nowhere is 1, and nothing is left" {
	fails 1 'no such image' lxg-instance create -i nonsense "$T-a" < profile
	fails 1 'remote that lxg knows' \
	    lxg-instance create -i nonsense:x "$T-a" < profile
	gone "$T-a"
}

@test "create: no profile of that name is 1, and nothing is left" {
	jq -c '.profile = "nonsense"' profile > profile2
	fails 1 'no profile nonsense' lxg-instance create "$T-a" < profile2
	gone "$T-a"
}

@test "start: of what runs changes nothing, and asks cloud-init nothing" {
	requests lxg-instance start "$T" > asked
	run ! grep -v '^GET' asked
	run ! grep files asked
	lxg-instance start "$T" | cmp - record
}

@test "stop and start: idempotent; a start does not wait for cloud-init" {
	lxg-instance stop -f "$T" | jq -e --arg t "$T" '.instance == $t'
	lxg-instance stop "$T"
	lxg-instance get "$T" > got
	jq -e '.status == "Stopped"' got
	[ "$(jq -c 'del(.status)' got)" = "$(jq -c 'del(.status)' record)" ]
	requests lxg-instance start "$T" > asked
	run ! grep files asked
	lxg-instance get "$T" | cmp - record
	lxg-instance stop -f < record | cmp - record
	# all or nothing
	fails 1 '' lxg-instance start "$T" "$T-a"
	status_is "$T" Stopped
	lxg-instance start "$T" | cmp - record
}

frozen() {
	engine_api PUT "/1.0/instances/$T/state" '{"action": "freeze",
	    "timeout": 30}' > /dev/null
	wait_until 5 status_is "$T" Frozen
}

@test "frozen: start thaws it, and so do a stop and a delete" {
	frozen
	fails 75 "$T: is frozen; lxg-instance start $T thaws it" \
	    lxg stop -s session "$T"
	fails 75 'is frozen' lxg attach "$T"
	fails 75 'is frozen' lxg map "$T" key < /dev/null
	fails 75 'is frozen' lxg unmap "$T"
	lxg-instance start "$T" | cmp - record
	frozen
	lxg-instance stop "$T" | jq -e .instance
	status_is "$T" Stopped
	lxg-instance start "$T" | cmp - record
	frozen
	lxg stop "$T"
	status_is "$T" Stopped
	lxg-instance start "$T" | cmp - record
	lxg create "$T-a"
	engine_api PUT "/1.0/instances/$T-a/state" '{"action": "freeze"}'
	lxg delete -f "$T-a"
	gone "$T-a"
	[ ! -e ".local/share/lxg/$LXG_ENGINE/default/$T-a" ]
}

@test "an operation of some seconds is waited for" {
	engine_api POST "/1.0/instances/$T/exec" '{"command": ["sleep", "3"],
	    "record-output": true, "wait-for-websocket": false}'
	inside "$T" sh -c 'mkdir -p /run/systemd/system
	    printf "[Service]\nExecStart=sleep infinity\nExecStop=sleep 4\n" \
		> /run/systemd/system/slow.service
	    systemctl daemon-reload; systemctl start slow'
	LXG_TIMEOUT=9 lxg-instance stop "$T" > /dev/null
	lxg-instance start "$T" > /dev/null
}

@test "start: several at the same moment all do, and it runs" {
	local _
	for _ in 1 2 3 4; do
		lxg-instance stop -f "$T" > /dev/null
		at_once 4 lxg-instance start "$T"
		wait_until 5 status_is "$T" Running
	done
}

# at_once N COMMAND...: starts it N times side by side; do all end well?
at_once() {
	local n=$1 pids='' failed=0 pid
	shift
	while [ "$((n--))" -gt 0 ]; do
		"$@" > /dev/null 3>&- &
		pids="$pids $!"
	done
	for pid in $pids; do
		wait "$pid" || failed=1
	done
	return "$failed"
}

@test "list: lxg's own, in one request; -a: all" {
	engine_api POST /1.0/instances '{"name": "'"$T-b"'",
	    "source": {"type": "none"}}'
	requests lxg-instance list > asked
	[ "$(cat asked)" = 'GET /1.0/instances?recursion=1&project=default' ]
	lxg-instance list > all
	[ "$(jq -c "select(.instance == \"$T\")" all)" = "$(cat record)" ]
	[ -z "$(jq "select(.instance == \"$T-b\")" all)" ]
	[ "$(lxg-instance list -a |
	    jq -r "select(.instance == \"$T-b\").status")" = Stopped ]
}

@test "del: one that lxg did not make is refused, and kept" {
	run --separate-stderr lxg-instance del -f "$T-b"
	[ "$status" = 75 ]
	[[ $stderr = "lxg-instance: $T-b: was not made by lxg" ]]
	jq -e '.error == "was not made by lxg"' <<< "$output"
	exists "$T-b"
	lxg-profile put "$T-b" > profile2
	fails 73 'not made by lxg' lxg-instance create < profile2
	exists "$T-b"
}

@test "stop and del: what is gone is done; another of that name is not it" {
	for verb in stop del; do
		run --separate-stderr lxg-instance "$verb" -f "$T-none"
		[[ $status = 0 && $stderr = '' ]]
		jq -e --arg t "$T-none" '.instance == $t' <<< "$output"
		jq -c '.uuid = "00000000-0000-0000-0000-000000000000"' \
		    record > another
		lxg-instance "$verb" -f < another | cmp - another
		lxg-instance get "$T" | cmp - record
	done
	fails 1 '' lxg-instance get "$T-none"
	fails 1 '' lxg-instance start "$T-none"
}

@test "del: what runs is kept without -f; others are dealt with" {
	run --separate-stderr lxg-instance del "$T" "$T-none"
	[ "$status" = 75 ]
	[ "$(jq -r '.error // "done"' <<< "$output" | paste -s -d /)" = \
	    'is running; stop it first, or say -f/done' ]
	lxg-instance get "$T" | cmp - record
}

@test "set: policy keys come, change and go; others are 78" {
	lxg-instance set "$T" bell=on user.lxg.clipboard=out | cmp - record
	engine_api GET "/1.0/instances/$T" > there
	[ "$(jq -r '.config | ."user.lxg.bell" + " " + ."user.lxg.clipboard"' \
	    there)" = 'on out' ]
	lxg-instance set -n "$T" bell=off | jq -e .dry_run
	fails 78 bell lxg-instance set "$T" clipboard=off bell=ON
	fails 78 'no such policy key' lxg-instance set "$T" nonsense=on
	fails 78 'no such policy key' lxg-instance set "$T" uid=0
	engine_api GET "/1.0/instances/$T" | cmp - there
	lxg-instance set "$T" bell= clipboard=
	engine_api GET "/1.0/instances/$T" |
	    jq -e '.config | has("user.lxg.bell") or
	    has("user.lxg.clipboard") | not'
	fails 1 '' lxg-instance set "$T-none" bell=on
}

@test "api: a request as it is, its body from a file or a pipe, and its end" {
	printf '{"name": "%s"}' "$T-api" |
	    lxg-instance api POST /1.0/profiles -
	printf '{"description": "ä"}' > body
	lxg-instance api PATCH "/1.0/profiles/$T-api" body
	[ "$(lxg-instance api GET "/1.0/profiles/$T-api" |
	    jq -r .description)" = ä ]
	lxg-instance api DELETE "/1.0/profiles/$T-api"
	fails 1 'not found' lxg-instance api GET "/1.0/profiles/$T-api"
	# what it starts is waited for, and where that fails it is told
	jq -n '{command: ["sh", "-c", "exit 7"], "record-output": true,
	    "wait-for-websocket": false}' |
	    lxg-instance api POST "/1.0/instances/$T/exec" - |
	    jq -e '.return == 7'
	printf '{' > body
	fails 65 'not JSON' lxg-instance api POST /1.0/profiles body
	fails 1 'No such file' lxg-instance api POST /1.0/profiles nofile
	fails 64 'GET, POST' lxg-instance api LOOK /1.0
	fails 64 'begins with /1.0' lxg-instance api GET /profiles
}

@test "choice: without one, the engine is the one that has the instance" {
	env -u LXG_ENGINE lxg-instance get "$T" | cmp - record
	fails 78 'both LXD' env -u LXG_ENGINE lxg-instance get "$T-none"
	[[ $stderr = */lxd/*/incus/* && $stderr = *-E* ]]
	fails 1 '' env -u LXG_ENGINE lxg-instance get -E "$LXG_ENGINE" "$T-none"
	fails 1 '' lxg-instance get -E "$other" "$T"
	lxg-instance get -E "$socket" "$T" | cmp - record
	env -u LXG_ENGINE lxg-instance list |
	    jq -c "select(.instance == \"$T\")" | cmp - record
}

@test "choice: a socket that one may not open is 69, and names the group" {
	mkdir -p closed
	"$BATS_TEST_DIRNAME/../unheard" closed/unix.socket
	chmod 0 closed/unix.socket
	LXD_DIR=$PWD/closed fails 69 'Permission denied' lxg-instance list -E lxd
	[[ $stderr = *closed/unix.socket*'join the group lxd' ]]
	rm -rf closed
}

# map_refused TEXT: by whatever judges the shared instance's map
map_refused() {
	fails 78 "$1" lxg-instance get "$T"
	fails 78 "$1" lxg-instance start "$T"
	fails 78 "$1" lxg-instance create -i lxg < profile
	lxg-instance list | jq -es --arg t "$T" --arg w "$1" \
	    'map(select(.instance == $t))[0] | (.error | contains($w)) and
	    (has("host_uid") | not)'
	status_is "$T" Stopped
}

@test "map: a privileged instance, or one with raw.idmap, is 78 everywhere" {
	lxg-instance stop -f "$T"
	config "$T" security.privileged true
	map_refused privileged
	config "$T" security.privileged ''
	config "$T" raw.idmap 'both 1000 1000'
	map_refused raw.idmap
	config "$T" raw.idmap ''
	engine_api PATCH "/1.0/profiles/$T" \
	    '{"config": {"security.privileged": "true"}}'
	map_refused privileged
	engine_api PATCH "/1.0/profiles/$T" \
	    '{"config": {"security.privileged": "false"}}'
	lxg-instance start "$T" | cmp - record
}

@test "map: no range is given twice, on both engines, nor with a grant in it" {
	printf '#!/bin/sh\nsleep 3\n' > slow.sh
	LXG_ENGINE=$other lxg-profile put "$T-a" slow.sh |
	    script -qec "lxg-instance create" tty > /dev/null
	grep -q cloud-init tty
	LXG_ENGINE=$other lxg-instance get "$T-a" > there
	first=$(jq .host_uid there)
	[ "$first" != "$(jq .host_uid record)" ]
	LXG_ENGINE=$other lxg-instance del -f "$T-a"
	LXG_ENGINE=$other lxg-profile del "$T-a"

	echo secret > secret
	jq -c --arg p "$PWD/secret" --arg d "$(stat -c %d secret)" \
	    --arg i "$(stat -c %i secret)" '. + {device: "lxg-test",
	    source: $p, perm: "rw", dev: $d, ino: $i}' there > device
	lxg-acl grant < device > grant
	cat > other.yaml <<-'END'
		#cloud-config
		users:
		- default
		- name: other.user
		  uid: "4242"
		  homedir: /srv/other home
		  shell: /bin/sh
	END
	lxg-profile put -k user.lxg.uid=4242 "$T-c" other.yaml |
	    lxg-instance create -N > new
	new=$(jq .host_uid new)
	lxg-acl revoke < grant
	[ $((new - 4242)) != $((first - 1000)) ]
	[ $((new - 4242)) != $(($(jq .host_uid record) - 1000)) ]
}

@test "create: the login user is the one that user.lxg.uid names" {
	lxg-instance get "$T-c" | jq -e '.user == "other.user" and
	    .uid == 4242 and .home == "/srv/other home" and .gid != 1000'
	[ "$(lxg-instance get "$T-c" | jq .host_gid)" = $((\
	    $(inside "$T-c" awk '$1 == 0 { print $2 }' /proc/self/gid_map) + \
	    $(inside "$T-c" id -g other.user))) ]
}

@test "create: a user.lxg.uid that is no number is not root: 78, and undone" {
	lxg-profile put -k user.lxg.uid=me "$T-u" > profile2
	fails 78 'user.lxg.uid: me' lxg-instance create -N < profile2
	run -1 lxg-instance get "$T-u"
	lxg-profile del "$T-u"
}

@test "create: user-data that makes no user is told before it boots" {
	printf '#cloud-config\nusers: []\n' > none.yaml
	printf '#cloud-config\nusers: [{name: d, system: true}]\n' > system.yaml
	printf '#cloud-config\nusers: [default]\n' > one.yaml
	printf '#cloud-config\nusers: []\nruncmd: [[useradd, a]]\n' > maybe.yaml
	lxg-profile put "$T-a" none.yaml system.yaml > nobody
	jq -e .nobody nobody
	lxg-profile put -n "$T-b" none.yaml one.yaml | jq -e '.nobody | not'
	lxg-profile put -n "$T-b" none.yaml maybe.yaml | jq -e '.nobody | not'
	fails 78 'makes no user to log in as' lxg-instance create < nobody
	run -1 lxg-instance get "$T-a"
	lxg-profile del "$T-a"
}

@test "create: user-data that restarts or stops it ends in one that is ready" {
	local how
	for how in 'power_state: {mode: reboot}' 'power_state: {mode: poweroff}' \
	    'runcmd: [[poweroff]]'; do
		cat > power.yaml <<-END
			#cloud-config
			$how
			bootcmd: ["echo boot >> /root/boots"]
			users: [default, {name: alice, uid: "1500"}]
		END
		lxg-profile put "$T-a" power.yaml | lxg-instance create |
		    jq -e '.user == "debian" and .status == "Running"'
		[ "$(inside "$T-a" grep -c boot /root/boots)" = 2 ]
		drop_instance "$T-a"
	done
}

@test "create: -N has the loopback interface, and no other" {
	[ "$(inside "$T-c" ls /sys/class/net)" = lo ]
	[ "$(inside "$T" ls /sys/class/net | sort | paste -s -)" = 'eth0	lo' ]
}

@test "create: when cloud-init fails, 76 says where, and the instance stays" {
	printf '#cloud-config\nbootcmd: [[sh, -c, "exit 3"]]\n' > boot.yaml
	printf '#!/bin/sh\nexit 7\n' > bad.sh
	# the module that failed is named, each way that it can
	lxg-profile put "$T-a" boot.yaml bad.sh > profile2
	fails 76 'cloud-init failed' lxg-instance create < profile2
	[[ $stderr = *bootcmd* || $stderr = *scripts?user* ]]
	[[ $stderr = *modules-final* || $stderr = *init* ]]
	[[ $stderr = */var/log/cloud-init.log*/var/log/cloud-init-output.log* ]]
	wait_until 5 status_is "$T-a" Running
	lxg explain "$T-a" > explained
	grep -q 'not yet created to its end$' explained
	# it is not complete, and the next call sees the same verdict
	fails 76 'cloud-init failed' lxg-instance create < profile2
}

@test "create: no verdict in LXG_WAIT seconds is 75" {
	printf '#cloud-boothook\n#!/bin/sh\n> /run/here; sleep 600\n' > long
	lxg-profile put "$T-a" long > profile2
	LXG_WAIT=1 fails 75 'LXG_WAIT' lxg-instance create < profile2
	wait_until 5 status_is "$T-a" Running
}

# begins: create in the background, with SIGINT as a shell in front gives it
begins() {
	env --default-signal=INT lxg-instance create < profile2 > out 2> err &
	creating=$!
}

# ends SIGNAL: the create is told to, ends by it, and leaves nothing
ends() {
	local status=0
	kill "-$1" "$creating"
	wait "$creating" || status=$?
	[ "$status" = $((128 + $(kill -l "$1"))) ] || { cat err; return 1; }
	[ ! -s out ]
	gone "$T-a"
}

@test "create: SIGINT, SIGTERM and SIGHUP take back what was made" {
	printf '#cloud-boothook\n#!/bin/sh\n> /run/here; sleep 600\n' > long
	lxg-profile put "$T-a" long > profile2
	begins
	wait_until 60 exists "$T-a"
	ends INT
	begins
	wait_until 60 status_is "$T-a" Running
	ends TERM
	begins
	wait_until 60 test_inside -e /run/here
	ends HUP
}

# create_both STATE: the second has that state folder, as another user's; the
# one that is late finds what the other made, or ends with 73 or 75
create_both() {
	local a=0 b=0 pid
	create_a > out 3>&- &
	pid=$!
	XDG_STATE_HOME=$1 create_a > out2 3>&- || b=$?
	wait "$pid" || a=$?
	echo "$a $b"
	# which error of the engine's own it is for the later one is its matter
	[[ $a$b =~ ^(00|07[135]|7[135]0)$ ]]
}
create_a() { lxg-profile put "$T-a" | lxg-instance create; }

@test "create: of two at the same moment neither deletes what the other made" {
	local state
	for state in .local/state other; do
		create_both "$HOME/$state"
		[ "$(cat out out2 | jq -r .uuid | sort -u)" = \
		    "$(lxg-instance get "$T-a" | jq -r .uuid)" ]
		engine_api GET "/1.0/instances/$T-a" |
		    jq -e '.config | has("user.lxg.create") | not'
		[ -z "$(ls "$state/lxg/locks")" ]
		drop_instance "$T-a"
	done
}

test_inside() {
	inside "$T-a" test "$@" 2> /dev/null
}

@test "create: what a killed one left half done the next one finishes" {
	lxg-profile put "$T-a" > profile2
	begins
	wait_until 60 status_is "$T-a" Running
	kill -9 "$creating"
	wait "$creating" || :
	lxg-instance create < profile2 | jq -e '.user == "debian"'
}

@test "start: a lent file that is another one by now is taken off" {
	echo one > one
	echo two > two
	lxg-map plan one two < record | lxg-acl grant | lxg-map add > devices
	lxg-instance stop -f "$T"
	echo new > new
	mv new one
	run --separate-stderr lxg-instance start "$T"
	[ "$status" = 0 ]
	[ "$output" = "$(cat record)" ]
	[[ $stderr = "lxg-instance: $T: $PWD/one: "* ]]
	[[ $stderr != *"$PWD/two"* ]]
	[ "$(lxg-map list < record | jq -r .source)" = "$PWD/two" ]
	[ -z "$(inside "$T" cat /home/debian/lent/one)" ]
	[ "$(inside "$T" cat /home/debian/lent/two)" = two ]
	lxg-map del < devices | lxg-acl revoke
}

# restricts KEY VALUE: the project, beside what it restricts already
restricts() {
	engine_api GET "/1.0/projects/$T" |
	    jq --arg k "$1" --arg v "$2" '{description,
	    config: (.config + {($k): $v})}' > restrictions
	engine_api PUT "/1.0/projects/$T" "$(cat restrictions)"
}

@test "project: what it or its profile forbids is said before anything is made" {
	local cli
	cli=${LXG_ENGINE/lxd/lxc}
	drop_project
	engine_api POST /1.0/projects "$(jq -n --arg t "$T" '
	    {name: $t, config: {"features.images": "false",
	    "features.profiles": "true", "restricted": "true"}}')"
	export LXG_PROJECT=$T
	lxg-profile put "$T-a" > profile2
	fails 78 'restricted.devices.disk=managed' lxg-instance create < profile2
	[[ $stderr = *"$cli project set $T restricted.devices.disk=allow"* ]]
	restricts restricted.devices.disk allow
	restricts restricted.devices.disk.paths /srv,/home/nobody
	fails 78 "below $HOME/.local/share/lxg" lxg-instance create < profile2
	restricts restricted.devices.disk.paths "/srv,$HOME"
	restricts restricted.idmap.uid 1000
	project=$T engine_api PATCH /1.0/profiles/default \
	    '{"config": {"raw.idmap": "uid 1000 1000"}}'
	fails 78 "$cli profile unset default raw.idmap --project $T" \
	    lxg-instance create < profile2
	[ "$(project=$T engine_api GET /1.0/instances)" = '[]' ]
	lxg-profile del "$T-a"
	engine_api DELETE "/1.0/projects/$T"
}

@test "project: all of it in a restricted one" {
	drop_project
	engine_api POST /1.0/projects "$(jq -n --arg t "$T" --arg h "$HOME" '
	    {name: $t, config: {"features.images": "false",
	    "features.profiles": "true", "restricted": "true",
	    "restricted.devices.disk": "allow",
	    "restricted.devices.disk.paths": $h}}')"
	default=$(engine_api GET /1.0/profiles/default | jq '{devices}')
	project=$T engine_api PUT /1.0/profiles/default "$default"
	export LXG_PROJECT=$T
	lxg-profile put "$T-a" > profile2
	lxg-instance create < profile2 > record2
	jq -e --arg t "$T" '.project == $t and .user == "debian"' record2
	lxg-mount plan share < record2 | lxg-acl grant | lxg-mount add > devices
	echo here > ".local/share/lxg/$LXG_ENGINE/$T/$T-a/share/file"
	[ "$(project=$T exec_in "$T-a" 1000 1000 \
	    cat /home/debian/share/file)" = here ]
	lxg-instance list | cmp - record2
	fails 1 '' lxg-instance get -p default "$T-a"
	lxg-mount list < record2 | lxg-mount del -f | lxg-acl revoke
	lxg-instance del -f < record2
	lxg-profile del "$T-a"
	engine_api DELETE "/1.0/projects/$T"
}

@test "del: nothing of it is left, and again is done" {
	lxg-instance del -f < record | cmp - record
	gone "$T"
	lxg-instance del < record | cmp - record
}
