# Functions for bash and zsh, with fzf(1) to pick a container by. In ~/.bashrc:
#
#   . /usr/share/doc/lxg/examples/functions.sh
#
#   lxa                       its program, or the session that is picked
#   lxa firefox-esr           another program
#   lxm report.odt            lends it, until Enter
#   lxo report.odt            opens it, takes it back with its changes
#   lxcd                      into the folder that host and container share
# shellcheck shell=bash

# lx_pick: sets lx_name, lx_engine and lx_session by a line of lxg list
lx_pick()
{
	lx_name='' lx_session=''
	read -r lx_name lx_engine lx_rest <<-END
	$(lxg list | fzf --reverse --height=40% --prompt='container: ')
	END
	lx_engine=${lx_engine%@*}
	lx_session=$(printf '%s\n' "$lx_rest" | awk '$2 != "-" { print $2 }')
	[ -n "$lx_name" ]
}

lxa()
{
	lx_pick || return
	if [ $# -gt 0 ] || [ -z "$lx_session" ]; then
		lxg -E "$lx_engine" attach "$lx_name" "$@"
	else
		lxg -E "$lx_engine" attach -s "$lx_session" "$lx_name"
	fi
}

lxm()
{
	lx_pick && lxg -E "$lx_engine" map "$lx_name" "$@"
}

lxo()
{
	lx_pick && lxg -E "$lx_engine" open "$lx_name" "$@"
}

lxcd()
{
	lx_pick && cd "$(lxg-instance get -E "$lx_engine" "$lx_name" |
	    lxg-mount list | jq -r 'select(.source | endswith("/share")).source')" ||
	    return
}
