# What lxg-xpra runs inside an instance, handed to python3 -c as it is: starts
# a session's unit, supervises its display server and programs, adds another
# program, ends it. SPDX-License-Identifier: ISC
#
# In the shared folder, for the host, which believes none of it:
#   SESSION.sock       the server's socket; what connects there may wait
#   SESSION/lock       held by the supervisor as long as it lives
#   SESSION/command    the program's argument vector, JSON
#   SESSION/display    the display's number
#   SESSION/output*    what a program printed, the last CAP bytes of it
#   SESSION/status*    its exit status as a shell gives it, at its own end
#   SESSION/stopped    there when the session was told to end before
#   SESSION/log        what the servers said
import ctypes
import fcntl
import importlib
import importlib.util
import json
import os
import pwd
import runpy
import secrets
import selectors
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time

BASE = "/var/lib/lxg/xpra"
CAP = 8 << 20           # bytes of output kept
STEP = 1 << 20          # freed at a time
BOOT = 30.0             # seconds that an init may take to listen
GRACE = 2.0             # seconds from SIGTERM to SIGKILL
NO_XPRA, NO_PIL, NO_PROGRAM, NO_FOLDER, NO_SESSION = 101, 102, 103, 104, 105
NOT_EXECUTABLE = 106
PR_SET_PDEATHSIG = 1
PUNCH_HOLE = 1 | 2      # and keep the size
CHILD_ENV = {"GDK_BACKEND": "x11", "QT_QPA_PLATFORM": "xcb",
             "SDL_VIDEODRIVER": "x11", "XDG_SESSION_TYPE": "x11",
             "NO_AT_BRIDGE": "1", "GTK_CSD": "0",
             "QT_X11_NO_NATIVE_MENUBAR": "1"}
libc = ctypes.CDLL(None, use_errno=True)


def search_path(home):
    return ":".join([home + "/.local/bin", home + "/bin", "/usr/local/bin",
                     "/usr/bin", "/bin", "/usr/local/games", "/usr/games",
                     "/snap/bin"])


def die(code, text):
    print(text, file=sys.stderr)
    sys.exit(code)


def unit(session):
    return "lxg-%s.service" % session


def has_systemd():
    return os.path.isdir("/run/systemd/system")


def wait_for_systemd():
    """An instance that was started just now may not have it listening yet; it
    has told nobody, so all that can be done is to try."""
    deadline = time.monotonic() + BOOT
    init = os.path.basename(os.path.realpath("/proc/1/exe"))
    while init == "systemd" and time.monotonic() < deadline:
        with socket.socket(socket.AF_UNIX) as s:
            try:
                return s.connect("/run/systemd/private")
            except OSError:
                time.sleep(0.02)


def check(user, command):
    if shutil.which("xpra") is None:
        die(NO_XPRA, "xpra is not installed in the instance")
    if importlib.util.find_spec("PIL") is None:
        die(NO_PIL, "python3-pil is not installed in the instance, and xpra "
                    "refuses every client without it")
    if not os.path.isdir(BASE):
        die(NO_FOLDER, BASE + " is not there: the instance lacks the folder "
                       "that lxg-mount adds")
    os.chdir(user.pw_dir)
    path = search_path(user.pw_dir)
    if shutil.which(command[0], path=path) is None:
        if shutil.which(command[0], mode=os.F_OK, path=path) is not None:
            die(NOT_EXECUTABLE, "%s: not an executable" % command[0])
        die(NO_PROGRAM, "%s: no such program in the instance" % command[0])


