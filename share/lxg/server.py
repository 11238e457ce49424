# xpra's server as the supervisor's child becomes it, and the ways to the host
# that it opens to programs; a part of what helper.py makes one file of.
# SPDX-License-Identifier: ISC
import contextlib
import ctypes
import faulthandler
import importlib
import json
import os
import platform
import runpy
import shutil
import struct
import sys
import time

# what it offers or does by default, and is not to: that it knows a state of
# windows that it never sets, to draw into pictures that are copied
QUIRKS = {"XPRA_NO_NET_SUPPORTED": "_NET_WM_STATE_FOCUSED",
          "XPRA_CLIPBOARD_IMAGE_STAMP": "0"}


def version():
    import xpra
    return xpra.__version__


def options_of(table, side):
    """The table's rows for one side that this version of xpra takes."""
    major = int(version().split(".")[0])
    return [option for s, low, high, option in json.loads(table)
            if s == side and low <= major <= high]


def impatient():
    """xpra 3.1 sleeps half a second for everyone to see a screen's new size,
    in its only thread; the X server has it before it answers."""
    real = time.sleep

    def sleep(seconds):
        if sys._getframe(1).f_code.co_name == "do_get_best_screen_size":
            seconds = min(seconds, 0.002)
        real(seconds)
    time.sleep = sleep


def known_system():
    """What xpra asks four programs for, of which this is all that matters."""
    from xpra import os_util, version_util
    release = platform.freedesktop_os_release()
    os_util._linux_distribution = (release["NAME"],
                                   release.get("VERSION_ID", ""),
                                   release.get("VERSION_CODENAME", ""))
    version_util.platform_info_cache = {"": "linux", "name": release["NAME"]}


def large_copies():
    """xclip names no size where it begins to hand over more than a megabyte,
    for which xpra's only use is that it isn't 0."""
    real = struct.unpack

    def unpack(form, data):
        return (1,) if form == "@L" and not data else real(form, data)
    struct.unpack = unpack


def moved_in_place():
    """xpra sends no pixels that it finds to be as they were, or to have moved,
    which it sees by the last picture of that size; one of another place in the
    window tells nothing of this one."""
    motion = importlib.import_module("xpra.server.window.motion")

    class ScrollData(motion.ScrollData):
        seen = None

        def update(self, pixels, x, y, *rest):
            if (x, y) != self.seen:
                self.free()
            self.seen = x, y
            super().update(pixels, x, y, *rest)
    motion.ScrollData = ScrollData


def printed_by(own, options):
    """What is printed comes by CUPS, whose program is root's inside, and the
    host's folder is closed to that: it has a socket in ours. A printer may stay
    behind a session, so it has the same name in all, that of the last one.
    xpra 3.1 looks among names in bytes for one that is text, and forgets one
    that CUPS has already."""
    path = os.path.dirname(own) + "/lxg-printer"
    with contextlib.suppress(ImportError, AttributeError, OSError):
        os.symlink(own + "/printer", own + "/named")
        os.rename(own + "/named", path)
        name = "xpra.server.source.fileprint_mixin"
        mixin = importlib.import_module(name).FilePrintMixin
        mixin.choose_socket_path = lambda self: path
        real = mixin.set_printers

        def set_printers(self, printers, *rest):
            named = {os.fsdecode(k): v for k, v in printers.items()}
            real(self, dict(named), *rest)
            self.printers.update(named)
        mixin.set_printers = set_printers
    return ["--bind=%s/printer" % own if option == "--bind=none" else option
            for option in options]


def preload():
    """What the server takes its time to import, and needs no display for. What
    looks at its options is not of it."""
    for name in ("xpra.scripts.main", "xpra.scripts.server", "PIL.Image",
                 "xpra.server.server_util", "xpra.net.socket_util",
                 "xpra.net.compression", "xpra.net.packet_encoding",
                 "xpra.net.protocol", "gi.repository.GLib", "xpra.log",
                 "hmac", "decimal", "PIL.PngImagePlugin",
                 "PIL.JpegImagePlugin", "PIL.TiffImagePlugin",
                 "PIL.PdfImagePlugin"):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    with contextlib.suppress(OSError):
        ctypes.CDLL("libgtk-3.so.0")


