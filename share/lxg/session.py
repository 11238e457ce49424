# The supervisor of a session, inside an instance: its display server, its
# programs, what they print and how they end. helper.py makes one file of its
# other parts (exec.c) and this, which python3 runs with SESSION TABLE HOST PATH
# COMMAND...; without a command it stands by until it is told which session it
# is. HOST is what is known of the host's display. SPDX-License-Identifier: ISC
#
# In the shared folder, for the host, which believes none of it:
#   SESSION.sock       the server's socket; what connects there may wait
#   SESSION/speaker, microphone     sound.py's sockets
#   SESSION/lock       held by the supervisor as long as it lives
#   SESSION/version    xpra's, before the socket is seen
#   SESSION/command    the program's argument vector, JSON
#   SESSION/display    the display's number
#   SESSION/output*    what a program printed, the last CAP bytes of it
#   SESSION/status*    its exit status as a shell gives it, at its own end
#   SESSION/stopped    there when the session was told to end before
#   SESSION/unseen     there when the program has ended without a window
#   SESSION/elsewhere  another session that may have the program's window
#   SESSION/log        what the servers said
import contextlib
import ctypes
import fcntl
import json
import os
import selectors
import shutil
import signal
import socket
import struct
import sys
import time

BASE = "/var/lib/lxg/xpra"
CAP = 8 << 20           # bytes of output kept
STEP = 1 << 20          # freed at a time
STANDBY = "standby"     # the session that is none yet
ENDED = "/run/lxg/ended"    # names that were stopped before they were there
GRACE = 2.0             # seconds from SIGTERM to SIGKILL
FIRST, NEXT = 30.0, 3.0     # seconds that a window may take, see holds()
PR_SET_PDEATHSIG, PR_SET_NAME, PR_SET_CHILD_SUBREAPER = 1, 15, 36
PUNCH_HOLE = 1 | 2      # and keep the size
WATCHED = signal.SIGTERM, signal.SIGCHLD, signal.SIGINT, signal.SIGHUP
CHILD_ENV = {"GDK_BACKEND": "x11", "QT_QPA_PLATFORM": "xcb",
             "SDL_VIDEODRIVER": "x11", "XDG_SESSION_TYPE": "x11",
             "NO_AT_BRIDGE": "1", "GTK_CSD": "0",
             "QT_X11_NO_NATIVE_MENUBAR": "1"}
libc = ctypes.CDLL(None, use_errno=True)


def ready():
    """Tells whoever started us, as sd_notify(3) does."""
    path = os.environ.pop("NOTIFY_SOCKET", "")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.connect(path.replace("@", "\0", 1))
        s.send(b"READY=1")


def title(*words):
    """What ps(1) shows of us, in place of all that we were started with. The
    arguments lie in one piece, from where libc has the first."""
    libc.prctl(PR_SET_NAME, os.fsencode(words[0]), 0, 0, 0)
    first = ctypes.c_void_p.in_dll(libc, "program_invocation_name").value
    with open("/proc/self/cmdline", "rb") as f:
        room = len(f.read())
    text = b"".join(os.fsencode(word) + b"\0" for word in words)
    if len(text) < room:
        ctypes.memmove(first, text.ljust(room, b"\0"), room)


def write_file(path, text):
    """So that the host sees all of it or nothing."""
    with open(path + ".new", "w", opener=lambda p, flags: os.open(
            p, flags | os.O_NOFOLLOW, 0o660)) as f:
        f.write(text)
    os.rename(path + ".new", path)


