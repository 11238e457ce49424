# Desktop entries for the host, as the Desktop Entry Specification has them. What
# an instance said of itself is text, of a length that a menu can show.
# SPDX-License-Identifier: ISC
include "text";

# as a value of type string: what is a line stays one
def value: clean | gsub("\\\\"; "\\\\");

def short($n): .[:$n];

# a word of Exec: quoted where it needs to be, then escaped as any value is
def word: if . != clean then
	"lxg: \(clean): can't stand in an entry\n" | halt_error(65) else . end |
    (if test("^[A-Za-z0-9_./:@,+-]+$") then .
    else "\"" + gsub("(?<c>[\"`$\\\\])"; "\\\(.c)") + "\"" end) |
    gsub("%"; "%%") | gsub("\\\\"; "\\\\");

# lxg's own words for the instance of a record
def lxg_words: [$lxg, "-g", "-E",
    (if $api | startswith("/") then .api else .engine end)] +
    (if .project == "default" then [] else ["-p", .project] end);

def exec($verb; $words): lxg_words + [$verb] + $words | map(word) | join(" ");

def tail: "TryExec=\($lxg | value)", "StartupNotify=true",
    "StartupWMClass=lxg-\(.instance | value)", "Terminal=false",
    "X-Lxg-Uuid=\(.uuid | value)", "X-Lxg-Instance=\(.instance | value)";

# what the instance says of a program: objects and strings alone
def said: .app | objects | .keys | objects;
def says($key): [said | .[$key] | strings | clean | gsub("^ +| +$"; "") |
    select(. != "")][0];
def line($key; $n): says($key) // empty | "\($key)=\(short($n) | value)";
def list($key; f): [says($key) // empty | split(";")[] | f] | .[:64] |
    select(. != []) | "\($key)=\(join(";"));";

def categories: list("Categories"; select(IN("AudioVideo", "Development",
    "Education", "Game", "Graphics", "Network", "Office", "Science",
    "Settings", "System", "Utility")));
def types: list("MimeType"; select(
    test("^(application|audio|chemical|font|image|inode|message|model|" +
	"multipart|text|video|x-content|x-scheme-handler)/" +
	"[A-Za-z0-9.+_-]{1,64}$")));

# the command as it was given; of an entry that was named, the entry's
def command($words): if $words[0] | endswith(".desktop") then
	[.app.command? | arrays | .[] | strings] + $words[1:] else $words end |
    if . == [] then "lxg: \($words[0] | clean): has no command\n" |
	halt_error(65) else . end;

def entry($words; $mime; $icon): . as $it |
    (if $mime == "" then [] else [types] end) as $types |
    if $mime != "" and ($types == [] or (.app.takes? != true)) then
	"lxg: \($words[0] | clean): its entry names no types that it opens\n" |
	halt_error(1) else . end |
    command($words) as $run |
    "[Desktop Entry]", "Type=Application",
    "Name=\(says("Name") // ($words[0] | split("/")[-1] | clean) | short(64) |
	value) (\(.instance | value))",
    line("GenericName"; 64), line("Comment"; 128),
    "Exec=" + if $mime == ""
	then exec("attach"; [.instance, "--"] + $run)
	else exec("open"; ["-u", "\($run | length)", .instance] + $run) + " %u"
	end,
    if $icon == "" then empty else "Icon=\($icon | value)" end,
    categories, list("Keywords"; short(32) | select(. != "") | value),
    $types[], tail;

def handler($types): "[Desktop Entry]", "Type=Application",
    "Name=Open in \(.instance | value)",
    "Exec=\(exec("open"; [.instance])) %u",
    "MimeType=\($types)", "NoDisplay=true", tail;