def server(options, own):
    """Becomes xpra's own script, as soon as there is a display. It forgets what
    it is told of a D-Bus, and takes the one of the folder."""
    os.environ.update(
        XDG_RUNTIME_DIR=own,
        LISTEN_FDS="1", LISTEN_PID=str(os.getpid()), XPRA_USE_YAML="0",
        XPRA_SYSTEM_CONF_DIRS="/nonexistent", XPRA_UINPUT="0",
        XPRA_USER_CONF_DIRS="/nonexistent", XPRA_SOCKET_TIMEOUT="45",
        XPRA_DEFAULT_CONF_DIRS="/nonexistent", **QUIRKS)
    path = shutil.which("xpra")
    preload()
    with os.fdopen(4) as f:
        display = ":" + f.readline().strip()
    os.environ["DISPLAY"] = display
    sys.argv = [path, "start", display, *options]
    title("xpra", *sys.argv[1:])
    faulthandler.enable()       # one that dies says where, in the log
    impatient()
    large_copies()
    with contextlib.suppress(ImportError, AttributeError):
        moved_in_place()
    with contextlib.suppress(ImportError, OSError, AttributeError):
        known_system()
    if "--printing=yes" in options:
        sys.argv[3:] = printed_by(own, options)
    runpy.run_path(path, run_name="__main__")


WAY = """#!PYTHON -I
# xdg-open of a session: what the instance's policy opens goes to the host.
import os
import re
import sys
import urllib.parse

WAYS = "OPENED"
here = os.path.dirname(os.path.abspath(__file__))
operand = sys.argv[1] if len(sys.argv) == 2 else "-"
is_url = re.match("[A-Za-z][A-Za-z0-9+.-]*:", operand)
if operand.startswith("file:"):
    operand = urllib.parse.unquote(urllib.parse.urlsplit(operand).path)
    is_url = None


def to_host(*words):
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.execvp("xpra", ["xpra", "control", "socket://%s/server" % here, *words,
                       "*"])


if is_url and "urls" in WAYS:
    to_host("open-url", operand)
if os.path.isfile(operand) and "files" in WAYS:
    to_host("send-file", os.path.abspath(operand), "open")
os.environ["PATH"] = os.pathsep.join(
    d for d in os.environ["PATH"].split(os.pathsep) if d != here)
try:
    os.execvp("xdg-open", ["xdg-open", *sys.argv[1:]])
except OSError:
    sys.exit("xdg-open: %s: there is no xdg-open in the instance (Debian's "
             "package xdg-utils), and its policy has user.lxg.%s=off" % (
                 operand, "urls" if is_url else "files"))
"""
HANDLER = """[Desktop Entry]
Type=Application
Name=The host
NoDisplay=true
Exec=%s/xdg-open %%u
MimeType=x-scheme-handler/http;x-scheme-handler/https;x-scheme-handler/mailto;
"""
SCHEMES = "http", "https", "mailto"


def make_ways(own, opened):
    """An xdg-open that comes first, and for programs that ask GIO for a handler
    of addresses, in the session's own folder."""
    if not {"urls", "files"} & set(opened):
        return
    path = own + "/xdg-open"
    text = WAY.replace("PYTHON", sys.executable).replace("OPENED",
                                                         " ".join(opened))
    with open(path, "w", opener=lambda p, f: os.open(p, f, 0o700)) as f:
        f.write(text)
    os.environ["PATH"] = own + os.pathsep + os.environ["PATH"]
    if "urls" not in opened:
        return
    os.mkdir(own + "/applications")
    with open(own + "/applications/lxg-host.desktop", "w") as f:
        f.write(HANDLER % own)
    with open(own + "/applications/mimeapps.list", "w") as f:
        f.write("[Default Applications]\n" + "".join(
            "x-scheme-handler/%s=lxg-host.desktop\n" % s for s in SCHEMES))
    os.environ["XDG_DATA_DIRS"] = own + os.pathsep + os.environ.get(
        "XDG_DATA_DIRS", "/usr/local/share:/usr/share")
