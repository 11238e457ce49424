# bash completion for lxg; what can be where is lxg complete's to say.
# SPDX-License-Identifier: ISC
# shellcheck shell=bash

_lxg()
{
	local i words=() line word joined=''

	# bash takes KEY=VALUE apart
	for ((i = 1; i <= COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if [ "$word" = = ] || [ -n "$joined" ]; then
			words[${#words[@]} - 1]+=$word
		else
			words+=("$word")
		fi
		joined=''
		[ "$word" != = ] || joined=1
	done
	word=${COMP_WORDS[COMP_CWORD]}
	[ "$word" != = ] || word=''
	COMPREPLY=()
	while IFS= read -r line; do
		if [ "$line" = FILES ]; then
			compopt -o filenames
			while IFS= read -r line; do
				COMPREPLY+=("$line")
			done < <(compgen -f -- "$word")
			break
		fi
		case $line in
		*= | *:) compopt -o nospace ;;
		*=*)	line=${line#*=} ;;
		/*)	compopt -o filenames ;;
		esac
		COMPREPLY+=("$line")
	done < <(lxg complete -- "${words[@]}" 2>/dev/null)
}

complete -F _lxg lxg
