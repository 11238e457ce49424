# Which range of host ids a new instance gets.
# shellcheck disable=SC2154

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export HOME=$PWD/home LXG_ENGINE=incus
	export LXD_SOCKET=$PWD/none INCUS_SOCKET=$PWD/none
	unset XDG_STATE_HOME LXG_PROJECT
	mkdir -m 700 home
}

# given WANT SUBIDS [WORD]...
given() {
	local want=$1
	shift
	rm -f engine.socket
	run "$BATS_TEST_DIRNAME/id-ranges" "$@"
	[[ $output = $want ]] || { echo "$output"; return 1; }
}

@test "the second range is the first that is given; the end is the end" {
	given '165536 true' root:100000:131072
	given '73 *no range of 65536 host ids is free between 100000 and 165536*' \
	    root:100000:65536
	given '73 *no range*' root:100000:131071
	given '231072 true' root:100000:196608 \
	    'a={"security.idmap.base": "165536"}'
	given '73 *no range*' root:100000:196607 \
	    'a={"security.idmap.base": "165536"}'
}

@test "an instance counts as large as it is" {
	given '362144 true' root:100000:1000000 'a={"security.idmap.size":
	    "150000", "security.idmap.base": "165536"}'
	given '362144 true' root:100000:1000000 'a={"security.idmap.size":
	    "150000", "volatile.idmap.base": "165536"}'
	given '231072 true' root:100000:1000000 'a={"security.idmap.size":
	    "auto", "volatile.idmap.base": "165536"}'
	# and so does the new one
	given '231072 true' root:100000:1000000 \
	    'a={"volatile.idmap.base": "165536"}' \
	    'b={"volatile.idmap.base": "362144"}' \
	    'new={"security.idmap.size": "131072"}'
	given '427680 true' root:100000:1000000 \
	    'a={"volatile.idmap.base": "165536"}' \
	    'b={"volatile.idmap.base": "362144"}' \
	    'new={"security.idmap.size": "131073"}'
	given '73 *no range of 200000 host ids*' root:100000:200000 \
	    'new={"security.idmap.size": "200000"}'
}

@test "the caller's own ids count, whatever can be enumerated" {
	CALLER='--unshare-user --uid 170000 --gid 240000' \
	    given '296608 true' root:100000:1000000
}

@test "an engine that takes a base only without isolated" {
	given '165536 false' root:100000:131072 -7
	given '78 *takes the range of host ids from 165536 neither*' \
	    root:100000:131072 -i
}
