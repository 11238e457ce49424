# What lxg-xpra asks an instance about its programs, handed to python3 -c as the
# login user, with "open" FILE|URL: which command opens it; or "entry" PROGRAM:
# its desktop entry and icon. The answer is JSON. SPDX-License-Identifier: ISC
import base64
import json
import os
import pwd
import re
import shutil
import sys

NO_HANDLER = 107
KEYS = ("Name", "GenericName", "Comment", "Categories", "Keywords", "MimeType")
SIZES = "128x128", "256x256", "96x96", "64x64", "48x48", "scalable", "32x32"
ICON = 128              # pixels a side
ENTRY_MAX = 1 << 18     # bytes that are read of one


def none(text):
    sys.stderr.write(text)
    sys.exit(NO_HANDLER)


def data_dirs():
    own = os.path.expanduser("~/.local/share")
    return [own, "/usr/local/share", "/usr/share",
            "/var/lib/flatpak/exports/share", "/var/lib/snapd/desktop"]


def entry_of(path):
    """The keys of the group that matters, as they are written."""
    keys, inside = {}, False
    with open(path, encoding="utf-8", errors="replace") as f:
        for line in f.read(ENTRY_MAX).split("\n"):
            if line.startswith("["):
                inside = line.strip() == "[Desktop Entry]"
            elif inside and "=" in line and not line.startswith("#"):
                key, _, value = line.partition("=")
                keys.setdefault(key.strip(), value.strip())
    return keys


def words_of(line):
    """An Exec line's, after the escapes that any string of an entry has."""
    line = re.sub(r"\\(.)", lambda m: {"s": " ", "n": "\n", "t": "\t",
                                       "r": "\r"}.get(m[1], m[1]), line)
    part = r"""(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)|([^\s"'\\]))"""
    if not re.fullmatch(r"\s*(%s+\s*)*" % part, line, re.S):
        return []
    return ["".join(re.sub(r'\\([\\"`$])', r"\1", m[1]) if m[1] else
                    m[2] or m[3] or m[4] or "" for m in
                    re.finditer(part, word[0], re.S))
            for word in re.finditer(part + "+", line, re.S)]


def command_of(keys, path, operand):
    """An entry's command with its field codes filled in. Where it takes
    neither files nor addresses, the operand stands behind."""
    words, taken = [], False
    for word in words_of(keys.get("Exec", "")):
        if word in ("%f", "%F", "%u", "%U"):
            taken = True
            words.append(operand)
        elif word not in ("%i", "%d", "%D", "%n", "%N", "%v", "%m"):
            taken = taken or bool(re.search("%[fu]", word))
            words.append(re.sub("%(.)", lambda m: {
                "%": "%", "f": operand, "u": operand, "k": path,
                "c": keys.get("Name", "")}.get(m[1], ""), word))
    if words and not taken:
        words.append(operand)
    if words and keys.get("Terminal") == "true":
        words[:0] = [shutil.which("x-terminal-emulator") or "xterm", "-e"]
    return words


def opens(operand):
    """Asks GIO, which goes by what xdg-mime(1) sets, and by caches that only
    some instances have."""
    from gi.repository import Gio, GLib
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", operand)
    if scheme:
        kind = "x-scheme-handler/" + scheme[1].lower()
    else:
        try:
            kind = Gio.File.new_for_path(operand).query_info(
                "standard::content-type", 0, None).get_content_type()
        except GLib.Error as e:
            none(e.message)
        kind = Gio.content_type_get_mime_type(kind) or kind
    app = Gio.AppInfo.get_default_for_type(kind, False)
    path = app and app.get_filename() or lists(kind, Gio.content_type_is_a)
    command = command_of(entry_of(path), path, operand) if path else []
    if not command:
        none("no program in the instance opens %s; name one, or set it there "
             "by xdg-mime default" % kind)
    return {"type": kind, "command": command}


