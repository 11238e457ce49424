# Read by the bats files that need an engine: `load ../env.sh`. The driver
# gives LXG_ENGINE and LXG_STAGE, an install to be tested.
# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC1091,SC2034

: "${LXG_ENGINE:?lxd or incus}" "${LXG_STAGE:?the folder of a staged install}"
PATH=$LXG_STAGE/usr/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
unset LXG_DATADIR LXG_PROJECT LXG_HOME XDG_STATE_HOME XDG_DATA_HOME
[ -n "${HOST_X-}" ] || unset DISPLAY XAUTHORITY

# a name, a home and a runtime folder for each file: they may run side by side
T=t-$LXG_ENGINE-$(basename "$BATS_TEST_FILENAME" .bats)
HOME=$(getent passwd "$(id -u)" | cut -d : -f 6)/tests/$T
XDG_RUNTIME_DIR=/run/user/$(id -u)/$T
mkdir -p "$HOME"
[ -d "$XDG_RUNTIME_DIR" ] || mkdir -m 0700 "$XDG_RUNTIME_DIR"
export PATH HOME XDG_RUNTIME_DIR LXG_ENGINE LXG_STAGE T
cd "$HOME" || exit

me=tests project=default engine=$LXG_ENGINE
. "$LXG_STAGE/usr/share/lxg/image.d/engines"
socket=$(reach "$engine")

# engine_api METHOD PATH [JSON]: prints the metadata of the answer
engine_api()
{
	api "$1" "$2" ${3+-d "$3"}
}

# wait_until SECONDS COMMAND...: until the command succeeds; 1 when it is late
wait_until()
{
	local limit=$((SECONDS + $1))
	shift
	until "$@"; do
		if [ "$SECONDS" -gt "$limit" ]; then
			echo "late: $*" >&2
			return 1
		fi
		sleep 0.05
	done
}

# host_display [WIDTHxHEIGHT]: an X server of our own; sets DISPLAY, XAUTHORITY
# and HOST_X, its process
host_display()
{
	local number=$HOME/.display
	export XAUTHORITY=$HOME/.Xauthority
	rm -f "$XAUTHORITY" "$number"
	xauth -q -f "$XAUTHORITY" add :0 . "$(mcookie)"
	Xvfb -displayfd 4 -screen 0 "${1:-1280x800}x24" -nolisten tcp -noreset \
	    -auth "$XAUTHORITY" 4> "$number" 3>&- > "$HOME/.xvfb.log" 2>&1 &
	HOST_X=$!
	wait_until 20 test -s "$number"
	DISPLAY=:$(cat "$number")
	xauth -q -f "$XAUTHORITY" add "$DISPLAY" . \
	    "$(xauth -q -f "$XAUTHORITY" list | awk '{ print $3; exit }')"
	export DISPLAY HOST_X
}

stop_display()
{
	[ -z "${HOST_X-}" ] || kill "$HOST_X" 2>/dev/null || :
	unset DISPLAY HOST_X
}

# make_instance NAME [USER-DATA]...: a running one; prints its record
make_instance()
{
	lxg-profile put "$@" | lxg-instance create -i lxg
}

# drop_instance NAME: whatever state it is in
drop_instance()
{
	lxg delete -f "$1" || :
	engine_api PUT "/1.0/instances/$1/state" \
	    '{"action": "stop", "force": true, "timeout": 30}' || :
	engine_api DELETE "/1.0/instances/$1" || :
	engine_api DELETE "/1.0/profiles/$1" || :
} > /dev/null 2>&1
