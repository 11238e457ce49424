# What lxg-xpra does inside an instance for its verbs start and stop, handed to
# python3 -c: starts a session, or has what stands by become one, and ends it.
# SPDX-License-Identifier: ISC
import contextlib
import fcntl
import importlib.util
import json
import marshal
import os
import pwd
import shutil
import signal
import socket
import sys
import time

BASE = "/var/lib/lxg/xpra"
STANDBY = "standby"     # the session that is none yet
UNIT = "lxg-standby.service"
RUN = "/run/lxg"        # root's: what runs inside, as a file
ENDED = RUN + "/ended"  # names that were stopped before they were there
UNIT_FILE = "/etc/systemd/system/" + UNIT
KEPT = "/var/lib/lxg/standby"   # what it is started with
BOOT = 30.0             # seconds that an init may take to listen
LATER = 20              # seconds for the session that starts to have the CPU
NO_XPRA, NO_PIL, NO_PROGRAM, NO_FOLDER = 101, 102, 103, 104
NOT_EXECUTABLE = 106
OLDEST, NEWEST = 3, 6   # xpra's, by major version


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


def search_path(home):
    return ":".join([home + "/.local/bin", home + "/bin", "/usr/local/bin",
                     "/usr/bin", "/bin", "/usr/local/games", "/usr/games",
                     "/snap/bin"])


def xpra_version():
    """What it says itself, of the python that we are."""
    try:
        import xpra
        return xpra.__version__
    except (ImportError, AttributeError):
        return "of no version"


def major(version):
    first = version.split(".")[0]
    return int(first) if first.isdecimal() else 0


