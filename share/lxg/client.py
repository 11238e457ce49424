# Launches the stock xpra client as lxg-xpra's sandbox has it, without what a
# policy can't switch off: grabs of the host's keyboard and pointer, names of
# the host and its user, answers to challenges, unmarked windows.
# SPDX-License-Identifier: ISC
#
# usage: client.py RELAY-SOCKET SPEC
# SPEC, JSON: rows of the option table, class (WM_CLASS), untrusted (cookie)
import json
import socket
import sys
import unicodedata

WINDOWS_MAX = 256
TITLE_MAX = 200
NAME = "lxg"


def forget_names():
    """Before anything of xpra that would keep a copy is imported."""
    from xpra import os_util
    from xpra.platform import info
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


def few_windows(client):
    def limit(real):
        def new(self, packet, override_redirect):
            if len(self._id_to_window) < WINDOWS_MAX:
                return real(self, packet, override_redirect)
            return None
        return new
    wrap(client, "_process_new_common", limit)


def no_answers(client):
    def refuse(real):
        def challenge(self, packet):
            self.challenge_handlers[:] = []
            return real(self, packet)
        return challenge
    wrap(client, "_process_challenge", refuse)


def marked(window, name):
    """WM_CLASS tells the container; titles are text."""
    wrap(window, "set_class_instance",
         lambda real: lambda self, *a: real(self, name, name))
    wrap(window, "set_title", lambda real: lambda self, t: real(
        self, clean(t)))
    wrap(window, "set_icon_name", lambda real: lambda self, t: real(
        self, clean(t)))


def untrusted_cookie():
    """The keymap's names are a property that such a client can't read."""
    from xpra.platform.xposix.keyboard import Keyboard
    wrap(Keyboard, "get_xkb_rules_names_property",
         lambda _: lambda self: ["evdev", "pc105", "us", "", ""])


def patch(spec):
    forget_names()
    from xpra.x11.gtk_x11.gdk_display_source import init_gdk_display_source
    init_gdk_display_source()
    from xpra.client.gtk_base.gtk_client_base import GTKXpraClient
    from xpra.client.gtk3.gtk3_client_window import GTK3ClientWindow
    no_grabs(GTKXpraClient)
    no_answers(GTKXpraClient)
    few_windows(GTKXpraClient)
    marked(GTK3ClientWindow, spec["class"])
    if spec["untrusted"]:
        untrusted_cookie()


def main(relay, spec):
    import xpra
    spec = json.loads(spec)
    version = int(xpra.__version__.split(".")[0])
    options = [option for side, low, high, option in spec["rows"]
               if side == "client" and low <= version <= high]
    sys.argv = ["xpra"]         # it is told to the server
    patch(spec)
    from xpra.scripts.main import main as run
    return run("/usr/bin/xpra", ["xpra", "attach", "socket://" + relay,
                                 *options])


sys.exit(main(*sys.argv[1:]))
