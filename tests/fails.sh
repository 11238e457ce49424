# Read by bats files: what must fail, as it must.
# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2154 # of run

# fails CODE TEXT COMMAND...: ends with the code, says the text, prints nothing
fails()
{
	local code=$1 text=$2
	shift 2
	run --separate-stderr "$@"
	[[ $status = "$code" && $output = '' && $stderr = *"$text"* ]] && return
	echo "$status, not $code: $output $stderr"
	return 1
}
