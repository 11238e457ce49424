# Read by tests and benches that ask an engine themselves: the one at $socket,
# or that is called so, in $project. SPDX-License-Identifier: ISC
# shellcheck shell=sh disable=SC2154 # of who reads it

# engine_api METHOD PATH [JSON]: prints the metadata of the answer
engine_api()
{
	if [ $# -gt 2 ]; then
		printf '%s' "$3" | lxg-instance api -E "$socket" \
		    -p "$project" "$1" "$2" -
	else
		lxg-instance api -E "$socket" -p "$project" "$1" "$2"
	fi
}

# engine_raw PATH: prints what the engine has there, as it is
engine_raw()
{
	lxg-instance api -E "$socket" -p "$project" -o - GET "$1"
}
