# Read by lxg and what helps with its words: the verbs, and what was meant.
# SPDX-License-Identifier: ISC
# shellcheck shell=sh

# verbs: each that can be run, without its folder
verbs()
{
	for file in "$LXG_DATADIR"/*; do
		[ ! -f "$file" ] || [ ! -x "$file" ] || echo "${file##*/}"
	done
}

# near WORD: which of the names on standard input it may have been
near()
{
	WORD=$1 awk -f "$LXG_DATADIR/near.awk"
}
