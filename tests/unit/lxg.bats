#!/usr/bin/env bats
# The front command and the pipelines of its verbs, on stand-ins for the
# programs that note how they were called: what is asked here is the glue's
# own work. SPDX-License-Identifier: ISC
# shellcheck disable=SC1003,SC1091,SC2016,SC2030,SC2031,SC2154 # quotes; of run
bats_require_minimum_version 1.5.0

load ../glue.sh

setup()
{
	front
	for p in profile instance mount map acl xpra; do
		cat > "bin/lxg-$p" <<-'END'
		#!/bin/sh
		# notes its arguments, passes records on, ends as FAIL says
		me=${0##*/}
		case $me.$1 in
		lxg-instance.where)
			exec echo "${WHERE:-{\"project\": \"default\"\}}" ;;
		lxg-instance.api) exit "${API:-0}" ;;
		esac
		{ printf '%s\0' "$me" "$@"; printf '\n\0'; } > "$LOG.$me.$1"
		case $me.$1 in
		*.get | *.put | *instance.list | *instance.start | acl.list)
			in=${RECORD:-'{"instance":"x"}'} ;;
		*instance.[ds]* | *profile.del) in='' ;;
		*)	in=$(cat; printf .); [ "$in" != . ] || exit 66
			in=${in%?} ;;
		esac
		case ${2-} in
		-e)	exit "$(printf %s "$in" | jq '.exit_status // 0')" ;;
		esac
		for f in $FAIL; do
			[ "$f" = "${f#"$me.$1="}" ] || exit "${f#*=}"
		done
		printf '%s\n' "$in"
		END
		chmod +x "bin/lxg-$p"
	done
}

