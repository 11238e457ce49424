# Launches the stock xpra client as lxg-xpra's sandbox has it, without what a
# policy can't switch off: grabs of the host's keyboard and pointer, names of
# the host and its user, answers to challenges, windows that shed their marks.
# SPDX-License-Identifier: ISC
#
# usage: client.py RELAY-SOCKET SPEC
# SPEC, JSON: rows of the option table, name (the instance's), class (WM_CLASS),
# untrusted (cookie), keyboard (what setxkbmap said), urls (descriptor or -1)
import collections
import html
import json
import os
import re
import socket
import sys
import time
import unicodedata

FEATURES = {"clipboard": ("clipboard",), "audio": ("speaker", "microphone"),
            "notifications": ("notifications",), "webcam": ("webcam",),
            "mmap": ("mmap",), "dbus": ("dbus-proxy",),
            "logging": ("remote-logging",), "tray": ("tray",)}
WINDOWS_MAX = 256
NOTES_MAX, NOTES_TIME = 20, 10      # at most so many in so many seconds
NOTE_HINTS = ("urgency", "transient", "image-data")
TITLE_MAX = 200
NAME = "lxg"
# What a window may say of itself. Left out is what takes its marks away (shape,
# opacity, has-alpha, decorations, x11-property), what reaches beyond it (strut,
# bypass-compositor, fullscreen-monitors), what starts a process each (pid), and
# what only names it (role, command, xid, group-leader-xid, group-leader-wid).
SAYS = ("title", "icon-title", "class-instance", "size-constraints",
        "set-initial-position", "transient-for", "modal", "window-type",
        "maximized", "fullscreen", "iconic", "above", "below", "shaded",
        "sticky", "skip-taskbar", "skip-pager", "workspace")
FRAMED = "NORMAL", "DIALOG", "UTILITY"  # types that have a title bar


def forget_names():
    """Before anything of xpra that would keep a copy is imported. What system
    this is nobody needs to know, and asking lsb_release takes long."""
    from xpra import os_util, version_util
    from xpra.platform import info
    os_util.os_release_file_data = b"NAME=Linux"
    os_util._linux_distribution = "Linux", "", ""
    version_util.platform_info_cache = {"": "linux", "name": "Linux"}
    socket.gethostname = lambda: NAME
    os_util.get_machine_id = lambda: b""
    os_util.get_user_uuid = lambda: NAME
    info.get_name = info.get_username = lambda: NAME
    import xpra.platform
    xpra.platform.get_username = lambda: NAME


def clean(text):
    """No control characters, no tricks with the direction of writing."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    return "".join(c for c in text[:TITLE_MAX]
                   if unicodedata.category(c)[0] != "C")


def wrap(cls, name, make):
    """What can't be found can't be taken away: then there is no client."""
    setattr(cls, name, make(getattr(cls, name)))


def no_grabs(client):
    wrap(client, "window_grab", lambda _: lambda self, *a: None)
    wrap(client, "window_ungrab", lambda _: lambda self, *a: None)


def few_windows(client, name):
    def limit(real):
        def new(self, packet, override_redirect):
            if len(self._id_to_window) < WINDOWS_MAX:
                packet = list(packet)
                packet[6] = complete(packet[6], name, override_redirect)
                return real(self, packet, override_redirect)
            return None
        return new

    def update(real):
        def metadata(self, packet):
            said = harmless(packet[2])
            said.pop(as_key("window-type"), None)
            return real(self, [*packet[:2], said])
        return metadata

    def tray(real):
        def new(self, packet):
            if len(self._id_to_window) < WINDOWS_MAX:
                return real(self, packet)
            return None
        return new
    wrap(client, "_process_new_common", limit)
    wrap(client, "_process_new_tray", tray)
    wrap(client, "_process_window_metadata", update)


def no_answers(client):
    def refuse(real):
        def challenge(self, packet):
            self.challenge_handlers[:] = []
            return real(self, packet)
        return challenge
    wrap(client, "_process_challenge", refuse)


def no_orders(client):
    """Dialogs that look like the host's, debugging by remote control, windows
    that take the focus from others, and moves for which the window manager
    grabs keyboard and pointer."""
    for name in ("_process_control", "_process_show_desktop",
                 "_process_raise_window", "_process_initiate_moveresize"):
        wrap(client, name, lambda _: lambda self, packet: None)


def word(value):
    return value.decode("latin1") if isinstance(value, bytes) else str(value)


def harmless(metadata):
    said = {word(key): value for key, value in metadata.items()}
    return {as_key(key): said[key] for key in SAYS if key in said}


def as_key(name):
    """3 looks for bytes, later versions for text."""
    import xpra
    return name.encode() if xpra.__version__.startswith("3.") else name


def complete(metadata, name, override_redirect):
    """A window that says nothing of itself is marked as well. One that is the
    window manager's has a title bar, even if it draws one itself."""
    said = harmless(metadata)
    said.setdefault(as_key("title"), "")
    said[as_key("class-instance")] = name, name
    if not override_redirect:
        kind = as_key("window-type")
        types = [word(t) for t in said.get(kind, ())]
        said[kind] = [t for t in types if t in FRAMED] or FRAMED[:1]
        said[as_key("decorations")] = True
    return said


def marked(window, name):
    """WM_CLASS tells the container; titles are text."""
    wrap(window, "set_class_instance",
         lambda real: lambda self, *a: real(self, name, name))
    wrap(window, "set_title", lambda real: lambda self, t: real(
        self, clean(t)))
    wrap(window, "set_icon_name", lambda real: lambda self, t: real(
        self, clean(t)))


