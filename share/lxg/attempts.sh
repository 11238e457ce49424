# Read by lxg selftest: its classes, and what came of them.
# SPDX-License-Identifier: ISC
# shellcheck shell=sh disable=SC2015,SC2016,SC2034,SC2154 # of the verb; a shell inside

# inside UID COMMAND...: runs it there, and prints what it prints
inside()
{
	as=$1
	shift
	jq -n --argjson user "$as" '{command: $ARGS.positional, $user,
	    group: $user, "record-output": true, "wait-for-websocket": false}' \
	    --args -- "$@" | api POST "/1.0/instances/$copy/exec" - \
	    > "$work/ran" 2> "$work/said" &&
	    api -o - GET "$(jq -r '.output["1"]' "$work/ran")"
}

# held TEXT, got TEXT: how an attempt ended
held() { printf '%s\theld\t%s\n' "$class" "$1" >> "$work/results"; }
got() { printf '%s\tOPEN\t%s\n' "$class" "$1" >> "$work/results"; }

# fails TEXT COMMAND...: as it must
fails()
{
	what=$1
	shift
	if "$@" > /dev/null 2>&1; then
		got "$what"
	else
		held "$what"
	fi
}

# tries UID CLASS [WORD]...: of attempts.py; one that says nothing counts, too
tries()
{
	[ "$caught" = 0 ] || return 0
	who=$1
	shift
	{ inside "$who" python3 -c "$(cat "$LXG_DATADIR/attempts.py")" "$@" \
	    > "$work/told" && [ "$(jq .return "$work/ran")" = 0 ]; } ||
	    got "uid $who: $1: not all of it could be tried"
	# what an instance says drives no terminal
	jq -L "$LXG_DATADIR" -Rr 'include "text"; split("\t") |
	    select(length == 2) | map(clean) | join("\t")' "$work/told" \
	    > "$work/tried"
	[ -s "$work/tried" ] || got "uid $who: $1: nothing of it was tried"
	while IFS="$(printf '\t')" read -r how what; do
		case $how in
		held)	held "uid $who: $what" ;;
		*)	got "uid $who: $what" ;;
		esac
	done < "$work/tried"
}

# both CLASS [WORD]...: by root there, and by the login user
both()
{
	tries 0 "$@"
	tries "$uid" "$@"
}

lend()
{
	engine lxg-instance get "$copy" | stage 2 lxg-map plan -r "$lent/lent" |
	    stage 3 lxg-acl grant | stage 4 lxg-map add
}

take()
{
	engine lxg-instance get "$copy" | stage 2 lxg-map list |
	    stage 3 lxg-map del | stage 4 lxg-acl revoke
}

# looks: what all of this must leave as it was
looks() { (cd "$lent" && stat -c '%n %a %u %s' -- * && cat -- * && getfacl -cn -- *) 2>&1; }

out_of_reach()
{
	class="the host's X server"
	number=${DISPLAY:-:0} number=${number##*:} number=${number%%.*}
	case $number in
	'' | *[!0-9]*)	number=0 ;;
	esac
	both display "$number"
	class="the host's sockets"
	both services "$socket" /var/lib/lxd/unix.socket \
	    /var/snap/lxd/common/lxd/unix.socket /var/lib/incus/unix.socket \
	    /dev/lxd/sock /dev/incus/sock
	class='the network, with -N'
	both network
	class='what root of the host may'
	both kernel
}

# The share is made by both sides, and what is closed to the other stays so.
files()
{
	class="the user's files"
	# a new file of a name that nobody can have laid a link at
	closed=$(mktemp "$share/closed.XXXXXX") || {
		got 'nothing could be put there'
		return 0
	}
	both files "$lent/secret" "$home/share/${closed##*/}"
	both unreadable "$home/share/${closed##*/}"
	rm -f "$closed"
	class='a file lent for reading'
	pipe lend > "$work/device" && path=$(jq -r .path "$work/device") &&
	    inside "$uid" cat "$path" | cmp -s - "$lent/lent" ||
	    got 'it could not be lent'
	both files "$lent/secret" "${path:-/}"
	pipe take > /dev/null || got 'it could not be taken back'
	both unreadable "${path:-/}"
}

# What the instance leaves in the share for the host to fall over.
traps()
{
	class='traps in the share'
	inside "$uid" sh -c 'cd "$1" && ln -s "$2" link && cp /bin/true su &&
	    chmod 4755 su' sh "$home/share" "$lent/secret" > /dev/null || :
	[ -L "$share/link" ] && [ -u "$share/su" ] || got 'they could not be laid'
	fails 'a program of it that is lent on' sh -c \
	    'lxg-map plan "$1" < "$2"' sh "$share/su" "$work/record"
	"$LXG_DATADIR/share" "$copy" > /dev/null 2>&1 || :
	fails 'a set-user-ID program that is somebody'\''s here' \
	    getent passwd "$(stat -c %u "$share/su")"
	fails 'a way to it for others' [ "$(stat -c %a "${share%/*}")" != 700 ]
	rm -f "$share/link" "$share/su"
}

refused()
{
	class='a policy of nonsense'
	"$LXG_DATADIR/explain" "$copy" > /dev/null 2>&1 ||
	    got 'its own is not explained'
	for setting in clipbord=both audio=On x11=; do
		api PATCH "/1.0/instances/$copy" - > /dev/null 2>&1 <<-END || :
		{"config": {"user.lxg.${setting%=*}": "${setting#*=} "}}
		END
		fails "user.lxg.$setting " "$LXG_DATADIR/explain" "$copy"
		api PATCH "/1.0/instances/$copy" - > /dev/null 2>&1 <<-END || :
		{"config": {"user.lxg.${setting%=*}": ""}}
		END
	done
	class='privileges of lxg itself'
	fails 'a program of it with some' sh -c \
	    'find "$1"/lxg* -perm /6000 | grep -q .' sh \
	    "$(dirname -- "$(command -v lxg-instance)")"
}

attempts()
{
	: > "$work/results"
	socket=$(jq -r .api "$work/record")
	project=$(jq -r .project "$work/record")
	home=$(jq -r .home "$work/record") uid=$(jq -r .uid "$work/record")
	share=$(jq -rs 'map(.source // "" | select(endswith("/share")))[0]' \
	    "$work/made")
	lent=$(mktemp -d "$HOME/.lxg-selftest.XXXXXX")
	(umask 077; echo secret > "$lent/secret"; echo lent > "$lent/lent")
	before=$(looks)
	# what is the instance's own and listens where the host's would
	inside 0 systemctl stop lxg-standby.service > /dev/null || :
	for part in out_of_reach files traps refused; do
		[ "$caught" != 0 ] || progress "$name: $part"
		[ "$caught" != 0 ] || "$part"
	done
	class='what all of it left'
	fails 'a file of the user'\''s that is another' [ "$(looks)" != "$before" ]
}

# report: a line a class, and what was not held
report()
{
	awk -F '\t' 'BEGIN { printf "%-28s %8s  %s\n", "CLASS", "ATTEMPTS", "HELD" }
	    !($1 in all) { order[++n] = $1 }
	    { all[$1]++; held[$1] += $2 == "held" }
	    END { for (i = 1; i <= n; i++) printf "%-28s %8d  %d\n", order[i],
		all[order[i]], held[order[i]] }' "$work/results"
	! grep -q "$(printf '\tOPEN\t')" "$work/results" || {
		status=1
		sed -n "s/$(printf '\t')OPEN$(printf '\t')/: /p" \
		    "$work/results" >&2
	}
}
