# Read by lxg recover: copies on other machines. Nothing else there is ours to
# judge, and who does not answer is asked another time.
# SPDX-License-Identifier: ISC
# shellcheck shell=sh disable=SC2154 # age, only, work: of the verb

give_up() { stage 1 lxg-map del -f; }

# lent_afar: what there is to do, as judge has it: a copy that was cut short on
# its way is taken back, and one whose instance is gone is, too. An instance is
# known by its uuid, and has the name of now.
lent_afar()
{
	: > "$work/todo"
	address=''
	if [ -n "$chosen" ]; then
		far || return 0
		address=$(lxg-instance where -E "$chosen" 2> /dev/null |
		    jq -r .api) || return 0
	fi
	jq -c --arg at "$address" --arg only "$only" \
	    'select(.instance == $only or $only == "") |
	    select(.api == $at or $at == "")' "$work/copies.afar" > "$work/afar"
	[ -s "$work/afar" ] || return 0
	was=${LXG_ENGINE-} LXG_ENGINE=$address
	places "$work/afar"
	LXG_ENGINE=$was
	survey
	busy > "$work/busy"
	jq -c --argjson age "$age" --rawfile answers "$work/answers" \
	    --slurpfile busy "$work/busy" '
	    ($answers | split("\n")) as $lines | . as $it |
	    select([.api, .project] | @tsv | IN($lines[])) |
	    select([(.api | gsub("/"; "+")), .project, .instance] | join(":") |
		IN($busy[]) | not) |
	    first(($lines[] | select(.[:1] == "{") | fromjson |
		select(.uuid == $it.uuid and .api == $it.api)), null) as $now |
	    if $now == null then
		. + {todo: "give_up", recover: "its instance is gone"}
	    elif .unfinished and (.age // $age) >= $age then
		. + {instance: $now.instance, todo: "unmap", recover:
		"its lending or write-back was cut short; taken back"}
	    else empty end' "$work/afar" > "$work/todo"
}
