# Read by the verbs of lxg: options, messages, and running or printing the
# pipelines that they are made of. SPDX-License-Identifier: ISC
# shellcheck shell=sh

verb=${0##*/}
LXG_PRINT=${LXG_PRINT-}
work='' joint='' hold='' steady='' wake=: caught=0 ours=${LXG_INTENT-}
unset LXG_INTENT

say()
{
	printf 'lxg %s: %s\n' "$verb" "$*" >&2
}

# die CODE TEXT...
die()
{
	code=$1
	shift
	say "$@"
	settle
	exit "$code"
}

# the verb's own part of what lxg -h prints
usage()
{
	lxg -h | awk -v verb="$verb" '
	    $1 == "lxg" { mine = $2 == verb }
	    mine { if (!n++) sub(/^ */, "usage: "); print }'
}

misused()
{
	usage >&2
	exit 64
}

# common OPTION: what every verb takes, and what none does
common()
{
	case $1${OPTARG-} in
	E?*)	LXG_ENGINE=$OPTARG; export LXG_ENGINE ;;
	p?*)	LXG_PROJECT=$OPTARG; export LXG_PROJECT ;;
	h | -help) usage; exit ;;
	-version) exec lxg --version ;;
	*)	misused ;;
	esac
}

# scratch: makes the folder $work, which goes when the script does
scratch()
{
	trap 'rm -rf "$work"; settle' EXIT
	disarm
	work=$(mktemp -d "${TMPDIR:-/tmp}/lxg.XXXXXX")
}

# finish STATUS: ends as the signal does that came meanwhile, if one did
finish()
{
	settle
	[ "$caught" = 0 ] || exit $((128 + caught))
	exit "$1"
}

. "${0%/*}/pipe.sh"
. "${0%/*}/status.sh"
