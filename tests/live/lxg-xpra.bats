#!/usr/bin/env bats
# Sessions on a real engine, with the real server and client.

bats_require_minimum_version 1.5.0
load ../env.sh

N=$T

setup_file()
{
	drop_instance "$N"
	rm -rf .local
	make_instance "$N" > record
	lxg-mount plan xpra share maps < record | lxg-acl grant |
	    lxg-mount add > devices
	host_display "$HOME"
}

teardown_file()
{
	stop_display
	drop_instance "$N"
}

setup()
{
	rm -f s out log argv
}

teardown()
{
	end_jobs
	wait_until 10 no_jobs || :
	[ -z "${SSH_AGENT_PID-}" ] || ssh-agent -k > /dev/null || :
	lxg-xpra list < record | lxg-xpra stop > /dev/null
}

no_jobs() { [ -z "$(jobs -pr)" ]; }

# the windows that the client shows, their names first
windows()
{
	xwininfo -root -tree | sed 's/^ *0x[0-9a-f]* //' | grep "\"lxg-$N\""
}
no_windows() { ! windows; }
shown() { windows > /dev/null; }
on_second()
{
	DISPLAY=$(jq -r .DISPLAY second/env) \
	    XAUTHORITY=$HOME/second/.Xauthority "$@"
}
# what is typed goes there
visible() { xdotool search --onlyvisible --class "^lxg-$N\$" > /dev/null; }
state() { jq -r .state < "${1-s}"; }
all_live()
{
	[ "$(lxg-xpra list < record | grep -c '"live".*"attached":true')" = 8 ] &&
	    [ "$(cat out.? | wc -l)" = 8 ]
}
is_live() { [ "$(lxg-xpra list < record | jq -r .state)" = live ]; }
inside() { lxg-xpra join -O 1 -- "$@" < s 3>&1 | sed '$d'; }
xpra_folder() { dirname "$(jq -r .socket < s)"; }
# processes of the login user in the instance that are not systemd's
left()
{
	local uid
	uid=$(jq -r .host_uid < record)
	ps -ww -o cgroup=,args= -U "$uid" | grep "lxc.payload.${N}[/ ]" |
	    sed 's/^[^ ]* *//' | grep -v -e '^/lib/systemd/systemd --user' \
	    -e '^(sd-pam)' -e dbus-daemon -e defunct -e pulseaudio -e dconf
}
nothing_left() { ! left; }

@test "a window on the host's display, typing, the program's exit status" {
	lxg-xpra start xterm < record > s
	[ "$(state)" = starting ]
	lxg-xpra attach < s > out 2> log &
	wait_until 20 visible
	[[ $(windows) == *"[$N]"* ]]
	wait_until 20 is_live
	[[ $(cat "$(xpra_folder)/$(jq -r .session s)/version") = [3-9].* ]]
	xdotool mousemove 100 100
	xdotool type 'touch ~/share/typed; exit
'
	wait $!
	[ "$(jq .exit_status < out)" = 0 ]
	[ "$(state out)" = ended ]
	[ -e "$(dirname "$(xpra_folder)")/share/typed" ]
	no_windows
	[ ! -s log ]
}

@test "arguments arrive byte for byte" {
	set -- 'two  spaces ' '$HOME ${HOME} $$ $(id) `id`' "it's \"quoted\"" \
	    $'new\nline' '' '-n' '%n %% \x41 \\' 'ünï→汉字' '*' '&;|<>' '~'
	printf '%s\0' "$@" > argv
	lxg-xpra start sh -c 'printf "%s\0" "$@"' sh "$@" < record |
	    lxg-xpra attach -O 5 5> out > s
	[ "$(jq .exit_status < s)" = 0 ]
	cmp argv out
	[ "$(jq -r '.command[4]' < s)" = 'two  spaces ' ]
}

# root_in COMMAND...: as root in the instance
root_in() { exec_in "$N" 0 0 "$@"; }

@test "ps inside shows lxg-session and its name; what it runs is root's file" {
	lxg-xpra start sleep 1000 < record > s
	wait_until 20 is_live
	id=$(jq -r .session s)
	pid=$(cat "$(xpra_folder)/$id/pid")
	# shellcheck disable=SC2009 # by its number
	[ "$(root_in ps -o comm= -p "$pid")" = lxg-session ]
	[ "$(root_in ps -o args= -p "$pid" | xargs)" = "lxg-session $id" ]
	[ "$(root_in ps -ww -e -o args= | grep -c 'class Session')" = 0 ]
	root_in ps -ww -e -o args= | grep -q "^xpra start :"
	[ "$(root_in stat -c %U:%a /run/lxg /run/lxg/session.pyc | sort -u |
	    xargs)" = 'root:644 root:755' ]
}