def border_in_sight(window):
    """A window that reaches beyond the screen has its border where that ends.
    Where it is is asked when it moves, and not at each painting."""
    def paint(real):
        def border(self, context, clip_area=None):
            real(self, context, clip_area)
            if not hasattr(self, "place"):
                self.place = self.get_drawing_area_geometry()
            x, y, w, h = self.place
            width, height = self._client.get_root_size()
            left, top = max(0, -x), max(0, -y)
            right, bottom = min(w, width - x), min(h, height - y)
            if (left, top, right, bottom) != (0, 0, w, h) and self.border:
                frame(context, self.border, left, top, right, bottom)
        return border

    def setup(real):
        def moved(self, *_):
            self.place = self.get_drawing_area_geometry()
            self.queue_draw()

        def setup_window(self, *args):
            real(self, *args)
            self.connect("configure-event", moved)
        return setup_window
    wrap(window, "cairo_paint_border", paint)
    wrap(window, "setup_window", setup)


def frame(context, border, left, top, right, bottom):
    size = border.size
    for x, y, w, h in ((left, top, size, bottom - top),
                       (right - size, top, size, bottom - top),
                       (left, top, right - left, size),
                       (left, bottom - size, right - left, size)):
        context.rectangle(x, y, w, h)
    context.set_source_rgb(border.red, border.green, border.blue)
    context.fill()


def honest_notifications(client, name):
    """Under the container's name, as plain text, and not too many."""
    shown = collections.deque(maxlen=NOTES_MAX)

    def text(value):
        return re.sub("<[^>]*>", "", clean(value))

    def show(real):
        def notify(self, packet):
            now = time.monotonic()
            if len(shown) == NOTES_MAX and now - shown[0] < NOTES_TIME:
                return
            shown.append(now)
            packet = list(packet) + [None, (), {}][len(packet) - 9:]
            packet[3], packet[5], packet[9] = NAME, "", None
            packet[6] = "[%s] %s" % (name, text(packet[6]))
            packet[7] = html.escape(html.unescape(text(packet[7])))
            packet[10] = [clean(a) for a in packet[10] or ()]
            packet[11] = {clean(k): v for k, v in (packet[11] or {}).items()
                          if clean(k) in NOTE_HINTS}
            return real(self, packet)
        return notify
    wrap(client, "_process_notify_show", show)


def addresses(client, fd):
    """Opened by whoever holds the other end, and judges them once more."""
    def open_url(self, url):
        os.write(fd, url.encode("ascii", "replace").replace(b"\n", b"?") +
                 b"\n")
    wrap(client, "_open_url", lambda _: open_url)


def untrusted_cookie(query):
    """The keymap's names are a property that such a client can't read; query
    is what setxkbmap(1) said of them."""
    from xpra.platform.xposix.keyboard import Keyboard
    known = {"rules": "evdev", "model": "pc105", "layout": "us"}
    for line in query.splitlines():
        key, _, value = line.partition(":")
        known[key] = value.strip()
    names = [known.get(key, "") for key in (
        "rules", "model", "layout", "variant", "options")]
    wrap(Keyboard, "get_xkb_rules_names_property",
         lambda _: lambda self: names)
    events_without_extensions()


def events_without_extensions():
    """The types of events that such a client can't have are never defined in
    3.1, which then fails at every event, and logs that at length."""
    from xpra.x11.gtk3 import gdk_bindings
    for name in ("XKBNotify", "CursorNotify", "DamageNotify", "ShapeNotify",
                 "XFSelectionNotify"):
        if not hasattr(gdk_bindings, name):
            setattr(gdk_bindings, name, -1)


def only_what_is_open(options):
    """What is off isn't even loaded; our imports come before main's look."""
    from xpra.client import mixin_features
    value = dict(o[2:].split("=", 1) for o in options if "=" in o)
    for feature, names in FEATURES.items():
        if all(value.get(n) in ("no", "disabled") for n in names):
            setattr(mixin_features, feature, False)


def patch(spec, options):
    forget_names()
    only_what_is_open(options)
    from xpra.x11.gtk_x11.gdk_display_source import init_gdk_display_source
    init_gdk_display_source()
    from xpra.client.gtk_base.gtk_client_base import GTKXpraClient
    from xpra.client.gtk3.gtk3_client_window import GTK3ClientWindow
    no_grabs(GTKXpraClient)
    no_answers(GTKXpraClient)
    no_orders(GTKXpraClient)
    few_windows(GTKXpraClient, spec["class"])
    marked(GTK3ClientWindow, spec["class"])
    border_in_sight(GTK3ClientWindow)
    if hasattr(GTKXpraClient, "_process_notify_show"):
        honest_notifications(GTKXpraClient, spec["name"])
    if spec["urls"] >= 0:
        addresses(GTKXpraClient, spec["urls"])
    if spec["untrusted"]:
        untrusted_cookie(spec["keyboard"])


def main(relay, spec):
    import xpra
    spec = json.loads(spec)
    version = int(xpra.__version__.split(".")[0])
    options = [option for side, low, high, option in spec["rows"]
               if side == "client" and low <= version <= high]
    sys.argv = ["xpra"]         # it is told to the server
    patch(spec, options)
    from xpra.scripts.main import main as run
    return run("/usr/bin/xpra", ["xpra", "attach", "socket://" + relay,
                                 *options])


sys.exit(main(*sys.argv[1:]))
