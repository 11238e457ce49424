# Remotes without an engine: which one is meant, what the user's configuration
# has to say of it, and that nobody but that server is told anything.
# shellcheck disable=SC2030,SC2031,SC2154 # a test is a process of its own
bats_require_minimum_version 1.5.0

load ../fails.sh

# certificate NAME [OPTION]...: NAME.crt and NAME.key
certificate() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -batch -days 2 -keyout "$1.key" -out "$1.crt" "${@:2}" 2> /dev/null
}

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	certificate client -subj /CN=user
	certificate server -subj /CN=server
	certificate other -subj /CN=server
	certificate ca -subj /CN=ca
	for name in localhost elsewhere; do
		openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		    -batch -subj "/CN=$name" -addext "subjectAltName=DNS:$name" \
		    -keyout "$name.key" -out "$name.csr" 2> /dev/null
		openssl x509 -req -in "$name.csr" -CA ca.crt -CAkey ca.key \
		    -CAcreateserial -days 2 -copy_extensions copy \
		    -out "$name.crt" 2> /dev/null
	done
}

setup() {
	export HOME=$BATS_TEST_TMPDIR/home
	export LXD_DIR=$HOME/no-lxd INCUS_DIR=$HOME/no-incus
	unset LXG_ENGINE LXG_PROJECT LXD_SOCKET INCUS_SOCKET XDG_STATE_HOME \
	    XDG_CONFIG_HOME INCUS_CONF LXD_CONF
	CONF=$HOME/.config/incus
	mkdir -p "$CONF/servercerts" "$HOME/.config/lxc"
	chmod 700 "$HOME"
	cd "$HOME" || return
	cp "$BATS_FILE_TMPDIR"/client.* "$CONF"
	cp "$BATS_FILE_TMPDIR"/client.crt .
	server='' relay=''
}

teardown() {
	for pid in $server $relay; do kill "$pid"; done
}

# serve NAME [VERSION]: the false engine, with that certificate, as the remote
# work; its own is the pinned one, unless that is taken away
serve() {
	rm -f port requests
	PYTHONPATH=$BATS_TEST_DIRNAME/../fault PYTHONDONTWRITEBYTECODE=1 \
	    LXG_ENGINE=incus python3 "$BATS_TEST_DIRNAME/remote-server" \
	    "$BATS_FILE_TMPDIR/$1.crt" "$BATS_FILE_TMPDIR/$1.key" \
	    ${2+"$2"} > log 2>&1 3>&- &
	server=$!
	until [ -e port ]; do
		kill -0 "$server"
		sleep 0.05
	done
	url=https://localhost:$(cat port)
	configure "    addr: $url"
	cp "$BATS_FILE_TMPDIR/$1.crt" "$CONF/servercerts/work.crt"
	touch requests
	export LXG_TIMEOUT=20
}

# configure LINE...: of the remote work, in incus' configuration
configure() {
	printf '%s\n' 'default-remote: local' remotes: '  work:' "$@" \
	    '  pictures:' '    addr: https://images.example.org' \
	    '    protocol: simplestreams' '    public: true' \
	    > "$CONF/config.yml"
}

# lists [TEXT]: the remote's instances are listed, by that choice
lists() {
	lxg-instance list -E "${1-work:}" | jq -e --arg url "$url" '
	    .instance == "firefox" and .api == $url and .remote == "work" and
	    .engine == "incus" and .project == "default" and .uid == 1000 and
	    (has("host_uid") or has("host_gid") | not)'
}

# strange CODE TEXT: it is refused, and nothing of a request has come
strange() {
	fails "$1" "$2" lxg-instance list -E work:
	[[ $stderr == *"remote work"* ]]
	[ ! -s requests ]
}

