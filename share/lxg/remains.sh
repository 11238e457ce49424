# Read by lxg delete: what is left in the end.
# SPDX-License-Identifier: ISC
# shellcheck shell=sh

drop_profile() { engine lxg-profile del "$profile"; }

# drop_ours: takes the profile away that lxg has put and nobody uses; what is
# wrong where that can't be known is in $work/said
drop_ours()
{
	had=0
	[ -z "$keep" ] || return 0
	lxg-instance api -E "$LXG_ENGINE" GET "/1.0/profiles/$profile" \
	    > "$work/profile" 2> "$work/said" || had=$?
	case $had in
	0)	;;
	1)	return 0 ;;
	*)	return "$had" ;;
	esac
	jq -e '.config["user.lxg.put"]? != null and (.used_by // []) == []' \
	    "$work/profile" > /dev/null || return 0
	quietly drop_profile
	left=1
}

# forgotten: neither the state nor a folder has a word of an instance that had
# this uuid, but for the rows of what we do, and of what we do it for
forgotten()
{
	[ -n "$uuid" ] || return 1
	{ lxg-state list && lxg-acl list && lxg-map list -a; } \
	    > "$work/rows" || return 1
	sed -E "/\{\"intent\":($LXG_INTENT|${ours:-0})[,}]/d" "$work/rows" |
	    grep -qF -e "\"$name\"" -e "$uuid" && return 1
	find_home
	for folder in "$home"/*/*/"$name"; do
		[ ! -e "$folder" ] || return 1
	done
	! grep -qsF "$uuid" "$home"/*/*/*/uuid
}

# what is left where a delete was cut short, or others did it; the profile; and
# in $left whether there was something
remains()
{
	mended=0
	# of what we were called within it is not to call us again
	far || forgotten || LXG_INTENT=${LXG_INTENT:-$ours} "${0%/*}/recover" \
	    -f ${force:+-D} "$name" > "$work/mended" || mended=$?
	[ ! -s "$work/mended" ] || {
		cat "$work/mended" >&2
		left=1
	}
	for project in default "user-$(id -u)"; do
		rm -f "${XDG_RUNTIME_DIR-}/lxg"/*/"${LXG_PROJECT:-$project}/$name/died"
		rmdir "${XDG_RUNTIME_DIR-}/lxg"/*/"${LXG_PROJECT:-$project}/$name" \
		    2>/dev/null || :
	done
	chosen=${LXG_ENGINE-}
	set -- lxd incus
	[ -z "$chosen" ] || set -- "$chosen"
	for LXG_ENGINE; do
		code=0
		drop_ours || code=$?
		# who was not chosen need not be there
		[ "$code" != 69 ] || [ -n "$chosen" ] ||
		    ! grep -q 'no engine answers' "$work/said" || continue
		[ "$code" = 0 ] || {
			say "$name: its profile was not looked at:" \
			    "$(sed 's/^lxg-instance: //' "$work/said")"
			mended=$code
		}
	done
	return "$mended"
}
