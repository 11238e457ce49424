# What lxg-xpra join runs inside an instance, handed to python3 -c with SESSION
# NAME COMMAND...: has the session's supervisor start another program. It loads
# little, for it is all that a second program waits for.
# SPDX-License-Identifier: ISC
import os
import socket
import sys

NO_SESSION = 105

try:
    with socket.socket(socket.AF_UNIX) as s:
        s.connect("/var/lib/lxg/xpra/%s/control" % sys.argv[1])
        s.sendall(b"join\0" + b"".join(os.fsencode(word) + b"\0"
                                       for word in sys.argv[2:]))
        s.shutdown(socket.SHUT_WR)
        done = s.recv(4) == b"yes\n"
except OSError:
    done = False
sys.exit(0 if done else NO_SESSION)
