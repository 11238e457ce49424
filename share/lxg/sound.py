# Sound of a session, a part of what helper.py makes one file of: a sink that
# programs play to, and a source that they record from, as pipes of the user's
# sound server (PulseAudio, or PipeWire in its place), are carried to and from
# who connects to the sockets in the session's folder, as s16le, 48 kHz, stereo.
# A pipe's sink waits for nothing that a program begins with, and is silent for
# nothing while it is suspended. SPDX-License-Identifier: ISC
import collections
import contextlib
import fcntl
import os
import select
import signal
import socket
import subprocess
import time

SECOND = 48000 * 4      # bytes
HELD = SECOND // 20     # at most, between the sound server and the socket
LATE = SECOND // 50     # what is held of silence
PIPE = 32768            # what may wait there, where we are late
FEW, MANY = 3, 9        # pieces of 4096 bytes, 21 ms, in the socket
QUIET = 2.0             # seconds of silence, then who listens is let go
F_SETPIPE_SZ = 1031
FORMAT = ["format=s16le", "rate=48000", "channels=2"]


def pactl(*words):
    said = subprocess.run(["pactl", *words], timeout=20, check=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, env={**os.environ,
                                                          "LC_ALL": "C"})
    return said.stdout.decode(errors="replace").strip()


class Way:
    """One socket, the pipe that belongs to it, and who is connected."""

    def __init__(self, listener):
        self.listener = listener
        self.conn = None
        self.used = False       # has it carried something?
        self.pieces = FEW
        self.heard = 0.0        # when, what was no silence
        self.held = collections.deque()
        self.size = self.first = 0

    def accept(self):
        self.drop()
        self.conn, _ = self.listener.accept()
        self.conn.setblocking(False)
        self.allow(FEW)

    def allow(self, pieces):
        """As few as a machine that has time for us needs: they are latency."""
        self.pieces = pieces
        self.conn.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF,
                             pieces * 4096)

    def drop(self):
        if self.conn is not None:
            self.conn.close()
        self.conn, self.used, self.size, self.first = None, False, 0, 0
        self.held.clear()

    def put(self, data):
        """The last of it is what counts, where too much is held."""
        if self.conn is None:
            return
        now = time.monotonic()
        if data.count(0) != len(data):
            self.heard = now
        elif now - self.heard > QUIET:
            if self.used and not self.held:
                self.drop()
            return
        elif self.size > LATE:      # a pause makes up for a delay
            return
        self.held.append(data)
        self.size += len(data)
        if self.size > HELD and self.pieces < MANY:
            self.allow(self.pieces + 1)
            self.send()
        while self.size > HELD and len(self.held) > 1:
            old = self.held[1] if self.first else self.held[0]
            del self.held[1 if self.first else 0]
            self.size -= len(old)
        self.send()

    def send(self):
        try:
            while self.held:
                piece = self.held[0]
                n = self.conn.send(piece[self.first:])
                self.used = True
                self.first += n
                if self.first < len(piece):
                    break
                self.size -= len(piece)
                self.first = 0
                self.held.popleft()
        except BlockingIOError:
            pass
        except OSError:
            self.drop()


class Sound:
    def __init__(self, own, speaker, microphone):
        self.name = "lxg_" + own.rsplit("-", 1)[1]
        self.own = own
        self.speaker = Way(speaker)
        self.microphone = Way(microphone) if microphone else None
        self.modules = []

    def load(self, kind, name, path, *words):
        self.modules.append(pactl(
            "load-module", "module-pipe-" + kind, "%s_name=%s" % (kind, name),
            "file=" + path, *FORMAT, *words,
            kind + "_properties=device.description=host"))

    def unload(self):
        for module in self.modules:
            with contextlib.suppress(OSError, subprocess.SubprocessError):
                pactl("unload-module", module)
        self.modules = []

    def run(self):
        """Until the sound server is gone."""
        self.load("sink", self.name, self.own + "/played",
                  "use_system_clock_for_timing=yes")
        pactl("set-default-sink", self.name)
        # who listens keeps the sound server, and hears when it is gone
        listen = subprocess.Popen(["pactl", "subscribe"],
                                  stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL)
        played = os.open(self.own + "/played", os.O_RDONLY | os.O_NONBLOCK)
        recorded = None
        if self.microphone:
            self.load("source", self.name + "_mic", self.own + "/recorded")
            pactl("set-default-source", self.name + "_mic")
            recorded = os.open(self.own + "/recorded",
                               os.O_WRONLY | os.O_NONBLOCK)
            fcntl.fcntl(recorded, F_SETPIPE_SZ, 8192)
        with contextlib.suppress(OSError):
            fcntl.fcntl(played, F_SETPIPE_SZ, PIPE)
        try:
            self.carry(listen.stdout.fileno(), played, recorded)
        finally:
            listen.kill()
            listen.wait()
            for fd in played, recorded:
                if fd is not None:
                    os.close(fd)

    def carry(self, events, played, recorded):
        ways = [w for w in (self.speaker, self.microphone) if w]
        while True:
            wanted = {events, played, *(w.listener for w in ways)}
            if self.microphone and self.microphone.conn:
                wanted.add(self.microphone.conn)
            writes = [self.speaker.conn] if self.speaker.held else []
            can, could, _ = select.select(wanted, writes, [])
            for way in ways:
                if way.listener in can:
                    way.accept()
                    if way is self.microphone:
                        self.ask()
            if events in can:
                if not os.read(events, 65536):
                    raise OSError("the sound server is gone")
                if self.microphone:
                    self.ask()
            if could and self.speaker.conn in could:
                self.speaker.send()
            if played in can:
                data = os.read(played, 65536)
                if not data:
                    raise OSError("the sound server is gone")
                self.speaker.put(data)
            if self.microphone and self.microphone.conn in can:
                self.record(recorded)

    def record(self, recorded):
        try:
            data = self.microphone.conn.recv(65536)
            if data:
                os.write(recorded, data)
                return
        except BlockingIOError:     # nobody takes it: lost
            return
        except OSError:
            pass
        self.microphone.drop()

    def ask(self):
        """A byte begins it, when a program records; the end ends it."""
        rows = [row.split("\t") for row in
                pactl("list", "short", "sources").splitlines()]
        runs = any(row[1:2] == [self.name + "_mic"] and row[-1] == "RUNNING"
                   for row in rows)
        way = self.microphone
        if way.conn is not None and runs != way.used:
            if not runs:
                return way.drop()
            with contextlib.suppress(OSError):
                way.conn.send(b"\0")
                way.used = True


def sound(own, ways):
    """A child of the supervisor's, with the sockets from descriptor 3 on."""
    listeners = [socket.socket(fileno=3 + i) for i in range(ways)]
    it = Sound(own, listeners[0], listeners[1] if ways > 1 else None)

    def end(*_):
        raise SystemExit(0)
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)   # who listened is gone
    pause = 1
    try:
        while True:
            begun = time.monotonic()
            try:
                it.run()
            except (OSError, subprocess.SubprocessError):
                it.modules = []
                if time.monotonic() - begun > 30:
                    pause = 1
            time.sleep(pause)
            pause = min(2 * pause, 60)
    finally:
        it.unload()
