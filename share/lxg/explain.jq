# What lxg explain says, in the order of what matters.
# SPDX-License-Identifier: ISC
include "text";

# The lines of share/lxg/policy, split.
def rows: $policy / "\n" | .[] | select(. != "" and (startswith("#") | not)) |
    . / "\t";

# By key, in the table's order, its values and what each exposes, "" for nothing;
# those that are of a form of their own have none.
def channels: reduce (rows | select(.[1] | IN("*", "gone", "own") | not)) as $r
    ({}; .[$r[0]] += [[$r[1], if $r[2] == "-" then "" else $r[2] end]]);

def refuse($why): "lxg explain: \($record[0].instance): \($why)\n" |
    halt_error(78);

# Each key, its value, what that exposes, and whether another could expose more.
def open($config): channels | to_entries[] | .key as $key | .value as $values |
    ($config["user.lxg.\($key)"] // $values[0][0]) as $value |
    ([$values[] | select(.[0] == $value)][0]) as $it |
    if $it then [$key, $value, $it[1], any($values[]; .[1] != "")]
    else refuse("user.lxg.\($key): \($value | clean): not a value of it") end;

# as policy_check() of lib/policy.c has it: a prefix in other letters is ours too
def known: startswith("user.lxg.") and
    (ltrimstr("user.lxg.") | IN(rows[0]));
def sound: if .key | known | not then refuse("\(.key | clean): not a policy key")
    elif .key == "user.lxg.color" and (.value | test("^#[0-9a-fA-F]{6}$") | not)
    or (.key | IN("user.lxg.title", "user.lxg.command")) and (.value | . != clean or . == "" or
	utf8bytelength > 256)
    then refuse("\(.key): \(.value | clean): not a value of it") else . end;

def device: .value as $d |
    if $d.type == "disk" and $d.path == "/" then empty
    elif $d.type == "disk" and $d["user.lxg.mount"] then
	["folder", $d["user.lxg.mount"],
	    "\($d.source): both sides read and write"]
    elif $d["user.lxg.perm"] then empty
    elif $d.type == "disk" then ["disk", .key,
	"\($d.source // "?") at \($d.path // "?"): not lxg's, not looked after"]
    elif $d.type == "nic" then ["network", .key,
	"all that \($d.network // $d.parent // "?") reaches" +
	if $d["security.port_isolation"] == "true" then " but its instances"
	else "" end]
    elif $d.type == "none" then empty
    else [$d.type, .key, "a device of the host; lxg does not look after it"]
    end;

def config: select((.key | startswith("raw.")) or
    (.key == "security.nesting" and .value == "true") or
    (.key == "security.devlxd" and .value != "false")) |
    ["config", .key, "\(.value): more of the kernel or the engine"];

def lent: [if .mode == "copy" then "copy" else "file" end,
    if .readonly then "read" else "read, write" end,
    "\(.origin // .source) at \(.path)"];

def pad($width): . + (" " * ($width - length) // "");

$record[0] as $r | $instance[0] as $i | $i.expanded_config as $config |
[$config | to_entries[] | select(.key | ascii_downcase |
    startswith("user.lxg.")) | sound] as $ours |
[open($config)] as $channels |
[($channels[] | select(.[2] != "")), ($i.expanded_devices | to_entries[] |
    device), ($lent[] | lent), ($config | to_entries[] | config)] as $open |
"\($r.instance) on \($r.engine), project \($r.project); " +
    if $r.host_uid then "root inside is user \($r.host_uid - $r.uid) here"
    else "not yet created to its end" end,
($open[] | map(tostring | clean) |
    "\(.[0] | pad(13)) \(.[1] | pad(11)) \(.[2])"),
"closed: " + ([$channels[] | select(.[2] == "" and .[3])[0] |
    select(. != "x11")] | join(" "))
