# A home on a file system of its own. What hosts are like otherwise is in
# tests/live/hosts.bats. SPDX-License-Identifier: ISC
# shellcheck disable=SC2154 # of env.sh

load ../env.sh
load ../host.sh
load root.sh

teardown()
{
	stop_display
	drop_instance "$T"
}

@test "btrfs: a home on it, and all that lxg keeps there" {
	as_root mount btrfs
	export HOME=$LXG_ROOT/btrfs
	cd "$HOME" || return
	story
	[ "$(stat -fc %T .local/state/lxg/state.db docs/f)" = $'btrfs\nbtrfs' ]
}
