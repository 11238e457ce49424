# Read by bats files that run commands in an instance by the engine's own
# client, behind env.sh. SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2034,SC2154

case $LXG_ENGINE in
incus)	cli=incus ;;
*)	cli=lxc ;;
esac

# user_in NAME COMMAND [ARG]...: as the login user there
user_in()
{
	exec_in "$1" 1000 1000 "${@:2}"
}

# root_in NAME COMMAND [ARG]...
root_in()
{
	exec_in "$1" 0 0 "${@:2}"
}
