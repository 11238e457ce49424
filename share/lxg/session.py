# The supervisor of a session, inside an instance: its display server, its
# programs, what they print and how they end. helper.py hands it to python3 -c
# with SESSION TABLE PATH COMMAND...; without a command it stands by until it
# is told which session it is. SPDX-License-Identifier: ISC
#
# In the shared folder, for the host, which believes none of it:
#   SESSION.sock       the server's socket; what connects there may wait
#   SESSION/lock       held by the supervisor as long as it lives
#   SESSION/version    xpra's, before the socket is seen
#   SESSION/command    the program's argument vector, JSON
#   SESSION/display    the display's number
#   SESSION/output*    what a program printed, the last CAP bytes of it
#   SESSION/status*    its exit status as a shell gives it, at its own end
#   SESSION/stopped    there when the session was told to end before
#   SESSION/log        what the servers said
import contextlib
import ctypes
import fcntl
import importlib
import json
import os
import platform
import runpy
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
PR_SET_PDEATHSIG = 1
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


def program(argv):
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
    x11.XCloseDisplay(display)
    execute(argv)


class Session:
    """The supervisor, as the login user, in the unit."""

    def __init__(self, name, table):
        self.path = os.path.join(BASE, name)
        self.table = table
        self.selector = selectors.DefaultSelector()
        self.waiting = {}       # pid: what to do with its exit status
        self.programs = set()   # their pids
        self.outputs = set()
        self.servers = []       # pids, the last to end first
        self.auth = ""
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

    def make_cookie(self):
        """For any host's name, and any display's number."""
        run = os.environ.get("XDG_RUNTIME_DIR", "/tmp")
        self.auth = "%s/lxg-%s.auth" % (run, os.path.basename(self.path))
        fd = os.open(self.auth, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        name = b"MIT-MAGIC-COOKIE-1"
        os.write(fd, struct.pack(">HHHH", 0xffff, 0, 0, len(name)) + name +
                 struct.pack(">H", 16) + os.urandom(16))
        os.close(fd)

    def start_xvfb(self, options):
        """Which picks the number, and writes it to the pipe that we return."""
        r, w = os.pipe()
        argv = ["Xvfb", "-displayfd", "3", *options, "-nolisten", "tcp",
                "-noreset", "-auth", self.auth]
        self.watch_server(spawn(lambda: execute(argv), self.log.sink, [w],
                                dies=True), "Xvfb")
        os.close(w)
        return r

    def start_xpra(self, options):
        """Which loads what it can, and reads the number from our pipe."""
        r, w = os.pipe()
        self.watch_server(spawn(lambda: server(options), self.log.sink,
                                [self.socket.fileno(), r], dies=True), "xpra")
        os.close(r)
        self.socket.close()
        return w

    def start_servers(self, display_options, options):
        self.make_cookie()
        os.environ.update(CHILD_ENV, XAUTHORITY=self.auth)
        os.environ.pop("WAYLAND_DISPLAY", None)
        r = self.start_xvfb(display_options)
        w = self.start_xpra(options)
        with os.fdopen(r) as f:
            number = f.readline().strip()
        if not number.isdigit():
            raise RuntimeError("Xvfb did not start")
        os.environ["DISPLAY"] = ":" + number
        os.write(w, number.encode() + b"\n")
        os.close(w)
        write_file(self.path + "/display", number)

    def tell_ways(self, options):
        """Programs learn of the ways to the host that the policy opens."""
        if {"--open-url=yes", "--file-transfer=yes"} & set(options):
            os.environ["XPRA_SERVER_SOCKET"] = self.path + ".sock"
        if "--open-url=yes" in options:     # its xdg-open comes first
            os.environ["PATH"] = "/usr/lib/xpra:" + os.environ["PATH"]

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
        # else it was taken down with the session, or by its display's end
        over, self.over = self.over, True
        if not over and display_lives():
            write_file(self.path + "/status", "%d\n" % status)

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

    def take(self, conn, name, table, *argv):
        """What stands by becomes a session, if that wants what is here."""
        if (self.over or os.path.basename(self.path) != STANDBY or
                table != self.table or shutil.which(argv[0]) is None):
            return conn.sendall(b"no\n")
        conn.sendall(b"wait\n")         # who is gone by now has one already
        path = os.path.join(BASE, name)
        try:
            write_file(self.path + "/command", json.dumps(argv))
            os.utime(self.lock)
            os.rename(self.path, path)
            self.path = path
            os.rename(os.path.join(BASE, STANDBY) + ".sock", path + ".sock")
            if stopped_before(name):
                clear(name)
                raise FileNotFoundError
            self.begin(argv)
        except OSError:
            self.over = True            # and another one takes its place
            raise
        conn.sendall(b"yes\n")

    def reap(self):
        """Servers first: a program may have ended because of one."""
        ended = []
        while len(ended) < len(self.waiting):
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            ended.append((pid not in self.servers, pid, status))
        for _, pid, status in sorted(ended):
            code = os.waitstatus_to_exitcode(status)
            with contextlib.suppress(OSError):      # a full disk
                self.waiting.pop(pid, lambda s: None)(
                    code if code >= 0 else 128 - code)

    def step(self, timeout=None):
        for key, _ in self.selector.select(timeout):
            key.data()

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
                self.step()
        finally:
            self.end()

    def begin(self, command):
        self.tell_ways(options_of(self.table, "server"))
        self.start_program(lambda: program(command), self.out, self.ended)

    def end(self):
        self.terminate(set(self.programs), GRACE)
        self.terminate(set(self.servers[1:]), 0)    # xpra keeps no state
        self.terminate(set(self.servers[:1]), GRACE)
        for path in self.path + ".sock", self.auth:
            try:
                os.unlink(path)
            except OSError:
                pass

    def terminate(self, pids, grace):
        until = time.monotonic() + grace
        for pid in pids:
            kill_group(pid, signal.SIGTERM)
        while pids & self.waiting.keys() and time.monotonic() < until:
            self.step(until - time.monotonic())
        for pid in pids:
            kill_group(pid, signal.SIGKILL)


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


def server(options):
    """Becomes xpra's own script, as soon as there is a display."""
    os.environ.update(
        LISTEN_FDS="1", LISTEN_PID=str(os.getpid()), XPRA_USE_YAML="0",
        XPRA_SYSTEM_CONF_DIRS="/nonexistent", XPRA_UINPUT="0",
        XPRA_USER_CONF_DIRS="/nonexistent", XPRA_SOCKET_TIMEOUT="45",
        XPRA_DEFAULT_CONF_DIRS="/nonexistent")
    path = shutil.which("xpra")
    preload()
    with os.fdopen(4) as f:
        display = ":" + f.readline().strip()
    os.environ["DISPLAY"] = display
    sys.argv = [path, "start", display, *options]
    impatient()
    large_copies()
    with contextlib.suppress(ImportError, OSError, AttributeError):
        known_system()
    runpy.run_path(path, run_name="__main__")


def stopped_before(name):
    return os.path.exists(os.path.join(ENDED, name))


def clear(name):
    """What one that stood by has left, or was not to be."""
    run = os.environ.get("XDG_RUNTIME_DIR", "/tmp")
    for path in "%s/.%s" % (BASE, name), "%s/%s" % (BASE, name):
        shutil.rmtree(path, ignore_errors=True)
    for path in "%s/%s.sock" % (BASE, name), "%s/lxg-%s.auth" % (run, name):
        try:
            os.unlink(path)
        except OSError:
            pass


def serve(session, table, path, *command):
    os.environ["PATH"] = path
    bus = os.path.join(os.environ.get("XDG_RUNTIME_DIR", ""), "bus")
    if os.path.exists(bus):
        os.environ.setdefault("DBUS_SESSION_BUS_ADDRESS", "unix:path=" + bus)
    os.environ.setdefault("LANG", "C.UTF-8")
    if not command:
        clear(session)
    try:
        Session(session, table).run(list(command))
    finally:
        if not command:
            clear(session)


serve(*sys.argv[1:])
