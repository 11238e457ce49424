# Read by lxg delete: what is left in the end.
# SPDX-License-Identifier: ISC
# shellcheck shell=sh

drop_profile() { engine lxg-profile del "$profile"; }

# ours SOCKET: was the profile put by lxg, and does nobody use it? 1: no
ours()
{
	socket=$1 code=0
	within
	api GET "/1.0/profiles/$profile" > "$work/profile" 2> "$work/said" ||
	    code=$?
	[ "$code" = 0 ] || [ "$code" = 1 ] || cat "$work/said" >&2
	[ "$code" = 0 ] || return "$code"
	jq -e '.config["user.lxg.put"]? != null and (.used_by // []) == []' \
	    "$work/profile" > /dev/null
}

# drop_ours SOCKET: takes that profile away
drop_ours()
{
	code=0
	ours "$1" || code=$?
	case $code in
	0)	quietly drop_profile
		left=1 ;;
	1)	;;
	*)	return "$code" ;;
	esac
}

# what is left where a delete was cut short, or others did it; the profile; and
# in $left whether there was something
remains()
{
	mended=0
	"${0%/*}/recover" -f ${force:+-D} "$name" > "$work/mended" ||
	    mended=$?
	cat "$work/mended" >&2
	[ ! -s "$work/mended" ] || left=1
	for project in default "user-$(id -u)"; do
		rmdir "${XDG_RUNTIME_DIR-}/lxg"/*/"${LXG_PROJECT:-$project}/$name" \
		    2>/dev/null || :
	done
	. "${0%/*}/image.d/engines"
	set -- lxd incus
	[ -z "${LXG_ENGINE-}" ] || set -- "$LXG_ENGINE"
	for choice; do
		at=$(reach "$choice")
		if [ -n "$at" ]; then
			LXG_ENGINE=$at
			drop_ours "$at" || mended=$?
		elif [ "$choice" = "${LXG_ENGINE-}" ]; then
			say "$name: its profile was not looked at: no answer"
			mended=69
		fi
	done
	return "$mended"
}
