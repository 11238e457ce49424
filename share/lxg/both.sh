# Read by the verbs that hand files over: the share is opened to both sides.
# SPDX-License-Identifier: ISC
# shellcheck shell=sh
# shellcheck disable=SC2154 # of those that read it

# open_share: what the host's user has closed at once, beside what we do, and
# all of it once we are over, whatever becomes of this shell: descriptor 7 tells.
# It is no child of ours, for what takes our place waits for its children.
open_share()
{
	mkfifo "$work/alive"
	exec 7<> "$work/alive"
	setsid -f "${0%/*}/share" -w "$name" < "$work/alive" \
	    > /dev/null 2>&1 3>&- 7>&-
	rm "$work/alive"
}
