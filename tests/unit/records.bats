# Bad input to every program that reads records: the table of what each one
# has to refuse, before it asks an engine or touches the host.
bats_require_minimum_version 1.5.0

# The verbs that read records. No engine listens at the records' api, so one
# that asked it would end with 69.
STAGES='lxg-instance create
lxg-instance stop
lxg-instance del
lxg-mount plan share
lxg-mount add
lxg-mount list
lxg-mount del
lxg-map plan /etc/hostname
lxg-map add
lxg-map list
lxg-map del
lxg-acl grant
lxg-acl revoke
lxg-xpra start true
lxg-xpra join true
lxg-xpra attach
lxg-xpra list
lxg-xpra stop'

# A record that has all keys that any verb asks for.
GOOD='{"engine": "lxd", "api": "/nonexistent/socket", "project": "default",
"profile": "x", "instance": "x", "uuid": "u", "status": "Running",
"user": "debian", "uid": 1000, "gid": 1000, "home": "/home/debian",
"host_uid": 900000, "host_gid": 900000, "device": "lxg-0", "type": "disk",
"source": "/nonexistent/file", "path": "/x", "readonly": false, "perm": "rw",
"mode": "live", "dev": "1", "ino": "1", "grant": "user:900000:rw-",
"session": "s2345678", "socket": "/nonexistent/s2345678.sock", "command": ["true"],
"state": "live"}'

setup() {
	export HOME=$BATS_TEST_TMPDIR/home XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR/run
	unset XDG_STATE_HOME XDG_DATA_HOME LXG_HOME LXG_ENGINE LXG_PROJECT
	mkdir -m 700 "$HOME" "$XDG_RUNTIME_DIR"
	cd "$HOME" || return
}

# each FUNCTION ARG...: called with every stage behind its arguments; all that
# do not hold are named
each() {
	local stage failed=0
	while read -r stage; do
		# shellcheck disable=SC2086 # a stage is words
		"$@" $stage || { echo "^ $stage"; failed=1; }
	done <<<"$STAGES"
	return "$failed"
}

# ends FILE CODE TEXT STAGE...: reads the file, prints nothing, says the text
ends() {
	local file=$1 code=$2 text=$3
	shift 3
	run --separate-stderr "$@" <"$file"
	[[ $status = "$code" && $output = '' && $stderr = *"$text"* ]] &&
		[[ $text = '' || $stderr = "$1: "* ]] && return
	echo "$status, not $code: $output $stderr"
	return 1
}

# refused TEXT: what the file "in" holds is a bad record to all
refused() {
	each ends in 65 "$1"
}

# good JQ-FILTER: the record, changed by the filter, is in the file "in"
good() {
	jq -c "$1" <<<"$GOOD" >in
}

@test "records: no input at all is 66, quietly" {
	each ends /dev/null 66 ''
	each quiet
}

quiet() {
	run --separate-stderr "$@" </dev/null
	[ -z "$stderr" ]
}

@test "records: blank lines alone are no records, and done" {
	printf '\n \t\n\r\n' >in
	each blank
}

blank() {
	run --separate-stderr "$@" <in
	[[ $status = 0 && $output = '' && $stderr = '' ]] || return
	[ "$("$@" <in | wc -l)" = 1 ]
}

@test "records: what is not JSON is 65, with its line" {
	local text
	for text in x '{' '{}{}' '{"a":}' "{'a':1}" '{"a":1,}' '"' '{"a":"\u12"}'
	do
		printf '\n%s\n' "$text" >in
		refused 'line 2: not JSON'
	done
}

@test "records: JSON that is no object is 65" {
	local text
	for text in '[]' '"x"' 1 null true '[{}]'; do
		printf '\n\n%s\n' "$text" >in
		refused 'line 3: not a JSON object'
	done
}

@test "records: a NUL byte is 65" {
	printf '{"a":1}\0\n' >in
	refused 'line 1: not JSON'
}