def start(session, uid, table, *command):
    """As root: the session as a unit with a login of its own; as the login
    user (by SSH): in the login that is there. Ends when its folder and its
    socket are there."""
    user = pwd.getpwuid(int(uid))
    check(user, command)
    argv = [sys.executable, "-I", "-c", TEXT, "serve", session, table,
            *command]
    if os.geteuid() == 0:
        wait_for_systemd()
    if os.geteuid() != 0 or not has_systemd():
        return detach(user, argv)
    # systemd expands $ in a command; $$ is one $
    os.execvp("systemd-run", [
        "systemd-run", "--quiet", "--collect", "--unit=" + unit(session),
        "--uid=%d" % user.pw_uid, "--gid=%d" % user.pw_gid,
        "--property=PAMName=login", "--property=After=systemd-logind.service",
        "--property=KillMode=mixed",
        "--property=Type=notify", "--property=TimeoutStartSec=30",
        "--working-directory=" + user.pw_dir, "--",
        *[a.replace("$", "$$") for a in argv]])


def detach(user, argv):
    """What a unit would do, where there is none."""
    door = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    door.bind("\0lxg-" + secrets.token_hex(8))
    door.settimeout(30)
    if os.fork():
        if not door.recv(64).startswith(b"READY=1"):
            die(1, "the session did not start")
        return
    os.setsid()
    env = dict(os.environ) if os.geteuid() else login(user)
    os.chdir(user.pw_dir)
    null = os.open(os.devnull, os.O_RDWR)
    for fd in 0, 1, 2:
        os.dup2(null, fd)
    os.execve(argv[0], argv, dict(
        env, NOTIFY_SOCKET=door.getsockname().decode().replace("\0", "@")))


def login(user):
    """Becomes the user, in an instance without systemd to do it."""
    run = "/run/user/%d" % user.pw_uid
    os.makedirs(run, 0o700, exist_ok=True)
    os.chown(run, user.pw_uid, user.pw_gid)
    os.initgroups(user.pw_name, user.pw_gid)
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    return {"HOME": user.pw_dir, "USER": user.pw_name, "LANG": "C.UTF-8",
            "LOGNAME": user.pw_name, "SHELL": user.pw_shell,
            "XDG_RUNTIME_DIR": run}


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
        try:
            rest = data
            while rest:
                n = os.write(self.file, rest)
                self.size += n
                rest = rest[n:]
            self.free()
        except OSError:         # a full disk: lost, and the program goes on
            pass
        return bool(data)

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