@test "remote: the pinned server is talked to, and told who asks" {
	serve server
	lists
	lists incus:work:
	lists "$url"
	# by the user's key, and in as few requests as can be
	[ "$(uniq -c requests | xargs)" = "$(
	    who=$(openssl x509 -in client.crt -outform DER | sha256sum)
	    printf '3 GET %s&project=default %s' '/1.0/instances?recursion=1' \
		"${who%  -}")" ]
}

@test "remote: another server, however it is made, is told nothing" {
	serve server
	for wrong in other ca client; do
		cp "$BATS_FILE_TMPDIR/$wrong.crt" "$CONF/servercerts/work.crt"
		strange 76 'another certificate'
	done
	# the same key, and the same names: another certificate all the same
	openssl req -x509 -key "$BATS_FILE_TMPDIR/server.key" -batch -days 3 \
	    -subj /CN=server -out "$CONF/servercerts/work.crt"
	strange 76 'another certificate'
	# one that is pinned is no CA, whatever it says of itself
	kill "$server"
	serve localhost
	cp "$BATS_FILE_TMPDIR/ca.crt" "$CONF/servercerts/work.crt"
	strange 76 'another certificate'
	: > "$CONF/servercerts/work.crt"
	fails 78 'holds no certificate' lxg-instance list -E work:
	[ ! -s requests ]
}

@test "remote: nor is it by a WebSocket, whose connection is another one" {
	make -s -C "$BATS_TEST_DIRNAME/../lib" OUT="$BATS_TEST_TMPDIR" \
	    "$BATS_TEST_TMPDIR/ws"
	serve server
	touch deaf
	[[ $(timeout 60 "$BATS_TEST_TMPDIR/ws" work:) = *'refused a WebSocket'* ]]
	[[ $(cat requests) = 'GET /there?secret=1 '* ]]
	: > requests
	cp "$BATS_FILE_TMPDIR/other.crt" "$CONF/servercerts/work.crt"
	[[ $(timeout 60 "$BATS_TEST_TMPDIR/ws" work:) = *'another certificate'* ]]
	[ ! -s requests ]
}

@test "remote: with none pinned, a CA and the host's name decide" {
	serve localhost
	rm "$CONF/servercerts/work.crt"
	strange 76 'of no CA of this system'
	cp "$BATS_FILE_TMPDIR/other.crt" "$CONF/client.ca"
	strange 76 'of no CA'
	cp "$BATS_FILE_TMPDIR/ca.crt" "$CONF/client.ca"
	lists
	kill "$server"
	serve elsewhere
	rm "$CONF/servercerts/work.crt"
	strange 76 'not for that name'
}

@test "remote: TLS 1.2 is none, and no proxy is asked, no redirect followed" {
	serve server 2
	strange 76 'TLS 1.3'
	kill "$server"
	serve server
	https_proxy=http://127.0.0.1:1 HTTPS_PROXY=http://127.0.0.1:1 \
	    ALL_PROXY=socks5://127.0.0.1:1 lists
	touch moved
	fails 76 https://localhost: lxg-instance list -E work:
}

@test "remote: who is not let in is told how one is" {
	serve server
	touch untrusted
	fails 77 'remote work' lxg-instance list -E work:
	[[ $stderr == *"incus config trust add"*"incus remote add work"* ]]
	fails 77 'does not know your certificate' lxg-instance get -E work: firefox
}

@test "remote: nobody there, or one that does not answer, is 69 with its name" {
	serve server
	kill "$server"
	wait "$server" || :
	server=''
	fails 69 "remote work ($url)" lxg-instance list -E work:
	configure '    addr: https://no.such.host.invalid:8443'
	fails 69 'remote work (https://no.such.host.invalid:8443)' \
	    lxg-instance list -E work:
	# listens, and says nothing
	socat -d -d TCP-LISTEN:0,bind=127.0.0.1,fork EXEC:'sleep 30' 2> said 3>&- &
	relay=$!
	until grep -q 'listening on' said; do kill -0 "$relay"; sleep 0.05; done
	configure "    addr: https://127.0.0.1:$(
	    sed -n 's/.*listening on .*://p' said)"
	LXG_TIMEOUT=1 fails 69 'remote work' lxg-instance list -E work:
}