# printed ARG...: what lxg -n prints of these is what it runs without -n
printed()
{
	lxg -n "$@" > text
	[ "$(wc -l < text)" -ge 1 ]
	lxg "$@" > /dev/null
	mkdir ran
	mv log.* ran/
	# where a program's output goes is no business of who pastes
	sed -i 's/^\(lxg-xpra\x00[a-z]*\)\x00-e\x00/\1\x00/' ran/*
	sh text > /dev/null
	mkdir pasted
	mv log.* pasted/
	diff -r ran pasted
}

@test "lxg -n prints what lxg runs: create, with arguments of all kinds" {
	nasty='a b' quote="it's" line='new
line' dash=-dash dollar='$HOME `id` $(id)' utf='grün' tail='end
'
	printed create -b desktop -i im:age -K 'k y' -N x "$nasty" "$quote" \
	    "$line" "$dash" "$dollar" '' "$utf" "$tail" '\' '"' '*' '~' '#' \
	    'a=b' '|' '--'
	tr '\0' '\n' < pasted/log.lxg-profile.put | grep -qxF "$dollar"
	printf '%s\0' lxg-profile put -b desktop x "$nasty" "$quote" "$line" \
	    "$dash" "$dollar" '' "$utf" "$tail" '\' '"' '*' '~' '#' 'a=b' \
	    '|' '--' > want
	printf '\n\0' >> want
	cmp want pasted/log.lxg-profile.put
	printf '%s\0' lxg-instance create -i im:age -K 'k y' -N > want
	printf '\n\0' >> want
	cmp want pasted/log.lxg-instance.create
}

@test "lxg -n prints the pipelines of the manual" {
	[ "$(lxg -n try -N -k f x xterm)" = "lxg-instance copy -N x x-try |$(
	    ) lxg-mount plan xpra share maps | lxg-acl grant | lxg-mount add $(
	    )&& lxg-instance start x-try | lxg-xpra start -d xterm |$(
	    ) lxg-xpra attach; lxg delete -f x-try" ]
	[ "$(lxg -n try -i im -- x -- -p)" = "lxg-profile put -b strict x-try $(
	    )| lxg-instance create -T -i im | lxg-mount plan xpra share maps $(
	    )| lxg-acl grant | lxg-mount add && lxg-instance start x-try |$(
	    ) lxg-xpra start -d -- -p | lxg-xpra attach; lxg delete -f x-try" ]
	lxg -n create -b strict firefox firefox.yaml
	[ "$(lxg -n create -b strict firefox firefox.yaml)" = \
	    "lxg-profile put -b strict firefox firefox.yaml |$(
	    ) lxg-instance create -i lxg | lxg-mount plan xpra share maps |$(
	    ) lxg-acl grant | lxg-mount add" ]
	[ "$(lxg -n attach firefox firefox-esr https://example.org)" = \
	    "lxg-instance start firefox | lxg-xpra start -d firefox-esr$(
	    ) https://example.org | lxg-xpra attach" ]
	[ "$(lxg -n attach -w -o --border=red firefox xterm)" = \
	    "lxg-instance start firefox | lxg-xpra start -d xterm |$(
	    ) lxg-xpra attach -w -o --border=red" ]
	[ "$(lxg -n map firefox report.odt)" = \
	    "lxg-instance get firefox | lxg-map plan report.odt |$(
	    ) lxg-acl grant | lxg-map add" ]
	[ "$(lxg -n unmap firefox)" = \
	    "lxg-instance get firefox | lxg-map list | lxg-map del |$(
	    ) lxg-acl revoke" ]
	[ "$(lxg -n delete firefox)" = \
	    "lxg-instance get firefox | lxg-xpra list | lxg-xpra stop && $(
	    )lxg-instance get firefox | lxg-map list | lxg-map del |$(
	    ) lxg-acl revoke && lxg-instance get firefox | lxg-mount list |$(
	    ) lxg-mount del | lxg-acl revoke && $(
	    )lxg-instance get firefox | lxg-instance del -f && $(
	    )lxg-profile del firefox" ]
	[ ! -e log.lxg-instance.get ]
}

@test "lxg(7) has these pipelines, in these words" {
	page=$(mandoc -Tascii "${LXG_DATADIR%/lxg}/man/man7/lxg.7" | col -bx |
	    tr -s ' \n' ' ')
	for verb in 'create -b strict firefox firefox.yaml' 'unmap firefox' \
	    'attach firefox firefox-esr' 'map firefox report.odt'; do
		# shellcheck disable=SC2086 # words
		[ "$page" != "${page#*"$(lxg -n $verb)"}" ]
	done
}

@test "lxg -n prints what lxg runs: the other verbs" {
	export RECORD='{"instance":"x","state":"live","attached":true}'
	printed attach -t ssh -o --border=red -o '--title=a b' x -- -c "it's"
	rm -r ran pasted
	printed run x cmd 'a b' -z
	rm -r ran pasted
	printed unmap -D -w x 'a b' -x
	rm -r ran pasted
	printed unmap -x x
	rm -r ran pasted
	printed stop x
	rm -r ran pasted
	printed list
	rm -r ran pasted
	printed set x 'title=a b' clipboard=out
}

@test "this host's engine is this host's, though it is named as a remote" {
	for engine in local: incus:local: lxd:local:; do
		for verb in create delete; do
			lxg -n $verb -E $engine x | sed "s/ -E $engine//g" > text
			lxg -n $verb x | diff - text
		done
	done
	[[ $(lxg -n create -E work: x) != *lxg-mount* ]]
	[[ $(lxg -n delete -E work: x) != *lxg-mount* ]]
	# it is noted by its socket, and another machine's as it is
	printf '#!/bin/sh\necho "$*" >> states\n' > bin/lxg-state
	chmod +x bin/lxg-state
	for engine in local: here:; do
		WHERE='{"project": "default", "api": "/a/socket"}' \
		    lxg create -E $engine -b strict x > /dev/null
		grep -qx 'begin -P [0-9]* -E /a/socket create x' states
		mv states states.here
	done
	WHERE='{"project": "default", "api": "https://a:1", "remote": "work"}' \
	    lxg create -E work: -b strict x > /dev/null
	grep -qx 'begin -P [0-9]* -E work: create x' states
}

@test "an engine and a project go to the first stage, from wherever named" {
	want='lxg-instance get -E incus -p work x | lxg-map list |'
	want="$want lxg-map del | lxg-acl revoke"
	[ "$(lxg -E incus -p work -n unmap x)" = "$want" ]
	[ "$(lxg -n unmap -E incus -p work x)" = "$want" ]
	[ "$(LXG_ENGINE=incus LXG_PROJECT=work lxg -n unmap x)" = "$want" ]
	[ "$(lxg -n unmap -E '/a b/socket' x | cut -d '|' -f 1)" = \
	    "lxg-instance get -E '/a b/socket' x " ]
}

@test "the first stage that failed by itself gives the status, not its 66" {
	for where in profile.put instance.create mount.plan acl.grant mount.add; do
		run env FAIL="lxg-$where=69 lxg-instance.get=0" lxg create -i i x
		[ "$status" = 69 ]
	done
	# two that fail: the first of them
	run env FAIL='lxg-map.del=75 lxg-acl.revoke=71' lxg unmap x
	[ "$status" = 75 ]
	run env FAIL=lxg-acl.revoke=71 lxg unmap x
	[ "$status" = 71 ]
}

@test "unmap -x restarts what does not let go, and what runs alone" {
	FAIL=lxg-map.del=75 run lxg unmap -x x
	[ "$status" = 75 ]
	[ -e log.lxg-instance.stop ]
	[ -e log.lxg-instance.start ]
	rm log.*
	RECORD='{"instance":"x","status":"Stopped"}' lxg unmap -x x
	FAIL=lxg-instance.get=1 run lxg unmap -x x
	[ "$status" = 1 ]
	[ ! -e log.lxg-instance.stop ]
	[ ! -e log.lxg-instance.start ]
}

@test "every status of a stage arrives" {
	for code in 1 64 65 66 69 70 71 73 74 75 76 77 78; do
		run env FAIL="lxg-map.list=$code" lxg unmap x
		[ "$status" = "$code" ]
	done
}

@test "a create that failed before there is an instance leaves no profile" {
	export API=1
	FAIL='lxg-instance.create=1 lxg-instance.get=1' run lxg create -i i x
	[ "$status" = 1 ]
	[ -e log.lxg-profile.del ]
	rm log.*
	FAIL='lxg-instance.create=76' run lxg create -i i x
	[ "$status" = 76 ]
	[ ! -e log.lxg-profile.del ]
	FAIL='lxg-profile.put=73' run lxg create -i i x
	[ "$status" = 73 ]
	[ ! -e log.lxg-profile.del ]
}

@test "a create that failed leaves the profile that was there before" {
	for code in 0 77 71; do
		API=$code FAIL='lxg-instance.create=1 lxg-instance.get=1' \
		    run lxg create -i i x
		[ "$status" = 1 ]
		[ ! -e log.lxg-profile.del ]
	done
}

@test "create looks at the keys before anything is done" {
	FAIL='lxg-instance.create=65' run lxg create -i i -K keys x
	[ "$status" = 65 ]
	printf '%s\0' lxg-instance create -K keys > want
	printf '\n\0' >> want
	cmp want log.lxg-instance.create
	[ ! -e log.lxg-profile.put ]
	# what can be read but once is left to who installs it
	mkfifo fifo
	FAIL='lxg-instance.create=65' run lxg create -i i -K fifo x
	[ "$status" = 65 ]
	[ -e log.lxg-profile.put ]
}

@test "attach ends as the program did, and with 125 where lxg fails" {
	for code in 0 3 64 66 126 127 137 255; do
		RECORD="{\"instance\":\"x\",\"exit_status\":$code}" \
		    run "-$code" lxg attach x true
	done
	# a detached session has no status
	RECORD='{"instance":"x","state":"live"}' run lxg attach x true
	[ "$status" = 0 ]
	FAIL=lxg-instance.start=69 run lxg attach x true
	[ "$status" = 125 ]
	[ "${lines[0]}" = 'lxg attach: x: lxg-instance ended with 69' ]
	FAIL=lxg-xpra.start=127 run -127 lxg attach x true
}

@test "attach without a command: one session, none, and several" {
	RECORD='{"instance":"x","session":"aa","state":"live","exit_status":4}' \
	    run lxg attach x
	[ "$status" = 4 ]
	RECORD='{"instance":"x","session":"aa","state":"ended"}' run lxg attach x
	[ "$status" = 1 ]
	export RECORD='{"instance":"x","session":"aa","state":"live","command":["a","b c"]}
{"instance":"x","session":"bb","state":"live","command":["b\u001b[2J"]}'
	run lxg attach x
	[ "$status" = 1 ]
	[ "${lines[1]}" = "$(printf 'aa\tlive\ta "b c"')" ]
	# what a container wrote does not reach the terminal as it is
	[[ "$output" != *$'\e'* ]]
	run lxg attach -s bb x
	[ "$status" = 0 ]
	run lxg attach -s cc x
	[ "$status" = 1 ]
	run lxg attach -s 'b" or "' x
	[ "$status" = 65 ]
}

@test "attach without a command: where no session is, what the policy names" {
	export RECORD='{"instance":"x","session":"aa","state":"ended","program":"it  --a=b *"}'
	lxg attach -o --border=red x
	printf '%s\0' lxg-xpra start -d it --a=b '*' > want
	printf '\n\0' >> want
	cmp want log.lxg-xpra.start
	printf '%s\0' lxg-xpra attach -e -o --border=red > want
	printf '\n\0' >> want
	cmp want log.lxg-xpra.attach
	rm log.*
	# a session that is named is attached, and no other begun
	run -1 lxg attach -s aa x
	run ! ls log.lxg-xpra.start
	RECORD='{"instance":"x","session":"aa","state":"live","program":"it"}' \
	    lxg attach x
	run ! ls log.lxg-xpra.start
}

@test "attach -s: a session that is not there is told, with those that are" {
	export RECORD='{"instance":"x","session":"aa","state":"live","command":["a"]}'
	run -1 lxg attach -s cc x
	[ "${lines[0]}" = 'lxg attach: x: no session cc; there are:' ]
	[ "${lines[1]}" = "$(printf 'aa\tlive\ta')" ]
	run -1 lxg stop -s cc x
	[ "${lines[0]}" = 'lxg stop: x: no session cc; there are:' ]
	RECORD='{"instance":"x","session":"aa","state":"ended"}' \
	    run -1 lxg attach -s cc x
	[ "$output" = 'lxg attach: x: no session cc, nor any other' ]
}

# refused LINE ARG...: 64, with the line that was meant, and nothing is run
refused()
{
	local want=$1
	shift
	rm -f log.*
	run -64 lxg "$@"
	[[ "$output" = *"options stand before the name: $want" ]] ||
	    { echo "$output"; return 1; }
	run ! ls log.*
}

@test "options behind the name are told, with the line that was meant" {
	refused 'lxg attach -s aa x' attach x -s aa
	refused "lxg attach -o '--border=a b' -t ssh x cmd -z" \
	    attach x -o '--border=a b' -t ssh cmd -z
	refused 'lxg run -s aa x cmd' run x -s aa cmd
	refused 'lxg map -c x f' map x -c f
	refused 'lxg unmap -D x f' unmap x -D f
	refused 'lxg delete -f x' delete x -f
	refused 'lxg stop -s aa x' stop x -s aa
	refused 'lxg create -b desktop x f' create x -b desktop f
	refused 'lxg set -E lxd x a=b' set x -E lxd a=b
	refused 'lxg explain -p y x' explain x -p y
	refused 'lxg share -w x' share x -w
	refused 'lxg doctor -j x' doctor x -j
	refused 'lxg recover -f x' recover x -f
	# -- is no program and no file, but the end of the options
	lxg attach x -- cmd -z
	[ "$(tr '\0' ' ' < log.lxg-xpra.start)" = $'lxg-xpra start -d cmd -z \n ' ]
	touch -- -c
	RECORD='{"instance":"x","source":"/c"}' lxg unmap x -c
	[ "$(tr '\0' ' ' < log.lxg-map.list)" = $'lxg-map list -- -c \n ' ]
}

@test "what is no option behind the name is told, and no line without it" {
	local words
	for words in 'set x -f a=b' 'stop x -s' 'set x --nosuch' 'delete x -c'; do
		# shellcheck disable=SC2086 # words
		run -64 lxg $words
		[ "${#lines[@]}" = 1 ]
		[[ $output == "lxg ${words%% *}: -"*": no such option, or its word"* ]]
	done
	refused 'lxg set --help x' set x --help
}

@test "what is no option before the name is told by its verb, and why" {
	local verb
	for verb in "" $(. "$LXG_DATADIR/verbs.sh"; verbs); do
		[ "$verb" != complete ] || continue
		run -64 lxg ${verb:+"$verb"} -Z x
		[ "${lines[0]}" = "lxg${verb:+ $verb}: -Z: no such option" ]
		[[ ${lines[1]} == 'usage: lxg '* ]]
		run -64 lxg ${verb:+"$verb"} --nosuch x
		[ "${lines[0]}" = "lxg${verb:+ $verb}: --nosuch: no such option" ]
		run -64 lxg ${verb:+"$verb"} -E
		[ "${lines[0]}" = "lxg${verb:+ $verb}: -E: its word is missing" ]
		run -64 lxg ${verb:+"$verb"} -p '' x
		[ "${lines[0]}" = "lxg${verb:+ $verb}: -p: its word is empty" ]
		run ! ls log.*
	done
}

@test "a name that nothing can have is 65, told once, by each verb" {
	local name verb
	for name in '' a/b $'a\nb' $'a\e[1m' ü -x 1a a- "$(printf %064d 0 | tr 0 a)"; do
		for verb in adopt attach control create delete desktop doctor \
		    explain info logs map open recover run selftest set share \
		    shell stop try unmap; do
			run -65 lxg "$verb" -- "$name" b=c d
			[ "${#lines[@]}" = 1 ]
			[[ $output == "lxg $verb: "*": a name is "* ]]
			[[ $output != *[[:cntrl:]]* ]]
			run ! ls log.*
		done
	done
}

@test "words that are told of drive no terminal, and lose no letter" {
	run -64 lxg attach -t $'grün\n\e[1m\u202e\u0085' x cmd
	[ "$output" = 'lxg attach: -t grün??[1m??: a way is exec or ssh' ]
	run -64 lxg $'a\nb'
	[ "$output" = 'lxg: ?: no such verb; lxg -h lists them' ]
}

@test "what is empty is none: session, base, image, keys, engine, project" {
	local verb option
	for verb in attach run info control logs stop; do
		run -65 lxg "$verb" -s '' x y
		[ "$output" = "lxg $verb: -s : not the name of a session" ]
	done
	for option in -b -i -K -E -p; do
		run -64 lxg create "$option" '' x
	done
	run -64 lxg -E '' list
	run -64 lxg create -l x
	run ! ls log.*
}

@test "attach: an option that no client takes, or a session, starts nothing" {
	run -64 lxg attach -s aa x cmd
	[[ $output == 'lxg attach: -s is for a session that is there; lxg run '* ]]
	printf '#!/bin/sh\n[ "$*" = "attach -o foo" ] && exit 64\ntouch ran\n' \
	    > bin/lxg-xpra
	run -64 lxg attach -o foo x cmd
	run ! ls ran log.*
}

@test "stop, map: what answers nobody, or is not there, is told once, first" {
	FAIL=lxg-instance.get=69 run -69 lxg stop x
	run ! ls log.lxg-instance.stop
	FAIL=lxg-instance.get=1 run -1 lxg map x < /dev/null
	[ -z "$output" ]
}

@test "no HOME, or no place for what is temporary, is told once" {
	run -78 env -u HOME lxg list
	[ "$output" = 'lxg: HOME is not set' ]
	run -73 env TMPDIR=/nonexistent lxg map x f
	[ "${#lines[@]}" = 1 ]
}

@test "attach -t: a way that is none is told, once, before anything is done" {
	run -64 lxg attach -t foo x cmd
	[ "$output" = 'lxg attach: -t foo: a way is exec or ssh' ]
	run ! ls log.*
}

@test "a stage that ends early gives the status, and not who writes to it" {
	FAIL='lxg-instance.start=74' run lxg attach x cmd
	[ "${lines[0]}" = 'lxg attach: x: lxg-instance ended with 74' ]
	printf '#!/bin/sh\necho {}\nexit 74\n' > bin/lxg-instance
	FAIL='lxg-xpra.start=64' run lxg attach x cmd
	[ "${lines[0]}" = 'lxg attach: x: lxg-xpra ended with 64' ]
}

@test "run needs a session that is attached" {
	RECORD='{"instance":"x","session":"aa","attached":false}' run lxg run x y
	[ "$status" = 1 ]
	RECORD='{"instance":"x","session":"aa","attached":true,"exit_status":9}' \
	    run lxg run x y
	[ "$status" = 9 ]
}

# answers COMMAND...: a zenity that notes what its windows show, and does in
# the first of them what the first command says, and so on
answers()
{
	local n=0 command
	rm -f shown.* rows.* answer.*
	for command; do
		n=$((n + 1))
		printf '%s\n' "$command" > "answer.$n"
	done
	cat > bin/zenity <<-'END'
	#!/bin/sh
	cd "${LOG%/*}" || exit
	n=1
	while [ -e "shown.$n" ]; do n=$((n + 1)); done
	printf '%s\0' "$@" > "shown.$n"
	case " $* " in *' --list '*) cat > "rows.$n" ;; esac
	. "./answer.$n"
	END
	chmod +x bin/zenity
	export DISPLAY=:none
}

# shows N WORD: has the Nth window this among its arguments?
shows() { tr '\n\0' ' \n' < "shown.$1" | grep -qxF -e "$2"; }

# over FILE: is the process over that wrote its number there?
over()
{
	local n=0
	while [ -e "/proc/$(cat "$1")" ]; do
		n=$((n + 1))
		[ "$n" -lt 500 ] || return 1
		sleep 0.02
	done
}

LENT='{"instance":"x","device":"lxg-1","source":"/d/a","path":"/home/a"'
# what a window does that stays while somebody else takes the files back
UNMAPPED='echo $$ > pid; : > gone; mkdir -p .local/state/lxg
touch .local/state/lxg/state.db
exec sleep 100'
# somebody_else: lets an instance be gone from then on
somebody_else()
{
	unset XDG_STATE_HOME
	sed -i '2i [ ! -e "${LOG%/*}/gone" ] || exit 1' bin/lxg-instance
}

@test "map asks with windows: which container, which files, names of any kind" {
	answers 'echo "x incus"' 'printf "%s\n" "/d/a b///d/new
line
"' 'cp "$(tr "\0" "\n" < log.lxg-map.plan | grep /files)" files'
	RECORD="$LENT,\"engine\":\"incus\",\"status\":\"Running\"}" lxg map
	[ "$(cat rows.1)" = $'x\nincus\nRunning' ]
	shows 1 --print-column=1,2
	shows 2 --file-selection
	shows 2 --multiple
	printf '%s\0' '/d/a b' '/d/new
line
' | cmp - files
	[ "$(cat rows.3)" = $'/d/a\n/home/a' ]
	printf '%s\0' lxg-instance get -E incus x > want
	printf '\n\0' >> want
	cmp want log.lxg-instance.get
	[ -e log.lxg-map.del ]
	[ -e log.lxg-acl.revoke ]
}

@test "map asks with windows: nothing chosen is 1, and nothing is lent" {
	answers 'echo' ''
	run lxg map
	[ "$status" = 1 ]
	[ "$output" = 'lxg map: no instance was chosen' ]
	answers 'exit 1'
	run lxg map
	[ "$status" = 1 ]
	run lxg map x
	[ "$status" = 1 ]
	[ ! -e log.lxg-map.plan ]
	# what opens no window has no answer
	answers 'echo /d/a; exit 1'
	run lxg map x
	[ "$status" = 1 ]
	[ ! -e log.lxg-map.plan ]
}

@test "map asks with windows: a live session is warned of, and keep is kept" {
	export RECORD="$LENT,\"state\":\"live\"}"
	answers 'exit 0' 'exit 1' 'exit 1'
	run lxg map -g x /d/a
	[ "$status" = 0 ]
	[ "$output" = 'lxg map: x: still lent; lxg unmap x takes it back' ]
	shows 2 --question
	shows 2 --default-cancel
	[[ "$(tr '\0' '\n' < shown.2)" == *'A program runs in x'* ]]
	[ -e rows.3 ]
	[ ! -e log.lxg-map.del ]
	answers 'exit 0' 'exit 0'
	lxg map -g x /d/a
	[ -e log.lxg-map.del ]
	# a session that is over uses nothing
	answers 'exit 0'
	RECORD="$LENT,\"state\":\"ended\"}" lxg map -g x /d/a
	[ ! -e shown.2 ]
}

@test "map asks with windows: what somebody else takes back closes them" {
	somebody_else
	export RECORD="$LENT,\"state\":\"live\"}"
	answers "$UNMAPPED"
	run timeout 60 lxg map -g x /d/a
	[[ "$output" == *'x: taken back by somebody else' ]]
	over pid
	rm gone pid
	answers 'exit 0' "$UNMAPPED"
	run timeout 60 lxg map -g x /d/a
	[[ "$output" == *'x: taken back by somebody else' ]]
	over pid
	[ ! -e shown.3 ]
}

@test "map asks with windows: a signal closes them" {
	closed='echo $$ > pid; kill -TERM "$PPID"; exec sleep 100'
	for before in '' 'echo x incus'; do
		answers ${before:+"$before"} "$closed"
		run timeout 60 lxg map
		[ "$status" = 143 ]
		over pid
	done
	[ ! -e log.lxg-map.plan ]
	answers "$closed"
	RECORD="$LENT}" timeout 60 lxg map -g x /d/a
	over pid
	[ -e log.lxg-map.del ]
}

# Ctrl-C reaches what tells as well as the verb; and who listens may be gone
@test "map: what ends the telling ends no loan" {
	local ask
	sed -i '2i [ "$1" != add ] || echo a word >&2' bin/lxg-map
	export RECORD="$LENT}"
	answers 'exit 0' 'exit 0'
	lxg map -g x /d/a 2> /dev/full
	[ -e log.lxg-map.del ]
	[ "$(tr '\0' '\n' < shown.1 | tail -n 1)" = '--text=a word' ]
	[ "$(cat rows.2)" = $'/d/a\n/home/a' ]
	cat > bin/cat <<-'END'
	#!/bin/sh
	case ${1-} in
	*/said)	[ ! -s "$1" ] || kill -INT "$PPID" $$ ;;
	esac
	exec /bin/cat "$@"
	END
	chmod +x bin/cat
	for ask in '' -g; do
		answers 'exit 0' 'exit 0'
		rm -f log.lxg-map.del
		env --default-signal=INT lxg map $ask x /d/a < /dev/null
		[ -e log.lxg-map.del ]
	done
	[ ! -e shown.1 ]
}

