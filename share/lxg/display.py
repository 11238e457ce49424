# The supervisor's own connection to its session's X server, the first part of
# what helper.py makes one file of: the display becomes as the host's is, and
# tells of the windows on it. Spoken by hand, since Xlib ends the process when
# the server dies. SPDX-License-Identifier: ISC
import array
import contextlib
import json
import os
import re
import socket
import struct
import subprocess

LARGE = 5760, 2560      # at least; what is larger the server would scale
PROPERTY_NOTIFY, PROPERTY_CHANGE = 28, 1 << 22
CARDINAL, RESOURCE_MANAGER, STRING, WINDOW = 6, 23, 31, 33  # atoms
HOST = {"w": 0, "h": 0, "dpi": 96, "cursor": 0, "repeat_ms": 0,
        "repeat_gap": 0, "rules": "", "model": "", "layout": "", "variant": "",
        "options": ""}


def host_of(text):
    """What is known of the host's display, in any case something of each."""
    said = json.loads(text or "{}")
    host = {key: said[key] if type(said.get(key)) is type(value) else value
            for key, value in HOST.items()}
    for key in "rules", "model", "layout", "variant", "options":
        if not re.fullmatch(r"[A-Za-z0-9,()_+:. -]*", host[key]):
            host[key] = ""
    for key, low, high in (("w", 0, 32767), ("h", 0, 32767), ("dpi", 48, 960),
                           ("cursor", 0, 512), ("repeat_ms", 0, 10000),
                           ("repeat_gap", 0, 10000)):
        if not low <= host[key] <= high:
            host[key] = HOST[key]
    return host


def frame_of(host):
    """What a server is started with, and can't be changed later."""
    return [max(LARGE[0], host["w"]), max(LARGE[1], host["h"]), host["dpi"]]


def resources_of(host):
    """What toolkits look at before a client of xpra says the same."""
    text = "Xft.dpi:\t%d\n" % host["dpi"]
    if host["cursor"]:
        text += "Xcursor.size:\t%d\n" % host["cursor"]
    return text.encode()


