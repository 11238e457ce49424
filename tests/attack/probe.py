# Stands in for the xpra client after a takeover: tries all of its sandbox's
# walls and prints a line for each, "open NAME" or "closed NAME: why". What it
# aims at is in TARGETS, which the test puts in front.
# SPDX-License-Identifier: ISC
import ctypes
import fcntl
import os
import pwd
import signal
import socket
import sys

libc = ctypes.CDLL(None, use_errno=True)
T = TARGETS     # noqa: F821


def check(result):
    """Of a call of libc's: raises where it failed."""
    if result in (-1, 2**64 - 1):
        e = ctypes.get_errno()
        raise OSError(e, os.strerror(e))
    return result


def connect(family, kind, address):
    """Two-way: in an empty network sending alone tells nothing."""
    with socket.socket(family, kind) as s:
        s.settimeout(2)
        s.connect(address)
        if kind == socket.SOCK_DGRAM:
            s.send(b"probe")
            s.recv(5)


def unix(path):
    return lambda: connect(socket.AF_UNIX, socket.SOCK_STREAM, path)


def write_to(path):
    with open(path, "a") as f:
        f.write("")


def equals(value, secret):
    if value != secret:
        raise OSError(0, "it is " + repr(value))


def ptrace(pid):
    check(libc.ptrace(16, pid, None, None))     # PTRACE_ATTACH
    libc.ptrace(17, pid, None, None)


def keyring():
    check(libc.syscall(250, 10, -4, b"user", b"lxg-probe", 0))  # KEYCTL_SEARCH


def shared_memory():
    libc.shmat.restype = ctypes.c_void_p
    address = libc.shmat(T["shm"], None, 0o10000)
    if address in (None, ctypes.c_void_p(-1).value):
        check(-1)


def tiocsti():
    """A key in the terminal that lxg-xpra was started from."""
    fd = os.open("/dev/tty", os.O_RDWR)
    fcntl.ioctl(fd, 0x5412, b"x")


def inherited():
    """A descriptor of the parent's that leads somewhere."""
    for fd in range(3, 256):
        try:
            target = os.readlink("/proc/self/fd/%d" % fd)
        except OSError:
            continue
        if target.startswith(("/home", "/run", "/var", "/tmp")):
            print("descriptor %d is %s" % (fd, target))
            return
    raise OSError(0, "none")


def terminal():
    if not any(os.isatty(fd) for fd in (0, 1, 2)):
        raise OSError(0, "no terminal")


def namespace():
    check(libc.unshare(0x10000000))             # CLONE_NEWUSER


def set_id():
    """Root's rights from a set-user-id program of the host's."""
    status = os.spawnv(os.P_WAIT, "/usr/bin/newgrp", ["newgrp", "root"]) \
        if os.path.exists("/usr/bin/newgrp") else 1
    with open("/proc/self/status") as f:
        if "NoNewPrivs:\t1" in f.read() or status:
            raise OSError(0, "no new privileges")


def capabilities():
    with open("/proc/self/status") as f:
        for line in f:
            if line.startswith("CapEff") and int(line.split()[1], 16):
                return
    raise OSError(0, "none")


def others():
    """Processes that are not of the sandbox."""
    if not os.path.exists("/proc/%d/cmdline" % T["pid"]):
        raise OSError(0, "not to be seen")
    with open("/proc/%d/cmdline" % T["pid"], "rb") as f:
        equals(f.read().split(b"\0")[0], T["comm"].encode())


def environment():
    for name in "SSH_AUTH_SOCK", "DBUS_SESSION_BUS_ADDRESS", "LXG_PROBE":
        if name in os.environ:
            return
    raise OSError(0, "clean")


def host_paths():
    """What the sandbox is made of, in its init's arguments and its mounts."""
    for path in "/proc/1/cmdline", "/proc/self/mountinfo":
        with open(path) as f:
            if T["home"] in f.read():
                return
    raise OSError(0, "no folder of the user's is named")


def vsock():
    socket.socket(40, socket.SOCK_STREAM).close()


def netlink():
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).close()


def machine_id():
    with open("/etc/machine-id") as f:
        f.read()


def setxattr():
    os.setxattr(T["file"], "user.probe", b"1")