@test "the file is written once, and anew where it is of another version" {
	lxg-xpra start true < record | lxg-xpra attach > /dev/null
	made=$(root_in stat -c %i /run/lxg/session.pyc)
	lxg-xpra start true < record | lxg-xpra attach > /dev/null
	[ "$(root_in stat -c %i /run/lxg/session.pyc)" = "$made" ]
	root_in sh -c 'echo exit > /run/lxg/session.py
	    printf older > /run/lxg/session.pyc'
	lxg-xpra start sh -c 'exit 6' < record | lxg-xpra attach > s
	[ "$(jq .exit_status s)" = 6 ]
	root_in sh -c '! grep -q "^exit$" /run/lxg/session.py'
}

@test "join: arguments, the session's display, output, exit status" {
	set -- '$HOME $$' "it's" $'new\nline' ''
	printf '%s\0' :0 "$@" > argv
	lxg-xpra start sleep 1000 < record > s
	wait_until 20 is_live
	lxg-xpra join -O 5 sh -c 'printf "%s\0" "$DISPLAY" "$@"; exit 5' sh \
	    "$@" < s 5> out > joined
	[ "$(jq .exit_status < joined)" = 5 ]
	[ "$(tr '\0' '\n' < out | sed -n '2,$p')" = \
	    "$(tr '\0' '\n' < argv | sed -n '2,$p')" ]
	lxg-xpra join xterm -e true < s
	run -127 lxg-xpra join -O 1 /nonexistent < s 3>&1 || :
	lxg-xpra stop < s
	run -1 lxg-xpra join true < s
	[[ $output == *"is gone"* ]]
}

@test "what is printed comes live, byte for byte, and in full" {
	lxg-xpra start sh -c 'echo first; while [ ! -e share/go ]; do
		sleep 0.1; done; printf "\033]52;c;eA==\a\377"; head -c 3000000 \
		/dev/zero | tr "\0" x; exit 9' < record > s
	share=$(dirname "$(xpra_folder)")/share
	rm -f "$share/go"
	lxg-xpra attach -O 5 5> out < s > s2 &
	wait_until 20 grep -q first out
	touch "$share/go"
	wait $!
	[ "$(jq .exit_status < s2)" = 9 ]
	{ printf 'first\n\033]52;c;eA==\a\377'; head -c 3000000 /dev/zero |
	    tr '\0' x; } | cmp - out
}

# bats test_tags=once
@test "detach by a signal, find it again, stop it" {
	lxg-xpra start xterm < record > s
	for signal in INT TERM HUP; do
		lxg-xpra attach < s > s2 2> log &
		wait_until 20 shown
		kill -$signal $!
		wait $!
		[ "$(jq -c '[.state, .exit_status]' < s2)" = '["live",null]' ]
		no_windows
		wait_until 20 is_live
		[ ! -s log ]
		mv s2 s
	done
	[ "$(lxg-xpra list < record | jq -c '[.command, .attached]')" = \
	    '[["xterm"],false]' ]
	[ "$(lxg-xpra list < record | lxg-xpra stop | jq -r .state)" = ended ]
	[ "$(lxg-xpra list < record)" = '' ]
	# gone is gone, and that is no error
	[ "$(lxg-xpra stop < s | jq -r .state)" = ended ]
	[ -z "$(ls -A "$(xpra_folder)")" ]
	wait_until 10 nothing_left
}

# bats test_tags=once
@test "a signal that is ignored, as nohup does, ends nothing" {
	lxg-xpra start xterm < record > s
	(trap '' HUP; exec lxg-xpra attach < s > out 2> log) &
	wait_until 20 shown
	kill -HUP $!
	lxg-xpra join true < s > /dev/null
	kill -0 $!
	shown
	kill -TERM $!
	wait $!
	[ "$(state out)" = live ]
}

