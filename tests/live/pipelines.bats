#!/usr/bin/env bats
# The pipelines of lxg(7) typed by hand, against what the verbs do; each stage
# twice; and what lxg recover makes of pipelines that were cut off.
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2016,SC2154 # the inner shells'; of env.sh
bats_require_minimum_version 1.5.0

load ../env.sh
load ../exec.sh

setup_file()
{
	drop_instance "$T"
	drop_instance "$T-b"
	rm -rf .local work
	mkdir -p work
	umask 077
	lxg create "$T"
}

teardown_file()
{
	drop_instance "$T"
	drop_instance "$T-b"
}

setup()
{
	cd "$HOME" || return
	rm -rf work
	mkdir work
	umask 077
	echo text > work/report.odt
	echo more > 'work/a b.txt'
	acls > before
}

acls() { getfacl -n -- work/*; stat -c '%n %a %u %g %y' -- work/*; }
# what differs from one instance, or call, to the next
alike() { jq -c 'del(.instance, .profile, .uuid, .color, .device, .source,
    .host_uid, .host_gid, .dev, .ino, .handle, .grant, .granted)' | sort; }
get() { lxg-instance get "$T"; }
holds() { [ "$(jq -s "map(select(.$2)) | length" < "$1")" = "$3" ]; }

@test "create by hand does what lxg create does, each stage twice" {
	lxg-profile put -b strict "$T-b" > p
	lxg-profile put -b strict "$T-b" | cmp - p
	lxg-instance create -i lxg < p > i
	lxg-instance create -i lxg < p | diff - i
	lxg-mount plan xpra share maps < i > d
	lxg-mount plan xpra share maps < i | cmp - d
	lxg-acl grant < d > g
	lxg-acl grant < d | cmp - g
	lxg-mount add < g > m
	lxg-mount add < g | cmp - m
	lxg-instance get "$T-b" | lxg-mount list | alike > hand
	get | lxg-mount list | alike > glue
	cmp hand glue
	lxg-acl list | jq -c 'select(.instance == "'"$T-b"'")' | alike > hand
	lxg-acl list | jq -c 'select(.instance == "'"$T"'")' | alike > glue
	cmp hand glue
	# each has its own uuid in it
	config='.config | if .["user.lxg.uuid"] == .["volatile.uuid"] then
	    .["user.lxg.uuid"] = "its own" else . end |
	    del(.["user.lxg.profile"]) |
	    with_entries(select(.key | startswith("user.") or
	    startswith("security.")))'
	engine_api GET "/1.0/instances/$T-b" | jq "$config" |
	    grep -v base > hand
	engine_api GET "/1.0/instances/$T" | jq "$config" |
	    grep -v base > glue
	diff hand glue
	grep -q '"user.lxg.uuid": "its own"' hand
}

@test "delete by hand takes away what lxg delete does, each stage twice" {
	lxg-instance get "$T-b" | lxg-xpra list | lxg-xpra stop
	lxg-instance get "$T-b" | lxg-map list | lxg-map del | lxg-acl revoke
	lxg-instance get "$T-b" | lxg-mount list > m
	lxg-mount del < m > d
	lxg-mount del < m | alike > again
	alike < d | cmp - again
	lxg-acl revoke < d > r
	holds r 'restored' 3
	lxg-acl revoke < d > r
	holds r 'restored == "gone"' 3
	lxg-instance del -f -E "$LXG_ENGINE" "$T-b"
	lxg-instance del -f -E "$LXG_ENGINE" "$T-b"
	lxg-profile del "$T-b"
	lxg-profile del "$T-b"
	run -1 lxg-instance get "$T-b"
	[ ! -e ".local/share/lxg/$LXG_ENGINE/default/$T-b" ]
	[ -z "$(lxg-acl list | jq -r 'select(.instance == "'"$T-b"'")')" ]
	# the verb has nothing to take away, and says so
	run -1 lxg delete "$T-b"
	[[ "$output" == "lxg delete: $T-b: no such instance; there are:"* ]]
}

@test "map and unmap by hand, each stage twice, and all is as before" {
	get | lxg-map plan work/report.odt 'work/a b.txt' > p
	get | lxg-map plan work/report.odt 'work/a b.txt' | cmp - p
	lxg-acl grant < p > g
	lxg-acl grant < p | cmp - g
	lxg-map add < g > a
	lxg-map add < g | cmp - a
	holds a 'path' 2
	get | lxg-map list > l
	holds l 'source_state == "same"' 2
	lxg-map del < l > d
	lxg-map del < l > again
	holds again 'error' 0
	lxg-acl revoke < d > r
	holds r 'restored == "exact"' 2
	acls | diff before -
	lxg-acl revoke < d > r
	holds r 'error' 0
	acls | diff before -
	get | lxg-map list | lxg-map del | lxg-acl revoke
}

@test "what lxg -n prints does, in a shell, what the verb would" {
	lxg -n map "$T" 'work/a b.txt' > text
	sh text > /dev/null
	[ "$(get | lxg-map list | jq -r .source)" = "$HOME/work/a b.txt" ]
	lxg -n unmap "$T" > text
	sh text > /dev/null
	[ -z "$(get | lxg-map list)" ]
	acls | diff before -
	lxg -n attach "$T" true > text
	lxg -n list > text
	sh text
}

@test "the examples that are installed" {
	cp "$LXG_STAGE/usr/share/doc/lxg/examples/Makefile" work/
	[ -s "$LXG_STAGE$(sed -n 's/^DATA = //p' work/Makefile)" ]
	engine_api GET "/1.0/instances/$T" > /dev/null
	lxg-profile show -b strict "$T" > /dev/null
	make -s -C work NAME="$T" report.odt > /dev/null
	[ "$(get | lxg-map list | jq -r .source)" = "$HOME/work/report.odt" ]
	make -s -C work NAME="$T" report.odt > /dev/null
	make -s -C work NAME="$T" back > /dev/null
	[ -z "$(get | lxg-map list)" ]
	# the crontab's commands, as cron runs them
	sed -n 's/^[*0-9][^a-z]*\(lxg.*\)/\1/p' \
	    "$LXG_STAGE/usr/share/doc/lxg/examples/crontab" |
	    sed "s/firefox/$T/" > work/cron
	[ "$(wc -l < work/cron)" = 2 ]
	sh -e work/cron
	# the README's
	lxg-acl list | jq -r "select(.instance == \"$T\").source" | grep share
}

@test "recover: a grant whose add never came; what is young is left alone" {
	get | lxg-map plan work/report.odt | lxg-acl grant > /dev/null
	run lxg recover
	[ -z "$output" ]
	run lxg recover -f "$T"
	[ "$output" = "$T: $HOME/work/report.odt: its device is gone;$(
	    ) access taken back" ]
	acls | diff before -
	run lxg recover -f
	[ "$status:$output" = 0: ]
}

@test "recover: what a step is at work on is another time's" {
	get | lxg-map plan work/report.odt | lxg-acl grant > /dev/null
	lock=$(get | jq -r '[.engine, .project, .instance] | join(":")')
	exec 8> ".local/state/lxg/locks/$lock"
	flock 8
	run lxg recover -f
	[ "$status:$output" = 0: ]
	[ "$(lxg-acl list | jq -r 'select(.mode == "live").source')" = \
	    "$HOME/work/report.odt" ]
	exec 8>&-
	run lxg recover -f
	[[ "$output" == *"report.odt: its device is gone"* ]]
}

@test "recover: a loan that another has the place of is not unmounted for it" {
	mkdir work/b
	echo theirs > work/b/report.odt
	get | lxg-map plan work/report.odt | lxg-acl grant > /dev/null
	get | lxg-map plan work/b/report.odt | lxg-acl grant | lxg-map add > lent
	run lxg recover -f
	[[ "$output" == *"/work/report.odt: its device is gone"* ]]
	user_in "$T" sh -c 'echo from inside > "$1"' sh "$(jq -r .path lent)"
	[ "$(cat work/b/report.odt)" = 'from inside' ]
	lxg unmap "$T"
	[ -z "$(get | lxg-map list)" ]
}

@test "recover: a device that has no grant" {
	get | lxg-map plan work/report.odt | lxg-map add > /dev/null
	run lxg recover
	[ "$output" = "$T: $HOME/work/report.odt: lent without a grant;$(
	    ) taken back" ]
	[ -z "$(get | lxg-map list)" ]
	run lxg recover
	[ "$status:$output" = 0: ]
}

@test "recover: another file, or none, has the name now" {
	get | lxg-map plan work/report.odt 'work/a b.txt' | lxg-acl grant |
	    lxg-map add > /dev/null
	echo new > work/new
	cp -p work/new new
	mv work/new work/report.odt
	rm 'work/a b.txt'
	run lxg recover
	[[ "$output" == *"report.odt: another file has that name now"* ]]
	[[ "$output" == *"a b.txt: the file is gone"* ]]
	[ -z "$(get | lxg-map list)" ]
	[ -z "$(lxg-acl list | jq -r 'select(.mode).source')" ]
	[ "$(getfacl -cn work/report.odt)" = "$(getfacl -cn new)" ]
	run lxg recover -f
	[ "$status:$output" = 0: ]
}

@test "recover: a state that was lost, for the shared folders" {
	mv .local/state/lxg/state.db lost
	run lxg recover
	[ "$(grep -c 'shared without a grant' <<< "$output")" = 3 ]
	run lxg recover
	[ "$status:$output" = 0: ]
	[ "$(lxg-acl list | jq -r .mount | sort | tr '\n' ' ')" = \
	    'maps share xpra ' ]
	rm lost
}

@test "recover: an engine that cannot be asked has lost nothing" {
	get | lxg-map plan work/report.odt |
	    jq -c '.api = "/nonexistent/unix.socket" | .uuid = "far"' |
	    lxg-acl grant > far
	lxg-acl list > grants
	run lxg recover -f
	[ "$status:$output" = 0: ]
	lxg-acl list | diff grants -
	# and one that is there, but not this one's
	LXD_SOCKET=/nonexistent INCUS_SOCKET=/nonexistent run lxg recover -f
	lxg-acl list | diff grants -
	lxg-acl revoke < far > /dev/null
	acls | diff before -
}

@test "an engine by another path is the same: unmap, recover" {
	ln -s "$(get | jq -r .api)" link
	lxg-instance get -E "$PWD/link" "$T" | lxg-map plan work/report.odt |
	    lxg-acl grant | lxg-map add > lent
	[ "$(jq -r .api lent)" = "$PWD/link" ]
	run lxg recover -f
	[ "$status:$output" = 0: ]
	run lxg recover -f -E "$(get | jq -r .api)"
	[ "$status:$output" = 0: ]
	[ "$(get | lxg-map list | wc -l)" = 1 ]
	get | lxg-map list | lxg-map del | lxg-acl revoke > back
	[ "$(jq -r .restored back)" = exact ]
	acls | diff before -
	rm link
}

@test "recover: a pipeline that was cut short is known by its row" {
	LXG_INTENT=$(sh -c 'lxg-state begin -P $$ lend "$1"; :' sh "$T")
	export LXG_INTENT
	get | lxg-map plan work/report.odt | lxg-acl grant > /dev/null
	[ "$(lxg-acl list | jq .intent | grep -c "$LXG_INTENT")" = 1 ]
	unset LXG_INTENT
	run lxg recover
	[[ "$output" == *"report.odt: its device is gone"* ]]
	acls | diff before -
	alive=$(lxg-state begin -P $$ lend "$T")
	[ "$(lxg-state list | jq -c '[.intent, .alive]')" = "[$alive,true]" ]
	get | lxg-map plan work/report.odt | lxg-acl grant > /dev/null
	run lxg recover -f
	[ "$status:$output" = 0: ]
	lxg-state end "$alive"
	run lxg recover -f
	[[ "$output" == *"report.odt: its device is gone"* ]]
	acls | diff before -
	sh -c 'lxg-state begin -P $$ delete "$1"; :' sh "$T"
	run lxg recover
	[ "$output" = "$T: its delete was cut short; lxg delete $T goes on" ]
	run lxg recover
	[ "$status:$output" = 0: ]
	[ "$(lxg-state list)" = '' ]
}

@test "recover: a share whose mending was cut short is mended" {
	share=.local/share/lxg/$LXG_ENGINE/default/$T/share
	echo x > work/x
	chmod 600 work/x
	mv work/x "$share/x"
	sh -c 'lxg-state begin -P $$ share "$1"; :' sh "$T"
	run lxg recover
	[ "$output" = "$T: 1 of its share opened to both sides" ]
	user_in "$T" cat \
	    "$(get | lxg-mount list | jq -r 'select(.mount == "share").path')/x"
	run lxg recover
	[ "$status:$output" = 0: ]
	[ "$(lxg-state list)" = '' ]
	rm "$share/x"
}

@test "recover: beside pipelines under way it harms none" {
	for n in 1 2 3 4 5 6 7 8; do
		echo "$n" > "work/$n"
	done
	acls > before
	(while [ ! -e stop ]; do lxg recover; done) > said 2>&1 3>&- &
	recover=$!
	for n in 1 2 3 4 5 6 7 8; do
		{ get | lxg-map plan "work/$n" | lxg-acl grant | lxg-map add |
		    lxg-map del | lxg-acl revoke > "out$n"; } 3>&- &
		pids="${pids-} $!"
	done
	# shellcheck disable=SC2086 # numbers
	wait $pids
	get | lxg-map plan work/* | lxg-acl grant | lxg-map add > added
	: > stop
	wait "$recover"
	rm stop
	cat said
	[ ! -s said ]
	[ "$(get | lxg-map list | wc -l)" = "$(find work -type f | wc -l)" ]
	holds <(cat out?) 'restored == "exact"' 8
	lxg unmap "$T"
	acls | diff before -
}

@test "recover: an instance that others deleted; copies are written back" {
	lxg create "$T-b"
	b() { lxg-instance get "$T-b"; }
	home=.local/share/lxg/$LXG_ENGINE/default/$T-b
	b | lxg-map plan work/report.odt | lxg-acl grant | lxg-map add > /dev/null
	b | lxg-map plan -c 'work/a b.txt' | lxg-acl grant | lxg-map add > /dev/null
	echo changed >> "$home/maps/a b.txt"
	echo mine > "$home/share/file"
	lxg-instance del -f "$T-b" > /dev/null
	lxg recover -f > said
	grep -q "report.odt: its instance is gone; access taken back" said
	[ "$(cat 'work/a b.txt')" = 'more
changed' ]
	[ -z "$(lxg-acl list | jq -r 'select(.instance == "'"$T-b"'").source')" ]
	[ "$(cat "$home/share/file")" = mine ]
	[ ! -e "$home/xpra" ]
	run lxg recover -f
	echo "$output"
	[ "$status:$output" = 0: ]
	# delete finishes, the profile included
	lxg delete -f "$T-b"
	[ ! -e "$home" ]
	run engine_api GET "/1.0/profiles/$T-b"
	[ "$status" != 0 ]
}

@test "delete: folders that were planned and never shared go, too" {
	lxg-profile put "$T-b" | lxg-instance create -i lxg |
	    lxg-mount plan share > /dev/null
	home=.local/share/lxg/$LXG_ENGINE/default/$T-b
	[ -d "$home/share" ]
	lxg delete "$T-b"
	[ ! -e "$home" ]
}

@test "which engine: the one that has the instance, else 78 and 69" {
	unset LXG_ENGINE
	[ "$(lxg-instance get "$T" | jq -r .instance)" = "$T" ]
	lxg unmap "$T"
	run -78 lxg create nosuch
	[[ "$output" == *LXD* && "$output" == *Incus* ]]
	run -69 lxg unmap -E /nonexistent/unix.socket "$T"
	LXD_SOCKET=/nonexistent INCUS_SOCKET=/nonexistent run -69 lxg unmap "$T"
	[[ "$output" == *group* ]]
}
