# What lxg-xpra runs inside an instance that is another machine's, as the login
# user, handed to python3 -c behind sessions.py: "carry
# SESSION OFFSET AUDIO" is a session's way to the user: standard input and output
# are its display server's socket, and standard error tells what is new in its
# folder, the program's output from OFFSET on, and unless AUDIO is off what it
# plays (sound.py). Where that is both and the session has a microphone, which
# "still" tells before "live", standard input has its samples as well: each piece
# is display or microphone, LENGTH, a newline, and so many bytes; they come from
# "record" to "still". "follow SESSION NAME" tells of a program that joined it. It
# ends with its standard input, at the latest, or where whoever began it sends no
# more SIGWINCH, as from a network that is gone; what is over and was told of is
# removed then.
#
# What is told: NAME OFFSET LENGTH, a newline, and so many bytes.
# SPDX-License-Identifier: ISC
import contextlib
import ctypes
import fcntl
import os
import selectors
import shutil
import signal
import socket
import sys
import time

PIECE = 1 << 16
QUEUE = 1 << 18         # of what is told and was not taken yet
SOUND = 1 << 14         # bytes of it in the queue: they are latency
BEAT = 30               # seconds at most between two signals
BUSY = 0.1              # seconds; no event tells that a server has less to do
IN_MODIFY, IN_CLOSE_WRITE, IN_MOVED_TO, IN_CREATE = 2, 8, 0x80, 0x100
IN_DELETE_SELF, IN_NONBLOCK = 0x400, 0o4000
F_SETPIPE_SZ = 1031
libc = ctypes.CDLL(None, use_errno=True)


class Watch:
    """inotify(7), and no name of what it tells."""

    def __init__(self):
        self.fd = libc.inotify_init1(IN_NONBLOCK)

    def add(self, path):
        return libc.inotify_add_watch(
            self.fd, os.fsencode(path), IN_MODIFY | IN_CLOSE_WRITE |
            IN_MOVED_TO | IN_CREATE | IN_DELETE_SELF) >= 0

    def read(self):
        with contextlib.suppress(BlockingIOError):
            os.read(self.fd, PIECE)


class Way:
    """Bytes from one descriptor to another, as fast as that takes them."""

    def __init__(self, source, sink):
        self.source, self.sink = source, sink
        self.data = b""
        self.over = False
        os.set_blocking(source, False)
        os.set_blocking(sink, False)

    def fds(self):
        """What it waits for: to read, or to write."""
        if self.over:
            return None
        return ((self.sink, selectors.EVENT_WRITE) if self.data else
                (self.source, selectors.EVENT_READ))

    def step(self):
        """False once there will be no more."""
        try:
            if not self.data:
                data = os.read(self.source, PIECE)
                self.over = not data
                self.data = self.take(data)
        except BlockingIOError:
            pass
        except OSError:
            self.over = True
        self.give()
        return not self.over

    def take(self, data):
        return data

    def give(self):
        """Who says something to a server that is gone is still told of it."""
        try:
            while self.data:
                self.data = self.data[os.write(self.sink, self.data):]
        except BlockingIOError:
            pass
        except OSError:
            self.data = b""
            self.over = self.source != 0


class Both(Way):
    """Standard input, of which the microphone has a part."""

    def __init__(self, sink, microphone):
        super().__init__(0, sink)
        self.microphone = microphone
        self.rest = b""
        self.name, self.left = b"", 0

    def take(self, data):
        self.rest += data
        display = b""
        while self.rest:
            if not self.left:
                head, newline, rest = self.rest.partition(b"\n")
                if not newline:
                    break
                self.name, self.left = head.split()[0], int(head.split()[1])
                self.rest = rest
            piece, self.rest = self.rest[:self.left], self.rest[self.left:]
            self.left -= len(piece)
            if self.name == b"display":
                display += piece
            else:
                self.microphone.put(piece)
        return display


