# fish completion for lxg; what can be where is lxg complete's to say.
# SPDX-License-Identifier: ISC

function __lxg_complete
	set -l words (commandline -opc) (commandline -ct)
	for line in (lxg complete -- $words[2..-1] 2>/dev/null)
		if test "$line" = FILES
			__fish_complete_path (commandline -ct)
		else
			echo $line
		end
	end
end

complete -c lxg -f -a '(__lxg_complete)'
