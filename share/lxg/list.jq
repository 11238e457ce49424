# lxg list's table: a line a session, and one for an instance that has none.
# SPDX-License-Identifier: ISC
include "text";

def age: (now - .) | if . < 0 then 0 else . end |
    if . < 100 then "\(floor)s"
    elif . < 6000 then "\(. / 60 | floor)m"
    elif . < 360000 then "\(. / 3600 | floor)h"
    else "\(. / 86400 | floor)d" end;

def key: [.api, .project, .instance];

def state: if .state == "live" and .attached then "attached" else .state end;

# one on another machine by its name; in a cluster, with the member that has it
def engine: (if .remote then "\(.remote):" else .engine end) +
    if .location then "@\(.location)" else "" end;

def row($of): [.instance, engine, .status] + ($of |
    if . == null then ["-", "-", "-", "-"]
    else [.session, state, (.since // now | age),
	(.command // [] | words)] end) | map(tostring);

def pad($width): . + " " * ($width - length) // .;

($sessions | map(select(.session and (.error | not)))) as $live |
[if $heads != "" then
    ["INSTANCE", "ENGINE", "STATUS", "SESSION", "STATE", "AGE", "PROGRAM"]
else empty end] +
[$instances[] | . as $i | [$live[] | select(key == ($i | key))] as $its |
    if $its == [] then $i | row(null) else $i | row($its[]) end] |
. as $rows |
[range(6) as $n | [$rows[][$n] | length] | max] as $widths |
# Cleaned, a line has as many characters as before.
[$rows[] | [range(6) as $n | .[$n] | pad($widths[$n])] + .[6:] | join("  ")] |
clean_all[]