@test "remote: what is in the configuration, and nothing else, is one" {
	serve server
	fails 1 'no remote nosuch; those that are: incus:work:, incus:pictures:' \
	    lxg-instance list -E nosuch:
	fails 78 'speaks simplestreams' lxg-instance list -E pictures:
	fails 64 'a remote is NAME:' lxg-instance list -E docker:work:
	fails 1 'no remote work' lxg-instance list -E lxd:work:
	configure '    addr: https://user@host:8443'
	fails 78 'lxg goes to https://HOST:PORT' lxg-instance list -E work:
	configure '    addr: http://host:8443'
	fails 78 'lxg goes to https://HOST:PORT' lxg-instance list -E work:
	configure '    addr: https://host:8443' '    auth_type: oidc'
	fails 78 'lets users in by oidc' lxg-instance list -E work:
	configure '    addr: https://host:8443' '    protocol: lxd'
	fails 78 'speaks lxd' lxg-instance list -E work:
	configure '    addr: https://host:8443' '    public: true'
	fails 78 'is public' lxg-instance list -E work:
	configure '    project: x'
	fails 78 'has no address' lxg-instance list -E work:
	printf 'remotes: [\n' > "$CONF/config.yml"
	fails 78 "config.yml: line 2" lxg-instance list -E work:
	rm "$CONF/config.yml"
	fails 1 'incus remote add' lxg-instance list -E work:
}

