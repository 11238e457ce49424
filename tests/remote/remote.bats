# An engine that is another machine's for us: made, listed, set, stopped and
# deleted there, with nothing of this host in it.
# shellcheck disable=SC2016,SC2154 # of env.sh and the driver
bats_require_minimum_version 1.5.0

load ../env.sh

setup_file() {
	rm -rf .local "$HOME/.local"
	lxg create -E "$REMOTE" "$T-a"
}

teardown_file() {
	lxg delete -f -E "$REMOTE" "$T-a" || drop_instance "$T-a"
}

setup() {
	cd "$HOME" || return
}

# there PATH: what the engine has, by its own socket
there() {
	engine_api GET "$1"
}

@test "remote: an instance is made there, and knows nothing of this host" {
	lxg-instance get -E "$REMOTE" "$T-a" > record
	jq -e --arg name "${REMOTE%:}" '.remote == $name and .uid == 1000 and
	    (.api | startswith("https://")) and .status == "Running" and
	    (has("host_uid") or has("host_gid") | not)' record
	there "/1.0/instances/$T-a" | jq -e '
	    .config["security.idmap.isolated"] == "true" and
	    .config["user.lxg.user"] == "debian" and
	    .config["boot.autostart"] == "false" and
	    (.config | has("security.idmap.base") | not) and
	    ([.devices | keys[] | select(startswith("lxg-"))] == [])'
	there "/1.0/profiles/$T-a" | jq -e '.config["user.lxg.x11"] == "untrusted"'
	# no folder, no grant, and no pipeline that is not over
	[ ! -e .local/share/lxg ]
	[ -z "$(lxg-acl list)$(lxg-state list)" ]
}

@test "remote: the list has it by the remote's name, on one connection" {
	local fd
	lxg list -E "$REMOTE" | grep -q "^$T-a  *$REMOTE  *Running"
	strace -qq -e trace=connect,fcntl -o calls \
	    lxg-instance list -E "$REMOTE" > out
	[ "$(grep -c sin_port calls)" = 1 ]
	# what is started later does not get it
	fd=$(sed -n 's/^connect(\([0-9]*\),.*sin_port.*/\1/p' calls)
	grep -q "^fcntl($fd, F_SETFD, FD_CLOEXEC) *= 0" calls
	jq -ce --arg name "$T-a" 'select(.instance == $name)' out > mine
	# the helpers' too, that nothing is asked about twice
	strace -qq -e trace=connect -o calls lxg-xpra list < mine > sessions
	[ "$(grep -c sin_port calls)" = 1 ]
	[ -z "$(cat sessions)" ]
}

@test "remote: policy is set there, and what is no key is refused" {
	lxg set -E "$REMOTE" "$T-a" clipboard=both
	there "/1.0/instances/$T-a" |
	    jq -e '.config["user.lxg.clipboard"] == "both"'
	run -78 lxg set -E "$REMOTE" "$T-a" clipboard=nosuch
}

@test "remote: doctor, explain and image know it, and find it in order" {
	run lxg doctor -E "$REMOTE" "$T-a"
	[[ $output == *"ok       remote ${REMOTE%:}: $engine at https://"* ]]
	[[ $output == *"ok       $T-a: Running, user debian"* ]]
	run -1 lxg doctor -E nosuch:
	[[ $output == *"problem  there is no remote nosuch"* ]]
	lxg explain -E "$REMOTE" "$T-a" | grep -q '^clipboard *both'
	# its store is the one that is looked at, and has the image
	lxg image -E "$REMOTE" | jq -e '.api | startswith("https://")'
}

@test "remote: what would need a folder of this host is refused, and left" {
	printf 'mine\n' > file
	for verb in "map $T-a file" "share $T-a"; do
		# shellcheck disable=SC2086 # words
		LXG_ENGINE=$REMOTE run -78 --separate-stderr \
		    lxg $verb < /dev/null
		[[ $stderr == *"is on the remote ${REMOTE%:}"* ]]
	done
	[ -z "$(lxg-acl list)$(lxg-state list)" ]
	[ "$(getfacl -cps file | grep -c '^user:[0-9]')" = 0 ]
}

@test "remote: what one does there is not for lxg recover to judge" {
	local pid
	# a create that was killed
	sleep 100 3>&- &
	pid=$!
	LXG_ENGINE=$REMOTE lxg-state begin -P "$pid" create "$T-a"
	kill -KILL "$pid"
	wait "$pid" || :
	lxg recover > said
	grep -q "^$T-a: its create on $REMOTE was cut short" said
	[ -z "$(lxg-state list)" ]
	lxg-instance get -E "$REMOTE" "$T-a" | jq -e '.status == "Running"'
}

@test "remote: it is stopped and started there, unless it has files of there" {
	lxg-instance get -E "$REMOTE" "$T-a" | lxg-instance stop -f
	there "/1.0/instances/$T-a" | jq -e '.status == "Stopped"'
	# as one would be that lxg on that machine lends to
	mkdir -p lent
	engine_api PATCH "/1.0/instances/$T-a" "$(jq -n --arg source "$PWD/lent" '{
	    devices: {"lxg-x": {type: "disk", $source, path: "/mnt",
	    "user.lxg.mount": "share", "user.lxg.perm": "rwx"}}}')"
	run -78 --separate-stderr lxg-instance start -E "$REMOTE" "$T-a"
	[[ $stderr == *'start it there'* ]]
	there "/1.0/instances/$T-a" |
	    jq 'del(.devices["lxg-x"]) | {config, devices, profiles}' > body
	lxg-instance api -E "$socket" PUT "/1.0/instances/$T-a" body
	lxg-instance start -E "$REMOTE" "$T-a" | jq -e '.status == "Running"'
}

@test "remote: the same create again is done, and delete leaves nothing" {
	lxg create -E "$REMOTE" "$T-a"
	run -73 lxg create -E "$REMOTE" -N "$T-a"
	lxg delete -f -E "$REMOTE" "$T-a"
	run -1 there "/1.0/instances/$T-a"
	run -1 there "/1.0/profiles/$T-a"
	run -1 --separate-stderr lxg delete -E "$REMOTE" "$T-a"
	[ -z "$(lxg-state list)" ]
}

@test "remote: a create that fails there leaves nothing there" {
	run -1 lxg create -E "$REMOTE" -i nosuch "$T-a"
	run -1 there "/1.0/instances/$T-a"
	run -1 there "/1.0/profiles/$T-a"
}

@test "remote: what is printed runs there, without a folder of this host" {
	run -0 lxg -n create -E "$REMOTE" "$T-a"
	[[ $output == *"lxg-instance create"* && $output != *lxg-mount* ]]
	run -0 lxg -n delete -E "$REMOTE" "$T-a"
	[[ $output == *"lxg-map del"* && $output != *lxg-mount* ]]
}
