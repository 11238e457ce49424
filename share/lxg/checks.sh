# Read by lxg doctor: the host. SPDX-License-Identifier: ISC
# shellcheck shell=sh
problems=0

fine() { printf 'ok       %s\n' "$*"; }
note() { printf 'note     %s\n' "$*"; }
problem()
{
	printf 'problem  %s\n' "$*"
	problems=1
}

# has PROGRAM WHY [WHAT-WITHOUT]: needed, or only for some of it
has()
{
	if command -v "$1" > /dev/null; then
		fine "$1"
	elif [ $# = 2 ]; then
		problem "$1 is not installed: $2"
	else
		note "$1 is not installed: $3"
	fi
}

check_programs()
{
	has jq 'the verbs need it'
	has curl 'lxg image, explain and doctor need it'
	has lxg-client 'it shows the windows'
	has xauth 'cookies for that client'
	has zenity '' 'lxg map -g asks on the terminal'
	has busctl '' 'no notifications'
	has lp '' 'nothing is printed'
	has mmdebstrap '' 'no lxg image'
}

check_host()
{
	if [ -n "${XDG_RUNTIME_DIR-}" ] && [ -O "$XDG_RUNTIME_DIR" ]; then
		fine "XDG_RUNTIME_DIR $XDG_RUNTIME_DIR"
	else
		problem 'XDG_RUNTIME_DIR is not set, or not yours'
	fi
	check_display
	[ "$(id -u)" != 0 ] || note 'you are root; lxg is for plain users'
}

# Is there a display, and can it hold a client back? The client itself says so.
check_display()
{
	security=unknown
	if [ -z "${DISPLAY-}" ]; then
		note 'DISPLAY is not set: nothing can be attached from here'
		return 0
	fi
	# an X server may never answer
	facts=$(timeout 10 lxg-client -n 2> "$work/display") || {
		problem "$(sed 's/^lxg-client: //' "$work/display")"
		return 0
	}
	fine "DISPLAY $DISPLAY, $(printf %s "$facts" |
	    jq -r '"\(.w)x\(.h) at \(.dpi) dpi, keyboard \(.layout)"')"
	security=$(printf %s "$facts" | jq -r .security)
	[ "$security" = true ] ||
	    note 'this X server has no SECURITY extension: what has' \
	    'x11=untrusted, as the preset strict, cannot be attached here'
}

check_folders()
{
	state=$(lxg-state list 2>&1 > /dev/null) ||
	    problem "${state#lxg-state: }"
	find_home
	[ -d "$home" ] || return 0
	if ! command -v setfacl > /dev/null; then
		note 'setfacl(1) is not installed: ACLs were not tried'
	elif file=$(mktemp "$home/.doctor.XXXXXX") &&
	    setfacl -m u:65534:r "$file" 2>/dev/null; then
		fine "ACLs in $home"
	else
		problem "no ACLs in $home"
	fi
	rm -f "${file-}"
	[ -z "$(find "$home" -type f -perm /6000 2>/dev/null)" ] ||
	    problem "a set-user-ID file in $home: do not run it"
	for file in "$home"/*/*/*/uuid; do
		kind=${file%/*/*/uuid} uuid=$(head -n 1 "$file" 2>/dev/null) ||
		    continue
		case " $engines " in
		*" ${kind##*/} "*)
			grep -qF "$uuid" "$work/instances" ||
			    note "${file%/uuid}: its instance is gone" ;;
		esac
	done
	for file in "${XDG_STATE_HOME:-$HOME/.local/state}/lxg"/state.db.bad*; do
		[ ! -e "$file" ] || note "$file: the state, damaged"
	done
}
