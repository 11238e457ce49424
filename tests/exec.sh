# Read by bats files that run commands in an instance by the engine's own
# client, behind env.sh. SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2016,SC2154

case $LXG_ENGINE in
incus)	cli=incus ;;
*)	cli=lxc ;;
esac

# user_in NAME COMMAND [ARG]...: as the login user there. What a program prints
# that ends at once, these clients can lose.
user_in()
{
	local name=$1
	shift
	timeout 60 "$cli" exec "$name" --user 1000 --group 1000 -- \
	    sh -c '"$@"; s=$?; sleep 0.1; exit "$s"' sh "$@" < /dev/null 3>&-
}

# root_in NAME COMMAND [ARG]...
root_in()
{
	local name=$1
	shift
	timeout 60 "$cli" exec "$name" -- "$@" < /dev/null 3>&-
}