@test "map on the terminal: a live session is warned of, and keep is kept" {
	export RECORD="$LENT,\"state\":\"live\"}"
	run lxg map x /d/a <<< ''
	[ "$status" = 0 ]
	[[ "$output" == *'A program runs in x'*'still lent; lxg unmap x takes it back' ]]
	run lxg map x /d/a <<< $'\n\n\nn'
	[[ "$output" == *'still lent'* ]]
	[ ! -e log.lxg-map.del ]
	run lxg map x /d/a <<< $'\n\n\ny'
	[ "$status" = 0 ]
	[[ "$output" != *'still lent'* ]]
	[ -e log.lxg-map.del ]
}

@test "recover: a try that was killed before there was a copy" {
	printf '#!/bin/sh\necho\n' | tee bin/lxg-acl > bin/lxg-map
	sh -c 'exec lxg-state begin -P $$ try x-1' > row
	API=1 run -0 timeout 60 lxg recover
	[ -z "$output" ]
	run -0 lxg-state list
	[ -z "$output" ]
}

@test "recover: who is named, is not there and has left nothing is told" {
	printf '#!/bin/sh\necho\n' | tee bin/lxg-acl > bin/lxg-map
	export API=1 FAIL=lxg-instance.get=1
	run -1 timeout 60 lxg recover nosuch
	run -0 timeout 60 lxg recover
	sh -c 'exec lxg-state begin -P $$ lend nosuch' > row
	run -0 timeout 60 lxg recover nosuch
	run -1 timeout 60 lxg recover nosuch
}