class Output:
    """What is printed into a pipe, in a file that keeps the last of it."""

    def __init__(self, path):
        self.file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o660)
        self.source, self.sink = os.pipe()
        os.set_blocking(self.source, False)
        self.size = self.freed = 0

    def feed(self):
        """Takes what is there; False at the end."""
        try:
            data = os.read(self.source, 1 << 16)
        except BlockingIOError:
            return True
        self.write(data)
        return bool(data)

    def write(self, data):
        try:
            while data:
                n = os.write(self.file, data)
                self.size += n
                data = data[n:]
            self.free()
        except OSError:         # a full disk: lost, and the program goes on
            pass

    def drain(self):
        """What a program left that is over, though a child may go on."""
        end = self.size + (1 << 20)
        size = -1
        while size != self.size and self.size < end:
            size = self.size
            self.feed()

    def free(self):
        length = self.size - CAP - self.freed
        if length >= STEP and libc.fallocate64(
                self.file, PUNCH_HOLE, ctypes.c_int64(self.freed),
                ctypes.c_int64(length)) == 0:
            self.freed += length


def spawn(run, out, keep=(), dies=False):
    """A child that becomes what run makes of it: out is its output, and what
    is in keep it has from descriptor 3 on."""
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setsid()
        if dies:
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:
                os._exit(1)
        signal.set_wakeup_fd(-1)
        for s in signal.SIGPIPE, *WATCHED:
            signal.signal(s, signal.SIG_DFL)
        arrange([os.open(os.devnull, os.O_RDONLY), out, out, *keep])
        run()
    except SystemExit as e:
        os._exit(e.code if isinstance(e.code, int) else e.code is not None)
    except BaseException as e:
        os.write(2, os.fsencode("%r\n" % e))
    finally:
        os._exit(126)


def arrange(fds):
    """They become 0, 1, 2..., and there are no others."""
    high = [fcntl.fcntl(fd, fcntl.F_DUPFD, 100) for fd in fds]
    for i, fd in enumerate(high):
        os.dup2(fd, i)
    os.closerange(len(fds), os.sysconf("SC_OPEN_MAX"))


def execute(argv):
    """What a shell says where it cannot."""
    try:
        os.execvp(argv[0], argv)
    except FileNotFoundError:
        os.write(2, b"%s: not found\n" % os.fsencode(argv[0]))
        os._exit(127)
    except BaseException as e:
        os.write(2, os.fsencode("%s: %s\n" % (argv[0], e)))
    os._exit(126)


def program(argv, resources):
    """Becomes it, as soon as the display has a compositing manager, which
    xpra is. Firefox paints nothing where one comes after its first window."""
    x11, fixes = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXfixes.so.3")
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XInternAtom.restype = x11.XDefaultRootWindow.restype = ctypes.c_ulong
    x11.XGetSelectionOwner.restype = ctypes.c_ulong
    opened = x11.XOpenDisplay(None)
    if opened is None:
        execute(argv)
    display = ctypes.c_void_p(opened)
    root = ctypes.c_ulong(x11.XDefaultRootWindow(display))
    manager = ctypes.c_ulong(x11.XInternAtom(display, b"_NET_WM_CM_S0", 0))
    n = ctypes.byref(ctypes.c_int())
    fixes.XFixesQueryExtension(display, n, n)
    fixes.XFixesSelectSelectionInput(display, root, manager, ctypes.c_ulong(1))
    event = ctypes.create_string_buffer(24 * ctypes.sizeof(ctypes.c_long))
    while not x11.XGetSelectionOwner(display, manager):
        x11.XNextEvent(display, event)
    x11.XChangeProperty(display, root, ctypes.c_ulong(RESOURCE_MANAGER),
                        ctypes.c_ulong(STRING), 8, 0, resources,
                        len(resources))
    x11.XCloseDisplay(display)
    execute(argv)