@test "a start that is interrupted leaves no session" {
	for delay in 0.02 0.03 0.05 0.08 0.12 0.2; do
		status=0
		# which signals twice: the program, then its group
		timeout -s INT "$delay" lxg-xpra start sleep 1000 \
		    < record > s || status=$?
		[ -s s ] || [ "$status" = 124 ]
		[ -s s ] || [ -z "$(lxg-xpra list < record)" ]
		lxg-xpra list < record | lxg-xpra stop > /dev/null
	done
}

@test "a start that nobody reads leaves no session" {
	run -74 sh -c 'lxg-xpra start sleep 1000 < record > /dev/full'
	[ "$(lxg-xpra list < record)" = '' ]
	# its reader has gone by then
	lxg-xpra start sleep 1000 < record | true
	[ "$(lxg-xpra list < record)" = '' ]
}

# helper VERB SESSION [ARG]...: what lxg-xpra runs inside, as root
helper()
{
	local data=$LXG_STAGE/usr/share/lxg
	as_root python3 -I -c "$(cat "$data/helper.py")" "$1" "$2" "$(jq .uid record)" \
	    ${3+"$3" '{}' "$(cd "$data" && cat display.py sound.py \
	    input.py server.py session.py)" "${@:4}"}
}

@test "a start that is late finds that it was stopped" {
	lxg-xpra start true < record > s
	lxg-xpra attach < s > /dev/null
	helper stop late
	run ! helper start late '[]' sleep 1000
	[ -z "$(ls -A "$(xpra_folder)")" ]
	wait_until 10 nothing_left
}

# ended_at DELAY [COMMAND]...: an attach that is told to end after so many
# seconds does, and its client
ended_at()
{
	local code=0
	timeout -k 20 -s TERM "$1" "${@:2}" lxg-xpra attach < s > s2 || code=$?
	[ "$code" = 124 ]
	run ! clients
}

# by its arguments: nobody may read its environment
client() { pgrep -u "$(id -u)" -f "lxg-client -C .*-c lxg-$N( |\$)"; }

# clients: of this instance, and attaches, which may be about to be one
clients()
{
	local pid
	client && return
	for pid in $(pgrep -u "$(id -u)" -x lxg-xpra); do
		! grep -qzx "T=$T" "/proc/$pid/environ" || return 0
	done 2> /dev/null
	return 1
}

# bats test_tags=once
@test "an attach that is ended at once leaves no client" {
	lxg-xpra start sleep 1000 < record > s
	wait_until 20 is_live
	# one that is there is seen
	lxg-xpra attach < s > s2 &
	wait_until 20 client
	clients
	kill $!
	wait $!
	for delay in $(seq 0.004 0.002 0.06); do
		ended_at "$delay"
	done
	# the client begins its process group and forks between our signals
	for delay in $(seq 0.004 0.004 0.1); do
		ended_at "$delay" strace -DD -o /dev/null \
		    -e inject=kill:delay_enter=5000
	done
}

# met N: has the server of s had so many clients?
met()
{
	[ "$(grep -c 'Handshake complete' \
	    "$(xpra_folder)/$(jq -r .session s)/log")" -ge "$1" ]
}

# bats test_tags=once
@test "a server that takes no more connections is waited for" {
	lxg-xpra start sleep 1000 < record > s
	lxg-xpra attach < s > s2 2> log &
	wait_until 20 met 1
	kill $!
	wait $!
	kill_inside xpra STOP
	for i in $(seq 9); do
		ended_at 0.2
	done
	lxg-xpra attach < s > s2 2> log &
	sleep 1
	kill_inside xpra CONT
	wait_until 20 met 2
	kill $!
	wait $!
}

# bats test_tags=once
@test "a display that doesn't answer is not waited for, nor a lock left there" {
	lxg-xpra start xterm < record > s
	kill -STOP "$HOST_X"
	ended_at 1
	kill -CONT "$HOST_X"
	lock=$XDG_RUNTIME_DIR/lxg/$LXG_ENGINE/default/$N/$(jq -r .session s)
	: > "$lock/cookie-c"
	: > "$lock/cookie-l"
	lxg-xpra attach < s > s2 &
	WAIT_FACTOR=1 wait_until 15 shown
	lxg-xpra stop < s > /dev/null
	wait $! || :
	[ ! -e "$lock" ]
}

# bats test_tags=once
@test "a second attach is refused" {
	lxg-xpra start xterm < record > s
	lxg-xpra attach < s > s2 &
	wait_until 20 shown
	run -75 lxg-xpra attach < s
	[[ $output == *"attached already"* ]]
	shown
	[ "$(lxg-xpra list < record | jq .attached)" = true ]
}