# engine_of PYTHON: lxg-instance has one with the instances that this makes
engine_of()
{
	unset LXG_ENGINE
	{
		printf '%s\n' 'import json, signal' \
		    'from engine import instance, serve'
		cat
		printf '%s\n' 'serve("socket").reset(has, "", 0)' 'signal.pause()'
	} > has.py
	PYTHONPATH=$BATS_TEST_DIRNAME/../fault PYTHONDONTWRITEBYTECODE=1 \
	    python3 has.py 3>&- & server=$!
	within 30 nc -zU socket 2> /dev/null
	cp "$real/lxg-instance" bin/
}

@test "doctor names instances that have ids in common" {
	engine_of <<-'END'
	def of(name, start, size, **config):
	    ids = [{"Hostid": start, "Nsid": 0, "Maprange": size}]
	    config["volatile.idmap.current"] = json.dumps(ids)
	    return {name: instance(name, True, config)}
	other = {"user.lxg.profile": None}
	has = {
	    **of("a", 1000000, 65536), **of("b", 1065535, 65536),
	    **of("beside", 1131071, 65536), **of("far", 9000000, 65536),
	    **of("wide", 1131072, 1000, **other),
	    **of("theirs", 1131072, 1000, **other)}
	END
	run -1 lxg doctor -E "$PWD/socket"
	kill "$server"
	grep 'in common$' <<< "$output" | sort | diff - <(cat <<-'END'
	note     beside on lxd and theirs on lxd have ids of the host in common
	note     beside on lxd and wide on lxd have ids of the host in common
	problem  a on lxd and b on lxd have ids of the host in common
	END
	)
}

