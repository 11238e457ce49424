# The main story, as a user whom incus-user or lxd-user lets in, in no group of
# an engine's, with nothing set: tests/restricted/run makes that so.
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2016,SC2154 # of env.sh, session.sh and run
bats_require_minimum_version 1.5.0

load ../env.sh
load ../session.sh

# shellcheck disable=SC2034 # of env.sh
project=user-$(id -u)
SHARE=$HOME/.local/share/lxg/$LXG_ENGINE/$project/$T/share
cli=${LXG_ENGINE/lxd/lxc}

setup_file()
{
	rm -rf .local work
	mkdir -m 700 work
	host_display "$HOME"
}

teardown_file()
{
	stop_display
}

setup()
{
	client=''
}

teardown()
{
	end_jobs
}

# plain COMMAND...: with nothing said of an engine or a project
plain() { env -u LXG_ENGINE -u LXG_PROJECT "$@"; }

# empty: the project has what it had before anything was created
empty()
{
	[ "$(engine_api GET /1.0/instances)" = '[]' ]
	[ "$(engine_api GET /1.0/profiles |
	    jq -r '.[] | sub(".*/"; "") | sub("\\?.*"; "")')" = default ]
}

@test "restricted: with nothing set it is the user's own project" {
	run ! test -w "/var/lib/$LXG_ENGINE/unix.socket"
	plain lxg-instance where | jq -e --arg p "$project" --arg s "$socket" \
	    --arg e "$LXG_ENGINE" '.project == $p and .api == $s and
	    .engine == $e and .restricted'
	run -0 plain lxg list
	[ -z "$output" ]
	empty
}

@test "restricted: a project that is not for one is told by each verb" {
	local verb
	for verb in "create $T" "delete $T" "stop $T" "unmap $T" \
	    "explain $T" list "set $T bell=on" "map $T /etc/passwd" \
	    image "logs $T" "-p default list"; do
		# shellcheck disable=SC2086 # words
		run -77 plain lxg -p nosuch $verb
		[[ $output = *"no project "*", or not for you"*"$project"* ]]
	done
	for verb in "attach $T true" "info $T"; do
		# shellcheck disable=SC2086 # words
		run -125 plain lxg -p nosuch $verb
		[[ $output = *'no project nosuch, or not for you'* ]]
	done
	run -1 plain lxg -p nosuch doctor
	[[ $output = *'problem  '*'no project nosuch, or not for'* ]]
	[[ $output != *'is restricted'* ]]
}

@test "restricted: a raw.idmap of the default profile is named, and goes" {
	local remedy
	# Debian's lxd-user writes one; incus-user does where /etc/subuid lets it
	[ "$LXG_ENGINE" = lxd ] ||
	    engine_api PATCH /1.0/profiles/default "$(jq -n \
	    --arg map "uid $(id -u) $(id -u)" '{config: {"raw.idmap": $map}}')"
	engine_api GET /1.0/profiles/default |
	    jq -e '.config["raw.idmap"] | contains("uid")'
	remedy="$cli profile unset default raw.idmap --project $project"
	run -1 plain lxg doctor
	[[ $output = *"problem  $LXG_ENGINE: "*"$remedy"* ]]
	run -78 plain lxg create "$T"
	[[ $output = *"$remedy"* ]]
	empty
	# shellcheck disable=SC2086 # words
	env "${LXG_ENGINE^^}_SOCKET=$socket" $remedy
	run plain lxg doctor
	[[ $output = *"ok       $LXG_ENGINE: project $project is restricted"* ]]
	[[ $output != *"problem  $LXG_ENGINE"* ]]
	[[ $output != *'its instances'* ]]
}

# forbidden KEY BASE: no create with this, and nothing is made
forbidden()
{
	printf '%s\n' "$2" > base.yaml
	run -78 plain lxg create -b ./base.yaml "$T"
	[[ $output = *" has $1="* ]]
	[[ $output = *"$cli project set $project $1=allow"* ]]
	empty
}

@test "restricted: what the project forbids is told before anything is made" {
	forbidden restricted.containers.lowlevel \
	    'config: {raw.lxc: lxc.log.level=1}'
	forbidden restricted.devices.nic \
	    'devices: {eth0: {type: nic, nictype: macvlan, parent: eth0}}'
}

@test "restricted: create" {
	plain lxg create "$T"
	lxg-instance get "$T" > record
	jq -e --arg p "$project" '.project == $p and .user == "debian"' record
	[ "$(plain lxg list | awk '{ print $1 }')" = "$T" ]
	run plain lxg doctor "$T"
	[[ $output != *"problem  $T"* && $output != *"problem  $LXG_ENGINE"* ]]
	plain lxg explain "$T" | grep -q '^folder  *share '
	[ "$(plain lxg complete delete '' | grep -cx "$T")" = 1 ]
}

@test "restricted: attach shows a window, and typing reaches the program" {
	plain lxg attach "$T" xterm -title restricted \
	    -e 'read x; echo "$x" > share/typed' > out 2> err 3>&- &
	client=$!
	wait_until 30 shown || { cat err >&2; return 1; }
	focused
	xdotool type 'seen
'
	wait_until 20 test -s "$SHARE/typed"
	[ "$(cat "$SHARE/typed")" = seen ]
	wait "$client"
	client=''
}

lent() { [ "$(lxg-map list < record | grep -c device)" = "$1" ]; }

@test "restricted: map, and unmap from elsewhere" {
	local map
	echo text > work/report.odt
	setfacl -m u:1:r work/report.odt
	getfacl -n work/report.odt > before
	mkfifo work/fifo
	plain lxg map "$T" work/report.odt < work/fifo > out 2> err 3>&- &
	map=$!
	exec 7> work/fifo
	wait_until 20 lent 1
	[ "$(inside runuser -u debian cat /home/debian/lent/report.odt)" = text ]
	plain lxg unmap "$T" work/report.odt
	wait "$map"
	exec 7>&-
	lent 0
	getfacl -n work/report.odt | diff before -
}

# tried: does a copy of it run?
tried()
{
	lxg-instance list | jq -es --arg t "$T" \
	    'any(.[]; .try == $t and .status == "Running")'
}

@test "restricted: what a killed try has left goes with recover" {
	# not by plain: a function would be a process between
	env -u LXG_ENGINE -u LXG_PROJECT setsid lxg try "$T" sleep 1000 \
	    > out 2> err 3>&- &
	client=$!
	wait_until 60 tried || { cat err >&2; return 1; }
	kill -9 -- "-$client"
	wait "$client" || client=''
	run -0 plain lxg recover
	[[ $output = *': left by lxg try; deleted'* ]]
	run ! tried
	[ -z "$(lxg-state list)" ]
}

@test "restricted: delete, and nothing is left" {
	plain lxg delete -f "$T"
	empty
	[ -z "$(plain lxg-acl list | jq -r 'select(.mode)')" ]
	[ ! -e "$HOME/.local/share/lxg/$LXG_ENGINE/$project/$T" ]
	[ -z "$(find "$XDG_RUNTIME_DIR/lxg" ! -type d)" ]
	run -1 plain lxg delete "$T"
}