# bats test_tags=once
@test "a killed attach leaves no client, and the program running" {
	lxg-xpra start xterm < record > s
	lxg-xpra attach < s > s2 &
	wait_until 20 shown
	kill -KILL $!
	wait $! || :
	wait_until 10 no_windows
	is_live
	lxg-xpra attach < s > s2 &
	wait_until 20 shown
}

# bats test_tags=once
@test "a killed client: 69, told, and the program goes on" {
	lxg-xpra start xterm < record > s
	lxg-xpra attach < s > s2 2> log &
	wait_until 20 shown
	pkill -KILL -P "$!" -x lxg-client
	code=0
	wait $! || code=$?
	[ "$code" = 69 ]
	grep -q 'ended by signal 9' log
	is_live
}

# bats test_tags=once
@test "the host's X server dies: 69, told, and the program goes on" {
	mkdir -p second
	(
		host_display "$HOME/second" 3>&-
		jq -n '$ENV | {DISPLAY, XAUTHORITY, HOST_X}' > second/env
	)
	lxg-xpra start xterm < record > s
	on_second lxg-xpra attach < s > s2 2> log &
	wait_until 20 on_second shown
	kill -KILL "$(jq -r .HOST_X second/env)"
	code=0
	wait $! || code=$?
	[ "$code" = 69 ]
	grep -q 'display' log
	is_live
}

@test "a killed server, and a killed supervisor: told, nothing hangs" {
	for victim in xpra Xvfb supervisor; do
		# a program that takes its time to end: the client is faster
		lxg-xpra start sh -c 'trap "" TERM; xterm; sleep 1000' \
		    < record > s
		lxg-xpra attach < s > s2 2> log &
		wait_until 20 shown
		kill_inside "$victim"
		code=0
		wait $! || code=$?
		[ "$code" = 69 ]
		grep -q 'over, and not by' log
		no_windows
		lxg-xpra list < record | lxg-xpra stop > /dev/null
		wait_until 10 nothing_left
	done
}

@test "stopped while attached" {
	lxg-xpra start xterm < record > s
	lxg-xpra attach < s > s2 2> log &
	wait_until 20 shown
	lxg-xpra stop < s > /dev/null
	code=0
	wait $! || code=$?
	[ "$code" = 69 ]
	grep -q 'was stopped' log
	no_windows
	[ -z "$(ls -A "$(xpra_folder)")" ]
}

@test "the usual causes are told" {
	run -127 lxg-xpra start no-such-program < record
	[[ $output == *"no-such-program: no such program in the instance"* ]]
	[[ $output != *"instance?"* ]]
	run -126 lxg-xpra start /etc/passwd < record
	lxg-xpra start xterm < record > s
	wait_until 20 is_live
	lxg-xpra list < record > s
	run -78 env -u DISPLAY lxg-xpra attach < s
	[[ $output == *"DISPLAY is not set"* ]]
	run -78 env DISPLAY=localhost:10.0 lxg-xpra attach < s
	[[ $output == *"DISPLAY is localhost:10.0: is the X server running"* ]]
	run -78 env DISPLAY=:9999 lxg-xpra attach < s
	[[ $output == *"DISPLAY is :9999: is the X server running"* ]]
	rm -rf none
	mkdir none
	run -78 env PATH="$HOME/none" "$(command -v lxg-xpra)" attach < s
	[[ $output == *"xauth is not installed"* ]]
	lxg-xpra attach < s > s2 &
	wait_until 20 shown
}

# each failed attempt has told why, and left no session
no_session() { [ -z "$(lxg-xpra list < record)" ] && [ -z "$(ls -A "$folder")" ]; }

