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

# cure COMMAND-OR-WORDS: what to do about what was said last
cure() { printf '         %s\n' "$*"; }

# has PROGRAM PACKAGE WHY [WHAT-WITHOUT]: needed, or only for some of it
has()
{
	if command -v "$1" > /dev/null; then
		fine "$1"
		return 0
	elif [ $# = 3 ]; then
		problem "$1 is not installed: $3"
	else
		note "$1 is not installed: $4"
	fi
	cure "apt install $2"
}

check_programs()
{
	has jq jq 'the verbs need it'
	has lxg-client lxg 'it shows the windows'
	has xauth xauth 'cookies for that client'
	has zenity zenity '' 'lxg map -g asks on the terminal'
	has busctl systemd '' 'no notifications'
	has lp cups-client '' 'nothing is printed'
	has mmdebstrap mmdebstrap '' 'lxg image makes none, and create needs one'
}

check_host()
{
	if [ -n "${XDG_RUNTIME_DIR-}" ] && [ -O "$XDG_RUNTIME_DIR" ]; then
		fine "XDG_RUNTIME_DIR $XDG_RUNTIME_DIR"
	else
		problem 'XDG_RUNTIME_DIR is not set, or not yours'
	fi
	check_display
	check_access
	check_lock
	check_sound
	check_bus
	check_entries
	check_left
	[ "$(id -u)" != 0 ] || note 'you are root; lxg is for plain users'
}

# Is there a display, and can it hold a client back? The client itself says so.
check_display()
{
	security=unknown
	if [ -z "${DISPLAY-}" ] && [ -n "${WAYLAND_DISPLAY-}" ]; then
		problem 'this is Wayland without Xwayland: DISPLAY is not set'
		cure 'install xwayland, and have the compositor start it'
		return 0
	elif [ -z "${DISPLAY-}" ]; then
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

# Who may use the display without a cookie: the client is locked out all the
# same, but other programs of the user's, or of anybody's, are not.
check_access()
{
	[ -n "${DISPLAY-}" ] && command -v xhost > /dev/null || return 0
	LC_ALL=C timeout 10 xhost > "$work/access" 2> /dev/null || return 0
	if grep -q 'access control disabled' "$work/access"; then
		problem "any user may use display $DISPLAY"
		cure 'xhost -'
	elif grep -qi "^SI:localuser:$(id -un)\$" "$work/access"; then
		note "what runs as you needs no cookie for display $DISPLAY"
		cure "xhost -si:localuser:$(id -un)"
	fi
}

# Sound goes into the player of the user's sound server.
check_sound()
{
	if ! command -v pacat > /dev/null && ! command -v pw-cat > /dev/null
	then
		note 'no pacat(1) and no pw-cat(1): no sound (audio=on)'
		cure 'apt install pulseaudio-utils'
	elif [ -z "${PULSE_SERVER-}" ] && [ -n "${XDG_RUNTIME_DIR-}" ] &&
	    [ ! -S "$XDG_RUNTIME_DIR/pulse/native" ] &&
	    [ ! -S "$XDG_RUNTIME_DIR/pipewire-0" ]; then
		note 'no sound server of yours runs: no sound (audio=on)'
		cure 'systemctl --user start pipewire-pulse, or pulseaudio'
	fi
}

# pipelines whose process is gone
check_left()
{
	lxg-state list 2> /dev/null | jq -r 'select(.alive | not) |
	    "lxg \(.verb) \(.instance): cut short"' > "$work/left"
	while IFS= read -r text; do
		note "$text"
		cure 'lxg recover'
	done < "$work/left"
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
