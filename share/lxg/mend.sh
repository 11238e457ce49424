# Read by lxg recover: what there is, and the pipelines that mend it.
# SPDX-License-Identifier: ISC
# shellcheck shell=sh disable=SC2016,SC2034,SC2154 # of the verb; jq's

# another machine's are not for us to judge
grants() { stage 1 lxg-acl list | stage 2 sed '/[{,]"machine":/d'; }
instances() { engine lxg-instance list; }
the_one() { engine lxg-instance get "$only"; }
copies() { stage 1 lxg-map list -a; }
maps() { stage 1 lxg-map list; }
mounts() { stage 1 lxg-mount list; }
lent() { instances | stage 2 lxg-map list; }
shared() { instances | stage 2 lxg-mount list; }

unmap() { stage 1 lxg-map del | stage 2 lxg-acl revoke; }
unshare() { stage 1 lxg-mount del ${discard:+-f} | stage 2 lxg-acl revoke; }
revoke() { stage 1 lxg-acl revoke; }
regrant() { stage 1 lxg-acl grant; }
tidy() { stage 1 lxg-mount del ${discard:+-f}; }

# end_tries: those whose lxg try is gone go with all that they have, once what it
# began has ended. delete comes back here, and then it is within something.
end_tries()
{
	[ -z "$ours" ] || return 0
	grep -q '"try"' "$work/rows" || return 0
	jq -c --arg only "$only" --arg project "${LXG_PROJECT-}" '
	    select(.verb == "try" and .alive == false) |
	    select($only == "" or .instance == $only) |
	    select(.project | IN("", $project) or $project == "")' \
	    "$work/rows" > "$work/tries"
	while IFS= read -r try; do
		set -- "$(printf %s "$try" | jq -r .instance)" \
		    "$(printf %s "$try" | jq -r .project)" \
		    "$(printf %s "$try" | jq -r .engine)" \
		    "$(printf %s "$try" | jq -r .intent)"
		code=0
		under_way "$4"
		[ ! -e "$steps" ] || flock -w 60 "$steps" true || {
			say "$1: a step of its lxg try goes on"
			status=75
			continue
		}
		# empty is what was not named, whatever we were called with
		LXG_INTENT=$4 LXG_PROJECT=$2 LXG_ENGINE=$3 \
		    "${0%/*}/delete" -f "$1" < /dev/null 2> "$work/said" || code=$?
		case $code in
		0)	printf '%s: left by lxg try; deleted\n' "$1" ;;
		1)	;;
		*)	cat "$work/said" >&2
			status=$code
			continue ;;
		esac
		rm -f "$steps"
		lxg-state end "$4"
	done < "$work/tries"
}

# of a row of the state: is its engine on another machine? An instance of the
# same name is another one there.
is_far='def is_far: .engine // "" | test("^https://|:$");'

# and is it of a create or a delete that finish_cut sees to?
is_known="$is_far"' def is_known: (.verb | IN("create", "delete")) and
    (.uuid // .call // .profile // false) != false and (is_far | not);'

# some FILE: is there a record in it? An empty line is none.
some()
{
	IFS= read -r line < "$1" && [ -n "$line" ]
}

# here_alone: of the pipelines under way those that are not of another machine's
# engine
here_alone()
{
	sed -E '/[{,]"engine":"(https:|[^"]*:")/d; /^$/d'
}

# and what is said of a create or a delete that the user is to decide on
naming='def named($why): .instance as $it | "\($it): its \(.verb) was cut " +
    "short\($why); " + if .verb == "create" then
    "the same command goes on, lxg delete \($it) takes it away"
    else "lxg delete \($it) goes on" end;'

# cut_short: the pipelines whose process was gone. What a share lacks is opened;
# a create or a delete of which no more than the name is known is named.
cut_short()
{
	some "$work/rows" || return 0
	jq -c --arg only "$only" --arg project "${LXG_PROJECT-}" "$is_known"'
	    select(.alive == false and .verb != "try" and (is_known | not)) |
	    select($only == "" or .instance == $only) |
	    select($project == "" or .project == $project or
		(.project == "" and $only != ""))' \
	    "$work/rows" > "$work/cut"
	[ -s "$work/cut" ] || return 0
	jq -L "$LXG_DATADIR" -r --slurpfile here "$work/here" 'include "text"; '"$is_far $naming"'
	    .instance as $it | if is_far then
		select(.verb | IN("lend", "take") | not) |
		"\($it): its \(.verb) on \(.engine) was cut short; " +
		"lxg list -E \(.engine) has what is there"
	    elif any($here[]; .instance == $it) | not then empty
	    elif .verb | IN("create", "delete") then named("")
	    else empty end | clean' "$work/cut"
	# shellcheck disable=SC2046 # numbers
	lxg-state end $(jq .intent "$work/cut")
	jq .intent "$work/cut" | while read -r row; do
		under_way "$row"
		rm -f "$steps"
	done
	jq -r --slurpfile here "$work/here" "$is_far"'
	    select(.verb == "share" and (is_far | not)).instance |
	    select(IN($here[].instance))' "$work/cut" | sort -u |
	    while read -r instance; do
		"${0%/*}/share" "$instance" < /dev/null || :
	    done
}

# known_copies: those that are lent here, and afar
known_copies()
{
	pipe copies > "$work/all"
	sed '/[{,]"api":"https:/d' "$work/all" > "$work/copies"
	sed -n '/[{,]"api":"https:/p' "$work/all" > "$work/copies.afar"
}

# busy: the instances that a step works on now, by the locks that are held
busy()
{
	for lock in "${XDG_STATE_HOME:-$HOME/.local/state}/lxg/locks"/*; do
		{ flock -n 9 || jq -cn --arg lock "${lock##*/}" '$lock'; } \
		    9< "$lock" || :
	done 2>/dev/null
}