@test "what can't be shown is not started, and an attach that can't show it ends it" {
	lxg-xpra start true < record | lxg-xpra attach > s
	folder=$(xpra_folder)
	Xvfb -displayfd 4 -extension SECURITY -nolisten tcp 4> weak 3>&- \
	    > /dev/null 2>&1 &
	weak=$!
	wait_until 20 test -s weak
	for host in '-u DISPLAY' DISPLAY=:9999 "DISPLAY=:$(cat weak)" \
	    "PATH=$LXG_STAGE/usr/bin"; do
		# shellcheck disable=SC2086 # words
		case $host in
		PATH*)	;;	# xauth is looked for by attach
		*)	run -78 env $host lxg-xpra start -d xterm < record
			no_session
			run -125 env $host lxg attach "$N" xterm
			no_session ;;
		esac
		lxg-xpra start xterm < record > s
		# shellcheck disable=SC2086
		run -78 env $host lxg-xpra attach < s
		no_session
	done
	kill "$weak"
	[[ $output == *"xauth is not installed"* ]]
	# one that was there before goes on
	lxg-xpra start xterm < record > s
	wait_until 20 is_live
	lxg-xpra list < record > s2
	run -78 env -u DISPLAY lxg-xpra attach < s2
	is_live
}

# bats test_tags=once
@test "a client that is missing on the host is told" {
	rm -rf alone
	mkdir alone
	cp "$LXG_STAGE/usr/bin/lxg-xpra" alone/
	lxg-xpra start xterm < record > s
	LXG_DATADIR=$LXG_STAGE/usr/share/lxg run -78 alone/lxg-xpra attach < s
	[[ $output == *"alone/lxg-client"*"the client is not installed"* ]]
}

# bats test_tags=once
@test "options of xpra's client that there are no more: 64, and what to use" {
	lxg-xpra start xterm < record > s
	wait_until 20 is_live
	lxg-xpra list < record > s
	for option in --clipboard=yes --opengl=yes --speaker=on --encoding=rgb \
	    --dpi=96 --readonly=yes --nonsense; do
		run -64 lxg-xpra attach -o "$option" < s
		[[ $output == *"-o $option: no"* ]]
	done
	run -64 lxg-xpra attach -o --border=colourful < s
	[[ $output == *"colourful: no colour"* ]]
	is_live
}

# bats test_tags=once
@test "a server of another age: 78, by its version, and no byte for it" {
	lxg-xpra start xterm < record > s
	wait_until 20 is_live
	lxg-xpra list < record > s
	for version in 2.5 7.0 nonsense '6; rm'; do
		lxg-xpra join sh -c 'echo "$2" > "/var/lib/lxg/xpra/$1/version"' \
		    sh "$(jq -r .session s)" "$version" < s > /dev/null
		run -78 lxg-xpra attach < s
		[[ $output == *"its server is xpra $version"* ]]
	done
	# one from before sessions said it
	lxg-xpra join sh -c 'rm "/var/lib/lxg/xpra/$1/version"' sh \
	    "$(jq -r .session s)" < s > /dev/null
	lxg-xpra attach < s > s2 &
	wait_until 20 shown
}

@test "what is missing in the instance is told" {
	for file in /usr/bin/xpra /usr/lib/python3/dist-packages/PIL; do
		move "$file" "$file.away"
		run -78 lxg-xpra start xterm < record
		move "$file.away" "$file"
		[[ $output == *"is not installed in the instance"* ]]
	done
}

# pause freeze|unfreeze
pause() { engine_api PUT "/1.0/instances/$N/state" '{"action": "'"$1"'"}'; }

@test "a frozen instance is named: nothing begins, nothing is said to be over" {
	lxg-xpra start sleep 1000 < record > s
	wait_until 20 is_live
	pause freeze > /dev/null
	run -78 lxg-xpra start xterm < record
	[[ $output == *"frozen"*"thaws it"* ]]
	run -75 lxg-xpra stop < s
	[[ $output == *"frozen"* ]]
	pause unfreeze > /dev/null
	is_live
	lxg-xpra stop < s > /dev/null
	[ -z "$(lxg-xpra list < record)" ]
}

# bats test_tags=once
@test "an xpra that is too old or too new is told by its version" {
	file=/usr/lib/python3/dist-packages/xpra/__init__.py
	for version in 2.5.3 7.0; do
		as_root sed -i.real "s/^__version__ = .*/__version__ = '$version'/" \
		    "$file"
		run -78 lxg-xpra start xterm < record
		move "$file.real" "$file"
		[[ $output == *"xpra $version is in the instance"*"3 to 6"* ]]
	done
	[ -z "$(lxg-xpra list < record)" ]
}

