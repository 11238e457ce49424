# Of the names on standard input, a line each, those that $WORD may have been
# meant for, on a line: the nearest three at most, or none.
# SPDX-License-Identifier: ISC

# How many letters are one too many, missing, other or exchanged?
function distance(a, b,    i, j, m, n, d, best)
{
	m = length(a)
	n = length(b)
	for (i = 0; i <= m; i++)
		d[i, 0] = i
	for (j = 0; j <= n; j++)
		d[0, j] = j
	for (i = 1; i <= m; i++)
		for (j = 1; j <= n; j++) {
			best = d[i - 1, j - 1]
			if (substr(a, i, 1) != substr(b, j, 1))
				best++
			if (d[i - 1, j] + 1 < best)
				best = d[i - 1, j] + 1
			if (d[i, j - 1] + 1 < best)
				best = d[i, j - 1] + 1
			if (i > 1 && j > 1 &&
			    substr(a, i, 1) == substr(b, j - 1, 1) &&
			    substr(a, i - 1, 1) == substr(b, j, 1) &&
			    d[i - 2, j - 2] + 1 < best)
				best = d[i - 2, j - 2] + 1
			d[i, j] = best
		}
	return d[m, n]
}

BEGIN {
	word = tolower(substr(ENVIRON["WORD"], 1, 64))
	most = length(word) < 4 ? 1 : length(word) < 8 ? 2 : 3
}

$0 != "" && length($0) <= 64 {
	far = distance(word, tolower($0))
	# what begins so, or has it as a part, is a shorter way of saying it
	if (length(word) > 1 && index(tolower($0), word))
		far = index(tolower($0), word) == 1 ? 0 : 1
	if (far <= most)
		at[far] = at[far] == "" ? $0 : at[far] " " $0
}

END {
	for (far = 0; far <= most && named < 3; far++) {
		count = split(at[far], names, " ")
		for (i = 1; i <= count && named < 3; i++)
			line = line (named++ ? ", " : "") names[i]
	}
	if (line != "")
		print line
}
