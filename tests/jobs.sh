# Read by bats files: what a test has begun, at its end. SPDX-License-Identifier: ISC
# shellcheck shell=bash

# end_jobs [SIGNAL]: ends what this shell began and what still runs. A number that
# was kept may be another process's by now, and that of another test.
# shellcheck disable=SC2120 # none is TERM
end_jobs()
{
	local pids
	pids=$(jobs -pr)
	# shellcheck disable=SC2086 # numbers
	[ -z "$pids" ] || kill ${1:+"-$1"} $pids 2> /dev/null || :
}