@test "remote: one that both configurations have is chosen, or is 78" {
	serve server
	cp -R "$CONF"/* "$HOME/.config/lxc/"
	fails 78 '-E incus:work: or -E lxd:work:' lxg-instance list -E work:
	lists incus:work:
	lxg-instance list -E lxd:work: | jq -e '.engine == "lxd"'
	# a folder that a variable names is the only one
	LXD_CONF=$HOME/none lists
	mkdir snap
	mkdir -p snap/lxd/common
	mv .config/lxc snap/lxd/common/config
	lxg-instance list -E lxd:work: | jq -e '.engine == "lxd"'
	mv snap "$HOME/none"
	lists
	mkdir -p xdg
	mv .config/incus xdg/
	XDG_CONFIG_HOME=$HOME/xdg lists
}

@test "remote: its key is needed, and is asked no passphrase for" {
	serve server
	mv "$CONF/client.key" key
	fails 78 'no client.crt and client.key' lxg-instance list -E work:
	openssl ec -in key -aes128 -passout pass:x -out "$CONF/client.key"
	fails 78 'locked by a passphrase' lxg-instance list -E work:
	printf 'nonsense\n' > "$CONF/client.key"
	fails 78 'holds no key' lxg-instance list -E work:
	rm "$CONF/client.key" "$CONF/client.crt"
	# or one that is for this remote alone
	mkdir "$CONF/clientcerts"
	mv key "$CONF/clientcerts/work.key"
	cp client.crt "$CONF/clientcerts/work.crt"
	lists
}

@test "remote: a project of its own is meant where none is named" {
	serve server
	configure "    addr: $url/" '    project: mine'
	fails 1 'no project mine' lxg-instance list -E work:
	fails 1 'no project other' lxg-instance list -E work: -p other
	lxg-instance list -E work: -p default | jq -e '.project == "default"'
	lxg-instance api -E work: GET /1.0 | jq -e '.auth == "trusted"'
}

@test "remote: a record finds its server in the configuration, or none" {
	serve server
	lxg-instance get -E work: firefox > record
	lxg-instance stop < record | jq -e '.remote == "work"'
	grep -q '^PUT /1.0/instances/firefox/state' requests
	: > requests
	# it can name neither a server nor what that one has to show
	jq -c '.api = "https://localhost:1"' record > strange
	fails 75 'no remote that you have added has this address' \
	    sh -c 'lxg-instance stop < strange > out'
	cp "$CONF/config.yml" config
	configure "    addr: https://localhost:1"
	fails 75 'no remote that you have added' \
	    sh -c 'lxg-instance stop < record > out'
	cp config "$CONF/config.yml"
	# a name that lies is no more than that
	jq -c '.remote = "pictures"' record | lxg-instance stop > out
	cp "$BATS_FILE_TMPDIR/other.crt" "$CONF/servercerts/work.crt"
	: > requests
	fails 75 'another certificate' sh -c 'lxg-instance stop < record > out'
	[ ! -s requests ]
}

@test "remote: a socket that is one's remote is this host's engine" {
	configure '    addr: unix:///nonexistent/socket'
	fails 69 /nonexistent/socket lxg-instance list -E work:
	configure '    addr: unix://'
	fails 69 "$HOME/no-incus/unix.socket" lxg-instance list -E work:
}

# away COMMAND...: nothing of this host reaches what is there; from the record
away() {
	fails "$1" 'is on the remote work: no file or folder' "${@:2}" < record
	[[ $stderr == *'lxg map -c lends it copies'* ]]
	[ ! -s requests ]
}

@test "remote: what needs a folder of this host is refused before anything" {
	serve server
	lxg-instance get -E work: firefox > got
	printf 'mine\n' > file
	: > requests
	cp got record
	away 78 lxg-map plan file
	away 78 lxg-mount plan share
	jq -c --arg file "$PWD/file" '. + {device: "lxg-x", type: "disk",
	    source: $file, path: "/home/debian/file", perm: "rw", mode: "live",
	    host_uid: 7001000, dev: "1", ino: "1"}' got > record
	away 78 lxg-acl grant
	away 75 sh -c 'lxg-map del > out'
	# whatever else it says of where it is
	jq -c 'del(.remote)' record > other
	fails 78 "is on the remote $url" sh -c 'lxg-acl grant < other'
	run ! grep -q '^user:[0-9]' <<< "$(getfacl -cp file)"
	: > requests
	fails 78 'is on the remote work' sh -c 'lxg-map add < record'
	run ! grep -v '^GET ' requests
}

# lends FILE: a copy, whose record is in lent
lends() {
	lxg-instance get -E work: firefox | lxg-map plan -c "$1" |
	    lxg-map add > lent
}

# row COLUMN: of what the state has of copies
row() {
	sqlite3 .local/state/lxg/state.db "SELECT $1 FROM copy"
}

@test "remote: a copy goes there, and comes back, by the files alone" {
	serve server
	printf 'mine\0\377' > file
	lends file
	cmp file maps/file
	[ "$(row "state || ' ' || engine || ' ' || source")" = \
	    "lent $url work:firefox/home/debian/maps/file" ]
	[ "$(row sha256)" = "$(sha256sum < file | cut -c -64)" ]
	printf 'theirs\0\377' > maps/file
	# no program there says anything of it
	run -0 --separate-stderr lxg-map del < lent
	[[ $stderr == *"file: written back" ]]
	printf 'theirs\0\377' | cmp - file
	[ -z "$(ls maps)$(row id)$(ls .local/state/lxg/copies)" ]
	# changed on both sides
	lends file
	echo there > maps/file
	echo here > file
	lxg-map del < lent
	[ "$(cat file file.lxg-conflict)" = $'here\nthere' ]
}

@test "remote: whatever those inside say of a copy, nothing but a file is taken" {
	serve server
	echo old > file
	# unchanged, gone: then that is so
	for says in 10 11; do
		echo 0 > status
		lends file
		echo "$says" > status
		echo new > maps/file
		: > requests
		lxg-map del < lent > out
		[ "$(cat file)$(row id)" = old ]
		run ! grep 'GET.*maps' requests
		rm maps/file
	done
	# no file; changed, whatever it is told
	lends file
	echo 12 > status
	fails 75 'no regular file now' sh -c 'lxg-map del < lent > out'
	echo 13 > status
	ln -sf "$PWD/requests" maps/file
	fails 75 'no regular file now' sh -c 'lxg-map del < lent > out'
	rm maps/file
	mkdir maps/file
	fails 75 'no regular file now' sh -c 'lxg-map del < lent > out'
	rmdir maps/file
	head -c 3000 /dev/zero > maps/file
	LXG_COPY_MAX=2999 fails 75 'larger than 2999 bytes' \
	    sh -c 'lxg-map del < lent > out'
	[ "$(cat file)$(row state)" = oldlent ]
	LXG_COPY_MAX=3000 lxg-map del < lent > out
	cmp file <(head -c 3000 /dev/zero)
	[ -z "$(row id)" ]
}

@test "remote: a copy that is cut on its way stays lent, of the one it was of" {
	serve server
	echo old > file
	lends file
	echo new > maps/file
	touch cut
	fails 69 "file: remote work ($url): the engine hung up" \
	    sh -c 'lxg-map del < lent > out'
	[ "$(cat file)$(row state)" = oldlent ]
	rm cut
	# another one of that name has none
	jq -c '.uuid = "other"' lent > other
	lxg-map del < other > out
	# nor has one that a record names at another address
	jq -c '.api = "https://localhost:1"' lent > other
	fails 75 'no remote that you have added' \
	    sh -c 'lxg-map del < other > out'
	[ "$(cat file)$(row state)" = oldlent ]
	lxg-map del < lent > out
	[ "$(cat file)$(row id)" = new ]
}

@test "remote: an instance here of the same name is another one" {
	serve server
	# whose record has no address
	lxg-instance get -E work: firefox > record
	jq -c 'del(.api, .remote)' record | cat record - > both
	fails 75 'no engine answers' sh -c 'lxg-instance stop < both > out'
	[ "$(grep -c ^PUT requests)" = 1 ]
	# whose steps go on beside
	mkdir -p .local/state/lxg/locks
	chmod -R go= .local/state/lxg
	exec 8> .local/state/lxg/locks/incus:default:new:create
	flock 8
	lxg-profile put -E work: -b strict new 8>&- > put
	timeout 60 lxg-instance create -i lxg < put > made 8>&-
	jq -e '.instance == "new" and .remote == "work"' made
}

@test "remote: who waits for an instance that says nothing may be interrupted" {
	export XDG_RUNTIME_DIR=$HOME/run
	mkdir -m 700 run
	serve server
	lxg-instance get -E work: firefox |
	    jq -c '. + {session: "abcdefgh", state: "live"}' > record
	# SIGINT is ignored in what a shell starts with &
	lxg-xpra join true < record > out 2> said 3>&- &
	client=$!
	until [ "$(grep -c '^GET.*websocket' requests)" = 4 ]; do
		kill -0 "$client"
		sleep 0.05
	done
	kill -TERM "$client"
	status=0
	timeout 30 tail --pid="$client" -f /dev/null
	wait "$client" || status=$?
	[ "$status" = 75 ]
	[[ $(cat said) = *interrupted* ]]
	[ -z "$(ls -A run/lxg)" ]
}

@test "remote: what was just started ends where no way leads to it" {
	export XDG_RUNTIME_DIR=$HOME/run DISPLAY=:77
	mkdir -m 700 run
	serve server
	touch deaf
	lxg-instance get -E work: firefox |
	    jq -c '. + {session: "abcdefgh", state: "live"}' > record
	run ! lxg-xpra attach < record
	grep -qx 'runs stop abcdefgh' requests
	# and what was there before does not
	: > requests
	jq -c '. + {since: 7}' record > there
	run ! lxg-xpra attach < there
	run ! grep '^runs stop' requests
}

@test "remote: without python3 inside there is no session, and that is no failure" {
	serve server
	lxg-instance get -E work: firefox > record
	echo 127 > status
	[ -z "$(lxg-xpra list < record)" ]
	echo 1 > status
	run -71 lxg-xpra list < record
}

# say NAME [SESSION]: what is there, by the helper in that instance
say() {
	mkdir -p said
	jq -nc '{sessions: [$ARGS.positional[] | {session: ., state: "live",
	    command: ["xterm"], display: 7}]}' --args "${@:2}" > "said/$1"
}

# counted: the server is behind a relay that notes each round trip in turns
counted() {
	rm -f turns relayed
	"$BATS_TEST_DIRNAME/../remote/between" -d 30 -t turns \
	    "localhost:$(cat port)" relayed > /dev/null 3>&- &
	relay=$!
	until [ -s relayed ]; do kill -0 "$relay"; sleep 0.05; done
	configure "    addr: https://127.0.0.1:$(cat relayed)"
}

@test "remote: the list takes three round trips on two connections, whatever runs" {
	printf '%s\n' other-1 other-2 other-3 > others
	serve server
	counted
	say firefox abcdefgh bcdefghi
	say other-1
	say other-2
	say other-3 cdefghij
	for folder in exec-output ''; do
		echo "$folder" > recorded
		: > turns
		lxg list -E work: > out
		[ "$(grep -o '^[a-z0-9-]*  *work:  *Running  *[a-z-]*' out |
		    xargs)" = "$(printf '%s work: Running %s ' firefox abcdefgh \
		    firefox bcdefghi other-1 - other-2 - other-3 cdefghij |
		    sed 's/ $//')" ]
		# and one of each connection's hello
		[ "$(wc -l < turns)" = 5 ]
	done
	[ "$(grep -c 'DELETE .*/logs/.*' requests)" = 32 ]
	[ "$(grep -c 'GET /1.0/projects' requests)" = 0 ]
	# an engine that records it anywhere else is asked once more
	echo nowhere > recorded
	lxg list -E work: | grep -q '^other-3 .* cdefghij'
}