def spawn(argv, env, out, pass_fd=-1, dies=False):
    """A child with out as its output, pass_fd (if any) as descriptor 3."""
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
        for s in signal.SIGPIPE, signal.SIGTERM, signal.SIGCHLD:
            signal.signal(s, signal.SIG_DFL)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.dup2(out, 1)
        os.dup2(out, 2)
        if pass_fd >= 0:
            fd = fcntl.fcntl(pass_fd, fcntl.F_DUPFD, 10)
            os.dup2(fd, 3)
            env = dict(env, LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
        execute(argv, env)
    finally:
        os._exit(126)


def execute(argv, env):
    """What a shell says where it cannot."""
    try:
        os.execvpe(argv[0], argv, env)
    except FileNotFoundError:
        os.write(2, b"%s: not found\n" % os.fsencode(argv[0]))
        os._exit(127)
    except BaseException as e:
        os.write(2, os.fsencode("%s: %s\n" % (argv[0], e)))
    os._exit(126)


def program(*argv):
    """Becomes it, as soon as the display has a compositing manager, which
    xpra is. Firefox paints nothing where one comes after its first window."""
    x11, fixes = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXfixes.so.3")
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XInternAtom.restype = x11.XDefaultRootWindow.restype = ctypes.c_ulong
    x11.XGetSelectionOwner.restype = ctypes.c_ulong
    opened = x11.XOpenDisplay(None)
    if opened is None:
        execute(argv, os.environ)
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
    execute(argv, os.environ)


class Session:
    """The supervisor, as the login user, in the unit."""

    def __init__(self, name):
        self.path = os.path.join(BASE, name)
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
        fcntl.flock(self.lock, fcntl.LOCK_EX)
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
                 struct.pack(">H", 16) + secrets.token_bytes(16))
        os.close(fd)

    def start_xvfb(self, options):
        """Which picks the number, and writes it to the pipe that we return."""
        r, w = os.pipe()
        os.set_inheritable(w, True)
        self.watch_server(spawn(
            ["Xvfb", "-displayfd", str(w), *options, "-nolisten", "tcp",
             "-noreset", "-auth", self.auth], os.environ, self.log.sink,
            dies=True), "Xvfb")
        os.close(w)
        return r

    def start_xpra(self, options):
        """Which loads what it can, and reads the number from our pipe."""
        env = dict(os.environ, XPRA_SYSTEM_CONF_DIRS="/nonexistent",
                   XPRA_USER_CONF_DIRS="/nonexistent",
                   XPRA_DEFAULT_CONF_DIRS="/nonexistent", XPRA_USE_YAML="0",
                   XPRA_UINPUT="0")
        r, w = os.pipe()
        os.set_inheritable(r, True)
        self.watch_server(spawn(
            [sys.executable, "-I", "-c", TEXT, "server", str(r), *options],
            env, self.log.sink, self.socket.fileno(), True), "xpra")
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
            os.write(self.log.sink, b"%s ended with status %d\n" % (
                name.encode(), status))
            self.servers.remove(pid)
            self.over = True
        self.servers.append(pid)
        self.waiting[pid] = ended

    def start_program(self, argv, out, then):
        pid = spawn(argv, os.environ, out.sink)
        os.close(out.sink)

        def ended(status):
            self.programs.remove(pid)
            if out in self.outputs:
                out.drain()
            then(status)
        self.programs.add(pid)
        self.waiting[pid] = ended

    def ended(self, status):
        if not self.over:       # else it was taken down with the session
            write_file(self.path + "/status", "%d\n" % status)
        self.over = True

    def control(self):
        """Another program for the session: one JSON line, one answer."""
        conn, _ = self.door.accept()
        conn.settimeout(5)
        try:
            with conn, conn.makefile() as f:
                name, argv = json.loads(f.readline(1 << 20))
                out = self.output("%s/output.%s" % (self.path, name))
                self.start_program(argv, out, lambda status: write_file(
                    "%s/status.%s" % (self.path, name), "%d\n" % status))
                conn.sendall(b"started\n")
        except (OSError, ValueError):
            pass

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
        for s in signal.SIGTERM, signal.SIGCHLD, signal.SIGINT, signal.SIGHUP:
            signal.signal(s, lambda *_: None)

        def woken():
            if any(b != signal.SIGCHLD for b in os.read(r, 512)):
                self.over = True
                write_file(self.path + "/stopped", "")
            self.reap()
        self.selector.register(r, selectors.EVENT_READ, woken)

    def run(self, table, command):
        os.umask(0o007)
        self.signals()
        self.make_folder(command)
        self.socket = self.listen(self.path + ".sock", 5)
        self.door = self.listen(self.path + "/control", 5)
        self.selector.register(self.door, selectors.EVENT_READ, self.control)
        ready()
        try:
            options = options_of(table, "server")
            self.start_servers(options_of(table, "display"), options)
            self.tell_ways(options)
            self.start_program([sys.executable, "-I", "-c", TEXT, "program",
                                *command], self.out, self.ended)
            while not self.over:
                self.step()
        finally:
            self.end()

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


def kill_group(pid, sig):
    try:
        os.killpg(pid, sig)
    except OSError:
        pass


def options_of(table, side):
    """The table's rows for one side that this version of xpra takes."""
    import xpra
    major = int(xpra.__version__.split(".")[0])
    return [option for s, low, high, option in json.loads(table)
            if s == side and low <= major <= high]


def impatient():
    """xpra 3.1 sleeps half a second for everyone to see a screen's new size,
    in its only thread; who is there to see it has been told at once."""
    real = time.sleep

    def sleep(seconds):
        if sys._getframe(1).f_code.co_name == "do_get_best_screen_size":
            seconds = min(seconds, 0.02)
        real(seconds)
    time.sleep = sleep