class Display:
    def __init__(self, number, cookie):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(10)
        self.socket.connect("\0/tmp/.X11-unix/X" + number)
        name = b"MIT-MAGIC-COOKIE-1"
        self.socket.sendall(struct.pack(
            "=BxHHHHxx", ord("l" if sys_little() else "B"), 11, 0, len(name),
            len(cookie)) + padded(name) + padded(cookie))
        ok, length = struct.unpack("=B5xH", self.take(8))
        setup = self.take(4 * length)
        if ok != 1:
            raise OSError("the X server lets nobody in")
        self.ids, vendor, formats = struct.unpack_from("=I8xH3xB", setup, 4)
        self.root, = struct.unpack_from(
            "=I", setup, 32 + (vendor + 3) // 4 * 4 + 8 * formats)
        self.atoms = {}
        self.clients = self.atom("_NET_CLIENT_LIST")
        self.embedded = self.atom("_XEMBED_INFO")
        self.windows = 0        # that programs show
        self.shown = False      # was there ever one?

    def take(self, size):
        data = b""
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            if not more:
                raise OSError("the X server is gone")
            data += more
        return data

    def send(self, opcode, data, body):
        body = padded(body)
        self.socket.sendall(struct.pack("=BBH", opcode, data,
                                        1 + len(body) // 4) + body)

    def event(self):
        """The next reply, or None for an event, an error."""
        head = self.take(32)
        if head[0] != 1:
            kind, atom = head[0] & 0x7f, struct.unpack_from("=I", head, 8)[0]
            self.news |= kind == PROPERTY_NOTIFY and atom == self.clients
            return b"" if head[0] == 0 else None
        return head + self.take(4 * struct.unpack_from("=I", head, 4)[0])

    news = False        # has the list of windows changed?

    def ask(self, opcode, data, body):
        self.send(opcode, data, body)
        while True:
            reply = self.event()
            if reply == b"":
                raise OSError("the X server refuses request %d" % opcode)
            if reply is not None:
                return reply

    def atom(self, name):
        if name not in self.atoms:
            reply = self.ask(16, 0, struct.pack("=Hxx", len(name)) +
                             name.encode())
            self.atoms[name], = struct.unpack_from("=I", reply, 8)
        return self.atoms[name]

    def set_number(self, name, value):
        self.send(18, 0, struct.pack("=IIIB3xII", self.root, self.atom(name),
                                     CARDINAL, 32, 1, value))

    def watch(self):
        """From now on, step() is to be called where there is input."""
        self.send(2, 0, struct.pack("=III", self.root, 1 << 11,
                                    PROPERTY_CHANGE))
        self.count()

    def step(self):
        self.event()
        if self.news:
            self.count()

    def step_all(self):
        """Has read all that the server knows by now."""
        self.count()

    def count(self):
        self.news = False
        reply = self.ask(20, 0, struct.pack("=IIIII", self.root, self.clients,
                                            WINDOW, 0, 0))
        # no item was asked for: what is left is all there is
        self.windows = struct.unpack_from("=I", reply, 12)[0] // 4
        self.shown = self.shown or self.windows > 0

    def shows(self):
        """Is there a window, or a program's icon in the tray? The server holds
        each of these in a window of its own, and tells of none."""
        if self.windows:
            return True
        found = any(self.is_embedded(window)
                    for outer in self.children(self.root)
                    for window in self.children(outer))
        self.shown = self.shown or found
        if self.news:           # which came with an answer
            self.count()
        return found or self.windows > 0

    def children(self, window):
        try:
            reply = self.ask(15, 0, struct.pack("=I", window))
        except OSError:         # it is gone by now
            return []
        count, = struct.unpack_from("=H", reply, 16)
        return struct.unpack_from("=%dI" % count, reply, 32)

    def is_embedded(self, window):
        try:
            reply = self.ask(20, 0, struct.pack("=IIIII", window, self.embedded,
                                                0, 0, 0))
        except OSError:
            return False
        return struct.unpack_from("=I", reply, 8)[0] != 0

    def resize(self, width, height, dpi):
        """By RandR, with a mode of that size, as the server does it."""
        reply = self.ask(98, 0, struct.pack("=Hxx5s", 5, b"RANDR"))
        randr = reply[9]
        if not reply[8]:
            return
        self.ask(randr, 0, struct.pack("=II", 1, 3))
        root = struct.pack("=I", self.root)
        if not self.has_mode(randr, root, width, height):
            name = b"%dx%d" % (width, height)
            reply = self.ask(randr, 16, root + struct.pack(
                "=IHHIHHHHHHHHI", 0, width, height, 0, 0, 0, width, 0, 0, 0,
                height, len(name), 0) + name)
            mode, = struct.unpack_from("=I", reply, 8)
            self.send(randr, 18, struct.pack("=II", self.output(randr, root),
                                             mode))
        self.set_number("_XPRA_RANDR_EXACT_SIZE", 1)
        reply = self.ask(randr, 5, root)
        times = struct.unpack_from("=II", reply, 12)
        sizes = self.sizes(reply)
        if (width, height) in sizes:
            self.ask(randr, 2, root + struct.pack(
                "=IIHHHxx", *times, sizes.index((width, height)), 1, 0))
            self.send(randr, 7, root + struct.pack(
                "=HHII", width, height, round(width * 25.4 / dpi),
                round(height * 25.4 / dpi)))

    def sizes(self, info):
        count, = struct.unpack_from("=H", info, 20)
        return [struct.unpack_from("=HH", info, 32 + 8 * i)
                for i in range(count)]

    def has_mode(self, randr, root, width, height):
        return (width, height) in self.sizes(self.ask(randr, 5, root))

    def output(self, randr, root):
        reply = self.ask(randr, 25, root)
        crtcs, = struct.unpack_from("=H", reply, 16)
        return struct.unpack_from("=I", reply, 32 + 4 * crtcs)[0]


def sys_little():
    return array.array("H", [1]).tobytes()[0] == 1


def padded(data):
    return data + bytes(-len(data) % 4)


def set_keyboard(host):
    """Both ends speak evdev's keycodes, so names are all that it takes."""
    argv = ["setxkbmap", "-rules", "evdev", "-model", host["model"] or "pc105",
            "-layout", host["layout"] or "us", "-option", ""]
    if host["variant"]:
        argv += ["-variant", host["variant"]]
    if host["options"]:
        argv += ["-option", host["options"]]
    quietly(argv)
    if host["repeat_ms"] and host["repeat_gap"]:
        quietly(["xset", "r", "rate", str(host["repeat_ms"]),
                 str(max(1, 1000 // host["repeat_gap"]))])


def quietly(argv):
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        subprocess.run(argv, timeout=10, check=False,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
