# The engine's daemon killed: in the middle of add and of del at many moments,
# with one pipeline and with ten under way, and while a session is attached. One
# lxg recover makes it exact.
# shellcheck disable=SC2016,SC2154 # of env.sh, session.sh and run
bats_require_minimum_version 1.5.0

load ../env.sh
load ../session.sh
load root.sh

MOMENTS=3

setup_file()
{
	local n
	begin
	rm -rf work
	mkdir -m 700 work
	for n in 0 1 2 3 4 5 6 7 8 9; do
		echo "$n" > "work/$n"
	done
	chmod 600 work/1
	chmod 640 work/2
	chmod 444 work/3
	setfacl -n -m u:1:rwx,g:2:rw,m::r work/4
	setfacl -m u:1:r,o::- work/5
	touch -d 2001-02-03 work/*
	look work/* > before
}

teardown_file()
{
	finish
	rm -rf work
}

setup()
{
	rm -rf round
	mkdir round
}

teardown()
{
	as_root start
	over
	back work/*
} > /dev/null 2>&1

# all of an original that has to be the same in the end
look() { getfacl -n "$@"; stat -c '%n %a %u %g %i %Y' "$@"; cat "$@"; }

get() { lxg-instance get "$T"; }

granted() { get | lxg-map plan "$@" | lxg-acl grant; }
lend() { granted "$@" | lxg-map add; }
listed() { get | lxg-map list "$@"; }
back() { listed "$@" | lxg-map del | lxg-acl revoke; }

# noted NAME FUNCTION [FILE]...: how it ends, and what it says
noted()
{
	local name=$1
	shift
	(set -o pipefail; "$@") > "round/$name.out" 2> "round/$name.err" ||
	    echo $? > "round/$name.failed"
}

add() { lxg-map add < round/granted; }
del() { lxg-map del < round/listed | lxg-acl revoke; }

# before KIND: what is done already when the engine is killed
before()
{
	case $1 in
	add)	granted work/* > round/granted ;;
	del)	lend work/* > round/listed ;;
	both)	lend work/[0-4] > round/listed ;;
	esac
}

# under_way KIND: the pipelines that a kill is to hit, in the background
under_way()
{
	local n
	pids=''
	case $1 in
	add|del) noted "$1" "$1" & pids=$! ;;
	both)	for n in 0 1 2 3 4; do
			noted "$n" back "work/$n" & pids="$pids $!"
		done
		for n in 5 6 7 8 9; do
			noted "$n" lend "work/$n" & pids="$pids $!"
		done ;;
	esac 3>&-
}

# each is done, or has said what it could not do, and why; 66 is what stages
# behind a failed one say, and bash tells of the last stage
told()
{
	local file code
	for file in round/*.failed; do
		[ -e "$file" ] || continue
		hit=$((hit + 1))
		read -r code < "$file"
		case $code in
		66 | 69 | 71 | 75) [ -s "${file%failed}err" ] ;;
		*)	false ;;
		esac || { cat "$file" "${file%failed}err"; return 1; }
	done
}

# what the engine has is what is granted, and nothing else is mounted inside
agree()
{
	engine_api GET "/1.0/instances/$T" | jq -r '.devices | to_entries[] |
	    select(.value["user.lxg.mode"]) | .key' > devices
	lxg-acl list | jq -r 'select(.mode).device' | sort | diff devices -
	listed | jq -r '.path // empty' | sort > paths
	mounted | comm -23 - paths | diff /dev/null -
	[ "$(getfacl -cn work/* | grep -c "^user:$(jq .host_uid record):")" = \
	    "$(wc -l < paths)" ]
}

# mounted: the files that are, inside
mounted()
{
	inside awk '$5 ~ "/lent/" { print $5 }' /proc/self/mountinfo | sort -u
}

# exact: all is taken back, and nothing is left of it
exact()
{
	back work/* > round/back
	run ! grep '"error"' round/back
	look work/* | diff before -
	agree
}

# after: one recover, or else what an ordinary step makes of it
recovered()
{
	lxg recover -f > round/recover 2>&1 || { cat round/recover; return 1; }
	agree
	[ -z "$(lxg recover -f 2>&1)" ]
}

again()
{
	lend work/* > /dev/null
	agree
}

# kill_in KIND MS HEAL: the engine is killed so long after the start
kill_in()
{
	rm -f round/*
	before "$1"
	under_way "$1"
	# when to kill is what is tried here
	sleep "$(printf '%d.%03d' "$(($2 / 1000))" "$(($2 % 1000))")"
	as_root kill
	# shellcheck disable=SC2086 # numbers
	wait $pids
	told
	as_root start
	"$3"
	exact
}

# walk KIND: killed at moments all over the time that it takes undisturbed
walk()
{
	local start n took heal=recovered hit=0
	before "$1"
	start=$(date +%s%3N)
	under_way "$1"
	# shellcheck disable=SC2086 # numbers
	wait $pids
	took=$(($(date +%s%3N) - start))
	exact
	for n in $(seq "$MOMENTS"); do
		n=$((took * n / (MOMENTS + 1)))
		echo "killed after $n of $took ms, then $heal"
		kill_in "$1" "$n" "$heal"
		[ "$heal" = again ] && heal=recovered || heal=again
	done
	echo "# $LXG_ENGINE killed in $1: $MOMENTS kill points in $took ms," \
	    "$hit pipelines cut off" >&3
}

@test "killed in the middle of add" {
	walk add
}

@test "killed in the middle of del" {
	walk del
}

@test "killed with ten pipelines under way, half of them add" {
	walk both
}

@test "killed, and the instance too: what is lent comes back from the engine" {
	lend work/* > lent
	as_root kill
	run -69 lxg-instance get "$T"
	[[ $output == *"no engine answers"* ]]
	run -69 lxg unmap "$T"
	as_root start
	get | lxg-instance stop -f > /dev/null
	rm -rf "$XDG_RUNTIME_DIR/lxg"
	mv .local/state/lxg/state.db round/
	lxg-instance start "$T" | lxg-map list > listed
	mv round/state.db .local/state/lxg/
	[ "$(jq -r .source_state listed | sort -u)" = same ]
	jq -cS 'del(.grant, .status)' lent | sort > want
	jq -cS 'del(.source_state, .status)' listed | sort | diff want -
	agree
	[ -z "$(lxg recover 2>&1)" ]
	exact
}

live() { [ "$(lxg-xpra list < record | jq -r .state)" = live ]; }

@test "killed while attached: the session goes on, its end is told" {
	local code=0
	start sh -c 'xterm; exit 7'
	attach
	wait_until 20 live
	as_root kill
	run -125 lxg attach "$T" true
	echo "$output"
	[[ $output == *"no engine answers"* ]]
	xdotool mousemove 100 100
	xdotool type 'touch share/typed; exit
'
	wait_until 20 test -e "$SHARE/typed"
	wait "$client" || code=$?
	client=''
	[ "$code:$(jq -c '[.state, .exit_status]' s2)" = '0:["ended",7]' ]
	[ ! -s log ]
	[ -z "$(titles)" ]
	[ -z "$(find "$XDG_RUNTIME_DIR/lxg" ! -type d)" ]
	as_root start
	[ "$(lxg-xpra list < record)" = '' ]
	[ "$(lxg attach "$T" id -u)" = "$(jq .uid record)" ]
}
