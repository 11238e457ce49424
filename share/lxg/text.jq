# What came from an instance must not drive a terminal: C0, DEL, C1, the line
# and paragraph separators and the bidirectional controls become "?", as in
# text_clean() of lib/text.c. SPDX-License-Identifier: ISC
def controls:
    "[\\x00-\\x1f\\x7f-\\x{9f}\\x{61c}\\x{200e}\\x{200f}\\x{2028}-\\x{202e}\\x{2066}-\\x{2069}]";

def clean: gsub(controls; "?");

# A command as one would type it, more or less.
def words: map(if test("^[[:alnum:]_./:=@,+-]+$") then . else tojson end) |
    join(" ") | clean;