@test "doctor names instances with borders of the same colour, and another one" {
	local colors='select(.text | endswith("or nearly")) | .text, .remedy'
	engine_of <<-'END'
	def of(name, color=None):
	    config = {"user.lxg.color": color} if color else {}
	    return {name: instance(name, True, config)}
	# two that the user has made alike, two that the names have, and one of
	# the names that is like the user's
	has = {**of("own", "#00ff00"), **of("same", "#00FF00"), **of("banking"),
	    **of("steam"), **of("firefox"), **of("mine", "#7923e4")}
	END
	lxg doctor -j -E "$PWD/socket" | jq -r "$colors" | diff - <(cat <<-'END'
	banking on lxd and steam on lxd: borders of the same colour, or nearly
	lxg set steam color=#800000
	mine on lxd and firefox on lxd: borders of the same colour, or nearly
	lxg set firefox color=#ff80c0
	END
	)
	kill "$server"
}

# limits CHECK LIMIT: of a host that allows so many, with the instances of the
# file
limits()
{
	# shellcheck disable=SC1091
	(
		export work=$PWD
		. "$LXG_DATADIR/checks.sh"
		. "$LXG_DATADIR/checks-limits.sh"
		of() { printf %s "$LIMIT"; }
		awk() { printf '%s\n' "$LIMIT"; }
		"$1"
	)
}

