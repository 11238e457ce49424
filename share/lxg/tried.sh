# Read by lxg try: the instance that is made for it, what is kept of that, and
# its end. SPDX-License-Identifier: ISC
# shellcheck shell=sh disable=SC2034,SC2154 # name, work and more: of the verb

copy='' made='' try=''
most=1073741824	# bytes of a file that is kept

# progress [TEXT]: one line on a terminal, over which goes what comes next
progress()
{
	[ ! -t 2 ] || printf '\r\033[K%s\r' "${1-}" >&2
}

# quiet: passes a record on, and no more progress is told
quiet()
{
	cat
	[ -n "$LXG_PRINT" ] || progress
}

make()
{
	if [ -n "$image" ]; then
		engine lxg-profile put -b strict "$copy" |
		    stage 2 lxg-instance create -T $alone -i "$image"
	else
		engine lxg-instance copy $alone "$name" "$copy"
	fi |
	    folders_of xpra share maps
}

# begin_try: from here on it is known as ours, also to lxg recover, and goes
# however this ends
begin_try()
{
	copy=$(printf '%.50s-%s' "$name" \
	    "$(od -An -N4 -tx1 /dev/urandom | tr -d ' \n')")
	trap 'end_try; rm -rf "$work"; settle' EXIT
	arm
	try=$(row try "$copy") || die 125 "$name: the state tells of no try"
	hold_steps "$try"
	made=1
}

end_try()
{
	[ -n "$made" ] || return 0
	trap '' HUP INT TERM
	progress "$name: $copy goes"
	code=0
	LXG_INTENT=$try "${0%/*}/delete" -f "$copy" > /dev/null \
	    2> "$work/said" || code=$?
	progress
	case $code in
	0 | 1)	rm -f "$steps"
		lxg-state end "$try" || : ;;
	*)	cat "$work/said" >&2
		say "$name: $copy: is left behind; lxg recover takes it away" ;;
	esac
}

# place_of FILE: sets place, where it will be; or ends, before anything is done
place_of()
{
	place=./${1##*/}
	case $1 in
	'' | */)	die 64 "-k $1: not the name of a file" ;;
	esac
	[ ! -e "$place" ] && [ ! -L "$place" ] ||
	    die 73 "$name: $place: is there already, and -k would take its place"
	[ -w . ] || die 73 "$name: $PWD: not for you to write in"
}

# brought FILE NEW: out of the instance, into that one here
brought()
{
	case $1 in
	/*)	path=$1 ;;
	*)	path=$(jq -rs '.[0].home' "$work/made")/$1 ;;
	esac
	socket=$(jq -rs '.[0].api' "$work/made")
	project=$(jq -rs '.[0].project' "$work/made")
	api -o "$2" -m "$most" GET "/1.0/instances/$copy/files?path=$(
	    printf %s "$path" | jq -sRr @uri)" > /dev/null 2>&1
}

# keep FILE: into the folder that we are in; what is of that name by now stays
keep()
{
	new='' place=./${1##*/}
	if new=$(mktemp ./.lxg.XXXXXX) && brought "$1" "$new" &&
	    chmod =rw "$new"; then
		mv -nT "$new" "$place"
		[ -e "$new" ] || return 0
		say "$name: $place: is there by now; $new is what was kept"
		return 0
	fi
	rm -f "$new"
	say "$name: $1: was not kept: it is not there, no plain file, or too large"
	[ "$status" != 0 ] || status=125
}