@test "records: what is not UTF-8 is 65" {
	printf '{"instance":"\xff"}\n' >in
	refused 'line 1: not UTF-8'
	printf '{"instance":"\xc0\xaf"}\n' >in
	refused 'line 1: not UTF-8'
}

@test "records: a bad one behind a good one is 65, and nothing is done" {
	good .
	printf 'x\n' >>in
	refused 'line 2: not JSON'
}

@test "records: a key that is missing is 65, and named" {
	printf '{}\n' >in
	refused 'line 1: key "'
	refused 'is missing'
	good 'del(.project)'
	each ends in 65 'line 1: key "project" is missing'
}

@test "records: a key of the wrong type is 65, and named" {
	local value
	for value in 7 '{}' '[]' true; do
		good ".instance = $value | .profile = $value"
		refused '" is not a string'
		good ".project = $value"
		refused 'line 1: key "project" is not a string'
		good ".api = $value"
		refused 'line 1: key "api" is not a string'
	done
}

@test "records: a NUL in a string that is used is 65" {
	good '.instance = "a\u0000b" | .profile = "a\u0000b"'
	refused '" holds a NUL'
}

@test "records: names that an engine refuses are 65, before any request" {
	local name
	# lxg-acl asks no engine, and serves other scripts too
	STAGES=$(grep -v '^lxg-acl' <<<"$STAGES")
	for name in '' a/b .. -a a- 1a 'a b' "a'b" 'é' 'a?b' 'a\nb' a_b \
	    "$(printf 'a%.0s' {1..64})"; do
		good ".instance = \"$name\" | .profile = \"$name\""
		refused name
	done
	for name in '' a/b .. -a 'a b' 'a?b'; do
		good ".project = \"$name\""
		refused 'not a project'
	done
}

@test "records: ids that are none are 65" {
	local id
	STAGES='lxg-acl grant
lxg-acl revoke'
	for id in '"7"' -1 0.5 4294967295 1e20 null; do
		good ".host_uid = $id"
		refused 'key "host_uid"'
	done
}

@test "records: an engine that is not there is 69, or left to the next run" {
	STAGES='lxg-instance create
lxg-mount add
lxg-mount list
lxg-map add
lxg-map list
lxg-xpra start true'
	good .
	each ends in 69 '/nonexistent/socket'
}

# Verbs that take go on to the end: the record says what could not be done.
@test "records: taking from an engine that is not there is 75, and told" {
	local stage
	good .
	for stage in 'lxg-mount del' 'lxg-map del'; do
		# shellcheck disable=SC2086
		run --separate-stderr $stage <in
		[ "$status" = 75 ]
		jq -e '.error | contains("/nonexistent/socket")' <<<"$output"
		[[ $stderr = *"x: /nonexistent/socket"* ]]
	done
}

@test "records: what failed before is passed on by verbs that take, with 75" {
	good '.error = "why" | .other = {"a": [1, null]}'
	STAGES='lxg-instance stop
lxg-instance del
lxg-mount del
lxg-map del
lxg-acl revoke
lxg-xpra stop'
	each passes_on 75
}

@test "records: what failed before is refused by verbs that give" {
	good '.error = "why"'
	STAGES='lxg-instance create
lxg-mount plan xpra
lxg-mount add
lxg-map plan in
lxg-map add
lxg-acl grant
lxg-xpra start true'
	each ends in 65 'line 1: has failed before'
	# what names it has is not looked at, and makes no folder
	good '.error = "why" | .project = "a/../../../out"'
	each ends in 65 'line 1: has failed before'
	[ -z "$(find .. -name out)" ]
}

# passes_on CODE STAGE...: the record as it came, keys that nobody knows too
passes_on() {
	local code=$1
	shift
	run --separate-stderr "$@" <in
	[[ $status = "$code" && $output = "$(cat in)" ]]
}

@test "records: a dry one touches nothing, and unknown keys pass through" {
	good '.dry_run = true | .other = {"é": [1, null, "\u2028"]}'
	STAGES='lxg-instance stop
lxg-instance del
lxg-instance create
lxg-mount del
lxg-map del
lxg-acl grant
lxg-acl revoke
lxg-xpra attach
lxg-xpra stop'
	each passes_on 0
	[ "$(find . ../run)" = "$(printf '%s\n' . ./in ../run)" ]
}

