# Read by the bats files here: what tests/root/run does for them.
# SPDX-License-Identifier: ISC
# shellcheck shell=bash

: "${LXG_ROOT:?run by tests/root/run}"

# as_root WHAT...: waits until it is done
as_root()
{
	local status
	echo "$@" > "$LXG_ROOT/ask"
	read -r status < "$LXG_ROOT/told"
	return "$status"
}
