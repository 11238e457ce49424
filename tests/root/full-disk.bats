# ATTACKS 15: the guest fills its share, and with it the disk that all of lxg's
# own lies on, and the originals: what was lent comes back, nothing is lost.
# shellcheck disable=SC2016,SC2154 # of env.sh, session.sh and run
bats_require_minimum_version 1.5.0

load ../env.sh
load ../session.sh
load root.sh

setup_file()
{
	drop_instance "$T"
	rm -rf .local
	as_root mount ext4
	export LXG_HOME=$LXG_ROOT/ext4/lxg XDG_STATE_HOME=$LXG_ROOT/ext4/state
	make_instance "$T" > record
	lxg-mount plan xpra share maps < record | lxg-acl grant |
	    lxg-mount add > devices
}

teardown_file()
{
	export LXG_HOME=$LXG_ROOT/ext4/lxg XDG_STATE_HOME=$LXG_ROOT/ext4/state
	drop_instance "$T"
}

setup()
{
	export LXG_HOME=$LXG_ROOT/ext4/lxg XDG_STATE_HOME=$LXG_ROOT/ext4/state
	D=$LXG_ROOT/ext4/work
	rm -rf "$D"
	mkdir -m 0700 "$D"
	echo live > "$D/live"
	head -c 100000 /dev/zero > "$D/copied"
	setfacl -m u:1:rw,m::r "$D"/*
	touch -d 2001-02-03 "$D"/*
	look > before
}

look() { (cd "$D" && getfacl -n ./* && stat -c '%a %u %g %i %Y %s' live); }

# lent: a live file, and a copy that is changed and longer inside
lent()
{
	lxg-map plan "$D/live" < record > planned
	lxg-map plan -c "$D/copied" < record >> planned
	lxg-acl grant < planned | lxg-map add > /dev/null
	as_login sh -c 'head -c 300000 /dev/zero | tr "\0" x > maps/copied'
}

# filled: by the guest, down to the last block
filled()
{
	as_login sh -c '! head -c 1G /dev/zero > share/fill
	    n=0; while echo x > "share/$n"; do n=$((n + 1)); done' 2>/dev/null
	run ! sh -c 'echo x > "$1"' sh "$LXG_ROOT/ext4/x"
	rm -f "$LXG_ROOT/ext4/x"
}

emptied() { as_login sh -c 'rm -f share/*'; }

@test "a full disk: what is live comes back, a changed copy is kept until it can" {
	lent
	filled
	lxg list | grep -q "^$T "
	[ "$(lxg-map list < record | jq -r .device | sort)" = \
	    "$(jq -r .device planned | sort)" ]
	run -0 lxg recover -f "$T"
	[ "$output" = '' ]
	run -75 lxg unmap "$T"
	[[ $output == *'No space left'* ]]
	look | diff before -
	[ "$(lxg-map list < record | jq -r .mode)" = copy ]
	run -75 lxg delete -f "$T"
	[ "$(tr -d x < "$LXG_HOME/$LXG_ENGINE/default/$T/maps/copied" |
	    wc -c)" = 0 ]
	emptied
	lxg unmap "$T"
	look | diff before -
	[ "$(tr -d x < "$D/copied" | wc -c)" = 0 ]
	[ "$(stat -c %s "$D/copied")" = 300000 ]
	[ -z "$(lxg-map list -a < record | grep .)" ]
}

@test "a full disk: delete takes all of it" {
	lxg-map plan "$D/live" < record | lxg-acl grant | lxg-map add > /dev/null
	filled
	lxg delete -f "$T"
	look | diff before -
	[ "$(lxg-acl list)" = '' ]
	[ -z "$(find "$LXG_HOME" ! -type d)" ]
	run -1 lxg-instance get "$T"
}
