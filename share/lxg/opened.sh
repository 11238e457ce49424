# Read by lxg open: what is opened, and its loan.
# SPDX-License-Identifier: ISC
# shellcheck shell=sh disable=SC2154,SC2034 # name, work and more: of the verb

file='' url='' inside=''

# operand FILE|URL: sets file or url. A scheme that is none of these could mean
# anything to a program inside, and a file's address is that of a file here.
operand()
{
	if [ -e "$1" ]; then
		file=$1
		return
	fi
	case $1 in
	file:*)	file=$(file_of "$1" && printf .) ||
		    die 65 "$1: not the address of a file here"
		file=${file%.} ;;
	*[[:cntrl:][:space:]]*) file=$1 ;;
	[Hh][Tt][Tt][Pp]://?* | [Hh][Tt][Tt][Pp][Ss]://?* | \
	[Mm][Aa][Ii][Ll][Tt][Oo]:?* | tel:?* | sms:?* | xmpp:?* | \
	magnet:\?* | webcal://?*) url=$1 ;;
	[A-Za-z]*:*)
		scheme=${1%%:*}
		case $scheme in
		*[!A-Za-z0-9+.-]*) file=$1 ;;
		[Hh][Tt][Tt][Pp] | [Hh][Tt][Tt][Pp][Ss] | [Mm][Aa][Ii][Ll][Tt][Oo] | \
		tel | sms | xmpp | magnet | webcal)
			die 65 "$1: not the whole of an address" ;;
		*)	die 65 "$1: $scheme: is not opened; http, https, mailto," \
			    'tel, sms, xmpp, magnet and webcal are' ;;
		esac ;;
	*)	file=$1 ;;
	esac
}

# file_of URL: prints the name that a file: address has on this host
file_of()
{
	printf '%s\n' "$1" | LC_ALL=C awk -v host="$(hostname)" '
	NR > 1 { bad = 1 }
	NR == 1 {
		s = $0
		sub(/^file:/, "", s)
		if (substr(s, 1, 2) == "//") {
			s = substr(s, 3)
			at = index(s, "/")
			who = substr(s, 1, at ? at - 1 : length(s))
			if (who != "" && who != "localhost" && who != host)
				exit bad = 1
			s = at ? substr(s, at) : ""
		}
		if (substr(s, 1, 1) != "/")
			exit bad = 1
		while ((at = index(s, "%")) > 0) {
			printf "%s", substr(s, 1, at - 1)
			hex = tolower(substr(s, at + 1, 2))
			if (hex !~ /^[0-9a-f][0-9a-f]$/ || hex == "00")
				exit bad = 1
			digits = "0123456789abcdef"
			printf "%c", (index(digits, substr(hex, 1, 1)) - 1) * 16 + \
			    index(digits, substr(hex, 2)) - 1
			s = substr(s, at + 3)
		}
		printf "%s", s
	}
	END { exit bad }'
}

# shellcheck disable=SC2120 # of the verb, through pipe
new()
{
	if [ $# -gt 0 ]; then
		engine lxg-instance start "$name" |
		    stage 2 lxg-xpra start -d "$@" "$inside"
	else
		engine lxg-instance start "$name" |
		    stage 2 lxg-xpra start -d -m "$inside"
	fi
}

give_back()
{
	lent "$file" | stage 3 lxg-map del -w | steady 4 lxg-acl revoke
}

# hold_it: a file that is open twice is taken back by the last; one that was lent
# before, by nobody here. Descriptor 8 is held as long as it is open, and 9 while
# it is lent or taken back.
hold_it()
{
	opened=${XDG_RUNTIME_DIR:?is not set}/lxg/opened place=''
	! far || place=$(printf '%s' "$LXG_ENGINE" | tr / +)
	(umask 077 && mkdir -p "$opened")
	key=$opened/$place$name.$(stat -L -c %d.%i -- "$file" 2> /dev/null) ||
	    die 1 "$name: $file: not there, or not for you"
	exec 8>> "$key" 9>> "$key.lock"
	flock 9
	if flock -n 8; then
		: > "$key"
		pipe lent "$file" > "$work/before" 2> /dev/null || :
		! grep -q device "$work/before" || echo kept > "$key"
	fi
	flock -s 8
}

# lend_it: sets inside, or ends
lend_it()
{
	hold_it
	status=0
	intend lend "$name"
	pipe lend "$file" > "$work/lent" 2> "$work/said" || status=$?
	told "$work/said"
	if [ "$status" != 0 ]; then
		if flock -n 8 && [ ! -s "$key" ]; then
			undo
		fi
		finish "$status"
	fi
	settle
	flock -u 9
	# a name may end in a newline
	inside=$(jq -j '.path // empty' "$work/lent"; printf .)
	inside=${inside%.}
}

# take_it: back, with its changes, by the last that has it open
take_it()
{
	flock 9
	if ! flock -n 8 || [ -s "$key" ]; then
		flock -u 9
		return
	fi
	[ -n "$patient" ] || steady=1
	taken=0
	intend take "$name"
	pipe take_back < "$work/lent" > /dev/null || taken=$?
	if [ -n "$patient" ] && [ "$caught" != 0 ]; then
		# who does not want to wait has it at once
		patient='' steady=1 taken=0
		pipe take_back < "$work/lent" > /dev/null || taken=$?
	fi
	settle
	flock -u 9
	[ "$taken" = 0 ] || {
		say "$name: $file: was not taken back; lxg unmap $name does that"
		over='' status=125
	}
}