# kill_inside WHAT [SIGNAL]: of a session, xpra's server, Xvfb or the supervisor
kill_inside()
{
	lxg-xpra join sh -c 'supervisor=$(cat "/var/lib/lxg/xpra/$1/pid")
		case $0 in
		supervisor)
			kill "-$2" "$supervisor" ;;
		*)	pkill "-$2" -P "$supervisor" -x "$0" ;;
		esac' "$1" "$(jq -r .session s)" "${2-KILL}" < s > /dev/null 2>&1 || :
}

as_root() { exec_in "$N" 0 0 "$@"; }

# move FROM TO: in the instance, as root
move()
{
	as_root mv "$1" "$2"
}

# address: the one of IPv4 that the engine's bridge gave it
address()
{
	engine_api GET "/1.0/instances/$N/state" | jq -r '.network.eth0.addresses[] |
	    select(.family == "inet" and .scope == "global").address'
}

# bats test_tags=once
@test "the client's options: -o wins" {
	lxg-xpra start xterm < record > s
	lxg-xpra attach -o '--title=mine @title@' < s > s2 &
	wait_until 20 shown
	[[ $(windows) == '"mine '* ]]
}

# bats test_tags=once
@test "the host's keyboard layout, with an untrusted cookie as well" {
	setxkbmap de
	lxg-xpra start xterm -u8 -e sh -c 'cat > share/typed' < record > s
	lxg-xpra attach < s > s2 2> log &
	wait_until 20 visible
	xdotool mousemove 100 100 type 'zyZY/-äöüß
'
	xdotool key ctrl+d
	wait $!
	setxkbmap us
	[ "$(cat "$(dirname "$(xpra_folder)")/share/typed")" = 'zyZY/-äöüß' ]
}

@test "no window at all: output and status" {
	run lxg-xpra start id -u < record
	lxg-xpra attach -O 5 <<< "$output" 5> out > s
	[ "$(cat out)" = "$(jq .uid < record)" ]
	[ "$(jq .exit_status < s)" = 0 ]
	lxg-xpra start sh -c 'kill -9 $$' < record | lxg-xpra attach > s
	[ "$(jq .exit_status < s)" = 137 ]
}

@test "eight sessions at once, none in another's way" {
	for i in 1 2 3 4 5 6 7 8; do
		lxg-xpra start sh -c 'echo $DISPLAY
		    until [ -e share/all ]; do sleep 0.1; done' \
		    < record > "s.$i" &
	done
	wait
	for i in 1 2 3 4 5 6 7 8; do
		lxg-xpra attach -O 5 5> "out.$i" < "s.$i" > "s2.$i" &
	done
	wait_until 60 all_live
	[ "$(cat out.? | grep -c '^:[0-9]*$')" = 8 ]
	[ "$(cat out.? | sort -u | wc -l)" = 8 ]
	: > "$(dirname "$(dirname "$(jq -r .socket s.1)")")/share/all"
	wait
	[ "$(jq .exit_status s2.? | sort | uniq -c | tr -s ' ')" = ' 8 0' ]
	[ "$(lxg-xpra list < record)" = '' ]
	rm -f s.? s2.? out.?
}