def preload():
    """What the server takes its time to import, and needs no display for."""
    for name in ("xpra.scripts.main", "xpra.scripts.server", "PIL.Image",
                 "xpra.server.server_util", "xpra.net.socket_util",
                 "xpra.net.compression", "xpra.net.packet_encoding",
                 "gi.repository.GLib", "xpra.log"):
        try:
            importlib.import_module(name)
        except ImportError:
            pass


def server(fd, *options):
    """xpra's own script, as soon as there is a display."""
    path = shutil.which("xpra")
    preload()
    with os.fdopen(int(fd)) as f:
        display = ":" + f.readline().strip()
    os.environ["DISPLAY"] = display
    sys.argv = [path, "start", display, *options]
    impatient()
    runpy.run_path(path, run_name="__main__")


def serve(session, table, *command):
    path = search_path(os.environ["HOME"])
    os.environ["PATH"] = path
    bus = os.path.join(os.environ.get("XDG_RUNTIME_DIR", ""), "bus")
    if os.path.exists(bus):
        os.environ.setdefault("DBUS_SESSION_BUS_ADDRESS", "unix:path=" + bus)
    os.environ.setdefault("LANG", "C.UTF-8")
    Session(session).run(table, list(command))


def join(session, name, *command):
    """Has the supervisor start it."""
    s = socket.socket(socket.AF_UNIX)
    try:
        s.connect("%s/%s/control" % (BASE, session))
        s.sendall(json.dumps([name, command]).encode() + b"\n")
        if s.makefile().readline() == "started\n":
            return
    except OSError:
        pass
    die(NO_SESSION, "the session is over")


def quietly(*argv):
    subprocess.run(argv, stderr=subprocess.DEVNULL, check=False)


def first_line(path):
    try:
        with open(path) as f:
            return f.readline(64).strip()
    except OSError:
        return ""


def late(*_):
    raise OSError("late")


def end_supervisor(path, pid):
    """And waits for the lock that it holds."""
    try:
        with open("/proc/%d/cmdline" % int(pid), "rb") as f:
            if os.path.basename(path).encode() not in f.read().split(b"\0"):
                return
        os.kill(int(pid), signal.SIGTERM)
        with open(path + "/lock") as f:
            signal.signal(signal.SIGALRM, late)
            signal.alarm(10)
            fcntl.flock(f, fcntl.LOCK_SH)
            signal.alarm(0)
    except (OSError, ValueError):
        pass


def stop(session, uid):
    """As root: the unit, what its login left, and the files."""
    path = os.path.join(BASE, session)
    user = pwd.getpwuid(int(uid))
    # the folder is the host's inode, over which root here has no power
    os.setegid(user.pw_gid)
    os.seteuid(user.pw_uid)
    login = first_line(path + "/login")
    pid = first_line(path + "/pid")
    os.seteuid(0)
    if has_systemd():
        quietly("systemctl", "--quiet", "stop", unit(session))
    os.seteuid(user.pw_uid)
    end_supervisor(path, pid)
    os.seteuid(0)
    if has_systemd() and login.isalnum():   # what it left in its scope
        quietly("loginctl", "terminate-session", login)
    os.seteuid(user.pw_uid)
    for p in path, os.path.join(BASE, "." + session):
        shutil.rmtree(p, ignore_errors=True)
    for p in path + ".sock", path + ".sock.new":
        try:
            os.unlink(p)
        except FileNotFoundError:
            pass


with open("/proc/self/cmdline", "rb") as own:
    TEXT = own.read().split(b"\0")[3].decode()
VERBS = {"start": start, "serve": serve, "server": server, "join": join,
         "program": program, "stop": stop}
VERBS[sys.argv[1]](*sys.argv[2:])