ATTEMPTS = {
    "read-ssh": lambda: open(T["ssh"]).close(),
    "list-home": lambda: os.listdir(T["home"]),
    "write-home": lambda: write_to(T["file"]),
    "create-home": lambda: os.close(os.open(
        T["home"] + "/made-by-probe", os.O_CREAT | os.O_WRONLY)),
    "truncate": lambda: os.truncate(T["file"], 4),
    "chmod": lambda: os.chmod(T["file"], 0o777),
    "setxattr": setxattr,
    "unlink": lambda: os.unlink(T["victim"]),
    "write-usr": lambda: os.close(os.open(
        "/usr/made-by-probe", os.O_CREAT | os.O_WRONLY)),
    "write-launcher": lambda: write_to(sys.argv[0]),
    "engine-socket": unix(T["engine"]),
    "ssh-agent": unix(T["agent"]),
    "dbus": unix(T["bus"]),
    "other-relay": unix(T["relay"]),
    "abstract": unix("\0" + T["abstract"]),
    "x-abstract": unix("\0/tmp/.X11-unix/X%d" % T["x_number"]),
    "tcp": lambda: connect(socket.AF_INET, socket.SOCK_STREAM,
                           ("127.0.0.1", T["tcp"])),
    "udp": lambda: connect(socket.AF_INET, socket.SOCK_DGRAM,
                           ("127.0.0.1", T["tcp"])),
    "bridge": lambda: connect(socket.AF_INET, socket.SOCK_STREAM,
                              (T["bridge"], 53)),
    "vsock": vsock,
    "netlink": netlink,
    "signal": lambda: os.kill(T["pid"], signal.SIGCONT),
    "see-others": others,
    "ptrace": lambda: ptrace(T["pid"]),
    "shared-memory": shared_memory,
    "keyring": keyring,
    "tiocsti": tiocsti,
    "terminal": terminal,
    "descriptors": inherited,
    "namespace": namespace,
    "capabilities": capabilities,
    "set-id": set_id,
    "host-name": lambda: equals(socket.gethostname(), T["host_name"]),
    "user-name": lambda: equals(pwd.getpwuid(os.getuid()).pw_name,
                                T["user_name"]),
    "machine-id": machine_id,
    "environment": environment,
    "host-paths": host_paths,
}


class Display:
    """The host's display, by Xlib; an error of its ends the process."""

    def __init__(self):
        self.x = ctypes.CDLL("libX11.so.6")
        self.t = ctypes.CDLL("libXtst.so.6")
        for f in "XOpenDisplay", "XGetImage":
            getattr(self.x, f).restype = ctypes.c_void_p
        self.x.XDefaultRootWindow.restype = ctypes.c_ulong
        self.d = ctypes.c_void_p(self.x.XOpenDisplay(None))
        if not self.d:
            raise OSError(0, "no display")
        self.root = ctypes.c_ulong(self.x.XDefaultRootWindow(self.d))

    def keymap(self):
        """The key that the test holds down in another window."""
        keys = ctypes.create_string_buffer(32)
        self.x.XQueryKeymap(self.d, keys)
        if not any(keys.raw):
            raise OSError(0, "no key is down")

    def screenshot(self):
        image = self.x.XGetImage(self.d, ctypes.c_ulong(T["window"]), 0, 0, 1,
                                 1, ctypes.c_ulong(0xffffffff), 2)
        if not image:
            raise OSError(0, "no image")

    def inject(self):
        a = [ctypes.c_int() for _ in range(4)]
        if not self.t.XTestQueryExtension(self.d, *map(ctypes.byref, a)):
            raise OSError(0, "no XTEST")
        self.t.XTestFakeKeyEvent(self.d, 38, 1, ctypes.c_ulong(0))
        self.t.XTestFakeKeyEvent(self.d, 38, 0, ctypes.c_ulong(0))

    def title(self):
        name = ctypes.c_char_p()
        if not self.x.XFetchName(self.d, ctypes.c_ulong(T["window"]),
                                 ctypes.byref(name)) or not name.value:
            raise OSError(0, "no name")

    def attempt(self, name):
        getattr(self, name)()
        self.x.XSync(self.d, 0)


def report(name, attempt):
    """In a child, so that no attempt ends the others."""
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        signal.alarm(10)
        try:
            attempt()
            print("open", name)
        except BaseException as e:
            print("closed %s: %s" % (name, e))
        sys.stdout.flush()
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    if status:
        print("closed %s: status %d" % (name, status))


for key, value in ATTEMPTS.items():
    report(key, value)
for key in "keymap", "screenshot", "inject", "title":
    report("x-" + key, lambda key=key: Display().attempt(key))
print("done")