def lists(kind, is_a):
    """The entry that lists a type, or else one that it is a kind of; those for
    menus first."""
    found = []
    for path, keys in entries():
        types = [t for t in keys.get("MimeType", "").split(";")
                 if t == kind or t not in ("", "application/octet-stream") and
                 is_a(kind, t)]
        if types and is_there(keys):
            found.append((kind not in types, keys.get("NoDisplay") == "true",
                          path))
    return min(found)[2] if found else None


def is_there(keys):
    words = words_of(keys.get("Exec", ""))
    return (bool(words) and keys.get("Hidden") != "true" and all(
        shutil.which(p) for p in (words[0], keys.get("TryExec", words[0]))))


def entries():
    for folder in data_dirs():
        folder += "/applications"
        for top, _, files in os.walk(folder):
            for path in (top + "/" + name for name in sorted(files)):
                if (path.endswith(".desktop") and os.path.isfile(path) and
                        os.access(path, os.R_OK)):
                    yield path, entry_of(path)


def runs(keys, program):
    """None, or how many words are beside it and what it opens."""
    words = words_of(keys.get("Exec", ""))
    if words and os.path.basename(words[0]) == "env":
        words = [w for w in words[1:] if "=" not in w]
    if not words or os.path.basename(words[0]) != program:
        return None
    return sum(not re.fullmatch("%[a-zA-Z]", w) for w in words[1:])


def find_entry(program):
    """By the entry's own name, else by what it runs: those for menus first, and
    before one of its parts or its settings the program itself."""
    found = []
    for path, keys in entries():
        if os.path.basename(path) in (program, program + ".desktop"):
            return path, keys
        more = runs(keys, os.path.basename(program))
        if more is not None:
            found.append((keys.get("NoDisplay") == "true", more, path, keys))
    found.sort(key=lambda of: of[:3])
    return found[0][2:] if found else (None, {})


def icon_file(name):
    if os.path.isabs(name):
        return name
    for folder in data_dirs():
        for size in SIZES:
            for end in "png", "svg":
                yield_path = "%s/icons/hicolor/%s/apps/%s.%s" % (
                    folder, size, name, end)
                if os.path.isfile(yield_path):
                    return yield_path
        for end in "", ".png", ".svg", ".xpm":
            path = "%s/pixmaps/%s%s" % (folder, name, end)
            if os.path.isfile(path):
                return path
    return None


def icon_of(keys):
    """As a PNG, whatever it is: what draws it is in here."""
    path = icon_file(keys["Icon"]) if keys.get("Icon") else None
    if path is None:
        return None
    try:
        from gi.repository import GdkPixbuf
        picture = GdkPixbuf.Pixbuf.new_from_file_at_size(path, ICON, ICON)
        data = bytes(picture.save_to_bufferv("png", [], [])[1])
    except Exception:
        return None
    return base64.b64encode(data).decode()


def describes(program):
    path, keys = find_entry(program)
    if path is None and shutil.which(program) is None:
        none("%s: no such program in the instance" % program)
    answer = {"keys": {k: keys[k] for k in KEYS if k in keys}}
    if path is not None:
        words = command_of(keys, path, "\0")
        takes = re.search("%[fFuU]", keys.get("Exec", "")) is not None
        answer.update(path=path, takes=takes,
                      command=[w for w in words if w != "\0"])
    icon = icon_of(keys)
    if icon:
        answer["icon"] = icon
    return answer


def main(verb, operand):
    user = pwd.getpwuid(os.getuid())
    os.environ.update(HOME=user.pw_dir, USER=user.pw_name, LOGNAME=user.pw_name)
    os.environ["PATH"] = user.pw_dir + "/.local/bin:" + os.environ.get(
        "PATH", "/usr/local/bin:/usr/bin:/bin") + ":/usr/games"
    os.chdir(user.pw_dir)
    print(json.dumps({"open": opens, "entry": describes}[verb](operand)))


if __name__ == "__main__":
    main(*sys.argv[1:])