class Told:
    """What is told of a session's folder."""

    def __init__(self, name, suffix, offset):
        self.folder = os.path.join(BASE, name)
        self.suffix = suffix
        self.at = offset
        self.queue = b""
        self.file = None
        self.there = self.more = self.over = self.done = False
        os.set_blocking(2, False)

    def tell(self, name, data=b"", offset=0):
        self.queue += b"%s %d %d\n" % (name.encode(), offset, len(data)) + data

    def tell_file(self, name):
        data = contents(self.folder + "/" + name)
        if data is not None:
            self.tell(name, data)
        return data is not None

    def flush(self):
        with contextlib.suppress(BlockingIOError):
            while self.queue:
                self.queue = self.queue[os.write(2, self.queue):]

    def output(self):
        """What is new, as far as there is room; True where that was all."""
        self.more = False
        if self.file is None:
            with contextlib.suppress(OSError):
                self.file = os.open(self.folder + "/output" + self.suffix,
                                    os.O_RDONLY | os.O_NOFOLLOW)
        while self.file is not None and len(self.queue) < QUEUE:
            with contextlib.suppress(OSError):      # the old is a hole
                self.at = max(self.at, os.lseek(self.file, self.at,
                                                os.SEEK_DATA))
            data = os.pread(self.file, PIECE, self.at)
            if not data:
                return True
            self.tell("output", data, self.at)
            self.at += len(data)
        self.more = self.file is not None
        return not self.more

    def look(self):
        """At all there is to see; the folder first, its end last."""
        if not self.there:
            self.there = os.path.isdir(self.folder)
            if not self.there:
                return
            self.tell_file("version")
            self.tell("folder")
        alive = is_alive(self.folder)   # what it writes last is there then
        ended = os.path.exists(self.folder + "/status" + self.suffix)
        if not self.output() or self.done:
            return
        if ended and not self.over:
            self.tell_file("elsewhere")
            self.tell_file("unseen")
            self.tell("status", contents(
                self.folder + "/status" + self.suffix) or b"")
            self.over = True
        if not alive:
            if not self.tell_file("stopped") and not os.path.exists(
                    self.folder + "/lock"):
                self.tell("stopped")
            self.tell("over")
            self.done = True

    def remove(self):
        """What its end was told of."""
        if not self.over:
            return
        if not self.suffix:
            shutil.rmtree(self.folder, ignore_errors=True)
        for name in "output", "status":
            with contextlib.suppress(OSError):
                os.unlink("%s/%s%s" % (self.folder, name, self.suffix))


class Sound:
    """What the session plays: told with what its folder is told of."""
    name, begin = "speaker", "silence"

    def __init__(self, told):
        self.told = told
        self.socket = None
        self.begun = None       # when it connected, if it ever could

    def connect(self):
        """Anew, each time that it was silent for a while."""
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.setblocking(False)
        try:
            self.socket.connect(self.told.folder + "/" + self.name)
        except OSError:         # it plays nothing, or no longer
            self.socket, self.begun = self.socket.close(), None
        else:
            self.begun = time.monotonic()
            self.told.tell(self.begin)

    def fd(self):
        """That is waited for; -1: there is none, or no room."""
        if self.socket is None or len(self.told.queue) >= SOUND:
            return -1
        return self.socket.fileno()

    def is_late(self):
        """Was it let go, and has not come again?"""
        return self.socket is None and self.begun is not None

    def again(self):
        """One that lets go at once does so once a second."""
        if self.is_late() and time.monotonic() - self.begun > 1:
            self.connect()

    def step(self):
        """False where it was let go."""
        data = b""
        with contextlib.suppress(OSError):
            data = self.socket.recv(SOUND)
        if data:
            self.take(data)
        else:
            self.socket = self.socket.close()
        self.told.flush()
        return bool(data)

    def take(self, data):
        self.told.tell("sound", data)


class Microphone(Sound):
    """What the session records: a byte is there when that begins, an end when
    it is over."""
    name, begin = "microphone", "still"
    held = b""              # the rest of a sample

    def take(self, data):
        self.held = b""
        self.told.tell("record")

    def step(self):
        there = super().step()
        if not there:
            self.told.tell(self.begin)
            self.told.flush()
        return there

    def put(self, data):
        """What there is no room for is lost, by whole samples."""
        with contextlib.suppress(OSError, AttributeError):
            data = self.held + data
            n = self.socket.send(data)
            self.held = data[n:n + -n % 4]