@test "records: a dry one beside a real one is dry, and the real one is not" {
	local order program
	for order in '., .dry_run = true' '.dry_run = true, .'; do
		jq -c "$order" <<<"$GOOD" >in
		for program in lxg-mount lxg-map; do
			run --separate-stderr "$program" del <in
			[ "$status" = 75 ]
			jq -se 'sort_by(.dry_run) |
			    (.[0].error | contains("/nonexistent/socket")) and
			    (.[0] | has("dry_run") | not) and
			    (.[1].dry_run and (.[1] | has("error") | not))' \
			    <<<"$output"
		done
	done
}

@test "records: a full disk on standard output is 74" {
	printf '\n' >in
	each full
}

full() {
	run sh -c '"$@" <in >/dev/full' sh "$@"
	[[ $status = 74 && $output = "$1: standard output: "* ]]
}

@test "records: standard output that is closed is 74" {
	printf '\n' >in
	each closed
}

closed() {
	run sh -c '"$@" <in >&-' sh "$@"
	[[ $status = 74 && $output = "$1: standard output: "* ]]
}

@test "usage: an unknown verb or option, or none, is 64 with usage on stderr" {
	local program words
	printf '\n' >in
	for program in lxg-profile lxg-instance lxg-mount lxg-map lxg-acl \
	    lxg-xpra lxg-state; do
		for words in '' nonsense --nonsense -x; do
			# shellcheck disable=SC2086
			run --separate-stderr $program $words <in
			[ "$status" = 64 ]
			[[ $output = '' && $stderr = *"usage: $program"* ]]
		done
		run --separate-stderr $program --help
		[[ $status = 0 && $output = "usage: $program"* ]]
		run --separate-stderr $program --version
		[[ $status = 0 && $output = "$program "[0-9]* ]]
	done
	each odd_option
}

odd_option() {
	local program=$1 verb=$2
	run --separate-stderr "$program" "$verb" -Z <in
	[[ $status = 64 && $output = '' && $stderr = *"usage: $program $verb"* ]]
}

@test "usage: -n is an option of verbs with effects, and of no other" {
	printf '\n' >in
	local stage
	for stage in 'lxg-instance stop' 'lxg-instance del' 'lxg-mount add' \
	    'lxg-mount del' 'lxg-map add' 'lxg-map del' 'lxg-acl grant' \
	    'lxg-acl revoke' 'lxg-xpra stop'; do
		# shellcheck disable=SC2086
		run $stage -n <in
		[ "$status" = 0 ]
	done
	for stage in 'lxg-instance create' 'lxg-instance start' \
	    'lxg-instance get' 'lxg-instance list' 'lxg-xpra start' \
	    'lxg-xpra join' 'lxg-xpra attach'; do
		# shellcheck disable=SC2086
		run $stage -n x <in
		[ "$status" = 64 ]
	done
}

@test "records: on a terminal no control character of an instance's arrives" {
	printf '{"error":"x","title":"\302\233[2J\342\200\256\303\244"}\n' >in
	each shown_clean
	[[ $(script -qec 'lxg-xpra list <in' /dev/null </dev/null) = *title* ]]
	sed -i 's/"error":"x"/"dry_run":true/' in
	[[ $(script -qec 'lxg-acl grant <in' /dev/null </dev/null) = *title* ]]
}

# What a terminal gets is the same JSON in ASCII; a pipe gets the text.
shown_clean() {
	run script -qec "$* <in" /dev/null </dev/null
	! LC_ALL=C grep -q '[^ -~]' <<<"${output//$'\r'/}" || return 1
	[[ $output != *title* || $output = *'"\u009b[2J\u202e\u00e4"'* ]] ||
		return 1
	run "$@" <in
	[[ $output != *title* || $output = *$'[2J\u202e\u00e4"'* ]]
}
