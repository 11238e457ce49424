# bash completion for lxg. SPDX-License-Identifier: ISC
# shellcheck shell=bash

# names of instances: of the engine that answers at once, or none
_lxg_instances()
{
	lxg-instance list 2>/dev/null | jq -r '.instance // empty' 2>/dev/null
}

_lxg_sessions()
{
	lxg-instance list 2>/dev/null | lxg-xpra list 2>/dev/null |
	    jq -r '.session // empty' 2>/dev/null
}

# the folder of the verbs and the policy, beside the one that holds lxg
_lxg_data()
{
	local bin
	bin=$(dirname "$(readlink -f "$(type -P lxg)")")
	echo "${LXG_DATADIR:-${bin%/*}/share/lxg}"
}

_lxg_verbs()
{
	local file
	for file in "$(_lxg_data)"/*; do
		[ ! -f "$file" ] || [ ! -x "$file" ] || echo "${file##*/}"
	done
}

# KEY= of each policy key; what is of lxg's own, or was one, isn't asked for
_lxg_keys()
{
	awk -F '\t' '!/^#/ && $2 != "own" && $2 != "gone" && !seen[$1]++ {
	    print $1 "=" }' "$(_lxg_data)/policy"
}

_lxg()
{
	local word=${COMP_WORDS[COMP_CWORD]} last=${COMP_WORDS[COMP_CWORD - 1]}
	local verb='' operands=0 i

	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-[EpbiKost])	((i++)) ;;
		-*)		;;
		*)		[ -n "$verb" ] && ((operands++))
				verb=${verb:-${COMP_WORDS[i]}} ;;
		esac
	done
	COMPREPLY=()
	case $last in
	-E)	mapfile -t COMPREPLY < <(compgen -W 'lxd incus' -- "$word")
		return ;;
	-b)	mapfile -t COMPREPLY < <(compgen -W 'strict desktop' -- "$word"
		    compgen -f -- "$word")
		return ;;
	-t)	mapfile -t COMPREPLY < <(compgen -W 'exec ssh' -- "$word")
		return ;;
	-s)	mapfile -t COMPREPLY < <(compgen -W "$(_lxg_sessions)" -- "$word")
		return ;;
	-K)	mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return ;;
	esac
	case $verb:$operands in
	:0)	mapfile -t COMPREPLY < <(compgen -W "$(_lxg_verbs)" -- "$word") ;;
	create:0 | list:* | image:*) ;;
	create:* | map:[1-9]* | open:1 | unmap:[1-9]*)
		mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
	set:[1-9]*)
		compopt -o nospace
		mapfile -t COMPREPLY < <(compgen -W "$(_lxg_keys)" -- "$word") ;;
	*:0)	mapfile -t COMPREPLY < <(compgen -W "$(_lxg_instances)" -- \
		    "$word") ;;
	esac
}

complete -o filenames -F _lxg lxg
