"""What lxg selftest has tried inside a disposable instance: attempts.py CLASS
WORD... makes those of that class, and prints a line each: held or OPEN, a tab,
what was tried. Nothing is done with what is reached, but to close it again.
SPDX-License-Identifier: ISC"""
import os
import socket
import stat
import sys


def tell(what, reached):
    print("OPEN" if reached else "held", what, sep="\t")


def works(action, *words):
    """Does it, and was nobody in the way?"""
    try:
        found = action(*words)
    except (OSError, ValueError):
        return False
    if isinstance(found, int) and not isinstance(found, bool) and found > 2:
        os.close(found)
    return found is not False


def connects(family, address, kind=socket.SOCK_STREAM):
    with socket.socket(family, kind) as s:
        s.settimeout(2)
        s.connect(address)


def display(number):
    """The host's X server."""
    path = "/tmp/.X11-unix/X" + number
    tell("X by its path", works(connects, socket.AF_UNIX, path))
    tell("X by its abstract name",
         works(connects, socket.AF_UNIX, "\0" + path))
    for host in "127.0.0.1", "10.0.0.1":
        tell("X by TCP at " + host, works(
            connects, socket.AF_INET, (host, 6000 + int(number))))


def services(*paths):
    """Sockets of the host's."""
    for path in paths:
        tell("the socket " + path, works(connects, socket.AF_UNIX, path))


def network():
    """There is none: no way to anywhere, whether somebody answers or not."""
    for family, host in ((socket.AF_INET, "192.0.2.1"),
                         (socket.AF_INET6, "2001:db8::1")):
        tell("a packet to " + host, works(
            connects, family, (host, 53), socket.SOCK_DGRAM))


def files(marker, *closed):
    """A file of the user's by its path; then some that lie within sight, and
    are closed, or lent to be read."""
    tell("a file of the user's by its path",
         works(os.open, marker, os.O_RDONLY))
    for path in closed:
        ways = [("write to", lambda p: os.open(p, os.O_WRONLY)),
                ("truncate", lambda p: os.truncate(p, 0)),
                ("change the mode of", lambda p: os.chmod(p, 0o777)),
                ("take", lambda p: os.chown(p, os.getuid(), os.getgid())),
                ("put an attribute to",
                 lambda p: os.setxattr(p, "user.lxg", b"x"))]
        for name, way in ways:
            tell(name + " " + os.path.basename(path), works(way, path))


def unreadable(*paths):
    for path in paths:
        tell("read " + os.path.basename(path),
             works(os.open, path, os.O_RDONLY))


def kernel():
    """What root of the host could do; opened at most."""
    for path in ("/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe",
                 "/proc/sysrq-trigger", "/sys/kernel/uevent_helper"):
        tell("write to " + path, works(os.open, path, os.O_WRONLY))
    for path in "/dev/mem", "/dev/kmsg", "/proc/kcore":
        tell("read " + path, works(os.open, path, os.O_RDONLY))
    name = "/tmp/lxg-device-%d" % os.getuid()
    for kind, number in (stat.S_IFBLK, (8, 0)), (stat.S_IFCHR, (1, 1)):
        made = works(os.mknod, name, kind | 0o600, os.makedev(*number))
        tell("make the device %d:%d" % number, made and works(
            os.open, name, os.O_RDONLY))
        if made:
            os.unlink(name)


if __name__ == "__main__":
    {"display": display, "services": services, "network": network,
     "files": files, "unreadable": unreadable,
     "kernel": kernel}[sys.argv[1]](*sys.argv[2:])
