# Read by the bats files that need an engine: `load ../env.sh`. The driver
# gives LXG_ENGINE and LXG_STAGE, an install to be tested.
# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC1091,SC2034

: "${LXG_ENGINE:?lxd or incus}" "${LXG_STAGE:?the folder of a staged install}"
PATH=$LXG_STAGE/usr/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin

# watched: from here on by programs that watch themselves, where the driver has
# such in LXG_WATCHED
watched()
{
	[ -n "${LXG_WATCHED-}" ] || return 0
	. "${BASH_SOURCE[0]%/*}/watched.sh"
	PATH=$LXG_WATCHED/usr/bin:${PATH#"$LXG_STAGE/usr/bin:"}
	LXG_STAGE=$LXG_WATCHED
	export PATH LXG_STAGE
}

# What enemies, faults and lies are tried on; of the walks, which are long, each
# says so itself.
case $BATS_TEST_FILENAME in
*/fault/engine.bats)	;;
*/attack/* | */fault/* | */fuzz/*)	watched ;;
esac
export LXG_WAIT=${LXG_WAIT:-300}	# no boot takes longer, and no suite hangs
export WAIT_FACTOR=${WAIT_FACTOR:-4}	# two suites have the machine
# What waits for real programs fails where the machine is slower than they are
# patient: one more try. The end of make test names what had it, with what was
# said the first time: an attack that succeeds now and then is to be seen there.
BATS_TEST_RETRIES=1
unset LXG_DATADIR LXG_PROJECT LXG_HOME XDG_STATE_HOME XDG_DATA_HOME
[ -n "${HOST_X-}" ] || unset DISPLAY XAUTHORITY

# a name, a home and a runtime folder for each file: they may run side by side,
# and so may runs with another LXG_TEST
T=${LXG_TEST:-t}-$LXG_ENGINE-$(basename "$BATS_TEST_FILENAME" .bats)
HOME=$(getent passwd "$(id -u)" | cut -d : -f 6)/tests/$T
XDG_RUNTIME_DIR=/run/user/$(id -u)/$T
mkdir -p "$HOME"
[ -d "$XDG_RUNTIME_DIR" ] || mkdir -m 0700 "$XDG_RUNTIME_DIR"
export PATH HOME XDG_RUNTIME_DIR LXG_ENGINE LXG_STAGE T
cd "$HOME" || exit

project=default engine=$LXG_ENGINE
# engine_api METHOD PATH [JSON], engine_raw PATH
. "$LXG_STAGE/tests/api.sh" || exit
# wait_until SECONDS COMMAND..., host_display FOLDER [WIDTHxHEIGHT], stop_display
. "$LXG_STAGE/mk/display"
. "$LXG_STAGE/tests/jobs.sh" # end_jobs [SIGNAL]
# asked once a file: a test is a process of its own
socket=${LXG_TEST_SOCKET:-$(lxg-instance where -E "$engine" | jq -r .api)}
export LXG_TEST_SOCKET=$socket
[ -n "$socket" ] || exit 69

# tool FILE.c [FLAG...]: builds one of the tests' own, in BATS_FILE_TMPDIR
tool()
{
	cc -O2 -D_GNU_SOURCE -o "$BATS_FILE_TMPDIR/$(basename "$1" .c)" \
	    "$BATS_TEST_DIRNAME/$1" "${@:2}"
}

# json_strings WORD...: a JSON array of them, by what is faster than to begin a jq
json_strings()
{
	local word list='' comma=''
	for word; do
		word=${word//"\\"/"\\\\"}
		word=${word//'"'/'\"'}
		word=${word//$'\n'/'\n'}
		word=${word//$'\t'/'\t'}
		[[ $word != *[[:cntrl:]]* ]] || {
			jq -cn '$ARGS.positional' --args -- "$@"
			return
		}
		list+=$comma\"$word\" comma=,
	done
	printf '[%s]\n' "$list"
}

# exec_in NAME UID GID COMMAND...: runs it there and prints what it prints. The
# engine records it: its own client can lose what a program prints that ends at
# once.
exec_in()
{
	local name=$1 uid=$2 gid=$3 answer body n status=71
	shift 3
	body='{"command": '$(json_strings "$@")', "user": '$uid', "group": '$gid',
	    "record-output": true, "wait-for-websocket": false}'
	# one that has too much to do gives up what it has not begun
	for n in 1 2 3; do
		case $status in
		71 | 75) ;;
		*)	break ;;
		esac
		status=0
		answer=$(engine_api POST "/1.0/instances/$name/exec" "$body") ||
		    status=$?
	done
	[ "$status" = 0 ] || return "$status"
	status=$(recorded '"return":(-?[0-9]+)') || return
	engine_raw "$(recorded '"1":"([^"]*)"')"
	engine_raw "$(recorded '"2":"([^"]*)"')" >&2
	return "$status"
}

# recorded REGEX: its group, in exec_in's answer
recorded()
{
	[[ $answer =~ $1 ]] || {
		printf 'no answer to an exec: %s\n' "$answer" >&2
		return 76
	}
	printf '%s\n' "${BASH_REMATCH[1]}"
}

# make_instance NAME [USER-DATA]...: a running one; prints its record
make_instance()
{
	lxg-profile put "$@" | lxg-instance create -i lxg
}

# there_is PATH: the engine has that, or does not say that it has not
there_is()
{
	local status=0
	engine_api GET "$1" || status=$?
	[ "$status" != 1 ]
}

# drop_instance NAME: whatever state it is in, and whatever is being done to it
drop_instance()
{
	local n
	lxg delete -f "$1" || :
	for n in $(seq 60); do
		there_is "/1.0/instances/$1" || break
		[ "$n" = 1 ] || sleep 1
		engine_api PUT "/1.0/instances/$1/state" \
		    '{"action": "stop", "force": true, "timeout": 30}' || :
		engine_api DELETE "/1.0/instances/$1" || :
	done
	engine_api DELETE "/1.0/profiles/$1" || :
} > /dev/null 2>&1

# ours: the instances of this file that are there
ours()
{
	local all
	all=$(engine_api GET /1.0/instances 2> /dev/null) || return
	tr ',' '\n' <<< "$all" | sed -n 's/^[^"]*"\/1.0\/instances\/\([^"?]*\).*/\1/p' |
	    grep -xE "$T(-[0-9]+)?(-[a-z]|-[0-9a-f]{8})?" || :
}

# another try begins with those that were there when the first one did
case ${BATS_TEST_NUMBER:+${BATS_TEST_TRY_NUMBER-}} in
'')	;;
1)	! before=$(ours) || echo "$before" > "$BATS_FILE_TMPDIR/before" ;;
*)	[ ! -e "$BATS_FILE_TMPDIR/before" ] ||
	    for name in $(ours | grep -vxFf "$BATS_FILE_TMPDIR/before"); do
		drop_instance "$name"
	    done ;;
esac

# stand_in FOLDER COMMAND [ARG]...: what lxg-xpra in that folder has for its
# client, but for the look at the host's display
# shellcheck disable=SC2016 # of the script it makes
stand_in()
{
	local folder=$1
	shift
	printf '#!/bin/sh\n[ "${1-}" != -w ] || exec %s "$@"\nexec%s "$@"\n' \
	    "$LXG_STAGE/usr/bin/lxg-client" "$(printf " '%s'" "$@")" \
	    > "$folder/lxg-client"
	chmod 755 "$folder/lxg-client"
}
