# Read by lxg recover: what there is, and the pipelines that mend it.
# SPDX-License-Identifier: ISC
# shellcheck shell=sh

grants() { stage 1 lxg-acl list; }
instances() { engine lxg-instance list; }
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

# busy: the instances that a step works on now, by the locks that are held
busy()
{
	for lock in "${XDG_STATE_HOME:-$HOME/.local/state}/lxg/locks"/*; do
		{ flock -n 9 || jq -cn --arg lock "${lock##*/}" '$lock'; } \
		    9< "$lock" || :
	done 2>/dev/null
}

# known FILE...: the instances of the engines and projects that records name
known()
{
	jq -r 'select(.uuid) | [.api // .engine, .project] | @tsv' "$@" |
	    sort -u | while IFS="$(printf '\t')" read -r api project; do
		lxg-instance list -a -E "$api" -p "$project" 2>/dev/null \
		    </dev/null || :
	done | jq -c 'select(.uuid)'
}

# follow FILE...: an instance that was renamed is known by its uuid: records
# of it get the name that it has now
follow()
{
	known "$@" > "$work/known"
	for file; do
		jq -c --slurpfile known "$work/known" '
		    (first(.uuid as $uuid | $known[] |
			select($uuid and .uuid == $uuid)) // {}) as $now |
		    if $now.instance then .instance = $now.instance
		    else . end' "$file" > "$work/followed"
		cat "$work/followed" > "$file"
	done
}

# look FILE...: which of the instances that these records name are here, and
# which are gone, by the engine's own 404. An engine that can't be asked, or
# forbids it, has neither.
look()
{
	: > "$work/here"
	: > "$work/gone"
	jq -r --arg only "$only" --arg engine "${LXG_ENGINE-}" \
	    --arg project "${LXG_PROJECT-}" 'select(.instance) |
	    select($only == "" or .instance == $only) |
	    select($project == "" or .project == $project) |
	    select($engine == "" or .api == $engine or .engine == $engine) |
	    [.api // .engine, .project, .instance] | @tsv' "$@" | sort -u |
	    while IFS="$(printf '\t')" read -r api project instance; do
		code=0
		lxg-instance get -E "$api" -p "$project" "$instance" \
		    >> "$work/found" 2>/dev/null </dev/null || code=$?
		[ "$code" = 1 ] || continue
		jq -cn --arg api "$api" --arg project "$project" \
		    --arg instance "$instance" '$ARGS.named' >> "$work/gone"
	    done
	[ ! -s "$work/found" ] ||
	    jq -cs 'unique[]' "$work/found" > "$work/here"
	# an empty line is nothing to do, and no byte a failure
	[ -s "$work/here" ] || printf '\n' > "$work/here"
}

# mend STEP: what is to do in one way, and says what was done
mend()
{
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