@test "-t ssh: arguments, status, pinned host keys, no question" {
	rm -f key key.pub
	ssh-keygen -q -t ed25519 -N '' -f key
	lxg-xpra start sh -c 'mkdir -p -m 700 .ssh
		echo "$1" > .ssh/authorized_keys' sh "$(cat key.pub)" \
		< record | lxg-xpra attach > s
	eval "$(ssh-agent 3>&-)"
	ssh-add -q key
	set -- '$HOME $$' "it's \"quoted\"" $'new\nline' '' '-n' 'ünï'
	printf '%s\0' "$@" > argv
	lxg-xpra start -t ssh sh -c 'printf "%s\0" "$@"; exit 5' sh "$@" \
	    < record | lxg-xpra attach -O 5 5> out > s
	[ "$(jq .exit_status < s)" = 5 ]
	cmp argv out
	lxg-xpra start -t ssh xterm < record > s
	lxg-xpra attach < s > s2 &
	wait_until 20 shown
	kill -INT $!
	wait $!
	lxg-xpra stop < s
	wait_until 10 nothing_left
	# two at once read the same file of keys
	for i in 1 2; do
		lxg-xpra start -t ssh sleep 1000 < record > "s.$i" &
	done
	wait
	[ "$(cat s.1 s.2 | jq -r .session | wc -l)" = 2 ]
	cat s.1 s.2 | lxg-xpra stop > /dev/null
	# a bridge made inside, as docker's, is not where the instance is
	as_root ip link add a0 type bridge
	as_root ip address add 172.17.200.1/16 dev a0
	as_root ip address add fd00:7::5/64 dev eth0 nodad
	lxg-xpra start -t ssh true < record | lxg-xpra attach > s
	[ "$(jq .exit_status < s)" = 0 ]
	# none of them answers: each is asked, the instance's own first
	mkdir -p bin
	cat > bin/ssh <<-'END'
	#!/bin/sh
	printf '%s\n' "$@" | sed -n 's/^HostName=//p' >> asked
	echo 'ssh: connect to host: Connection refused' >&2
	exit 255
	END
	chmod 755 bin/ssh
	rm -f asked
	PATH=$PWD/bin:$PATH run -69 lxg-xpra start -t ssh true < record
	as_root ip link del a0
	as_root ip address del fd00:7::5/64 dev eth0
	[[ $output == *"ssh to $(head -n 1 asked): "*refused* ]]
	[ "$(head -n 2 asked | grep -cxF -e fd00:7::5 -e "$(address)")" = 2 ]
	[ "$(tail -n +3 asked)" = 172.17.200.1 ]
	# one that never ends is given up
	printf '#!/bin/sh\nexec sleep 600\n' > bin/ssh
	chmod 755 bin/ssh
	PATH=$PWD/bin:$PATH LXG_TIMEOUT=5 run -69 lxg-xpra start -t ssh true < record
	[[ $output == *"no answer"* ]]
	# another host key, as an impostor's would be
	move /etc/ssh/ssh_host_ed25519_key.pub /etc/ssh/away.pub
	run -69 lxg-xpra start -t ssh true < record
	move /etc/ssh/away.pub /etc/ssh/ssh_host_ed25519_key.pub
	ssh-add -q -D
	run -69 lxg-xpra start -t ssh true < record
	[[ $output == *"Permission denied"* ]]
	ssh-agent -k
	unset SSH_AGENT_PID
	run -64 lxg-xpra start -t telnet true < record
}

@test "the instance is stopped by force while attached" {
	lxg-xpra start xterm < record > s
	lxg-xpra attach < s > s2 2> log &
	wait_until 20 shown
	lxg-instance stop -f < record > /dev/null
	code=0
	wait $! || code=$?
	[ "$code" = 69 ]
	no_windows
	[ "$(lxg-xpra list < record | lxg-xpra stop | jq -r .state)" = ended ]
	[ -z "$(ls -A "$(xpra_folder)")" ]
	run -1 lxg-xpra start xterm < record
	[[ $output == *"not running"* ]]
	lxg-instance start "$N" | lxg-xpra start true | lxg-xpra attach > s
	[ "$(jq .exit_status < s)" = 0 ]
}

@test "-n, errors and dry runs pass by" {
	jq -c '. + {dry_run: true}' < record > dry
	[ "$(lxg-xpra start xterm < dry | jq -r .state)" = starting ]
	[ "$(lxg-xpra list < record)" = '' ]
	lxg-xpra start xterm < record > s
	lxg-xpra stop -n < s | jq -e .dry_run
	wait_until 20 is_live
	run -75 lxg-xpra stop <<< '{"error": "earlier"}'
	[ "$output" = '{"error":"earlier"}' ]
	run -66 lxg-xpra attach < /dev/null
	[ "$output" = '' ]
}

@test "folders with paths that no socket's address has room for" {
	long=$(printf 'l%099d' 0)
	lxg-mount list < record | lxg-mount del -f | lxg-acl revoke > /dev/null
	export LXG_HOME=$HOME/.local/$long XDG_RUNTIME_DIR=$XDG_RUNTIME_DIR/$long
	rm -rf "$XDG_RUNTIME_DIR"
	mkdir -m 0700 "$LXG_HOME" "$XDG_RUNTIME_DIR"
	lxg-mount plan xpra share maps < record | lxg-acl grant |
	    lxg-mount add > devices
	lxg-xpra start xterm < record > s
	[[ $(xpra_folder) == "$LXG_HOME"/* ]]
	lxg-xpra attach < s > s2 2> log &
	wait_until 20 shown
	kill -INT $!
	wait $!
	[ "$(state s2)" = live ]
	no_windows
	lxg-xpra stop < s > /dev/null
	lxg-mount list < record | lxg-mount del -f | lxg-acl revoke > /dev/null
}
