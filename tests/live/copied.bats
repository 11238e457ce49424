# Instances that the engine copied or renamed: its own copy has all of lxg's
# keys, devices and ids, and a renamed one has its folders under another name.
# shellcheck disable=SC2016,SC2034,SC2154 # of env.sh
bats_require_minimum_version 1.5.0

load ../env.sh

case $LXG_ENGINE in
incus)	cli=incus ;;
*)	cli=lxc ;;
esac
C=$T-c
HOMES=$HOME/.local/share/lxg/$LXG_ENGINE/default

setup_file() {
	drop
	rm -rf .local
	lxg create "$T"
	lxg-instance get "$T" > record
}

teardown_file() {
	drop
}

drop() {
	for name in "$T" "$C" "$T-r"; do
		drop_instance "$name"
	done
}

setup() {
	cd "$HOME" || return
}

lend() {
	lxg-instance get "$1" | lxg-map plan ${3+"$3"} "$2" | lxg-acl grant |
	    lxg-map add
}

# config NAME KEY: of the instance itself
config() {
	engine_api GET "/1.0/instances/$1" | jq -r --arg k "$2" '.config[$k] // ""'
}

@test "copied: named as a copy by each verb, and nothing is done to it" {
	local verb
	echo lent > file
	chmod 600 file
	lend "$T" "$PWD/file"
	getfacl -n file "$HOMES/$T/share" > acls
	$cli copy "$T" "$C" 3>&-
	[ "$(config "$C" user.lxg.uuid)" = "$(config "$T" volatile.uuid)" ]
	for verb in "lxg-instance get $C" "lxg-instance start $C" \
	    "lxg map $C file" "lxg unmap $C" "lxg explain $C"; do
		# shellcheck disable=SC2086
		run -78 $verb < /dev/null
		[[ $output = *"$C: is a copy of another instance"* ]]
		[[ $output = *"lxg adopt $C"* ]]
	done
	run -125 lxg attach "$C" true
	[[ $output = *'is a copy'* ]]
	lxg-instance list | jq -es --arg c "$C" --arg t "$T" '
	    map(select(.instance == $c).error)[0] // "" |
	    startswith("is a copy")'
	run --separate-stderr lxg list
	[[ $status = 0 && $output = *"$C "* && $stderr = *"$C: is a copy"* ]]
	lxg-instance get "$T" | cmp - record
}

@test "copied: delete leaves alone what is the other's" {
	lxg delete "$C"
	run -1 engine_api GET "/1.0/instances/$C"
	getfacl -n file "$HOMES/$T/share" | cmp - acls
	engine_api GET "/1.0/profiles/$T" > /dev/null
	[ "$(lxg-map list < record | jq -r .source_state)" = same ]
}

@test "copied: adopt gives it ids, devices and folders of its own" {
	local map
	$cli copy "$T" "$C" 3>&-
	$cli start "$C" 3>&-
	run -75 lxg adopt "$C"
	[[ $output = *'is running; stop it first'* ]]
	lxg adopt -f "$C"
	lxg-instance get "$C" > record2
	jq -es '.[0].uuid != .[1].uuid and
	    (.[0].host_uid - .[1].host_uid | fabs) >= 65536' record record2
	lxg-instance start "$C"
	[ -z "$(exec_in "$C" 0 0 cat /home/debian/lent/file)" ]
	[ "$(lxg-map list < record2)" = '' ]
	echo here > "$HOMES/$C/share/x"
	[ "$(exec_in "$C" 1000 1000 cat /home/debian/share/x)" = here ]
	[ ! -e "$HOMES/$T/share/x" ]
	[ "$(exec_in "$T" 1000 1000 cat /home/debian/lent/file)" = lent ]
	getfacl -n file "$HOMES/$T/share" | cmp - acls
	# again is done, and so is one that is no copy
	lxg adopt "$C"
	lxg adopt "$T"
	lxg-instance get "$T" | cmp - record
	lxg-instance get "$C" | jq -e --slurpfile r record2 '.uuid == $r[0].uuid'
	lxg delete -f "$C"
}

@test "copied: one of an older lxg is known by its folder, and is given the key" {
	$cli config unset "$T" user.lxg.uuid
	$cli copy "$T" "$C" 3>&-
	run -78 lxg-instance get "$C"
	[[ $output = *'is a copy'* ]]
	lxg delete "$C"
	lxg-instance stop -f "$T"
	lxg-instance start "$T" | cmp - record
	[ "$(config "$T" user.lxg.uuid)" = "$(config "$T" volatile.uuid)" ]
}

@test "renamed: all goes on under the new name, and recover takes nothing" {
	echo copy > copied
	lend "$T" "$PWD/copied" -c
	lxg-instance stop -f "$T"
	$cli rename "$T" "$T-r"
	$cli start "$T-r" 3>&-
	lxg recover -f
	lxg recover -f "$T"
	getfacl -n file "$HOMES/$T/share" | cmp - acls
	echo new > "$HOMES/$T/share/y"
	[ "$(exec_in "$T-r" 1000 1000 cat /home/debian/share/y)" = new ]
	[ "$(exec_in "$T-r" 1000 1000 cat /home/debian/lent/file)" = lent ]
	exec_in "$T-r" 1000 1000 sh -c 'echo more >> /home/debian/maps/copied'
	lxg-instance start "$T-r" | lxg-xpra start sleep 100 > s
	[[ $(jq -r .socket s) = "$HOMES/$T/xpra/"* ]]
	lxg explain "$T-r"
	run -73 lxg create "$T"
	[[ $output = *'unless that was renamed'* ]]
	lxg unmap "$T-r"
	[ "$(cat copied)" = $'copy\nmore' ]
	[ -z "$(getfacl -cn file | grep 'user:[0-9]')" ]
	lxg delete -f "$T-r"
	[ -z "$(lxg-acl list)" ]
	[ ! -e "$HOMES/$T" ]
}
