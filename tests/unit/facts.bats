#!/usr/bin/env bats
# What two of the suite's languages have each to say for themselves, and that
# must be the same. SPDX-License-Identifier: ISC
# shellcheck disable=SC1091,SC2034,SC2154 # of and for what is read; of run
bats_require_minimum_version 1.5.0

setup()
{
	cd "$BATS_TEST_TMPDIR" || exit
	tree=$BATS_TEST_DIRNAME/../..
	data=$tree/share/lxg
	unset LXD_SOCKET LXD_DIR INCUS_SOCKET INCUS_DIR LXG_ENGINE LXG_PROJECT
	unset LXG_TIMEOUT
}

# constant FILE NAME: its value in a program of C or Python
constant()
{
	sed -nE "s/^#define $2[[:space:]]+\"?([^\" ]*)\"?.*/\1/p
	    s/^$2 = \"?([^\" ]*)\"?.*/\1/p" "$tree/$1"
}

# same FILE NAME FILE NAME...: each has that constant, and the same value
same()
{
	local value
	value=$(constant "$1" "$2")
	[ -n "$value" ] || { echo "$1: $2: none"; return 1; }
	while [ $# -gt 0 ]; do
		[ "$(constant "$1" "$2")" = "$value" ] ||
		    { echo "$1: $2: $(constant "$1" "$2"), not $value"; return 1; }
		shift 2
	done
}

@test "the versions of xpra that can be shown" {
	same bin/lxg-xpra/look.c OLDEST bin/lxg-client/loop.c OLDEST
	same bin/lxg-xpra/look.c NEWEST bin/lxg-client/loop.c NEWEST
	oldest=$(constant bin/lxg-xpra/look.c OLDEST)
	newest=$(constant bin/lxg-xpra/look.c NEWEST)
	grep -q "^OLDEST, NEWEST = $oldest, $newest " "$data/helper.py"
	grep -qF "[$(seq -s '' "$oldest" "$newest")].*)" \
	    "$data/checks-instance.sh"
	grep -q "those from $oldest to $newest can" "$data/checks-instance.sh"
	grep -q "xpra $oldest to $newest," "$tree/share/man/lxg.7"
}

@test "folders, names and exit codes of what runs inside" {
	same share/lxg/helper.py BASE share/lxg/session.py BASE
	grep -qF "{\"xpra\", \"$(constant share/lxg/helper.py BASE)\"}" \
	    "$tree/bin/lxg-mount/plan.c"
	grep -qF "\"$(constant share/lxg/helper.py BASE)/%s/control\"" \
	    "$data/join.py"
	same share/lxg/helper.py STANDBY share/lxg/session.py STANDBY \
	    bin/lxg-xpra/standby.c STANDBY
	grep -q '^RUN = "/run/lxg"' "$data/helper.py"
	grep -q '^ENDED = RUN + "/ended"' "$data/helper.py"
	[ "$(constant share/lxg/session.py ENDED)" = /run/lxg/ended ]
	python3 - "$data/helper.py" "$data/join.py" "$data/app.py" \
	    "$tree/bin/lxg-xpra/exec.h" <<-'END'
	import re, sys
	inside = {}
	for path in sys.argv[1:4]:
	    text = open(path).read()
	    for names, values in re.findall(
	            r"^([A-Z_, ]+) = ([0-9, ]+)", text, re.M):
	        inside.update(zip(names.split(", "), values.split(", ")))
	here = dict(re.findall(r"^#define EXEC_(N\w+)\s+(\d+)",
	                       open(sys.argv[4]).read(), re.M))
	assert len(here) == 7, here
	for name, value in here.items():
	    assert inside[name] == value, (name, value, inside.get(name))
	END
}

@test "the three folders of an instance, and who asks for each" {
	# shellcheck disable=SC2046 # three words
	set -- $(sed -nE '/^} folders\[\]/,/^};/s/.*\{"([a-z]+)", .*/\1/p' \
	    "$tree/bin/lxg-mount/plan.c")
	[ $# = 3 ]
	grep -qF "\"%s: a folder is $1, $2 or $3\"" "$tree/bin/lxg-mount/plan.c"
	grep -qF "ours[] = {\"$1\", \"$2\", \"$3\"};" \
	    "$tree/bin/lxg-mount/folder.c"
	grep -qF "for mount in $1 $2 $3; do" "$data/checks-instance.sh"
}

@test "where the programs and the scripts look for sockets and locks" {
	grep -qF "socket:$(constant share/lxg/helper.py BASE)/" \
	    "$data/sessions.sh"
	grep -qF 'dirs_open_state("locks"' "$tree/lib/lock.c"
	grep -qF '/.local/state}/lxg/locks/' "$data/lib.sh"
	grep -qF '/.local/state}/lxg/locks"/' "$data/mend.sh"
}
