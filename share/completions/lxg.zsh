#compdef lxg
# zsh completion for lxg; what can be where is lxg complete's to say.
# SPDX-License-Identifier: ISC

local line files
local -a plain keys

while IFS= read -r line; do
	case $line in
	FILES)	files=1 ;;
	*[=:])	keys+=("$line") ;;
	*)	plain+=("$line") ;;
	esac
done < <(lxg complete -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)
compadd -S '' -a keys
compadd -a plain
[[ -z $files ]] || _files