# host CHECK: what it finds of this host, as far as PATH leads to it
host()
{
	# shellcheck disable=SC1091
	(
		export work=$PWD
		. "$LXG_DATADIR/checks.sh"
		"$1"
	)
}

@test "doctor: a display for all, and none that X could be on" {
	local me
	me=$(id -un)
	mkdir -p bin
	cat > bin/xhost <<-'END'
	#!/bin/sh
	cat hosts
	END
	chmod 755 bin/xhost
	export DISPLAY=:7 PATH=$PWD/bin:$PATH
	printf 'access control enabled, %s\n' 'only authorized clients' > hosts
	run -0 host check_access
	[ -z "$output" ]
	echo "SI:localuser:x$me" >> hosts
	run -0 host check_access
	[ -z "$output" ]
	echo "SI:localuser:$me" >> hosts
	run -0 host check_access
	[ "${lines[0]}" = \
	    'note     what runs as you needs no cookie for display :7' ]
	[ "${lines[1]}" = "         xhost -si:localuser:$me" ]
	echo 'access control disabled, clients can connect from any host' > hosts
	run -0 host check_access
	[ "${lines[0]}" = 'problem  any user may use display :7' ]
	[ "${lines[1]}" = '         xhost -' ]
	unset DISPLAY
	WAYLAND_DISPLAY=wayland-0 run -0 host check_display
	[[ ${lines[0]} = 'problem  this is Wayland without Xwayland'* ]]
	[[ ${lines[1]} = '         install xwayland'* ]]
	run -0 host check_display
	[[ ${lines[0]} = 'note     DISPLAY is not set'* ]]
}

@test "doctor: no sound, and what a crash left" {
	local row
	unset PULSE_SERVER
	export XDG_RUNTIME_DIR=$PWD/run
	mkdir -p run bin
	printf '#!/bin/sh\n' > bin/pacat
	chmod 755 bin/pacat
	PATH=$PWD/bin:$PATH run -0 host check_sound
	[ "${lines[0]}" = \
	    'note     no sound server of yours runs: no sound (audio=on)' ]
	PULSE_SERVER=host:4713 PATH=$PWD/bin:$PATH run -0 host check_sound
	[ -z "$output" ]
	sleep 1000 3>&- &
	row=$(lxg-state begin -P $! lend gone)
	run -0 host check_left
	[ -z "$output" ]
	kill $!
	wait $! || :
	run -0 host check_left
	[ "${lines[0]}" = 'note     lxg lend gone: cut short' ]
	[ "${lines[1]}" = '         lxg recover' ]
	lxg-state end "$row"
	run -0 host check_left
	[ -z "$output" ]
}

