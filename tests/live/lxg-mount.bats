# lxg-mount with lxg-acl on a real engine: the folders that an instance shares.
# shellcheck disable=SC2154,SC2016,SC2094 # of env.sh and run; scripts
bats_require_minimum_version 1.5.0

load ../env.sh
load ../exec.sh

I=$T-a

setup_file() {
	drop_instance "$I"
	make_instance "$I" >/dev/null
}

teardown_file() {
	drop_instance "$I"
}

setup() {
	F=$HOME/.local/share/lxg/$LXG_ENGINE/default/$I
	cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
	lxg-instance get "$I" | lxg-mount list | lxg-mount del -f |
	    lxg-acl revoke
} >/dev/null 2>&1

# NAME...: as create does it
give() {
	lxg-instance get "$I" | lxg-mount plan "$@" | lxg-acl grant |
	    lxg-mount add
}

take() {
	lxg-instance get "$I" | lxg-mount list | lxg-mount del "$@" |
	    lxg-acl revoke
}

inside() {
	user_in "$I" "$@"
}

devices() {
	engine_api GET "/1.0/instances/$I" |
	    jq '[.devices[] | select(."user.lxg.mount")] | length'
}

@test "three folders, shared both ways, and gone without a trace" {
	give xpra share maps >lent
	[ "$(jq -r '"\(.mount) \(.path)"' lent)" = "xpra /var/lib/lxg/xpra
share /home/debian/share
maps /home/debian/maps" ]
	[ "$(devices)" = 3 ]
	echo host >"$F/share/host"
	[ "$(inside cat /home/debian/share/host)" = host ]
	inside sh -c 'echo more >>/home/debian/share/host
	    mkdir /home/debian/share/d; echo in >/home/debian/share/d/x'
	[ "$(cat "$F/share/host" "$F/share/d/x")" = $'host\nmore\nin' ]
	echo back >>"$F/share/d/x"
	rm -r "$F/share/d" "$F/share/host"
	inside sh -c ': >/var/lib/lxg/xpra/x.sock; : >/home/debian/maps/y'
	rm "$F/maps/y"
	take >out
	[ "$(jq -r .error out | sort -u)" = null ]
	[ "$(devices)" = 0 ]
	[ ! -e "$F" ]
	[ "$(lxg-acl list | jq -c --arg i "$I" 'select(.instance == $i)')" = '' ]
}

@test "the folder above is the user's alone, and no ACL gets there" {
	give share >lent
	[ "$(stat -c '%a %u' "$F")" = "700 $(id -u)" ]
	[ "$(getfacl -nc "$F" | grep -c :)" = 3 ]
	[ "$(cat "$F/uuid")" = "$(jq -r .uuid lent)" ]
	run inside ls "$F"
	[ "$status" != 0 ]
}

@test "what is given is given, what is taken is taken" {
	give share maps >first
	lxg-mount add <first | jq -S . | diff - <(jq -S . first)
	give share maps | jq -S 'del(.grant)' |
	    diff - <(jq -S 'del(.grant)' first)
	lxg-instance get "$I" | lxg-mount list |
	    jq -S -c 'del(.source_state)' | sort |
	    diff - <(jq -S -c 'del(.grant)' first | sort)
	lxg-mount del <first >gone
	lxg-mount del <first | cmp gone -
	lxg-acl revoke <first >out
}

@test "another place than before is an error that names it" {
	give share >first
	run --separate-stderr lxg-mount add < <(lxg-instance get "$I" |
	    lxg-mount plan maps=/home/debian/share)
	[ "$status" = 73 ]
	[[ $stderr == */home/debian/share*'another device'* ]]
	[ "$(devices)" = 1 ]
}

@test "a share that holds files stays, device and all; -f empties it" {
	give xpra share maps >lent
	inside sh -c 'cd /home/debian/share; mkdir -p -m 700 a/b; echo x >a/b/c
	    chmod 700 a a/b; echo y >y; chmod 600 y'
	run --separate-stderr take
	[ "$status" = 75 ]
	[[ $stderr == *'share: holds files'* ]]
	[ "$(jq -r 'select(.error) | .mount' <<<"$output")" = share ]
	[ "$(devices)" = 1 ]
	[ "$(inside cat /home/debian/share/a/b/c)" = x ]
	take -f >out
	[ "$(devices)" = 0 ]
	[ ! -e "$F" ]
}

@test "-f empties folders that their own user has closed, as caches have them" {
	give share >lent
	mkdir -p "$F/share/a/b/c"
	: >"$F/share/a/b/f"
	chmod 555 "$F/share/a/b"
	chmod 0 "$F/share/a/b/c"
	chmod 500 "$F/share/a"
	take -f >out
	[ ! -e "$F" ]
}

@test "a link in the share is removed, and not what it leads to" {
	mkdir victim
	echo x >victim/x
	give share >lent
	inside ln -s "$PWD/victim" /home/debian/share/l
	ln -s "$PWD/victim" "$F/share/m"
	take -f >out
	[ ! -e "$F" ]
	[ "$(cat victim/x)" = x ]
}

@test "a folder swapped between plan and add is refused" {
	lxg-instance get "$I" | lxg-mount plan share >planned
	mv "$F/share" "$F/old"
	mkdir "$F/share"
	run --separate-stderr lxg-mount add <planned
	[ "$status" = 75 ]
	ln -sfn old "$F/link"
	rmdir "$F/share"
	mv -T "$F/link" "$F/share"
	run --separate-stderr lxg-mount add <planned
	[ "$status" != 0 ]
	[ "$(devices)" = 0 ]
	rm "$F/share"
	mv "$F/old" "$F/share"
	lxg-mount add <planned >added
	[ "$(devices)" = 1 ]
}

@test "a stopped instance: it takes effect at its start" {
	lxg-instance stop -f "$I" >/dev/null
	give share >lent
	echo x >"$F/share/x"
	lxg-instance start "$I" >/dev/null
	[ "$(inside cat /home/debian/share/x)" = x ]
	rm "$F/share/x"
}

@test "an instance made again under the name finds nothing of the old one" {
	give share >old
	echo secret >"$F/share/x"
	timeout 60 "$cli" delete -f "$I" 3>&-
	make_instance "$I" >/dev/null
	run --separate-stderr lxg-mount plan share < <(lxg-instance get "$I")
	[ "$status" = 73 ]
	[[ $stderr == *"$F: of another instance"* ]]
	lxg-instance get "$I" | lxg-xpra list >out
	[ -z "$(cat out)" ]
	# the old one's records tidy what is the old one's
	run lxg-mount del <old
	[ "$status" = 75 ]
	lxg-mount del -f <old | lxg-acl revoke >out
	[ ! -e "$F" ]
	give share >new
	[ "$(inside ls /home/debian/share)" = '' ]
}

@test "two instances at once, and undone where one can't be" {
	lxg-instance get "$I" | lxg-mount plan share >planned
	{ cat planned; jq -c '.instance = "no-such"' planned; } >two
	run --separate-stderr lxg-mount add <two
	[ "$status" = 1 ]
	[ "$output" = '' ]
	[ "$(devices)" = 0 ]
}
