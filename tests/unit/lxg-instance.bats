# lxg-instance without an engine: what is refused before one is asked, and what
# is said when none is there.
bats_require_minimum_version 1.5.0

load ../fails.sh

setup() {
	export HOME=$BATS_TEST_TMPDIR/home
	export LXD_DIR=$HOME/no-lxd INCUS_DIR=$HOME/no-incus
	unset LXG_ENGINE LXG_PROJECT LXD_SOCKET INCUS_SOCKET XDG_STATE_HOME
	mkdir -m 700 "$HOME"
	cd "$HOME" || return
	PROFILE='{"engine": "lxd", "api": "/nonexistent/socket",
	    "project": "default", "profile": "x"}'
}

teardown() {
	[ -z "${server-}" ] || kill "$server"
}

# serve: an engine at ./socket, until the end of the test. Asked for an
# instance's files it has a 100 bytes long one; an error of the status and the
# text in the file answer it has for all else but itself; what it is given as an
# image is in the files sent and type.
serve() {
	cat >server <<-'END'
	import signal
	import engine
	class Handler(engine.Handler):
	    def do(self, method, path, query, data):
	        if path == "/1.0/images":
	            with open("sent", "wb") as file:
	                file.write(data)
	            with open("type", "w") as file:
	                file.write(self.headers["Content-Type"])
	        if path in ("/1.0", "/1.0/projects", "/1.0/images") or \
	                path.startswith("/1.0/operations/"):
	            return super().do(method, path, query, data)
	        if path.startswith("/1.0/instances/x/files"):
	            many = 10 << 20 if "huge" in query else 10
	            return query["path"][0][1:], b"0123456789" * many
	        with open("answer") as file:
	            status, _, text = file.read().rstrip("\n").partition("\t")
	        raise engine.Refused(int(status), text)
	engine.Handler = Handler
	engine.serve("made")
	signal.pause()
	END
	PYTHONPATH=$BATS_TEST_DIRNAME/../fault PYTHONDONTWRITEBYTECODE=1 \
	    python3 server >log.engine 2>&1 3>&- &
	server=$!
	until lxg-instance api -E "$PWD/made" GET /1.0 >/dev/null 2>&1; do
		kill -0 "$server"
		sleep 0.05
	done
	export LXG_ENGINE=$PWD/made LXG_TIMEOUT=20
}

# refuses CODE TEXT ARG...: ends with the code, says the text, prints nothing
refuses() {
	fails "$1" "$2" lxg-instance "${@:3}"
}

# create CODE TEXT ARG...: the same for create with a profile record
create() {
	local code=$1 text=$2
	shift 2
	tr -d '\n' <<<"$PROFILE" >record
	refuses "$code" "$text" create "$@" <record
}

@test "instance: no engine is 69, with the sockets tried and the groups" {
	local verb
	for verb in list 'get x' 'start x' 'stop x' 'del x' 'set x bell=on'; do
		# shellcheck disable=SC2086
		refuses 69 'no-lxd/unix.socket (No such file or directory)' $verb
		[[ $stderr = *no-incus/unix.socket*lxd*incus-admin* ]]
	done
}

# tried KIND SOCKET...: these are looked for, where none is
tried() {
	local kind=$1
	shift
	unshare -rm sh -c 'for d in /var /run; do mount -t tmpfs none "$d"; done
	    exec lxg-instance list -E "$1"' sh "$kind" 2>&1 |
	    grep -o '/[^ ]* (' | sed 's/ (//' | diff <(printf '%s\n' "$@") -
}

