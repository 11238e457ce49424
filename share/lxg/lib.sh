# Read by the verbs of lxg: options, messages, and running or printing the
# pipelines that they are made of. SPDX-License-Identifier: ISC
# shellcheck shell=sh

verb=${0##*/}
LXG_PRINT=${LXG_PRINT-}
work='' joint='' hold='' steady='' wake=: caught=0 ours=${LXG_INTENT-} distant=''
inner=${LXG_INTENT+1} forced=''
unset LXG_INTENT

# say TEXT...: whatever words of others it has, they drive no terminal
say()
{
	set -- "$*"
	case $1 in
	*[!\ -~]*) set -- "$(printf %s "$1" | jq -L "$LXG_DATADIR" -Rrs \
	    'include "text"; clean')" ;;
	esac
	printf 'lxg %s: %s\n' "$verb" "$1" >&2
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

# the verb's own part of what lxg -h prints, and its examples
usage()
{
	lxg -h | awk -v verb="$verb" '
	    $1 == "lxg" { mine = $2 == verb }
	    mine { if (!n++) sub(/^ */, "usage: "); print }'
	sed -n 's/^# example: /example: /p' "$LXG_DATADIR/$verb" | sed '1s/^/\
/'
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
	\?*)	unfit "-$OPTARG: no such option" ;;
	:*)	unfit "-$OPTARG: its word is missing" ;;
	-*)	unfit "--$OPTARG: no such option" ;;
	*)	unfit "-$1: its word is empty" ;;
	esac
}

# unfit TEXT: with all that the verb takes
unfit()
{
	say "$1"
	misused
}

# called NAME: ends with 65 where nothing can be called so, as lib/name.c has it
called()
{
	case $1 in
	[!A-Za-z]* | *[!A-Za-z0-9-]* | *-) ;;
	?*)	[ ${#1} -gt 63 ] || return 0 ;;
	esac
	die 65 "$1: a name is a letter and up to 62 more, digits or dashes," \
	    'with no dash at its end'
}

# early OPTIONS NAME [WORD]...: what looks like an option behind the name is
# none: ends with the line that was meant, if one was. A -- there is the name's
# end.
early()
{
	spec=$1 operand=$2
	shift 2
	called "$operand"
	case ${1-} in
	-- | [!-]* | '' | -)	return ;;
	esac
	front='' wrong=$1 OPTIND=1
	while getopts "$spec" option; do
		case $option${OPTARG-} in
		-help | -version)
			front="$front --$OPTARG"
			continue ;;
		[!a-zA-Z]*) die 64 "$wrong: no such option, or its word is" \
			    "missing; lxg $verb -h lists them" ;;
		esac
		front="$front -$option${OPTARG:+ $(quote "$OPTARG")}"
	done
	shift $((OPTIND - 1))
	front="$front $(quote "$operand")"
	[ $# = 0 ] || front="$front $(quote "$@")"
	die 64 "$wrong: options stand before the name: lxg $verb$front"
}

# api METHOD PATH [FILE], with options before: of the engine at $socket, in $project
api() { lxg-instance api -E "$socket" -p "$project" "$@"; }

# raw PATH: prints what that has there as it is, or nothing
raw() { api -o - GET "$1" 2>/dev/null; }

# engine_has PATH: does the one that is meant have this? 1: no
engine_has()
{
	lxg-instance api ${LXG_ENGINE:+-E "$LXG_ENGINE"} \
	    ${LXG_PROJECT:+-p "$LXG_PROJECT"} GET "$1" > /dev/null 2>&1
}

# far: is the engine that is meant on another machine? Asked once, where a name
# alone does not tell.
far()
{
	case ${LXG_ENGINE-} in
	https://*)	return 0 ;;
	local: | incus:local: | lxd:local:)	return 1 ;;
	*:)		;;
	*)		return 1 ;;
	esac
	[ -z "$LXG_PRINT" ] || return 0
	[ -n "$distant" ] || distant=$(lxg-instance where -E "$LXG_ENGINE" \
	    2>/dev/null | jq -r '.remote // "-"')
	[ "$distant" != - ]
}

# by_socket: this host's engine that was named as a remote has no name but its
# socket where it is noted, and where notes are compared
by_socket()
{
	case ${LXG_ENGINE-} in
	*:)	;;
	*)	return 0 ;;
	esac
	! far || return 0
	set -- "$(lxg-instance where -E "$LXG_ENGINE" 2> /dev/null |
	    jq -r '.api // ""')"
	LXG_ENGINE=${1:-$LXG_ENGINE}
}

# folders_of [MOUNT]...: the stages that share these with a new instance; with one
# on another machine nothing can be shared
folders_of()
{
	if far; then
		cat
		return
	fi
	stage 3 lxg-mount plan "$@" |
	    stage 4 lxg-acl grant |
	    stage 5 lxg-mount add
}

# find_home: sets home, the folder of the instances' folders, as dirs_home() of
# lib/dirs.c has it
find_home()
{
	home=${LXG_HOME:-${XDG_DATA_HOME:-$HOME/.local/share}/lxg}
}

# under_way ROW: sets steps, a file that each step of a pipeline with that row of
# the state holds open and locked, whatever becomes of the verb
under_way()
{
	steps=${XDG_STATE_HOME:-$HOME/.local/state}/lxg/locks/row:$1
}

# hold_steps ROW [SECONDS]: so from here on, as descriptor 6; fails where others
# do for as long
hold_steps()
{
	under_way "$1"
	(umask 077 && mkdir -p "${steps%/*}")
	exec 6>> "$steps"
	flock ${2:+-w "$2"} 6
}

# lacks_xpra NAME [ENGINE PROJECT]: is the display server not there? What to say
# of that is in lack.
lack='xpra is not installed in it, and without it nothing can be attached; see'
lack="$lack lxg(7), GUESTS"
lacks_xpra()
{
	had=0
	lxg-instance api ${2:+-E "$2"} ${3:+-p "$3"} -o /dev/null GET \
	    "/1.0/instances/$1/files?path=/usr/bin/xpra" > /dev/null 2>&1 ||
	    had=$?
	[ "$had" = 1 ]
}

# frozen NAME: is the instance paused? Nothing inside answers then.
frozen()
{
	[ -z "$LXG_PRINT" ] &&
	    [ "$(engine lxg-instance get "$1" 2>/dev/null 3>/dev/null |
	    jq -r '.status // ""' 2>/dev/null)" = Frozen ]
}

# elsewhere LOCATION SOCKET PROJECT: sets away to the member of the engine's
# cluster that has an instance, where that is not this one
elsewhere()
{
	away=$1
	[ -z "$away" ] || [ "$away" != "$(lxg-instance where -E "$2" -p "$3" |
	    jq -r '.location // ""')" ] || away=''
}

# answering NAME: or ends with 75
answering()
{
	! frozen "$1" || die 75 "$1: is frozen; lxg-instance start $1 thaws it"
}

# the record of the instance
get() { engine lxg-instance get "$name"; }

# none_of NAME RECORDS: what to say of one that is not among the instances there
none_of()
{
	printf '%s: no such instance' "$1"
	jq -r '.instance // empty' "$2" | paste -s -d ' ' - |
	    sed 's/^./; there are: &/'
}

# scratch: makes the folder $work, which goes when the script does
scratch()
{
	trap 'rm -rf "$work"; settle' EXIT
	disarm
	work=$(mktemp -d "${TMPDIR:-/tmp}/lxg.XXXXXX") || exit 73
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