@test "doctor names limits of the host that are reached, or nearly" {
	for n in 1 2 3; do
		printf '{"status": "Running", "config": {%s}}\n' \
		    "\"volatile.idmap.base\": \"$n\""
	done > instances
	LIMIT=36 run limits check_inotify
	[[ "$output" = 'problem  inotify: 3 instances run, and there is room for about 3: '*'
         sysctl '* ]]
	LIMIT=128 run limits check_inotify
	[[ "$output" = 'note     inotify: there is room for about 13 '* ]]
	LIMIT=1024 run limits check_inotify
	[ "$output" = 'ok       inotify: room for about 112 running instances' ]
	LIMIT=262144 run limits check_ranges
	[[ "$output" = 'problem  ids: '* ]]
	LIMIT=327680 run limits check_ranges
	[[ "$output" = 'note     ids: /etc/subuid has room for 1 more '* ]]
	LIMIT=10000001 run limits check_ranges
	[ "$output" = 'ok       ids: room for 148 more instances' ]
	LIMIT=100 run limits check_memory
	[[ "$output" = 'note     memory: 100 MiB '* ]]
}

@test "usage is 64, on standard error, for each verb" {
	for verb in create attach run unmap stop delete adopt set explain \
	    shell info control logs; do
		run --separate-stderr lxg "$verb"
		[ "$status" = 64 ]
		[ -z "$output" ]
		[[ "${stderr_lines[*]}" == *"usage: lxg $verb"* ]]
		run lxg "$verb" -Z x
		[ "$status" = 64 ]
	done
	for args in '' nosuch '-Z list' 'list x' 'recover a b' 'doctor a b' \
	    'unmap -E' 'map -Z'; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr lxg $args
		[ "$status" = 64 ]
		[ -z "$output" ]
	done
}

@test "help and version, of the command and of a verb" {
	lxg --help | grep -q '^usage: lxg '
	[ "$(lxg -h)" = "$(lxg --help)" ]
	lxg unmap --help | grep -q '^usage: lxg unmap'
	for verb in create attach run map unmap list stop delete adopt set explain \
	    recover doctor image; do
		lxg -h | grep -q "^ *lxg $verb\>"
	done
}

@test "each verb's own help fits a screen, and has an example of it" {
	for verb in "$LXG_DATADIR"/*; do
		[ -f "$verb" ] && [ -x "$verb" ] || continue
		verb=${verb##*/}
		lxg "$verb" -h > said
		[ "$(wc -l < said)" -lt 24 ]
		run ! grep -E '.{80}' said
		grep -q "^example: lxg $verb\>" said ||
		    { echo "$verb: no example"; return 1; }
	done
}

@test "an unknown verb is 64, with the one that may have been meant" {
	for near in 'lst list' 'atach attach' 'creaet create' 'del delete' \
	    'explian explain' 'dotcor doctor'; do
		run -64 --separate-stderr lxg "${near% *}"
		[ -z "$output" ]
		[ "$stderr" = "lxg: ${near% *}: no such verb; did you mean $(
		    )${near#* }? lxg -h lists them" ]
	done
	run -64 lxg qqqqqqq
	[ "$output" = 'lxg: qqqqqqq: no such verb; lxg -h lists them' ]
}

@test "help opens the page: lxg's for a verb, or the one that is named" {
	printf '#!/bin/sh\nprintf "%%s\\0" "$@" > "$LOG.man"\n' > bin/man
	chmod +x bin/man
	man=${LXG_DATADIR%/lxg}/man
	while read -r word page; do
		# shellcheck disable=SC2086 # none is none
		lxg help $word < /dev/null
		[ "$(tr '\0' ' ' < log.man)" = "-l $man/$page " ]
	done <<-END
	attach man1/lxg.1
	map man1/lxg.1
	lxg-map man1/lxg-map.1
	security man7/lxg-security.7
	lxg man1/lxg.1
	END
	lxg help < /dev/null
	[ "$(tr '\0' ' ' < log.man)" = "-l $man/man1/lxg.1 " ]
	printf '#!/bin/sh\nexit 16\n' > bin/man
	run -64 lxg help atach
	[[ "$output" == *'; did you mean attach?' ]]
	run -64 lxg help ../x
	run -64 lxg help a b
	[[ "$output" == *'usage: lxg help'* ]]
}

@test "info and control ask the server of the session that is meant" {
	export RECORD='{"instance":"x","session":"aa","state":"live","exit_status":7}'
	run -7 lxg info x
	run -7 lxg control x name 'a b' -c
	printf '%s\0' lxg-xpra join -e xpra control \
	    socket:/var/lib/lxg/xpra/aa.sock name 'a b' -c > want
	printf '\n\0' >> want
	cmp want log.lxg-xpra.join
	RECORD='{"instance":"x","session":"aa","state":"starting"}' \
	    run -1 lxg info x
	run -64 lxg -n info x
	RECORD='{"instance":"x","session":"aa","state":"live"}' \
	    printed info -s aa x
}

@test "logs: what an instance made of its files is not followed" {
	local xpra=$PWD/xpra
	mkdir -p xpra/aa elsewhere
	export RECORD="{\"engine\":\"lxd\",\"project\":\"default\",\"instance\":\"x\",
	    \"api\":\"/nonexistent\",\"session\":\"aa\",\"state\":\"live\",
	    \"socket\":\"$xpra/aa.sock\"}"
	RECORD=$(jq -c . <<< "$RECORD")
	echo secret > elsewhere/log
	printf 'one\ntwo\033[2J\n' > xpra/aa/output
	ln -s "$PWD/elsewhere/log" xpra/aa/log
	lxg logs x > said
	diff said - <<-'END'
	== x, aa: program
	one
	two?[2J
	END
	# nor a folder that is one, nor what never ends
	rm -r xpra/aa
	ln -s "$PWD/elsewhere" xpra/aa
	lxg logs x > said
	[ ! -s said ]
	rm xpra/aa
	mkdir xpra/aa
	mkfifo xpra/aa/log
	seq 100 > xpra/aa/output
	timeout 60 lxg logs x > said
	[ "$(tail -n 20 said)" = "$(seq 81 100)" ]
	[ "$(wc -l < said)" = 21 ]
	timeout 60 lxg logs -a x | tail -n 100 | cmp - <(seq 100)
	run -1 lxg logs -s bb x
}

@test "a verb is a file: it is called, in the usage, and completed" {
	cp -R "$LXG_DATADIR" data
	export LXG_DATADIR=$PWD/data
	printf '%s\n' '#!/bin/sh' '# usage 25: lxg greet [-x] NAME' 'set -eu' \
	    '. "${0%/*}/lib.sh"' '[ "${1-}" != -h ] || usage' 'echo "hello $*"' \
	    > data/greet
	run -64 lxg greet 'a b'
	chmod +x data/greet
	[ "$(lxg greet 'a b')" = 'hello a b' ]
	[ "$(lxg -h | sed -n '/lxg attach/,/lxg run/p' | tail -n 2 | head -n 1)" = \
	    '       lxg greet [-x] NAME' ]
	[ "$(lxg greet -h | head -n 1)" = 'usage: lxg greet [-x] NAME' ]
	[ "$(lxg complete gr)" = greet ]
	[ "$(lxg complete greet -x | tail -n 1)" = -x ]
	for verb in ../data/greet ./greet lib.sh image.d text.jq ''; do
		run -64 lxg "$verb" x
	done
}

@test "each verb has its line in the usage, and its page in lxg(1)" {
	for verb in "$LXG_DATADIR"/*; do
		[ -f "$verb" ] && [ -x "$verb" ] || continue
		lxg -h | grep -q "^       lxg ${verb##*/}\>" &&
		    grep -q "^\.\(It\|Ic\|Cm\|Nm\).* ${verb##*/}\>" \
			"${real%/*}/share/man/man1/lxg.1" ||
		    { echo "${verb##*/}"; return 1; }
		# and the README's list of them
		sed -n '/^    lxg  /,/^    lxg-/p' \
		    "$BATS_TEST_DIRNAME/../../README" |
		    grep -qw -- "${verb##*/}" ||
		    { echo "README: ${verb##*/}"; return 1; }
	done
}

@test "help names each option that the verb takes, and no other" {
	for verb in create attach run map unmap list stop delete adopt set explain \
	    recover doctor shell info control logs help complete try; do
		has=$(sed -n 's/^.*\(getopts \|options=\)["]*\([^ "$][^ "]*\).*/\2/p' \
		    "$LXG_DATADIR/$verb" | sed -n 1p | tr -d ':-' |
		    sed 's/E//; s/p//; s/h//')
		said=$(lxg "$verb" -h | sed '/^$/,$d' | tr -s ' \n' ' ' |
		    grep -oE '[[ ]-[A-Za-z]+' | tr -d '[ -' | tr -d '\n')
		[ "$(printf %s "$has" | fold -w 1 | sort | tr -d '\n')" = \
		    "$(printf %s "$said" | fold -w 1 | sort | tr -d '\n')" ] ||
		    { echo "$verb: has $has, says $said"; return 1; }
	done
}

@test "the scripts are found from anywhere, and by a link" {
	unset LXG_DATADIR
	mkdir -p tree/bin tree/share
	cp bin/* tree/bin/
	cp -R "${real%/*}/share/lxg" tree/share/
	ln -s "$PWD/tree/bin/lxg" link
	mkdir elsewhere
	cd elsewhere
	PATH=/usr/bin:/bin ../link -n unmap x
}

@test "a signal ends create, and with its status" {
	cat > bin/lxg-instance <<-'END'
	#!/bin/sh
	cat > /dev/null
	[ ! -e began ] || exit 69
	: > began
	exec sleep 100
	END
	setsid sh -c 'exec lxg create -i i x' & pid=$!
	n=0
	until [ -e began ]; do
		n=$((n + 1))
		[ "$n" -lt 500 ]
		sleep 0.02
	done
	kill -TERM -- "-$pid"
	status=0
	wait "$pid" || status=$?
	[ "$status" = 143 ]
}

@test "upgrade: all but disposables, one after another, whatever fails" {
	cat > bin/lxg-instance <<-'END'
	#!/bin/sh
	echo "$@" >> called
	case $1 in
	list)	jq -cn '{engine: "lxd", api: "/s", project: "default",
		    status: "Running"} as $all |
		    ($all + {instance: "a"}), ($all + {instance: "gone-1", try: "a"}),
		    ($all + {instance: "b", error: "is a copy"}),
		    ($all + {instance: "c", status: "Stopped"}),
		    ($all + {instance: "d"})' ;;
	api)	case $* in
		*'-o -'*) exec echo 'held 2' ;;
		esac
		cat > /dev/null
		case $* in
		*/c/exec*) exit 75 ;;
		esac
		echo '{"return": 0, "output": {"1": "/1.0/out"}}' ;;
	esac
	END
	chmod +x bin/lxg-instance
	run -78 --separate-stderr lxg upgrade
	[ "$stderr" = 'lxg upgrade: b: is a copy' ]
	[ "${lines[0]}" = 'a: up to date' ]
	[[ ${lines[1]} = 'a: 2 more would take others away'* ]]
	[ "${lines[2]}" = 'd: up to date' ]
	# what was stopped is stopped again, though it failed
	grep -v -e '^list' -e ' -o ' called | cut -d ' ' -f 1,7- | sed 's/ [^ ]*body$//' |
	    diff - <(cat <<-'END'
	api /1.0/instances/a/exec
	start
	api /1.0/instances/c/exec
	stop
	api /1.0/instances/d/exec
	END
	)
	run -1 --separate-stderr lxg upgrade a e
	[ "$stderr" = 'lxg upgrade: e: no such instance; there are: '$(
	    )'a gone-1 b c d' ]
	[ "${lines[0]}" = 'a: up to date' ]
}

@test "image: what was built goes into the store as a form of two files" {
	printf meta > metadata.tar
	head -c 100000 /dev/urandom > rootfs.tar.zst
	(
		. "$LXG_DATADIR/image.d/store"
		api() { printf '%s\n' "$@" > asked; cat > form; }
		put "$PWD"
	)
	python3 - <<-'END'
	option, media, *rest = open("asked").read().splitlines()
	assert (option, rest) == ("-t", ["POST", "/1.0/images", "-"])
	kind, border = media.split("; boundary=")
	assert kind == "multipart/form-data" and len(border) == 32
	first, *parts, last = (b"\r\n" + open("form", "rb").read()).split(
	    b"\r\n--" + border.encode())
	assert (first, last) == (b"", b"--\r\n")
	for part, (name, path) in zip(parts, (
	        ("metadata", "metadata.tar"), ("rootfs", "rootfs.tar.zst")),
	        strict=True):
	    head, content = part.split(b"\r\n\r\n", 1)
	    assert head.decode() == "\r\nContent-Disposition: form-data; " \
	        'name="%s"; filename="%s"' % (name, path), head
	    assert content == open(path, "rb").read()
	END
}
