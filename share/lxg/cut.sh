# Read by lxg recover: a delete that was cut short is finished and a create is
# undone, where it is the very instance and nobody has used it since; else it is
# named. SPDX-License-Identifier: ISC
# shellcheck shell=sh disable=SC2016,SC2034,SC2154 # of the verb

# finish_cut: of the pipelines whose process was gone, as far as they are meant.
# What delete calls us for is within something.
finish_cut()
{
	[ -z "$ours" ] || return 0
	some "$work/rows" || return 0
	jq -c "$is_known"' select(.alive == false and is_known)' "$work/rows" \
	    > "$work/cut"
	[ -s "$work/cut" ] || return 0
	at='' was=''
	[ -z "${LXG_ENGINE-}" ] || at=$(lxg-instance where -E "$LXG_ENGINE" \
	    2> /dev/null | jq -r .api) || return 0
	# one that was renamed is known by its uuid
	[ -z "$only" ] || was=$(lxg-instance list ${at:+-E "$at"} 2> /dev/null |
	    jq -r --arg only "$only" 'select(.instance == $only).uuid') || :
	jq -r --arg at "$at" --arg only "$only" --arg was "$was" \
	    --arg project "${LXG_PROJECT-}" '
	    select($at == "" or .engine == $at) |
	    select($project == "" or .project == $project) |
	    select($only == "" or .instance == $only or
		(.uuid // "" | IN($was | split("\n")[]))).intent' "$work/cut" \
	    > "$work/numbers"
	while read -r number; do
		code=0
		(finish_row "$number") < /dev/null || code=$?
		[ "$code" = 0 ] || status=$code
	done < "$work/numbers"
}

# of_row: sets what is known of the row in $work/row
of_row()
{
	row=$(jq -r '@sh "which=\(.verb) its=\(.instance) engine=\(.engine)
	    place=\(.project) uuid=\(.uuid // "") call=\(.call // "")
	    forced=\(.forced // "") used=\(.used // "") stepped=\(.stepped)"' \
	    "$work/row")
	eval "$row"
}

# ask WORD...: a request to its engine
ask() { lxg-instance api -E "$engine" -p "$place" "$@" 2> /dev/null; }

# made: waits until the engine is done with what it was asked to make, and prints
# the uuid of what is of this call
made()
{
	ask GET '/1.0/operations?recursion=1' | jq -r --arg its "$its" '
	    .running // [] | .[] | select(any(.resources | .instances[]?;
		sub("\\?.*"; "") | endswith("/\($its)"))).id' |
	    while read -r id; do
		ask GET "/1.0/operations/$id/wait?timeout=60" > /dev/null || :
	    done
	code=0
	ask GET "/1.0/instances/$its" > "$work/it" || code=$?
	[ "$code" != 1 ] || return 0
	[ "$code" = 0 ] && jq -r --arg call "$call" '.config |
	    select(.["user.lxg.create"] == $call)["volatile.uuid"] // ""' \
	    "$work/it"
}

# has_one FILE FILTER [OPTION]...: is there a record of that kind in it?
has_one()
{
	records=$1 filter=$2
	shift 2
	jq -es "$@" "any(.[]; $filter)" "$records" > /dev/null
}

# since: what was done with the instance after its row's steps, in words; or
# fails where that can't be known
since()
{
	[ -z "$used" ] || { echo ', and it was used since'; return; }
	! has_one "$work/it" '.status == "Frozen"' ||
	    { echo ', and it was frozen since'; return; }
	last=$(ask GET "/1.0/instances/$name" | jq -r '.last_used_at // ""') &&
	    last=$(date -d "$last" +%s) || return
	# the engine takes its time to start one
	[ "$last" -le $((stepped + 60)) ] ||
	    { echo ', and it was started since'; return; }
	lxg-xpra list < "$work/it" > "$work/sessions" 2> /dev/null || return
	! has_one "$work/sessions" '.session and .state != "ended"' ||
	    echo ', and it has a session'
}

# whole: has create made all of it?
whole()
{
	[ "$which" = create ] && has_one "$work/it" .user &&
	    [ "$(lxg-mount list < "$work/it" | grep -c '"mount":')" = 3 ]
}

# finish_row NUMBER
finish_row()
{
	jq -c --argjson number "$1" 'select(.intent == $number)' "$work/cut" \
	    > "$work/row"
	of_row
	hold_steps "$1" 60 || {
		say "$its: a step of its $which goes on"
		return 75
	}
	# who is not there, or says nothing, has lost nothing
	[ -n "$uuid" ] || [ -z "$call" ] || uuid=$(made) || return 0
	code=0
	lxg-instance list -a -E "$engine" ${place:+-p "$place"} \
	    > "$work/there" 2> /dev/null || code=$?
	[ "$code" = 0 ] || [ "$code" = 1 ] || return 0
	code=0
	lxg-state take -P $$ "$1" "$uuid" > "$work/row" || code=$?
	if [ "$code" = 1 ]; then
		# where another has ended it by now, its lock is one that we made
		lxg-state list | grep -q "{\"intent\":$1," || rm -f "$steps"
		return 0
	fi
	[ "$code" = 0 ] || return "$code"
	of_row
	jq -c --arg uuid "$uuid" 'select(.uuid == $uuid)' "$work/there" \
	    > "$work/it"
	name=$(jq -r .instance "$work/it")
	if [ -n "$name" ]; then
		why=$(since) || {
			say "$name: whether it was used since its $which was" \
			    'cut short is not known'
			return 75
		}
		[ -z "$why" ] || { decide "$1" "$why"; return; }
		! whole || { over "$1"; return; }
	elif [ -n "$used" ] ||
	    has_one "$work/there" '.instance == $its' --arg its "$its"; then
		# another one has its name
		over "$1"
		return
	fi
	finish_it "$1"
}

# finish_it ROW: by what takes all away, and with -f what is in it
finish_it()
{
	code=0
	LXG_INTENT=$1 LXG_PROJECT=$place LXG_ENGINE=$engine "${0%/*}/delete" \
	    ${forced:+-f} "${name:-$its}" > /dev/null 2> "$work/said" || code=$?
	case $code:$name in
	0:*)	printf '%s: its %s was cut short; %s\n' "${name:-$its}" "$which" \
		    "$([ "$which" = create ] && echo undone || echo finished)"
		over "$1" ;;
	1:)	over "$1" ;;
	1:*)	cat "$work/said" >&2
		decide "$1" '' ;;
	*)	cat "$work/said" >&2
		return "$code" ;;
	esac
}

# decide ROW WHY: it is named, and left to the user
decide()
{
	jq -L "$LXG_DATADIR" -r --arg name "$name" --arg why "$2" \
	    'include "text"; '"$naming"'
	    .instance = $name | named($why) | clean' "$work/row"
	over "$1"
}

over()
{
	lxg-state end "$1"
	rm -f "$steps"
}
