# Instances of whose windows the borders are hardly told apart, for lxg doctor:
# which, a tab, and what gives one of them another colour.
# SPDX-License-Identifier: ISC
def rgb: ltrimstr("#") | ascii_downcase | explode |
    map(if . > 57 then . - 87 else . - 48 end) |
    [range(0; 6; 2) as $n | .[$n] * 16 + .[$n + 1]];

# 0: the same; black and white are 765 apart. Weighed as eyes do: "redmean".
def far($other): rgb as $a | ($other | rgb) as $b |
    (($a[0] + $b[0]) / 512) as $red |
    [range(3) | $a[.] - $b[.] | . * .] |
    (2 + $red) * .[0] + 4 * .[1] + (3 - $red) * .[2] | sqrt;

# about 8 degrees of the colours that names give
def like($other): far($other) < 40;

# darker or paler than those
["#000080", "#006400", "#800000", "#808080", "#800080", "#808000", "#008080",
    "#8b4513", "#ff80c0"] as $free |

[$records[] | select(.try | not) |
    select((.color // "") | test("^#[0-9a-fA-F]{6}$")) |
    . as $it | .chosen = any($all[]; .name == $it.instance and
	.kind == $it.engine and (.project // "default") == $it.project and
	.expanded_config["user.lxg.color"] != null)] |
sort_by(.chosen | not) | . as $them |

# who has a colour of the user's choice keeps it, even where two have the same
reduce $them[] as $it ({has: [], used: map(.color), lines: []};
    first((.has[] | select((.chosen and $it.chosen | not) and
	(.color | like($it.color)))), null) as $twin |
    .has += [$it] |
    if $twin then .used as $used |
	($free | max_by(. as $new | [$used[] | far($new)] | min)) as $new |
	.used += [$new] |
	.lines += ["\($twin.instance) on \($twin.engine) and " +
	    "\($it.instance) on \($it.engine)\tlxg set " +
	    (if [$them[] | select(.instance == $it.instance)] | length > 1
	    then "-E \($it.engine) " else "" end) +
	    "\($it.instance) color=\($new)"]
    else . end) | .lines[]
