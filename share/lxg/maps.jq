# Instances of lxg's with ids in common with others, as lines for lxg doctor.
# SPDX-License-Identifier: ISC
def ranges: .config | (.["volatile.idmap.current"] //
    .["volatile.idmap.next"] // "[]") | fromjson? // [] |
    map([.Hostid, .Hostid + .Maprange]);

def of_lxg: .config["user.lxg.profile"] != null;

[.[] | {name: "\(.name) on \(.kind)", ours: of_lxg, ranges: ranges}] |
. as $all | range(length) as $a | range($a + 1; length) as $b |
$all[$a] as $x | $all[$b] as $y | select($x.ours or $y.ours) |
select(any($x.ranges[] as $r | $y.ranges[] as $s |
    $r[0] < $s[1] and $s[0] < $r[1]; .)) |
(if $x.ours and $y.ours then "problem" else "note" end) +
" \($x.name) and \($y.name) have ids of the host in common"