class Session:
    """The supervisor, as the login user, in the unit."""

    def __init__(self, name, table, host):
        self.path = os.path.join(BASE, name)
        self.table = table
        self.host = host_of(host)
        self.keyboard = None    # what it was set for
        self.display = None
        self.selector = selectors.DefaultSelector()
        self.waiting = {}       # pid: what to do with its exit status
        self.programs = set()   # their pids
        self.outputs = set()
        self.servers = []       # pids, the last to end first
        self.own = self.auth = ""
        self.sound = 0          # the pid of who carries it
        self.input = 0          # of the input method's daemon
        self.bus = 0
        self.status = None      # of the first program
        self.alone = None       # since when no window is seen
        self.over = False

    def make_folder(self, command):
        tmp = os.path.join(BASE, "." + os.path.basename(self.path))
        os.mkdir(tmp, 0o770)
        self.lock = os.open(tmp + "/lock", os.O_WRONLY | os.O_CREAT, 0o660)
        # which the kernel lets go of before it tells of the file's end
        fcntl.lockf(self.lock, fcntl.LOCK_EX)
        write_file(tmp + "/version", version() + "\n")
        write_file(tmp + "/command", json.dumps(command))
        write_file(tmp + "/pid", "%d\n" % os.getpid())
        write_file(tmp + "/login", os.environ.get("XDG_SESSION_ID", ""))
        self.log = self.output(tmp + "/log")
        self.out = self.output(tmp + "/output")
        self.ways = options_of(self.table, "way")
        self.sounds = [self.listen("%s/%s" % (tmp, way), 5)
                       for way in ("speaker", "microphone")
                       if way in self.ways]
        os.rename(tmp, self.path)

    def listen(self, path, backlog):
        """A socket that is never seen before it listens."""
        s = socket.socket(socket.AF_UNIX)
        s.bind(path + ".new")
        s.listen(backlog)
        os.rename(path + ".new", path)
        return s

    def output(self, path):
        out = Output(path)
        self.outputs.add(out)
        self.selector.register(out.source, selectors.EVENT_READ,
                               lambda: self.feed(out))
        return out

    def feed(self, out):
        if not out.feed():
            self.close(out)

    def close(self, out):
        if out in self.outputs:
            self.outputs.remove(out)
            self.selector.unregister(out.source)
            os.close(out.source)
            os.close(out.file)

    def make_own(self):
        """A folder that is the session's alone, whatever it will be called."""
        self.own = own_folder(os.getpid())
        shutil.rmtree(self.own, ignore_errors=True)     # who had our number
        os.mkdir(self.own, 0o700)

    def make_cookie(self):
        """For any host's name, and any display's number."""
        self.auth = self.own + "/auth"
        fd = os.open(self.auth, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        name, cookie = b"MIT-MAGIC-COOKIE-1", os.urandom(16)
        os.write(fd, struct.pack(">HHHH", 0xffff, 0, 0, len(name)) + name +
                 struct.pack(">H", len(cookie)) + cookie)
        os.close(fd)
        return cookie

    def start_xvfb(self, options):
        """Which picks the number, and writes it to the pipe that we return."""
        r, w = os.pipe()
        width, height, dpi = frame_of(self.host)
        argv = ["Xvfb", "-displayfd", "3", "-screen", "0",
                "%dx%dx24" % (width, height), "-dpi", str(dpi), *options,
                "-nolisten", "tcp", "-noreset", "-auth", self.auth]
        self.watch_server(spawn(lambda: execute(argv), self.log.sink, [w],
                                dies=True), "Xvfb")
        os.close(w)
        return r

    def start_xpra(self, options):
        """Which loads what it can, and reads the number from our pipe."""
        r, w = os.pipe()
        self.watch_server(spawn(lambda: server(options, self.own), self.log.sink,
                                [self.socket.fileno(), r], dies=True), "xpra")
        os.close(r)
        self.socket.close()
        return w

    def start_servers(self, display_options, options):
        self.make_own()
        cookie = self.make_cookie()
        os.environ.update(CHILD_ENV, XAUTHORITY=self.auth)
        os.environ.pop("WAYLAND_DISPLAY", None)
        self.method = input_method()
        if self.method:
            os.environ.update(input_environment(self.method))
        make_ways(self.own, self.ways)
        self.bus_socket = self.make_bus()
        r = self.start_xvfb(display_options)
        w = self.start_xpra([*options, "--dpi=%d" % self.host["dpi"]])
        with os.fdopen(r) as f:
            number = f.readline().strip()
        if not number.isdigit():
            raise RuntimeError("Xvfb did not start")
        os.environ["DISPLAY"] = ":" + number
        self.display = Display(number, cookie)
        self.display.watch()
        self.selector.register(self.display.socket, selectors.EVENT_READ,
                               self.look)
        self.resize()
        os.write(w, number.encode() + b"\n")
        os.close(w)
        write_file(self.path + "/display", number)
        self.start_bus()
        self.start_sound()
        self.start_input()
        self.set_keyboard()

    def resize(self):
        """A program that centres its first window is to see the host's size,
        before a client comes."""
        if self.host["w"] and self.host["h"]:
            self.display.resize(self.host["w"], self.host["h"],
                                self.host["dpi"])

    def set_keyboard(self):
        """The server takes a third of a second for it in its only thread,
        where a client is the first to say it."""
        wanted = [self.host[key] for key in (
            "model", "layout", "variant", "options", "repeat_ms",
            "repeat_gap")]
        if wanted != self.keyboard:
            set_keyboard(self.host)
        self.keyboard = wanted

    def adapt(self, host):
        """To a host that is another one than it was."""
        size = self.host["w"], self.host["h"]
        self.host = host
        if size != (host["w"], host["h"]):
            self.resize()
        self.set_keyboard()

    def look(self):
        """At the display's events."""
        try:
            self.display.step()
        except OSError:         # its server is gone, which ends us anyway
            self.selector.unregister(self.display.socket)
            self.display.windows = 0
        self.settle()

    def make_bus(self):
        """One of the session's own: what it starts gets this display, and a
        program that wants to be the only one is so in each session. What it is
        asked before it runs waits."""
        if shutil.which("dbus-daemon") is None:
            return None
        s = socket.socket(socket.AF_UNIX)
        s.bind(self.own + "/bus")
        s.listen(64)
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=%s/bus" % self.own
        return s

    def start_bus(self):
        if self.bus_socket is not None:
            pid = spawn(bus, self.log.sink, [self.bus_socket.fileno()],
                        dies=True)
            self.bus = pid
            self.waiting[pid] = lambda status: None
            self.bus_socket.close()

    def hear_bus(self):
        """What a program asked for that is gone has been begun by then: who
        comes later is answered in a later turn of the bus's loop."""
        with contextlib.suppress(OSError), socket.socket(
                socket.AF_UNIX) as s:
            s.settimeout(1)
            s.connect(self.own + "/bus")
            s.sendall(b"\0AUTH EXTERNAL %s\r\n" %
                      str(os.getuid()).encode().hex().encode())
            s.recv(512)
            s.sendall(b"NEGOTIATE_UNIX_FD\r\n")
            s.recv(512)

    def start_sound(self):
        """Programs of this session play to and record from its own."""
        if not self.sounds or shutil.which("pactl") is None:
            return
        name = "lxg_%d" % os.getpid()
        os.environ.update(PULSE_SINK=name, PULSE_SOURCE=name + "_mic")
        def run():
            title("lxg-sound", os.path.basename(self.path))
            sound(self.own, len(self.sounds))
        pid = spawn(run, self.log.sink, [s.fileno() for s in self.sounds],
                    dies=True)
        self.sound = pid
        self.waiting[pid] = lambda status: None
        for s in self.sounds:
            s.close()

    def start_input(self):
        """A part of the display, though one that it can do without."""
        if self.method:
            self.input = spawn(lambda: run_input(self.method), self.log.sink,
                               dies=True)
            self.waiting[self.input] = lambda status: None

    def watch_server(self, pid, name):
        def ended(status):
            self.servers.remove(pid)
            self.over = True
            self.log.write(b"%s ended with status %d\n" % (
                name.encode(), status))
        self.servers.append(pid)
        self.waiting[pid] = ended

    def start_program(self, run, out, then):
        pid = spawn(run, out.sink)
        os.close(out.sink)

        def ended(status):
            self.programs.remove(pid)
            if out in self.outputs:
                out.drain()
            then(status)
        self.programs.add(pid)
        self.waiting[pid] = ended

    def ended(self, status):
        """The first program."""
        # else it was taken down with the session, or by its display's end
        if self.over or not display_lives():
            self.over = True
            return
        self.status = status
        with contextlib.suppress(OSError):
            self.display.step_all()
        self.settle()

    def settle(self):
        """The session goes on as long as what the program has begun."""
        if self.over or self.status is None or self.holds():
            return
        self.over = True
        for out in list(self.outputs):
            out.drain()
        other = self.elsewhere()
        if other:
            write_file(self.path + "/elsewhere", other + "\n")
        if not self.display.shown:
            write_file(self.path + "/unseen", "")
        write_file(self.path + "/status", "%d\n" % self.status)

    def holds(self):
        """What is seen does, and what prints to where the program did, as a
        shell's background job. Else it is a daemon by now, or is about to show
        a window."""
        if self.programs or self.display.shows():
            self.alone = None
            return True
        self.hear_bus()
        kin = [pid for pid, name in self.kin() if not is_daemon(name)]
        pipes = {os.fstat(o.source).st_ino for o in self.outputs
                 if o is not self.log}
        if any(prints_to(pid, pipes) for pid in kin):
            self.alone = None
            return True
        now = time.monotonic()
        self.alone = self.alone or now
        patience = NEXT if self.display.shown else FIRST
        return bool(kin) and now - self.alone < patience

    def kin(self):
        """All that programs have begun: pids and names. Orphans are ours. A
        fork of the bus has the bus's name until it becomes a program, which a
        second one waits for; one without a child has none here."""
        children, forks = {}, set()
        others = {os.getsid(0), self.sound, self.input, *self.servers}
        for entry in os.listdir("/proc"):
            with contextlib.suppress(OSError, ValueError):
                with open("/proc/%d/stat" % int(entry)) as f:
                    name, rest = f.read().split(" (", 1)[1].rsplit(") ", 1)
                state, parent, _, session = rest.split()[:4]
                if state not in "ZX" and int(session) not in others:
                    children.setdefault(int(parent), []).append(
                        (int(entry), name))
                    if int(session) == self.bus and name == "dbus-daemon":
                        forks.add(int(entry))
        found, new = [], children.get(os.getpid(), [])
        while new:
            found += new
            new = [c for pid, _ in new for c in children.get(pid, [])]
        forks -= {self.bus, *children}
        return [(pid, "" if pid in forks else name) for pid, name in found]

    def elsewhere(self):
        """A session that may have been handed what this one was to show."""
        if self.display.shown or self.status != 0 or self.took() > FIRST:
            return None
        name = program_of(self.path)
        if not name or name in SHELLS:
            return None
        for other in os.listdir(BASE):
            path = os.path.join(BASE, other)
            if (path != self.path and other.isalnum() and other != STANDBY and
                    program_of(path) == name and is_live(path)):
                return other
        return None

    def took(self):
        return time.monotonic() - self.begun

    def control(self):
        """Words from the helpers, a NUL behind each, and a line for an
        answer."""
        conn, _ = self.door.accept()
        conn.settimeout(5)
        try:
            with conn, conn.makefile("rb") as f:
                verb, *words = map(os.fsdecode,
                                   f.read(1 << 21).split(b"\0")[:-1])
                {"join": self.join, "take": self.take,
                 "leave": self.leave}[verb](conn, *words)
        except (OSError, LookupError, TypeError, ValueError):
            pass

    def join(self, conn, name, *argv):
        """Another program for the session."""
        if self.over:
            return conn.sendall(b"no\n")
        out = self.output("%s/output.%s" % (self.path, name))
        self.start_program(lambda: execute(argv), out, lambda status:
                           write_file("%s/status.%s" % (self.path, name),
                                      "%d\n" % status))
        conn.sendall(b"yes\n")

    def leave(self, conn):
        """What stands by is another one from now on."""
        if os.path.basename(self.path) == STANDBY:
            self.over = True
            conn.sendall(b"yes\n")

    def take(self, conn, name, table, text, *argv):
        """What stands by becomes a session, if that wants what is here."""
        host = host_of(text)
        if (self.over or os.path.basename(self.path) != STANDBY or
                table != self.table or shutil.which(argv[0]) is None):
            return conn.sendall(b"no\n")
        if host != self.host:           # so will the next one be
            write_file(seen_host(), text)
        if frame_of(host) != frame_of(self.host):
            self.over = True
            return conn.sendall(b"no\n")
        conn.sendall(b"wait\n")         # who is gone by now has one already
        path = os.path.join(BASE, name)
        try:
            write_file(self.path + "/command", json.dumps(argv))
            os.utime(self.lock)
            os.rename(self.path, path)
            self.path = path
            title("lxg-session", name)
            os.rename(os.path.join(BASE, STANDBY) + ".sock", path + ".sock")
            if stopped_before(name):
                clear(name)
                raise FileNotFoundError
            self.adapt(host)
            self.begin(argv)
        except OSError:
            self.over = True            # and another one takes its place
            raise
        conn.sendall(b"yes\n")

    def reap(self):
        """Servers first: a program may have ended because of one."""
        ended = []
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    break
                ended.append((pid not in self.servers, pid, status))
        for _, pid, status in sorted(ended):
            code = os.waitstatus_to_exitcode(status)
            with contextlib.suppress(OSError):      # a full disk
                self.waiting.pop(pid, lambda s: None)(
                    code if code >= 0 else 128 - code)
        self.settle()

    def step(self, timeout=None):
        for key, _ in self.selector.select(timeout):
            key.data()

    def wait(self):
        """For an event; what is no child of ours ends without one."""
        seen = self.status is None or self.display.windows
        self.step(None if seen else 0.5)
        if not seen:
            self.settle()

    def signals(self):
        r, w = os.pipe()
        os.set_blocking(r, False)
        os.set_blocking(w, False)
        signal.set_wakeup_fd(w, warn_on_full_buffer=False)
        for s in WATCHED:
            signal.signal(s, lambda *_: None)

        def woken():
            if any(b != signal.SIGCHLD for b in os.read(r, 512)):
                self.over = True
                with contextlib.suppress(OSError):
                    write_file(self.path + "/stopped", "")
            self.reap()
        self.selector.register(r, selectors.EVENT_READ, woken)

    def run(self, command):
        os.umask(0o007)
        libc.prctl(PR_SET_CHILD_SUBREAPER, 1)
        self.signals()
        self.make_folder(command)
        name = os.path.basename(self.path)
        if stopped_before(name):
            return clear(name)
        self.socket = self.listen(self.path + ".sock", 5)
        self.door = self.listen(self.path + "/control", 5)
        self.selector.register(self.door, selectors.EVENT_READ, self.control)
        ready()
        try:
            self.start_servers(options_of(self.table, "display"),
                               options_of(self.table, "server"))
            if command:
                self.begin(command)
            while not self.over:
                self.wait()
        finally:
            self.end()

    def begin(self, command):
        self.begun = time.monotonic()
        os.symlink(self.path + ".sock", self.own + "/server")
        if self.host["cursor"]:
            os.environ["XCURSOR_SIZE"] = str(self.host["cursor"])
        resources = resources_of(self.host)
        self.start_program(lambda: program(command, resources), self.out,
                           self.ended)

    def end(self):
        for pid in self.programs:
            kill_group(pid, signal.SIGTERM)
        self.terminate_kin()
        self.terminate({self.sound, self.input} - {0}, GRACE)
        self.terminate(set(self.servers[1:]), 0)    # xpra keeps no state
        self.terminate(set(self.servers[:1]), GRACE)
        remove(self.path + ".sock")
        if self.own:
            shutil.rmtree(self.own, ignore_errors=True)

    def terminate_kin(self):
        """Whatever process group it has."""
        until = time.monotonic() + GRACE
        for sig in signal.SIGTERM, signal.SIGKILL:
            for pid, _ in self.kin():
                with contextlib.suppress(OSError):
                    os.kill(pid, sig)
            while self.kin() and time.monotonic() < until:
                self.step(0.05)

    def terminate(self, pids, grace):
        until = time.monotonic() + grace
        for pid in pids:
            kill_group(pid, signal.SIGTERM)
        while pids & self.waiting.keys() and time.monotonic() < until:
            self.step(until - time.monotonic())
        for pid in pids:
            kill_group(pid, signal.SIGKILL)


# What runs as long as it is let, and shows nothing: the names' beginnings.
DAEMONS = ("at-spi", "dbus-", "dconf-service", "evolution-", "fcitx",
           "gconfd", "gnome-keyring", "goa-", "gpg-agent", "gvfs", "ibus",
           "kactivitymanag", "kded", "kdeinit", "kglobalaccel", "kiod",
           "klauncher", "mozc_", "obexd", "pipewire", "pulseaudio", "scdaemon",
           "ssh-agent", "tracker-", "wireplumber", "xdg-desktop-po",
           "xdg-document-p", "xdg-permission", "xfconfd", "xsettingsd")
SHELLS = ("sh", "bash", "dash", "zsh", "fish", "env", "nice", "nohup",
          "setsid", "sleep", "true", "timeout", "python3", "perl")


def is_daemon(name):
    return name.startswith(DAEMONS)


def prints_to(pid, pipes):
    for n in 1, 2:
        with contextlib.suppress(OSError):
            if os.stat("/proc/%d/fd/%d" % (pid, n)).st_ino in pipes:
                return True
    return False


def program_of(path):
    """Of a session's folder: what it was started as, without its folder."""
    try:
        with open(path + "/command") as f:
            return os.path.basename(json.load(f)[0])
    except (OSError, ValueError, LookupError, TypeError):
        return ""


def is_live(path):
    try:
        with open(path + "/lock") as f:
            fcntl.lockf(f, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as e:
        return isinstance(e, (BlockingIOError, PermissionError))
    return False


def own_folder(pid):
    return "%s/lxg-%d" % (os.environ.get("XDG_RUNTIME_DIR", "/tmp"), pid)


def bus():
    os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
    execute(["dbus-daemon", "--session", "--nofork", "--nopidfile",
             "--address=systemd:"])


def remove(path):
    with contextlib.suppress(OSError):
        os.unlink(path)


def display_lives():
    """One that dies lets go of its sockets first."""
    with socket.socket(socket.AF_UNIX) as s:
        s.setblocking(False)
        try:
            s.connect("\0/tmp/.X11-unix/X" + os.environ["DISPLAY"][1:])
        except BlockingIOError:
            pass
        except OSError:
            return False
    return True


def kill_group(pid, sig):
    try:
        os.killpg(pid, sig)
    except OSError:
        pass


def stopped_before(name):
    return os.path.exists(os.path.join(ENDED, name))


def clear(name):
    """What one that stood by has left, or was not to be."""
    for path in "%s/.%s" % (BASE, name), "%s/%s" % (BASE, name):
        shutil.rmtree(path, ignore_errors=True)
    remove("%s/%s.sock" % (BASE, name))


def seen_host():
    return os.environ.get("XDG_RUNTIME_DIR", "/tmp") + "/lxg-host"


def serve(session, table, host, path, *command):
    title("lxg-session", session)
    os.environ["PATH"] = path
    bus = os.path.join(os.environ.get("XDG_RUNTIME_DIR", ""), "bus")
    if os.path.exists(bus):
        os.environ.setdefault("DBUS_SESSION_BUS_ADDRESS", "unix:path=" + bus)
    os.environ.setdefault("LANG", "C.UTF-8")
    if not command:
        clear(session)
        with contextlib.suppress(OSError), open(seen_host()) as f:
            host = f.read()
    try:
        Session(session, table, host).run(list(command))
    finally:
        if not command:
            clear(session)


serve(*sys.argv[1:])