# places FILE...: of which instances these records are, each once, and before
# them the engines and projects to be asked
places()
{
	jq -rn --arg project "${LXG_PROJECT-}" --arg engine "${LXG_ENGINE-}" '
	    reduce (inputs | select(.instance) |
		{engine, api, project, instance, uuid}) as $it ({};
		. + {($it | tojson): $it}) |
	    (map(select($project == "" or .project == $project) |
	    select($engine == "" or .api == $engine or .engine == $engine) |
	    [.api // .engine, .project] | @tsv) | unique[]), keys[]' \
	    "$@" > "$work/places"
}

# survey: sets what is known: the instances of the engines and projects that
# records name, one request each, and before them which these are. An engine
# that can't be asked, or forbids it, tells nothing.
survey()
{
	: > "$work/answers"
	sed '/^{/d' "$work/places" |
	    while IFS="$(printf '\t')" read -r api project; do
		code=0
		lxg-instance list -a -E "$api" -p "$project" > "$work/asked" \
		    2>/dev/null </dev/null || code=$?
		[ "$code" = 0 ] || [ "$code" = 1 ] || continue
		printf '%s\t%s\n' "$api" "$project" |
		    cat - "$work/asked" >> "$work/answers"
	    done
	sed -n '/^{/p' "$work/answers" > "$work/known"
}

# look: which of the instances of these places are here, and which are gone, as
# an engine says that was asked for all of them, by its socket as they have it.
# One that was renamed is known by its uuid.
look()
{
	sed -n '/^{/p' "$work/places" |
	    jq -cn --arg only "$only" --rawfile answers "$work/answers" '
	    (reduce ($answers | split("\n")[] | select(. != "")) as $line ({};
		if $line[:1] == "{" then ($line | fromjson) as $it |
		    if $it.instance then .has[[.asked[0], $it.project,
			$it.instance] | tojson] = $it else . end |
		    if $it.uuid then .names[$it.uuid] = $it.instance else . end
		else .asked = ($line / "\t") | .answered[.asked | tojson] = true
		end)) as $all |
	    [inputs | .instance = ($all.names[.uuid // ""] // .instance) |
	    select($only == "" or .instance == $only) |
	    [.api // .engine, .project, .instance]] | unique[] |
	    . as [$api, $project, $instance] |
	    if $all.has[tojson] then $all.has[tojson] | select(.error | not)
	    elif $all.answered[.[:2] | tojson] then
		{gone: {$api, $project, $instance}} else empty end' \
	    > "$work/looked"
	sed '/^{"gone":/d' "$work/looked" | sort -u > "$work/here"
	sed -n 's/^{"gone":\(.*\)}$/\1/p' "$work/looked" > "$work/gone"
	# an empty line is nothing to do, and no byte a failure
	[ -s "$work/here" ] || printf '\n' > "$work/here"
}

# mend STEP: what is to do in one way, and says what was done
mend()
{
	[ -s "$work/todo" ] || return 0
	jq -c --arg step "$1" 'select(.todo == $step)' "$work/todo" \
	    > "$work/$1"
	[ -s "$work/$1" ] || return 0
	code=0
	pipe "$1" < "$work/$1" > "$work/done" || code=$?
	jq -L "$LXG_DATADIR" -r 'include "text"; select(.error | not) |
	    "\(.instance): \(.source): \(.recover)" | clean' "$work/done"
	jq -L "$LXG_DATADIR" -r 'include "text"; select(.error and .origin) |
	    "\(.instance): \(.origin): not taken back; its copy is kept, " +
	    "\(.source) (lxg-map list -a | " +
	    "jq -c \u0027select([.uuid, .device] == " +
	    "\([.uuid, .device] | tojson))\u0027 | " +
	    "lxg-map del -D gives it up)" | clean' "$work/done" >&2
	return "$code"
}
