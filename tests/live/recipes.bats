#!/usr/bin/env bats
# A recipe by its name, from create to its window, and all of them as
# cloud-init reads them. SPDX-License-Identifier: ISC
# shellcheck disable=SC2016,SC2034,SC2154 # text for a shell inside; env.sh
# bats file_tags=once
bats_require_minimum_version 1.5.0

load ../env.sh
load ../session.sh

RECIPES=$LXG_STAGE/usr/share/lxg/cloud-config

setup_file()
{
	export XDG_CONFIG_HOME=$HOME/.config
	drop_instance "$T"
	rm -rf .local .config
	mkdir -p .config/lxg/cloud-config
	# the installed one, by a name that no other test has
	ln -s "$RECIPES/evince.yaml" ".config/lxg/cloud-config/$T.yaml"
	lxg create "$T" "$T" updates
	lxg-instance get "$T" > record
	host_display "$HOME"
}

teardown_file()
{
	finish
}

setup()
{
	client=''
}

teardown()
{
	over
}

# attach_it: by the glue, until a window is there
attach_it()
{
	lxg attach "$T" > out 2> err 3>&- &
	client=$!
	wait_until 60 shown || { cat err >&2; return 1; }
}

# drawn: has the display more colours than the one behind it and a border's?
drawn() { [ "$(import -window root png:- | identify -format %k -)" -gt 20 ]; }
sessions() { lxg-xpra list < record | jq -r '.session // empty'; }

@test "recipe: a part beside it; updates come by themselves" {
	local timer
	inside apt-config dump | grep -q '^APT::Periodic::Unattended-Upgrade "1"'
	inside test -x /usr/bin/unattended-upgrade
	for timer in apt-daily apt-daily-upgrade; do
		[ "$(inside systemctl is-active "$timer.timer")" = active ]
		[ "$(inside systemctl is-enabled "$timer.timer")" = enabled ]
	done
}

@test "recipe: its network was for the installation, and stays away" {
	[ "$(inside ls /sys/class/net)" = lo ]
	[[ "$(lxg explain "$T")" != *network* ]]
	inside test -x /usr/bin/evince
	lxg create "$T" "$T" updates
	lxg stop "$T"
	lxg-instance start "$T" > record
	[ "$(inside ls /sys/class/net)" = lo ]
	run -73 lxg create "$T" evince chinese
}

@test "recipe: attach alone starts its program, and then finds it again" {
	attach_it
	wait_until 60 drawn
	session=$(sessions)
	detach
	attach_it
	[ "$(sessions)" = "$session" ]
	[ "$(lxg-xpra list < record | jq -c .command)" = '["evince"]' ]
}

@test "recipe: what set says is its program" {
	lxg set "$T" 'command=sh -c true'
	run -0 lxg attach "$T"
	lxg set "$T" command=
	policy command=nosuchprogram
	run -127 lxg attach "$T"
	policy command=
}

@test "recipe: all of them are as cloud-init's schema has it" {
	printf '#cloud-config\npackages: 1\n' > "$SHARE/bad.yaml"
	cp "$RECIPES"/*.yaml "$SHARE/"
	# the share is the login user's, and the schema root's to look up
	exec_in "$T" 1000 1000 sh -ec 'mkdir /tmp/recipes
	    cp "$1"/share/*.yaml /tmp/recipes/' sh "$(jq -r .home record)"
	run inside cloud-init schema -c /tmp/recipes/bad.yaml
	[ "$status" != 0 ]
	[[ "$output" == *packages* ]]
	inside sh -ec 'cd /tmp/recipes; rm bad.yaml; for file in *.yaml; do
	    cloud-init schema -c "$file"; done'
}
