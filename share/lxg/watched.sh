# Read by lxg open and try: a session that ends with the verb, at the latest.
# SPDX-License-Identifier: ISC
# shellcheck shell=sh disable=SC2034,SC2154 # name, work and more: of the verb

attached='' over=''

# awake: by a signal: the windows go
awake()
{
	[ -z "$attached" ] || kill "$attached" 2>/dev/null || :
}

end_session() { stage 1 lxg-xpra stop; }

# session [COMMAND...]: runs it to its end, which is $over where the program
# came to it, with its status in the record after; else sets status
session()
{
	[ "$caught" = 0 ] || return 0
	pipe new "$@" > "$work/record" < /dev/null || status=$?
	if [ "$status" != 0 ]; then
		case $failed:$status in
		lxg-xpra:12[67]) ;;
		*)	say "$name: $failed ended with $status"
			status=125 ;;
		esac
		[ -s "$work/record" ] || return 0
	elif [ "$caught" = 0 ]; then
		watch_session
	fi
	[ -z "$over" ] || return 0
	quietly end_session < "$work/record" || :
}

watch_session()
{
	wake=awake
	arm
	lxg-xpra attach -O 5 5>&1 6>&- < "$work/record" > "$work/after" &
	attached=$!
	[ "$caught" = 0 ] || awake
	wait "$attached" || status=$?
	# a signal ends this wait, and not what is waited for
	while kill -0 "$attached" 2>/dev/null; do
		status=0
		wait "$attached" || status=$?
	done
	wake=: attached=''
	if jq -es 'any(.[]; .exit_status != null)' "$work/after" > /dev/null 2>&1; then
		over=1
	elif [ "$status" != 0 ] && [ "$caught" = 0 ]; then
		say "$name: lxg-xpra ended with $status"
		status=125
	fi
}