def make_base(user):
    """Where no host shares one."""
    os.makedirs(os.path.dirname(BASE), 0o755, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.mkdir(BASE, 0o700)
    if os.stat(BASE).st_uid == 0:       # else its own host shares it
        os.chown(BASE, user.pw_uid, user.pw_gid)


def check(user, path, command, far):
    if shutil.which("xpra") is None:
        die(NO_XPRA, "xpra is not installed in the instance; where its "
                     "distribution has none, as Debian 13, upstream's "
                     "packages do")
    version = xpra_version()
    if not OLDEST <= major(version) <= NEWEST:
        die(NO_XPRA, "xpra %s is in the instance, and lxg knows %d to %d" %
            (version, OLDEST, NEWEST))
    for module, package in (("server", "xpra-server"), ("x11", "xpra-x11")):
        if importlib.util.find_spec("xpra." + module) is None:
            die(NO_XPRA, "a part of xpra is not installed in the instance: "
                         "its package %s" % package)
    if major(version) == 3 and importlib.util.find_spec("PIL") is None:
        die(NO_PIL, "python3-pil is not installed in the instance, and xpra "
                    "refuses every client without it")
    if far and os.geteuid() == 0:
        make_base(user)
    if not os.path.isdir(BASE):
        die(NO_FOLDER, BASE + " is not there: the instance lacks the folder "
                       "that lxg-mount adds")
    os.chdir(user.pw_dir)
    if shutil.which(command[0], path=path) is None:
        if shutil.which(command[0], mode=os.F_OK, path=path) is not None:
            die(NOT_EXECUTABLE, "%s: not an executable" % command[0])
        die(NO_PROGRAM, "%s: no such program in the instance" % command[0])


@contextlib.contextmanager
def acting(user):
    """As the user: the shared folder is the host's inode, over which root
    here has no power."""
    root = os.geteuid() == 0
    if root:
        os.setegid(user.pw_gid)
        os.seteuid(user.pw_uid)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
            os.setegid(0)


def ask(user, *words):
    """Does what stands by say yes to that?"""
    with acting(user), socket.socket(socket.AF_UNIX) as s:
        s.settimeout(3)
        try:
            s.connect("%s/%s/control" % (BASE, STANDBY))
            s.sendall(b"".join(os.fsencode(word) + b"\0" for word in words))
            s.shutdown(socket.SHUT_WR)
            with s.makefile("rb") as f:
                return f.read(16).endswith(b"yes\n")
        except OSError:
            return False


def contents(path):
    try:
        with open(path) as f:
            return f.read()
    except OSError:
        return None


def write(path, data):
    """So that who opens it sees all of it."""
    made = "%s.%d" % (path, os.getpid())
    with open(made, "wb") as f:
        f.write(data)
    os.rename(made, path)


def supervisor(user, text):
    """The file that a session runs, compiled: of this text and this python,
    which its first bytes tell. Root's folder is closed to the login user."""
    folder = RUN if os.geteuid() == 0 else os.environ.get(
        "XDG_RUNTIME_DIR", user.pw_dir + "/.cache") + "/lxg"
    source, path = folder + "/session.py", folder + "/session.pyc"
    data = text.encode()
    head = (importlib.util.MAGIC_NUMBER + b"\1\0\0\0" +
            importlib.util.source_hash(data))
    with contextlib.suppress(OSError), open(path, "rb") as f:
        if f.read(len(head)) == head:
            return path
    os.makedirs(folder, 0o755, exist_ok=True)
    write(source, data)
    write(path, head + marshal.dumps(compile(text, source, "exec")))
    return path


def unit_text(user):
    words = " ".join('"$$(cat %s/%s)"' % (KEPT, name)
                     for name in ("table", "host", "path"))
    line = "exec %s -I %s/session %s %s" % (
        sys.executable, KEPT, STANDBY, words)
    return """[Unit]
Description=lxg: a display server that stands by
After=systemd-logind.service systemd-user-sessions.service
StartLimitIntervalSec=0

[Service]
Type=notify
User=%d
Group=%d
PAMName=login
WorkingDirectory=~
ExecStart=/bin/sh -c '%s'
KillMode=mixed
TimeoutStartSec=30
Restart=always
RestartSec=2

[Install]
WantedBy=multi-user.target
""" % (user.pw_uid, user.pw_gid, line)


def kept(files):
    return all(contents(path) == text for path, text in files.items())


def keep(user, files, host):
    """From now on the unit is what these say, for such a host, or is none. What
    stands by ends then, by its own word, and another follows: it may be a
    session by now."""
    if None in files.values():
        quietly("systemctl", "disable", UNIT)
        os.unlink(UNIT_FILE)
        quietly("systemctl", "daemon-reload")
        ask(user, "leave")
        shutil.rmtree(KEPT, ignore_errors=True)
        return
    os.makedirs(KEPT, exist_ok=True)
    for path, text in {**files, KEPT + "/host": host}.items():
        with open(path, "w") as f:
            f.write(text)
    quietly("systemctl", "enable", UNIT)
    if not ask(user, "leave"):
        quietly("systemd-run", "--collect", "--on-active=%d" % LATER,
                "systemctl", "start", UNIT)


def start(session, uid, table, host, text, *command):
    """As root: the session as a unit with a login of its own; as the login
    user (by SSH): in the login that is there. Ends when its folder and its
    socket are there."""
    user = pwd.getpwuid(int(uid))
    path = search_path(user.pw_dir)
    sides = {row[0] for row in json.loads(table)}
    check(user, path, command, "far" in sides)
    ahead = STANDBY in sides
    files = {UNIT_FILE: unit_text(user), KEPT + "/session": text,
             KEPT + "/table": table, KEPT + "/path": path} if ahead else {
                 UNIT_FILE: None}
    take = "take", session, table, host, *command
    if ahead and kept(files) and ask(user, *take):
        return
    argv = [sys.executable, "-I", supervisor(user, text), session, table, host,
            path, *command]
    if os.geteuid() == 0:
        wait_for_systemd()
    if os.geteuid() != 0 or not has_systemd():
        return detach(user, argv)
    if not kept(files):
        keep(user, files, host)
    elif ahead:
        quietly("systemctl", "start", UNIT)     # at a boot it is about to be
        if ask(user, *take):
            return
        # what is larger than its display, or has another resolution
        keep(user, files, host)
    # systemd expands $ in a command; $$ is one $
    os.execvp("systemd-run", [
        "systemd-run", "--quiet", "--collect", "--unit=" + unit(session),
        "--description=lxg session " + session,
        "--uid=%d" % user.pw_uid, "--gid=%d" % user.pw_gid,
        "--property=PAMName=login", "--property=After=systemd-logind.service",
        "--property=KillMode=mixed",
        "--property=Type=notify", "--property=TimeoutStartSec=30",
        "--working-directory=" + user.pw_dir, "--",
        *[a.replace("$", "$$") for a in argv]])


def detach(user, argv):
    """What a unit would do, where there is none."""
    door = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    door.bind("\0lxg-" + os.urandom(8).hex())
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


def quietly(*argv):
    import subprocess       # which a start mostly does without
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
    """And waits for the lock that it holds. Where nobody holds it, its number
    is another process's by now."""
    try:
        with open(path + "/lock") as f:
            with contextlib.suppress(BlockingIOError):
                return fcntl.lockf(f, fcntl.LOCK_SH | fcntl.LOCK_NB)
        with open("/proc/%d/cmdline" % int(pid), "rb") as f:
            names = {STANDBY.encode(), os.path.basename(path).encode()}
            if not names & set(f.read().split(b"\0")):
                return
        os.kill(int(pid), signal.SIGTERM)
        with open(path + "/lock") as f:
            signal.signal(signal.SIGALRM, late)
            signal.alarm(10)
            fcntl.lockf(f, fcntl.LOCK_SH)
            signal.alarm(0)
    except (OSError, ValueError):
        pass


def stop(session, uid):
    """As root: the unit, what its login left, and the files."""
    path = os.path.join(BASE, session)
    user = pwd.getpwuid(int(uid))
    with acting(user):
        begun = os.path.exists(path)
    if not begun:       # a start that is under way finds it
        os.makedirs(ENDED, exist_ok=True)
        os.close(os.open(os.path.join(ENDED, session), os.O_CREAT))
    with acting(user):
        login = first_line(path + "/login")
        pid = first_line(path + "/pid")
    if has_systemd():
        quietly("systemctl", "--quiet", "stop", unit(session))
    with acting(user):
        end_supervisor(path, pid)
    if has_systemd() and login.isalnum():   # what it left in its scope
        quietly("loginctl", "terminate-session", login)
    with acting(user):
        # who sees a folder with it and no "stopped" thinks that it died
        with contextlib.suppress(OSError):
            os.unlink(path + "/lock")
        for p in path, os.path.join(BASE, "." + session):
            shutil.rmtree(p, ignore_errors=True)
        for p in path + ".sock", path + ".sock.new":
            with contextlib.suppress(OSError):
                os.unlink(p)


{"start": start, "stop": stop}[sys.argv[1]](*sys.argv[2:])
