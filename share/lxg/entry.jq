# Desktop entries for the host, as the Desktop Entry Specification has them. What
# an instance said of itself is text, of a length that a menu can show.
# SPDX-License-Identifier: ISC
include "text";

# as a value of type string: what is a line stays one
def value: clean | gsub("\\\\"; "\\\\");

def short($n): .[:$n];

# a word of Exec: quoted where it needs to be, then escaped as any value is
def word: (if test("^[A-Za-z0-9_./:@,+-]+$") then .
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

def handler($types): "[Desktop Entry]", "Type=Application",
    "Name=Open in \(.instance | value)",
    "Exec=\(exec("open"; [.instance])) %u",
    "MimeType=\($types)", "NoDisplay=true", tail;
