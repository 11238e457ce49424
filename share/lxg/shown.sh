# Run by lxg -g in a verb's place, with the verb's script and its words: what it
# has to say is shown, where nobody sees standard error. SPDX-License-Identifier: ISC
# shellcheck shell=sh
set -eu

said='' child='' status=0
export LXG_SHOWN=1	# a program's output is not, so its end is told
trap 'rm -f "$said"' EXIT
# the verb decides what a signal means, and says how it ended
trap '[ -z "$child" ] || kill -TERM "$child" 2>/dev/null || :' HUP INT TERM
said=$(mktemp "${TMPDIR:-/tmp}/lxg.XXXXXX")
"$@" 2> "$said" <&0 &
child=$!
wait "$child" || status=$?
while kill -0 "$child" 2>/dev/null; do
	status=0
	wait "$child" || status=$?
done
cat "$said" >&2
# the last lines say what failed; markup is none of ours
text=$(grep -v ': written back$' "$said" | tail -n 5)
[ -n "$text" ] || exit "$status"
kind=error icon=dialog-error
[ "$status" != 0 ] || kind=info icon=dialog-information
markup=$(printf '%s' "$text" | sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g')
notify-send -a lxg -i "$icon" -- "lxg ${1##*/}" "$markup" 2>/dev/null ||
    zenity --$kind --no-markup --title="lxg ${1##*/}" --text="$text" \
    2>/dev/null || :
exit "$status"