class Carrier:
    """A session's socket and its folder, beside standard input and output."""

    def __init__(self, name, suffix, offset, display, sounds=()):
        self.told = Told(name, suffix, offset)
        self.sounds = [sound(self.told) for sound in sounds]
        self.watch = Watch()
        self.wanted = display
        self.socket = None
        self.ways = []
        self.selector = selectors.DefaultSelector()
        self.watched = False
        self.heard = time.monotonic()
        signal.signal(signal.SIGWINCH, self.hear)
        os.set_blocking(0, False)
        for fd in 0, 1:
            with contextlib.suppress(OSError):
                fcntl.fcntl(fd, F_SETPIPE_SZ, 1 << 20)

    def hear(self, *_):
        self.heard = time.monotonic()

    def look(self):
        self.told.look()
        self.told.flush()
        while self.told.more and not self.told.queue:
            self.told.look()
            self.told.flush()
        if self.told.there and not self.watched:
            self.watched = self.watch.add(self.told.folder)
            self.told.look()        # what came before it was watched
        if self.wanted and self.told.there and self.socket is None:
            self.connect()
        self.told.flush()

    def connect(self):
        s = socket.socket(socket.AF_UNIX)
        s.setblocking(False)
        try:
            s.connect(self.told.folder + ".sock")
        except OSError:
            return s.close()
        self.socket = s
        for sound in self.sounds:   # before whoever waits for the socket looks
            sound.connect()
        both = [Both(s.fileno(), sound) for sound in self.sounds
                if sound.name == "microphone" and sound.socket is not None]
        self.ways = [*(both or [Way(0, s.fileno())]), Way(s.fileno(), 1)]
        self.told.tell("live")

    def want(self):
        """What is waited for now: descriptors and events."""
        wanted = {self.watch.fd: selectors.EVENT_READ}
        if self.told.queue or self.told.more:   # there is room for more now
            wanted[2] = selectors.EVENT_WRITE
        if not self.ways:
            wanted[0] = selectors.EVENT_READ
        for way in self.ways:
            if way.fds() is not None:
                fd, events = way.fds()
                wanted[fd] = wanted.get(fd, 0) | events
        for sound in self.sounds:
            if sound.fd() >= 0:
                wanted[sound.fd()] = selectors.EVENT_READ
        return wanted

    def select(self):
        """The descriptors that are ready. Registered anew where another is
        waited for, which is seldom."""
        wanted = self.want()
        for key in list(self.selector.get_map().values()):
            if wanted.get(key.fd) != key.events:
                self.selector.unregister(key.fd)
        has = {key.fd for key in self.selector.get_map().values()}
        for fd, events in wanted.items():
            if fd not in has:
                self.selector.register(fd, events)
        late = self.wanted and self.socket is None and is_socket(
            self.told.folder + ".sock")
        if any(sound.is_late() for sound in self.sounds):
            late = True
        return {key.fd for key, _ in self.selector.select(
            BUSY if late else BEAT / 4)}

    def step(self):
        """False where standard input is over, or nobody there."""
        ready = self.select()
        if time.monotonic() - self.heard > BEAT:
            return False
        if not ready or self.watch.fd in ready or 2 in ready:
            self.watch.read()
            self.look()
        for sound in self.sounds:
            fd = sound.fd()
            if fd in ready and not sound.step():
                self.selector.unregister(fd)    # the next may be of that number
            sound.again()
        if not self.ways and 0 in ready:
            return bool(os.read(0, 1))      # nobody may say a word yet
        for way in list(self.ways):
            if way.fds() is None or way.fds()[0] not in ready:
                continue
            if way.step():
                continue
            if way.source == 0:
                return False
            with contextlib.suppress(OSError):
                os.close(1)
        return True

    def run(self):
        self.watch.add(BASE)
        self.look()
        self.told.tell("ready")
        self.told.flush()
        while self.step():
            pass
        self.told.remove()


def carry(name, offset, audio):
    sounds = {"off": (), "both": (Sound, Microphone)}.get(audio, (Sound,))
    Carrier(name, "", int(offset), True, sounds).run()


def follow(name, program):
    Carrier(name, "." + program, 0, False).run()


if sys.argv[1] != "list":
    {"carry": carry, "follow": follow}[sys.argv[1]](*sys.argv[2:])
