# Read by lxg complete: what the engines' images are called. Who types does not
# wait: an engine is asked while we go on, and what it says is kept in a file.
# SPDX-License-Identifier: ISC
# shellcheck shell=sh

# told KIND: the file of what that engine said
told()
{
	printf '%s/lxg/%s' "${XDG_CACHE_HOME:-$HOME/.cache}" \
	    "$(printf %s "images:$1:${LXG_PROJECT-}" | tr / _)"
}

# ask KIND FILE: puts it there, unless that is being done
ask()
{
	# shellcheck disable=SC2016 # sh's own
	mkdir -p "${2%/*}" && flock -n "$2.lock" timeout 10 sh -c '
	    list=$(lxg-instance api -E "$1" ${3:+-p "$3"} GET \
		"/1.0/images/aliases?recursion=1") &&
	    printf %s "$list" | jq -r ".[].name |
		select(test(\"^[A-Za-z0-9][A-Za-z0-9._/-]*$\"))" > "$2.new" &&
	    mv "$2.new" "$2"' sh "$1" "$2" "${LXG_PROJECT-}"
}

# images: what the engines said the last time, or say within 50 ms; and the
# servers that lxg knows
images()
{
	(for kind in ${LXG_ENGINE:-lxd incus}; do
		ask "$kind" "$(told "$kind")" &
	done; wait) < /dev/null > /dev/null 2>&1 3>&- &
	timeout 0.05 tail -s 0.01 --pid "$!" -f /dev/null || :
	for kind in ${LXG_ENGINE:-lxd incus}; do
		cat "$(told "$kind")" 2> /dev/null || :
	done
	printf '%s\n' lxg images: ubuntu: ubuntu-daily:
}