@test "instance: where an engine's socket may be, and what says so" {
	local kind KIND
	unset LXD_DIR INCUS_DIR
	tried lxd /var/snap/lxd/common/lxd/unix.socket \
	    /var/lib/lxd/unix.socket \
	    /var/snap/lxd/common/lxd-user/unix.socket \
	    /var/lib/lxd/unix.socket.user
	tried incus /var/lib/incus/unix.socket /run/incus/unix.socket \
	    /var/lib/incus/unix.socket.user /run/incus/unix.socket.user
	for kind in lxd incus; do
		KIND=${kind^^}
		export "${KIND}_DIR=/some/where"
		tried "$kind" /some/where/unix.socket \
		    /some/where/unix.socket.user
		export "${KIND}_SOCKET=/some/socket"
		tried "$kind" /some/socket
	done
}

@test "instance: a kind that is not there is 69, and the other is not asked" {
	refuses 69 no-incus/unix.socket list -E incus
	[[ $stderr != *no-lxd* && $stderr = *incus-admin* ]]
	LXG_ENGINE=lxd refuses 69 no-lxd/unix.socket get x
	[[ $stderr != *no-incus* ]]
}

@test "instance: a socket that nobody listens at is 69, with its path" {
	"$BATS_TEST_DIRNAME/../unheard" dead
	refuses 69 "$HOME/dead: Connection refused" get -E "$HOME/dead" x
	ln -s /etc/hostname file
	refuses 69 "$HOME/file" list -E "$HOME/file"
	refuses 69 /nonexistent list -E "/nonexistent/$(printf 'a%.0s' {1..120})"
}

@test "instance: an engine of no kind is 64" {
	refuses 64 'an engine is lxd, incus or a socket' list -E docker
	refuses 64 'an engine is lxd, incus or a socket' get -E LXD x
}

@test "instance: names that an engine refuses are 65, before any request" {
	local name verb
	for name in '' a/b .. 1a 'a b' 'é' a- "$(printf 'a%.0s' {1..64})"; do
		for verb in get start stop del; do
			refuses 65 name "$verb" -E /nonexistent/socket -- "$name"
		done
		refuses 65 name set -E /nonexistent/socket -- "$name" bell=on
		create 65 name "$name"
	done
	refuses 65 name get -E /nonexistent/socket -- -x
}

@test "instance: a project's name that is none is 65" {
	refuses 65 'not a project' list -p a/b
	refuses 65 'not a project' get -p 'a b' x
	LXG_PROJECT=.. refuses 65 'not a project' list
}

@test "instance: wrong numbers of operands are 64" {
	local words
	for words in get start 'list x' 'set x' set 'create a b'; do
		# shellcheck disable=SC2086
		refuses 64 'usage: lxg-instance' $words </dev/null
	done
}

@test "instance: one NAME for two profiles is 65" {
	tr -d '\n' <<<"$PROFILE" >record
	printf '\n' >>record
	cat record record >two
	refuses 65 'one NAME, and 2 profile records' create y <two
}

@test "instance: settings that policy does not know are 78, before a request" {
	local setting
	for setting in nonsense=on bell=ON bell=yes user.lxg.bell=1 user=root \
	    user.lxg.uid=0 clipboard=on color=red color='#12' uuid=x =on; do
		refuses 78 '' set -E /nonexistent/socket x bell=on "$setting"
		[ -n "$stderr" ]
		refuses 78 '' set -n -E /nonexistent/socket x "$setting"
	done
	refuses 64 'not KEY=VALUE' set -E /nonexistent/socket x bell
	refuses 69 '' set -E /nonexistent/socket x bell=on user.lxg.x11=
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
	create 65 'is a folder' -K .
}

@test "LXG_TIMEOUT, LXG_WAIT: what is no number of seconds is 78, at once" {
	local seconds
	serve
	for seconds in x 0 -1 1.5 1x 99999999999999999999 86400; do
		LXG_TIMEOUT=$seconds refuses 78 \
		    "LXG_TIMEOUT: $seconds: not a number of seconds" \
		    api GET /1.0/x
		LXG_WAIT=$seconds create 78 \
		    "LXG_WAIT: $seconds: not a number of seconds"
	done
	# an empty one is none
	printf '400\tbad\n' > answer
	LXG_TIMEOUT='' LXG_WAIT='' refuses 65 bad api GET /1.0/x
}

