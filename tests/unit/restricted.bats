#!/usr/bin/env bats
# Projects, on an engine that lets a user into some of them only, and what they
# forbid. SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # of run
bats_require_minimum_version 1.5.0

load ../glue.sh

setup()
{
	front
	PATH=$PWD/bin:$real:$PATH
	own=user-$(id -u)
	export LXD_DIR=$PWD/no-lxd INCUS_DIR=$PWD/dir XDG_STATE_HOME=$PWD/state
	unset LXD_SOCKET INCUS_SOCKET
	mkdir dir
	server=''
	has "[\"$own\"]"
}

teardown()
{
	[ -z "$server" ] || kill "$server"
}

# has PROJECTS [CONFIG [DEFAULT-PROFILE [WHY]]]: what the engine has, in JSON
has()
{
	jq -n --argjson projects "$1" --argjson config "${2:-{\}}" \
	    --argjson default "${3:-{\}}" --arg full "${4-}" '{$projects,
	    config: ({"restricted": "true",
		"restricted.devices.disk": "allow"} + $config), $default,
	    $full}' > has.new
	mv has.new has
}

# serve SOCKET: until the end of the test. Who may not use the project "default"
# may not list the instances of all projects either.
serve()
{
	cat > server <<-'END'
	import json, signal, sys
	import engine
	class Handler(engine.Handler):
	    def do(self, method, path, query, data):
	        with open("has") as file:
	            has = json.load(file)
	        names = has["projects"]
	        project = query.get("project", ["default"])[0]
	        if path == "/1.0/projects":
	            return "sync", ["/1.0/projects/" + name for name in names]
	        if path.startswith("/1.0/projects/"):
	            project = path.split("/")[-1]
	        if path != "/1.0" and project not in names:
	            raise engine.Refused(403, "not authorized")
	        if path.startswith("/1.0/projects/"):
	            return "sync", {"config": has["config"]}
	        if path == "/1.0/profiles/default":
	            return "sync", dict({"name": "default", "config": {},
	                                 "devices": {}}, **has["default"])
	        if (method, path) == ("POST", "/1.0/instances") and has["full"]:
	            raise engine.Refused(500, has["full"])
	        return super().do(method, path, query, data)
	engine.Handler = Handler
	engine.serve(sys.argv[1])
	signal.pause()
	END
	LXG_ENGINE=incus PYTHONPATH=$BATS_TEST_DIRNAME/../fault \
	    PYTHONDONTWRITEBYTECODE=1 python3 server "$1" > log.engine 2>&1 3>&- &
	server=$!
	until lxg-instance api -E "$PWD/$1" GET /1.0 > /dev/null 2>&1; do
		kill -0 "$server"
		sleep 0.05
	done
}

@test "project: with none named, the user's own where default is not for one" {
	serve dir/unix.socket.user
	lxg-instance where | jq -e --arg own "$own" --arg s "$PWD/dir" \
	    '.project == $own and .restricted and .engine == "incus" and
	    .api == $s + "/unix.socket.user" and (has("forbids") | not)'
	has '["default", "other"]'
	lxg-instance where | jq -e '.project == "default"'
	LXG_PROJECT=other lxg-instance where | jq -e '.project == "other"'
}

@test "project: one that is not there is 1, one that may be is 77, with ours" {
	serve dir/unix.socket.user
	run -77 lxg-instance list -p nosuch
	[[ $output = *"no project nosuch, or not for you; "*": $own" ]]
	run -77 lxg-instance get -p default x
	[[ $output = *"no project default, or not for you; "*": $own" ]]
	run -77 lxg -p default create x
	[[ $output = *"no project default"* ]]
	has '["a"]'
	run -77 lxg-instance list
	[[ $output = *"no project default, or not for you; "*": a" ]]
	has '["default"]'
	run -1 lxg-instance list -p nosuch
	[[ $output = *'no project nosuch, or not for you' ]]
	run -1 lxg -p nosuch create x
	[[ $output = *'no project nosuch'* ]]
}

@test "project: who is let in at an engine that is silent is not sent elsewhere" {
	serve dir/unix.socket.user
	"$BATS_TEST_DIRNAME/../unheard" dir/unix.socket
	run -69 lxg-instance list -E incus
	[[ $output = *'dir/unix.socket (Connection refused)'* ]]
	chmod 0 dir/unix.socket
	[ "$(id -u)" = 0 ] || lxg-instance list -E incus
}

