# What a new instance gets of the host's ids, and which user inside is the
# login user.
# shellcheck disable=SC2053,SC2154 # patterns; of run

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
	run "$BATS_TEST_DIRNAME/create-on" "$@"
	[[ $output = $want ]] || { echo "$output"; return 1; }
}

@test "the second range is the first that is given; the end is the end" {
	given '165536 true debian 1000' root:100000:131072
	given '73 *no range of 65536 host ids is free between 100000 and 165536*' \
	    root:100000:65536
	given '73 *no range*' root:100000:131071
	given '231072 true debian 1000' root:100000:196608 \
	    'a={"security.idmap.base": "165536"}'
	given '73 *no range*' root:100000:196607 \
	    'a={"security.idmap.base": "165536"}'
}

@test "an instance counts as large as it is" {
	given '362144 true debian 1000' root:100000:1000000 'a={"security.idmap.size":
	    "150000", "security.idmap.base": "165536"}'
	given '362144 true debian 1000' root:100000:1000000 'a={"security.idmap.size":
	    "150000", "volatile.idmap.base": "165536"}'
	given '231072 true debian 1000' root:100000:1000000 'a={"security.idmap.size":
	    "auto", "volatile.idmap.base": "165536"}'
	# and so does the new one
	given '231072 true debian 1000' root:100000:1000000 \
	    'a={"volatile.idmap.base": "165536"}' \
	    'b={"volatile.idmap.base": "362144"}' \
	    'new={"security.idmap.size": "131072"}'
	given '427680 true debian 1000' root:100000:1000000 \
	    'a={"volatile.idmap.base": "165536"}' \
	    'b={"volatile.idmap.base": "362144"}' \
	    'new={"security.idmap.size": "131073"}'
	given '73 *no range of 200000 host ids*' root:100000:200000 \
	    'new={"security.idmap.size": "200000"}'
}

@test "the caller's own ids count, whatever can be enumerated" {
	CALLER='170000 240000' \
	    given '296608 true debian 1000' root:100000:1000000
}

@test "an engine that takes a base only without isolated" {
	given '165536 false debian 1000' root:100000:131072 -7
	given '78 *takes the range of host ids from 165536 neither*' \
	    root:100000:131072 -i
}

DEFAULT='root:x:0:0::/root:/bin/sh
games:x:5:60::/usr/games:/bin/false
nobody:x:65534:65534::/nonexistent:/bin/false
'
CFG='users:
 - default
system_info:
   default_user:
     name: debian
     groups: [adm]
'

# login WANT PASSWD-LINE...: with a default user "debian"
login() {
	local want=$1
	shift
	CLOUD_CFG=$CFG PASSWD=$DEFAULT$(printf '%s\n' "$@") \
	    given "165536 true $want" root:100000:131072
}

@test "the login user: the default one, else uid 1000, else the first" {
	login 'debian 1001' alice:x:1000:1000::/home/alice:/bin/bash \
	    debian:x:1001:1001::/home/debian:/bin/bash
	login 'alice 1000' bob:x:1001:1001::/home/bob:/bin/bash \
	    alice:x:1000:1000::/home/alice:/bin/bash
	login 'alice 1500' alice:x:1500:1500::/srv/alice:/usr/sbin/nologin \
	    bob:x:1501:1501::/home/bob:/bin/bash
	# one that the instance makes up is none
	login 'bob 1501' 'a b:x:1500:1500::/home/a:/bin/sh' \
	    alice:x:1500:1500::relative:/bin/sh bob:x:1501:1501::/home/bob:/bin/sh
}

@test "the login user: the default one that user-data has changed" {
	local keys
	set -- bob:x:1000:1000::/home/bob:/bin/sh \
	    alice:x:1500:1500::/home/alice:/bin/sh
	for keys in $'user: alice\nusers:\n- name: bob' \
	    $'user:\n    groups: x\n    name: alice\n    uid: 1500'; do
		USER_DATA=$'#cloud-config\npackages: []\n'$keys$'\n' \
		    login 'alice 1500' "$@"
	done
	USER_DATA=$'users:\n-   name: alice\n    user: alice\n' \
	    login 'bob 1000' "$@"
}

@test "the login user: what user.lxg.uid names, and no other" {
	local new='new={"user.lxg.uid": "1501"}'
	export CLOUD_CFG=$CFG
	PASSWD=$DEFAULT'alice:x:1500:1500::/home/alice:/bin/sh
bob:x:1501:1501::/home/bob:/bin/sh
' given '165536 true bob 1501' root:100000:131072 "$new"
	PASSWD=$DEFAULT given '78 *no user with uid 1501 inside*kept start' \
	    root:100000:131072 "$new"
	given '78 *user.lxg.uid: x: not the number of a user*gone' \
	    root:100000:131072 'new={"user.lxg.uid": "x"}'
}

@test "no login user at all: 78, and what took long to make is kept" {
	PASSWD=$DEFAULT given '78 *no user inside but those of the system*kept start' \
	    root:100000:131072
}

@test "Ctrl-C while cloud-init is done, and more is waited for: undone" {
	given '-2 *gone*' root:100000:131072 -c
}

@test "user-data that makes no user: told before a boot, and undone" {
	export NOBODY=1
	PASSWD=$DEFAULT given '78 *makes no user to log in as*gone' \
	    root:100000:131072
	# the image may have one
	login 'bob 1501' bob:x:1501:1501::/home/bob:/bin/bash
}

@test "a boot that takes long: what the host has too few of is told" {
	local n
	for n in 1 2 3 4 5 6 7 8; do
		set -- "$@" "i$n={}"
	done
	export RUNNING=1 LXG_WAIT=1 INCUS_SOCKET=$PWD/engine.socket
	printf '64\n' > limit
	INOTIFY=limit given '75 *still boots after 1 s*9 instances run,'\
'*this host allows 64 for all*fs.inotify.max_user_instances*no verdict*' \
	    root:100000:100000000 -w "$@"
	printf '1024\n' > limit
	INOTIFY=limit given '75 *still boots after 1 s*no verdict*' \
	    root:100000:100000000 -w "$@"
	[[ $output != *inotify* ]]
}

@test "user-data that stops it: started once more, and not again and again" {
	given '75 *no longer running and cloud-init gave no verdict*kept'\
' start start' root:100000:131072 -o
}

@test "a restart that is scheduled is waited for" {
	given '165536 true debian 1000*start 3' root:100000:131072 -r
}

@test "user-data without cloud-init is told" {
	given '*x: its image has no cloud-init*debian 1000' root:100000:131072 \
	    -n 'new={"cloud-init.user-data": "#cloud-config"}'
	given '165536 true debian 1000' root:100000:131072 -n
}