@test "api: what each error of an engine is for who asked, and no more" {
	local code status text n=0
	serve
	# some of them are tried again until then
	LXG_TIMEOUT=1
	while IFS='	' read -r code status text; do
		printf '%s\t%s\n' "$status" "$text" >answer
		refuses "$code" "lxg-instance: /1.0/x: " api GET /1.0/x
		[[ $stderr != *[$'\e\u9b\u2028\u202e\u61c\u2066']* ]]
		n=$((n + 1))
	done <<-END
	65	400	bad
	77	401	who
	77	403	no
	1	404	gone
	73	409	there
	75	412	changed
	75	423	locked
	71	429	often
	71	500	why
	75	503	late
	75	500	Instance is busy running a "start" operation
	75	400	Instance is busy running a "stop" operation
	75	500	database: context deadline exceeded
	71	500	Failed shutting down instance: context deadline exceeded
	71	500	$(printf 'a\033[31m\302\233 \342\200\250 \342\200\256 \330\234 b\342\201\246')
	END
	[ "$n" = 15 ]
}

@test "api: what is no JSON goes to a file as it is, up to a limit" {
	local at='/1.0/instances/x/files?path=/'
	serve
	[ "$(lxg-instance api -o out GET "${at}file")" = '""' ]
	[ "$(cat out)" = "$(printf '0123456789%.0s' 1 2 3 4 5 6 7 8 9 10)" ]
	lxg-instance api -o - -m 100 GET "${at}file" | cmp - out
	refuses 65 'larger than 99 bytes' api -o - -m 99 GET "${at}file"
	refuses 65 'not a regular file' api -o - GET "${at}directory"
	refuses 65 'not a regular file' api -o - GET "${at}symlink"
	# and, of 100 MB, takes no memory
	run python3 -c 'import resource, subprocess, sys
print(subprocess.run(sys.argv[1:]).returncode,
      resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 60000)' \
	    lxg-instance api -o - -m 1000000000 GET "${at}directory&huge=1"
	[[ $output = *'not a regular file'* && $output = *'65 True' ]]
	printf '404\tgone\n' >answer
	refuses 1 gone api -o - GET /1.0/x
	refuses 1 'No such file' api -o no/where GET "${at}file"
	run -74 lxg-instance api -o /dev/full GET "${at}file"
	run -74 sh -c 'lxg-instance api -o - GET "$1" >/dev/full' sh "${at}file"
}

@test "api: what is no JSON is sent as it is, of a file or a pipe" {
	serve
	head -c 3000000 /dev/urandom >image
	lxg-instance api -t 'multipart/x; boundary="a b"' POST /1.0/images image |
	    jq -e .fingerprint
	cmp image sent
	[ "$(cat type)" = 'multipart/x; boundary="a b"' ]
	head -c 3000000 image | lxg-instance api -t a/b POST /1.0/images - >/dev/null
	cmp image sent
	: | lxg-instance api -t a/b POST /1.0/images - >/dev/null
	[ ! -s sent ]
	printf '409\tthere\n' >answer
	refuses 73 there api -t a/b PUT /1.0/x image
	refuses 74 'Is a directory' api -t a/b PUT /1.0/x /
}

@test "api: what makes no request is 64" {
	for words in '-o out POST /1.0/x' '-o out GET /1.0/x file' \
	    '-m 1 GET /1.0/x' '-t a/b POST /1.0/x' '-o out -m 0 GET /1.0/x' \
	    '-o out -m x GET /1.0/x' "-t $(printf 'a/b\rc') POST /1.0/x f" \
	    'GET /1.0/x file' 'GET /1.0/x#y' 'GET'; do
		# shellcheck disable=SC2086
		refuses 64 '' api $words
	done
	refuses 64 'media type' api -t '' POST /1.0/x f
}