@test "remote: the list of what does not run takes one round trip" {
	serve server
	counted
	lxg-instance get -E work: firefox | lxg-instance stop -f > record
	: > turns
	: > requests
	lxg list -E work: | grep -q '^firefox .*Stopped'
	[ "$(grep -c ' /1.0/' requests)" = 1 ]
	[ "$(wc -l < turns)" = 2 ]
}

@test "remote: one that says nonsense of its sessions hides no other's" {
	printf '%s\n' other > others
	serve server
	echo exec-output > recorded
	say other abcdefgh
	mkdir -p said
	for nonsense in '' nonsense '[]' '{"sessions": [{"session": "../x"}]}' \
	    "$(head -c 2000000 /dev/zero | tr '\0' x)"; do
		echo "$nonsense" > said/firefox
		lxg list -E work: > out 2> log || [ "$?" = 76 ]
		grep -q '^other .* abcdefgh' out
		grep -q '^firefox .*Running  *- ' out
	done
	grep -q firefox log
	lxg-instance list -E work: > records
	jq -c 'del(.uid)' records > early
	[ -z "$(lxg-xpra list < early)" ]
	jq -c 'select(.instance == "other") | .uid = "x"' records > wrong
	run -65 --separate-stderr lxg-xpra list < wrong
	jq -c 'select(.instance == "other")' records >> wrong
	run -65 --separate-stderr lxg-xpra list < wrong
	[[ $output = *abcdefgh* ]]
}

@test "remote: a connection that ends in the middle of the list is 69, by name" {
	printf '%s\n' other > others
	serve server
	say firefox
	say other
	touch hangs_up
	run -69 --separate-stderr lxg list -E work:
	[[ $stderr == *"firefox: "*"other: "* ]]
}
