# What lxg explain says, in the order of what matters.
# SPDX-License-Identifier: ISC
include "text";

# By key, its values and what each exposes; the first value is the default, and
# an empty text means that nothing is open.
def policy: {
    x11: [["trusted", "a client that was taken over can read keys and screen"],
	["untrusted", ""]],
    clipboard: [["off", ""],
	["in", "programs inside read what you copy on the host"],
	["out", "programs inside set what you paste on the host"],
	["both", "programs inside read and set the host's clipboard"]],
    audio: [["off", ""],
	["out", "sound plays here"],
	["both", "sound plays here, and programs inside hear the microphone"]],
    notifications: [["off", ""],
	["on", "messages of programs inside appear among yours"]],
    bell: [["off", ""], ["on", "programs inside ring the bell"]],
    tray: [["off", ""], ["on", "icons of programs inside in your tray"]],
    printing: [["off", ""], ["on", "programs inside may use printers here"]],
    files: [["off", ""], ["on", "programs inside may send files here"]],
    urls: [["off", ""], ["on", "programs inside may have addresses opened"]],
    prestart: [["off", ""], ["on", ""]]
};
def free: ["color", "title"];
def gone: ["webcam", "opengl", "mmap"];
def own: ["user", "uid", "gid", "home", "image", "network", "profile", "put",
    "create", "uuid"];

def refuse($why): "lxg explain: \($record[0].instance): \($why)\n" |
    halt_error(78);

def open($config): policy | to_entries[] | .key as $key | .value as $values |
    ($config["user.lxg.\($key)"] // $values[0][0]) as $value |
    ([$values[] | select(.[0] == $value)][0]) as $it |
    if $it then [$key, $value, $it[1]]
    else refuse("user.lxg.\($key): \($value | clean): not a value of it") end;

# as policy_check() of lib/policy.c has it: a prefix in other letters is ours too
def known: startswith("user.lxg.") and
    (ltrimstr("user.lxg.") | IN((policy | keys[]), free[], gone[], own[]));
def sound: if .key | known | not then refuse("\(.key | clean): not a policy key")
    elif .key == "user.lxg.color" and (.value | test("^#[0-9a-fA-F]{6}$") | not)
    or .key == "user.lxg.title" and (.value | . != clean or . == "" or
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
"closed: " + ([$channels[] | select(.[2] == "")[0] |
    select(IN("x11", "prestart") | not)] | join(" "))
