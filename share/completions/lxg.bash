# bash completion for lxg; what can be where is lxg complete's to say.
# SPDX-License-Identifier: ISC
# shellcheck shell=bash

_lxg()
{
	local i words=() line word behind rest=${COMP_LINE#*"${COMP_WORDS[0]}"}

	# bash takes KEY=VALUE and IMAGE:ALIAS apart: what has no space between
	# is one word
	for ((i = 1; i <= COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		behind=${rest#"${rest%%[![:space:]]*}"}
		if [ "$i" -gt 1 ] && [ -n "$word" ] && [ "$behind" = "$rest" ]
		then
			words[${#words[@]} - 1]+=$word
		else
			words+=("$word")
		fi
		rest=${behind#"$word"}
	done
	# what bash puts an answer in the place of
	word=${COMP_WORDS[COMP_CWORD]}
	[[ $word != [=:] ]] || word=''
	behind=${words[-1]%"$word"}
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
		/*)	compopt -o filenames ;;
		esac
		COMPREPLY+=("${line#"$behind"}")
	done < <(lxg complete -- "${words[@]}" 2>/dev/null)
}

complete -F _lxg lxg