# refuses KEY VALUE WHAT: said of the project, as an administrator changes it
refuses()
{
	local forbids
	forbids=$(lxg-instance where | jq -r .forbids)
	echo "$forbids"
	[[ $forbids = *"$3"*" the project $own has $1=$2"* ]] ||
	    [[ $forbids = "the project $own has $1=$2, "* ]]
	[[ $forbids = *"incus project set $own $1=allow" ]]
	run -78 lxg create x
	[[ $output = *"$forbids"* ]]
	[ -z "$(lxg-instance list -a)" ]
}

@test "project: each key that forbids what lxg or the profile has is named" {
	serve dir/unix.socket.user
	has "[\"$own\"]" '{"restricted.devices.disk": "block"}'
	refuses restricted.devices.disk block ''
	for what in '"security.nesting": "true"' nesting \
	    '"security.privileged": "true"' privilege \
	    '"security.syscalls.intercept.mknod": "true"' interception \
	    '"raw.lxc": "x"' lowlevel; do
		case $what in
		\"*)	has "[\"$own\"]" {} "{\"config\": {$what}}"
			key=${what%%:*} ;;
		*)	refuses "restricted.containers.$what" block "${key//\"/}" ;;
		esac
	done
	for type in usb gpu proxy unix-char; do
		has "[\"$own\"]" {} "{\"devices\": {\"d\": {\"type\": \"$type\"}}}"
		refuses "restricted.devices.$type" block "device d ($type)"
	done
	has "[\"$own\"]" {} '{"devices": {"n": {"type": "nic", "parent": "eth0"}}}'
	refuses restricted.devices.nic managed 'device n (nic)'
}

@test "project: what it allows, and what the engine manages, is no matter" {
	serve dir/unix.socket.user
	has "[\"$own\"]" '{"restricted.containers.nesting": "allow",
	    "restricted.containers.interception": "full",
	    "restricted.devices.gpu": "allow"}' '{"config": {
	    "security.nesting": "true", "security.privileged": "false",
	    "raw.lxc": "", "security.syscalls.intercept.mount": "true"},
	    "devices": {"g": {"type": "gpu"}, "n": {"type": "none"},
	    "root": {"type": "disk", "pool": "default", "path": "/"},
	    "eth0": {"type": "nic", "network": "br0"}}}'
	lxg-instance where | jq -e '.restricted and (has("forbids") | not)'
	# and one without restrictions forbids nothing
	has "[\"$own\"]" '{"restricted": "false"}' \
	    '{"config": {"raw.lxc": "x"}}'
	lxg-instance where |
	    jq -e '(has("restricted") or has("forbids")) | not'
}

@test "project: folders that it lets nobody share are named, with ours" {
	serve dir/unix.socket.user
	has "[\"$own\"]" '{"restricted.devices.disk.paths": "/srv"}'
	lxg-instance where | jq -r .forbids > forbids
	grep -qF 'restricted.devices.disk.paths=/srv' forbids
	grep -qF "below $HOME/.local/share/lxg" forbids
	LXG_HOME=/srv/x lxg-instance where | jq -e 'has("forbids") | not'
}

@test "project: its limits are 78, with what raises them" {
	serve dir/unix.socket.user
	printf '{"engine": "incus", "api": "%s", "project": "%s", "profile": "p"}' \
	    "$PWD/dir/unix.socket.user" "$own" > profile
	has "[\"$own\"]" {} {} 'Reached maximum number of instances of type "container" in project "p"'
	run -78 lxg-instance create < profile
	[[ $output = *"incus project set $own limits.containers=NUMBER" ]]
	has "[\"$own\"]" {} {} 'Reached maximum number of instances in project "p"'
	run -78 lxg-instance create < profile
	[[ $output = *"incus project set $own limits.instances=NUMBER" ]]
	has "[\"$own\"]" {} {} 'Instance "x" has no "limits.memory" config'
	run -78 lxg-instance create < profile
	[[ $output = *'has no "limits.memory"'*"project $own has a limit"* ]]
}

@test "doctor: a project, what it forbids, and instances of others" {
	serve dir/unix.socket.user
	run lxg doctor
	[[ $output = *"ok       incus: project $own is restricted"* ]]
	[[ $output != *'problem  incus'* && $output != *'see above'* ]]
	[[ $output != *'root on this host'* ]]
	has "[\"$own\"]" {} '{"config": {"raw.idmap": "uid 1 1"}}'
	run -1 lxg doctor
	[[ $output = *"problem  incus: "*"incus profile unset default raw.idmap --project $own"* ]]
	run -1 lxg -p nosuch doctor
	[[ $output = *'problem  incus: '*'no project nosuch'* ]]
	[[ $output != *'is restricted'* ]]
	run -1 lxg -p default doctor
	[[ $output = *'problem  incus: '*'no project default'* ]]
	[[ $output != *'is restricted'* ]]
}
