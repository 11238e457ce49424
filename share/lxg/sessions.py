# Which sessions there are in an instance that is another machine's: run there as
# the login user, handed to python3 -c with the argument list. far.py, which
# stands behind it where there is more to do, uses what is here.
# SPDX-License-Identifier: ISC
import contextlib
import fcntl
import json
import os
import stat
import sys

BASE = "/var/lib/lxg/xpra"
STANDBY = "standby"
SMALL = 1 << 14         # bytes of a file that is told as a whole


def contents(path):
    with contextlib.suppress(OSError), open(path, "rb") as f:
        return f.read(SMALL)
    return None


def is_alive(folder):
    """Does its supervisor live? It holds a lock as long."""
    try:
        with open(folder + "/lock") as f:
            fcntl.lockf(f, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as e:
        return isinstance(e, (BlockingIOError, PermissionError))
    return False


def is_socket(path):
    with contextlib.suppress(OSError):
        return stat.S_ISSOCK(os.stat(path).st_mode)
    return False


def number(folder, name):
    text = contents(folder + "/" + name) or b""
    return int(text) if text.strip().isdigit() else None


def session(name):
    folder = os.path.join(BASE, name)
    found = {"session": name, "display": number(folder, "display"),
             "exit_status": number(folder, "status"), "state": "starting"}
    with contextlib.suppress(OSError, ValueError):
        found["command"] = json.loads(contents(folder + "/command") or b"")
    with contextlib.suppress(OSError):
        found["since"] = int(os.stat(folder + "/lock").st_mtime)
    if found["exit_status"] is not None or not is_alive(folder):
        found["state"] = "ended"
    elif is_socket(folder + ".sock") and found["display"] is not None:
        found["state"] = "live"
    return found


def sessions():
    names = os.listdir(BASE) if os.path.isdir(BASE) else []
    print(json.dumps({"sessions": [
        session(name) for name in sorted(names)
        if name.isalnum() and name != STANDBY]}))


if sys.argv[1] == "list":
    sessions()
