# lxg-instance without an engine: what is refused before one is asked, and what
# is said when none is there.
bats_require_minimum_version 1.5.0

setup() {
	export HOME=$BATS_TEST_TMPDIR/home
	export LXD_DIR=$HOME/no-lxd INCUS_DIR=$HOME/no-incus
	unset LXG_ENGINE LXG_PROJECT LXD_SOCKET INCUS_SOCKET XDG_STATE_HOME
	mkdir -m 700 "$HOME"
	cd "$HOME" || return
	PROFILE='{"engine": "lxd", "api": "/nonexistent/socket",
	    "project": "default", "profile": "x"}'
}

# fails CODE TEXT ARG...: ends with the code, says the text, prints nothing
fails() {
	local code=$1 text=$2
	shift 2
	run --separate-stderr lxg-instance "$@"
	[[ $status = "$code" && $output = '' && $stderr = *"$text"* ]] && return
	echo "$status, not $code: $output $stderr"
	return 1
}

# create CODE TEXT ARG...: the same for create with a profile record
create() {
	local code=$1 text=$2
	shift 2
	tr -d '\n' <<<"$PROFILE" >record
	fails "$code" "$text" create "$@" <record
}

@test "instance: no engine is 69, with the sockets tried and the groups" {
	local verb
	for verb in list 'get x' 'start x' 'stop x' 'del x' 'set x bell=on'; do
		# shellcheck disable=SC2086
		fails 69 'no-lxd/unix.socket (No such file or directory)' $verb
		[[ $stderr = *no-incus/unix.socket*lxd*incus-admin* ]]
	done
}

# tried KIND: the sockets, by the scripts and by the programs, where none is
tried() {
	# shellcheck disable=SC1091
	(. "$DATA/image.d/engines" && sockets "$1") >scripts
	unshare -rm sh -c 'for d in /var /run; do mount -t tmpfs none "$d"; done
	    exec lxg-instance list -E "$1"' sh "$1" 2>&1 |
	    grep -o '/[^ ]* (' | sed 's/ (//' >programs
	[ -s programs ]
	diff scripts programs
}

@test "instance: scripts and programs look for the engines' sockets alike" {
	local kind KIND
	DATA=$(dirname "$(command -v lxg-instance)")/../share/lxg
	for kind in lxd incus; do
		KIND=${kind^^}
		unset LXD_DIR LXD_SOCKET INCUS_DIR INCUS_SOCKET
		tried "$kind"
		[ "$(wc -l <programs)" -gt 1 ]
		export "${KIND}_DIR=/some/where"
		tried "$kind"
		export "${KIND}_SOCKET=/some/socket"
		tried "$kind"
		export "${KIND}_SOCKET=" "${KIND}_DIR="
		tried "$kind"
	done
}

@test "instance: a kind that is not there is 69, and the other is not asked" {
	fails 69 no-incus/unix.socket list -E incus
	[[ $stderr != *no-lxd* && $stderr = *incus-admin* ]]
	LXG_ENGINE=lxd fails 69 no-lxd/unix.socket get x
	[[ $stderr != *no-incus* ]]
}

@test "instance: a socket that nobody listens at is 69, with its path" {
	"$BATS_TEST_DIRNAME/../unheard" dead
	fails 69 "$HOME/dead: Connection refused" get -E "$HOME/dead" x
	ln -s /etc/hostname file
	fails 69 "$HOME/file" list -E "$HOME/file"
	fails 69 /nonexistent list -E "/nonexistent/$(printf 'a%.0s' {1..120})"
}

@test "instance: an engine of no kind is 64" {
	fails 64 'an engine is lxd, incus or a socket' list -E docker
	fails 64 'an engine is lxd, incus or a socket' get -E LXD x
}

@test "instance: names that an engine refuses are 65, before any request" {
	local name verb
	for name in '' a/b .. 1a 'a b' 'é' a- "$(printf 'a%.0s' {1..64})"; do
		for verb in get start stop del; do
			fails 65 name "$verb" -E /nonexistent/socket -- "$name"
		done
		fails 65 name set -E /nonexistent/socket -- "$name" bell=on
		create 65 name "$name"
	done
	fails 65 name get -E /nonexistent/socket -- -x
}

@test "instance: a project's name that is none is 65" {
	fails 65 'not a project' list -p a/b
	fails 65 'not a project' get -p 'a b' x
	LXG_PROJECT=.. fails 65 'not a project' list
}

@test "instance: wrong numbers of operands are 64" {
	local words
	for words in get start 'list x' 'set x' set 'create a b'; do
		# shellcheck disable=SC2086
		fails 64 'usage: lxg-instance' $words </dev/null
	done
}

@test "instance: one NAME for two profiles is 65" {
	tr -d '\n' <<<"$PROFILE" >record
	printf '\n' >>record
	cat record record >two
	fails 65 'one NAME, and 2 profile records' create y <two
}

@test "instance: settings that policy does not know are 78, before a request" {
	local setting
	for setting in nonsense=on bell=ON bell=yes user.lxg.bell=1 user=root \
	    user.lxg.uid=0 clipboard=on color=red color='#12' uuid=x =on; do
		fails 78 '' set -E /nonexistent/socket x bell=on "$setting"
		[ -n "$stderr" ]
		fails 78 '' set -n -E /nonexistent/socket x "$setting"
	done
	fails 64 'not KEY=VALUE' set -E /nonexistent/socket x bell
	fails 69 '' set -E /nonexistent/socket x bell=on user.lxg.x11=
}

@test "instance: a file with a private key is 65, before any request" {
	local type
	ssh-keygen -q -t ed25519 -N '' -f key
	ssh-keygen -q -t rsa -b 2048 -m PEM -N '' -f pem
	for type in key pem; do
		create 65 'holds a private key' -K "$type"
		cat "$type.pub" "$type" >both
		create 65 'holds a private key' -K both
	done
	printf 'PuTTY-User-Key-File-3: ssh-ed25519\nssh-rsa x\n' >putty
	create 65 'holds a private key' -K putty
	create 69 /nonexistent/socket -K key.pub
}

@test "instance: a file that holds no public key is refused" {
	ssh-keygen -q -t ed25519 -N '' -f key
	: >empty
	echo '# nothing' >comment
	{ cat key.pub; printf '\0'; } >nul
	{ cat key.pub; head -c 300000 /dev/zero | tr '\0' '#'; } >long
	create 65 'no public key' -K empty
	create 65 'no public key' -K comment
	create 65 'no public key' -K nul
	create 65 'longer than' -K long
	create 1 missing -K missing
	create 71 directory -K .
}
