# Read by bats files that look at the border of windows, behind session.sh.
# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2154

# the client's windows: X Y WIDTH HEIGHT ID
geometries()
{
	xwininfo -root -tree | sed -nE "s/^ *(0x[0-9a-f]+) .*\(\"lxg-$T\" .* \
([0-9]+)x([0-9]+)\+.* \+(-?[0-9]+)\+(-?[0-9]+)\$/\4 \5 \2 \3 \1/p"
}

# the middles of what of a window's edges the screen shows, a point a line
edges()
{
	geometries | awk '{
		l = $1 < 0 ? 0 : $1; r = $1 + $3 > 1280 ? 1280 : $1 + $3
		t = $2 < 0 ? 0 : $2; b = $2 + $4 > 800 ? 800 : $2 + $4
		x = int((l + r) / 2); y = int((t + b) / 2)
		print l + 1, y; print r - 2, y; print x, t + 1; print x, b - 2
	}'
}

# all_bordered: is there #00ff00 on each edge, whatever shines through?
all_bordered()
{
	local x y r g b
	import -window root -depth 8 rgb:screen
	while read -r x y; do
		read -r r g b < <(od -An -tu1 -j $(((y * 1280 + x) * 3)) -N 3 \
		    screen)
		[ "$g" -ge 120 ] && [ "$r" -le 110 ] && [ "$b" -le 110 ] ||
		    return 1
	done < <(edges)
}
