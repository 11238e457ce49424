# Read by lxg unmap: what is named, and not lent.
# SPDX-License-Identifier: ISC
# shellcheck shell=sh

# absent PATH...: sets $absent where one of them is not lent, and says which;
# ends with 1 where none is
absent()
{
	pipe lent "$@" > "$work/lent" || finish "$?"
	[ "$(grep -c . "$work/lent" || :)" -lt $# ] || return 0
	for path; do
		[ "$path" != -- ] || continue
		pipe lent -- "$path" > "$work/one"
		grep -q . "$work/one" || {
			say "$name: $path: is not lent"
			absent=1
		}
	done
	[ -n "$absent" ] || return 0
	pipe lent > "$work/all"
	jq -L "$LXG_DATADIR" -r 'include "text"; select(.source) |
	    "lent is " + (.origin // .source | clean)' "$work/all" >&2
	grep -q . "$work/lent" || finish 1
}
