# Read by lxg doctor: sessions of an instance that ended as nobody wanted them to,
# with what was said there. SPDX-License-Identifier: ISC
# shellcheck shell=sh disable=SC2154 # of lib.sh

# quoted: the last of standard input below a result, marked as others' words
quoted()
{
	tr -d '\000' | grep -a '[^[:space:]]' | said_last -3 |
	    jq -Rr '"         | " + .[:160]'
}

# check_last NAME: the program that was attached last, where it failed and showed
# no window
check_last()
{
	died "$work/record" > "$work/died"
	[ -s "$work/died" ] || return 0
	note "$1: $(program "$work/died") and showed no window"
	jq -j .output "$work/died" | quoted
	cure "lxg logs $1"
}

# check_ended NAME: what nobody has seen the end of, and list still has
check_ended()
{
	lxg-xpra list < "$work/record" 2> /dev/null |
	    jq -c 'select(.state == "ended" and .exit_status != 0)' \
	    > "$work/ended" || :
	while IFS= read -r one; do
		printf %s "$one" > "$work/one"
		id=$(jq -r .session "$work/one")
		file=$(jq -r .socket "$work/one")
		if jq -e .exit_status "$work/one" > /dev/null; then
			note "$1: session $id: $(program "$work/one")"
			written "${file%.sock}" output | quoted
		elif [ ! -S "$file" ]; then
			note "$1: session $id: its display server died"
			written "${file%.sock}" log | quoted
		else
			continue
		fi
		cure "lxg logs -s $id $1; lxg stop -s $id $1 forgets it"
	done < "$work/ended"
}
