"""An engine that goes wrong: the part of LXD's API that lxg uses, kept in
memory, with one fault at the Nth request, at all from there on, or at none.

python3 engine.py [-d DOWN] [-p PUTS] COMMAND [ARG]...: runs a command beside one
that is the member alpha of a cluster: it has the instance here, beta has there.
-d: that member is down; -p: in a project that lets no member be named, so that
new ones come to be on that one. Its requests, and what it has then, are in the
files requests and left. Ends as the command does.
SPDX-License-Identifier: ISC"""
import copy
import json
import os
import re
import socket
import socketserver
import struct
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, unquote, urlsplit

# the same API, with other names here and there
KIND = os.environ.get("LXG_ENGINE", "lxd")
TYPE = {"lxd": "X-LXD-type", "incus": "X-Incus-type"}[KIND]
IDS = [{"Isuid": uid, "Isgid": not uid, "Hostid": 7000000, "Nsid": 0,
        "Maprange": 65536} for uid in (True, False)]
FILES = {
    "/run/cloud-init/result.json": '{"v1": {"errors": []}}',
    "/etc/passwd": "root:x:0:0::/root:/bin/sh\n"
                   "debian:x:1000:1000::/home/debian:/bin/sh\n",
}
WHY = "\033[31mwhy\033[0m"
BUSY = 'Instance is busy running a "create" operation'

# what is on the wire instead of an answer, before anything is done
WIRE = {
    "close": b"",
    "mid": b"HTTP/1.1 200 OK\r\nContent-Ty",
    "garbage": b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n\0\xff\xfe\r\n\r\n",
    "headless": b"\r\n\r\n\r\n",
    "huge": b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n{",
}
# a whole answer of another kind
BODIES = {
    "text": b"hello", "empty": b"", "list": b"[]", "null": b"null",
    "object": b"{}", "number": b"1e999", "cut": b'{"type": "sync", "meta',
    "nul": b'{"type": "sync", "metadata": {}}\0', "binary": b"\xff\xfe{}",
    "deep": b"[" * 20000, "notype": b'{"metadata": {}}',
    "type-number": b'{"type": 7, "metadata": {}}',
    "no-metadata": b'{"type": "sync"}',
    "error-200": b'{"type": "error"}',
}
# metadata of another kind
METADATA = {"meta-null": None, "meta-list": [], "meta-number": 7,
            "meta-text": "x", "meta-object": {}, "meta-true": True}
OPERATIONS = {
    "op-fail": {"status_code": 400, "err": WHY},
    "op-busy": {"status_code": 400, "err": BUSY},
    "op-stuck": {"status_code": 400,
                 "err": "remove /dev/x: device or resource busy"},
    "op-cancelled": {"status_code": 401, "err": ""},
    "op-weird": {"status_code": "x"},
    "op-none": {},
}


def instance(name, running, config=None, devices=None, profile="p"):
    """As the API gives it."""
    text = json.dumps(IDS)
    made = {"user.lxg.profile": profile, "volatile.uuid": "u-" + name,
            "volatile.idmap.base": "7000000", "volatile.idmap.next": text,
            "volatile.idmap.current": text}
    made.update(config or {})
    return {"name": name, "status": "Running" if running else "Stopped",
            "status_code": 103 if running else 102, "type": "container",
            "project": "default", "profiles": ["default", profile],
            "config": made, "devices": devices or {}, "description": "",
            "expanded_config": made, "expanded_devices": devices or {}}


COMPLETE = {"user.lxg.user": "debian", "user.lxg.home": "/home/debian",
            "user.lxg.uid": "1000", "user.lxg.gid": "1000",
            "user.lxg.image": "lxg", "user.lxg.network": "on",
            "security.idmap.base": "7000000"}


class Engine:
    """What it has, and what it shall do wrong."""

    def __init__(self):
        self.joined = None  # is called where a program is to join a session
        # of a cluster: which member it is, which are down, and where it puts
        # what it may not be told a target for
        self.member, self.down, self.puts = None, (), None
        self.reset({}, "", 0)

    def reset(self, instances, fault, at, change=None):
        self.instances = copy.deepcopy(instances)
        nic = {"eth0": {"type": "nic", "network": "br0"}}
        self.profiles = {"default": {"name": "default", "devices": nic},
                         "p": {"name": "p", "devices": nic,
                               "config": {"user.lxg.put": "x"}}}
        self.sessions = set()
        self.operations = {}
        self.fault, self.at, self.change = fault, at, change
        self.requests, self.asked_by, self.etag = [], [], 0

    def state(self):
        """What must be as before when a step has failed."""
        return {"instances": {
            name: (i["status"], sorted(i["devices"]), {
                k: v for k, v in i["config"].items()
                if not k.startswith("volatile.")})
            for name, i in self.instances.items()},
            "profiles": sorted(self.profiles),
            "sessions": len(self.sessions)}

    def is_due(self):
        n = len(self.requests)
        return self.fault and (n == self.at or -n == self.at
                               or (self.at < 0 and n > -self.at))


class Refused(Exception):
    """status, text"""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def address_string(self):
        return ""

    def raw(self, data):
        self.wfile.write(data)
        self.wfile.flush()
        self.close_connection = True

    def answer(self, body, status=200, headers=(), claim=None):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("ETag", '"%d"' % self.engine.etag)
        self.send_header("Content-Length", str(claim or len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = self.close_connection or claim is not None

    def json(self, value, status=200, claim=False):
        body = json.dumps(value).encode()
        if claim:
            self.answer(body[:len(body) // 2], status, claim=len(body))
        else:
            self.answer(body, status)

    def sent(self):
        """The request's body."""
        if self.headers.get("Transfer-Encoding") != "chunked":
            length = int(self.headers.get("Content-Length") or 0)
            return self.rfile.read(length)
        data = b""
        while size := int(self.rfile.readline(), 16):
            data += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return data

    def asked_by(self):
        """The words of the program that waits for an answer."""
        pid = struct.unpack("3i", self.connection.getsockopt(
            socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
        try:
            with open("/proc/%d/cmdline" % pid, encoding="utf-8") as file:
                return file.read().split("\0")
        except OSError:
            return []

    def handle_request(self):
        e = self.engine
        data = self.sent()
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        e.requests.append("%s %s" % (self.command, url.path + (
            "?" + query["path"][0] if "path" in query else "")))
        e.asked_by.append(self.asked_by())
        fault = e.fault if e.is_due() else ""
        if fault and self.goes_wrong(fault):
            return
        try:
            made = self.do(self.command, unquote(url.path), query, data)
        except Refused as why:
            status, text = why.args
            self.json({"type": "error", "error": text, "error_code": status},
                      status)
            return
        self.give(made, fault)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_request

    def goes_wrong(self, fault):
        """Faults that come before anything is done."""
        if fault in WIRE:
            self.raw(WIRE[fault])
        elif fault in BODIES:
            self.answer(BODIES[fault])
        elif fault in METADATA:
            self.json({"type": "sync", "metadata": METADATA[fault]})
        elif fault in ("hang", "slow", "endless", "endless-header"):
            self.goes_on(fault)
        elif fault == "html":
            self.answer(b"<html>Bad gateway</html>", 502)
        elif fault == "busy":
            self.json({"type": "error", "error": BUSY, "error_code": 500},
                      500)
        elif fault.isdigit():
            self.json({"type": "error", "error": WHY,
                       "error_code": int(fault)}, int(fault))
        else:
            return False
        return True

    def goes_on(self, fault):
        """Until the client has had enough."""
        self.close_connection = True
        if fault == "slow":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n"
                             b"Content-Length: 100000\r\n\r\n{")
        elif fault == "endless":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        elif fault == "endless-header":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        piece = {"slow": b" ", "endless": b" " * (1 << 20),
                 "endless-header": b"X-Y: " + b"z" * 2000 + b"\r\n"}
        self.connection.settimeout(0.2 if fault in ("hang", "slow") else 30)
        try:
            while True:
                if fault in piece:
                    self.wfile.write(piece[fault])
                if fault in ("hang", "slow"):
                    try:
                        if self.connection.recv(1) == b"":
                            return
                    except TimeoutError:
                        pass
        except OSError:
            pass

    def give(self, made, fault):
        """The answer to what was done: bytes, or what goes into JSON."""
        kind, value = made
        if fault == "lost":
            self.raw(b"")
        elif kind in ("file", "directory", "symlink"):
            self.answer(value, headers=[(TYPE, kind)],
                        claim=len(value) + 100 if fault == "truncate"
                        else None)
        elif kind == "async":
            self.give_operation(value, fault)
        else:
            if fault == "change":
                value = self.engine.change(value)
            self.json({"type": "sync", "metadata": value},
                      claim=fault == "truncate")

    def give_operation(self, metadata, fault):
        e = self.engine
        name = "/1.0/operations/%d-a" % len(e.operations)
        e.operations[name] = {"status_code": 200, "err": "",
                              "metadata": metadata}
        if fault in OPERATIONS:
            e.operations[name] = OPERATIONS[fault]
        elif fault == "op-never":
            e.operations[name] = {"status_code": 103, "updated_at": "x"}
        elif fault == "op-gone":
            del e.operations[name]
        path = {"op-evil": "/1.0/operations/../instances/x",
                "op-number": 7}.get(fault, name)
        if e.member and path == name:
            path += "?project=default&x=%25"
        answer = {"type": "async", "operation": path, "metadata": {}}
        if fault == "op-nowhere":
            del answer["operation"]
        self.json(answer, 202, claim=fault == "truncate")

    def do(self, method, path, query, data):
        """What an engine would; (kind, value)."""
        e = self.engine
        if path == "/1.0":
            return "sync", {"environment": {
                "server": KIND, "server_clustered": e.member is not None,
                "server_name": e.member or "host"}, "auth": "trusted"}
        match = re.fullmatch("(/1.0/operations/[^/]*)(/wait)?", path)
        if match:
            if match[1] not in e.operations or (
                    e.member and (query.get("project") != ["default"]
                                  or query.get("x") != ["%"])):
                raise Refused(404, "not found")
            operation = e.operations[match[1]]
            if operation.get("status_code") == 103:
                time.sleep(0.2)
            return "sync", operation
        if path == "/1.0/projects":
            return "sync", ["/1.0/projects/default"]
        if path.startswith("/1.0/projects/"):
            return "sync", {"config": {}}
        if (method, path) == ("POST", "/1.0/images"):
            return "async", {"fingerprint": "f" * 64}
        if path == "/1.0/images/aliases":
            return "sync", [{"name": n} for n in ("debian/12", "lxg", "a b")]
        if path == "/1.0/images/aliases/lxg":
            return "sync", {"target": "f" * 64}
        match = re.fullmatch("/1.0/(instances|profiles)(?:/([^/]*)(/.*)?)?",
                             path)
        if not match:
            raise Refused(404, "not found")
        kind, name, rest = match.groups()
        body = {}
        if data and (rest or "") != "/files":
            body = json.loads(data)
        if kind == "instances" and e.member:
            self.in_cluster(method, e.instances.get(name), query, body)
        if rest:
            return self.within(method, e.instances.get(name), rest, query,
                               body)
        return self.of_kind(method, kind, name or "", body)

    def in_cluster(self, method, i, query, body):
        """Whom it is for, and where a new one comes to be."""
        e = self.engine
        if i and i["location"] in e.down:
            raise Refused(500, "Server isn't ready yet")
        target = query.get("target", [None])[0]
        if target and e.puts:
            raise Refused(
                403, "This project doesn't allow cluster member targeting")
        if method == "POST":
            body["location"] = target or e.puts or e.member

    def listed(self, thing):
        """Of a member that is down an engine knows this."""
        if thing.get("location") not in self.engine.down:
            return thing
        return {"name": thing["name"], "status": "Error", "status_code": 112,
                "location": thing["location"], "config": None,
                "project": thing["project"], "profiles": None}

    def of_kind(self, method, kind, name, body):
        e = self.engine
        things = getattr(e, kind)
        if not name and method == "GET":
            return "sync", [self.listed(i) for i in things.values()]
        if method == "POST":
            if body["name"] in things:
                raise Refused(409, "exists")
            other = things.get(body.get("source", {}).get("source"))
            if other:   # a copy
                body["config"] = {
                    **{k: v for k, v in other["config"].items()
                       if not k.startswith("volatile.")}, **body["config"]}
            things[body["name"]] = body if kind == "profiles" else instance(
                body["name"], False, body["config"], body["devices"])
            if "location" in body:
                things[body["name"]]["location"] = body["location"]
            return ("async" if kind == "instances" else "sync"), {}
        if name not in things:
            raise Refused(404, "not found")
        if method == "GET":
            return "sync", copy.deepcopy(things[name])
        match = self.headers.get("If-Match")
        if match and match != '"%d"' % e.etag:
            raise Refused(412, "ETag doesn't match")
        e.etag += 1
        if method == "DELETE":
            del things[name]
            return ("async" if kind == "instances" else "sync"), {}
        if kind == "profiles":
            things[name].update(body)
            return "sync", {}
        return self.change_instance(method, things[name], body)

    def change_instance(self, method, i, body):
        if method == "PATCH":
            i["config"].update(body.get("config", {}))
            return "sync", {}
        i["devices"] = i["expanded_devices"] = body["devices"]
        return "async", {}

    def within(self, method, i, rest, query, body):
        e = self.engine
        if i is None:
            raise Refused(404, "not found")
        if rest == "/state":
            running = body["action"] == "start"
            i["status"] = "Running" if running else "Stopped"
            i["status_code"] = 103 if running else 102
            return "async", {}
        if rest == "/files":
            where = query["path"][0]
            if method != "GET":
                return "sync", {}
            if where not in FILES:
                raise Refused(404, "not found")
            return "file", FILES[where].encode()
        if rest == "/exec":
            return "async", self.execute(i, body["command"])
        if rest.startswith("/logs/"):
            return ("file", b"") if method == "GET" else ("sync", {})
        raise Refused(404, "not found")

    def execute(self, i, command):
        e = self.engine
        words = command[4:]
        if words[:1] == ["start"]:
            e.sessions.add(words[1])
        elif words[:1] == ["stop"]:
            e.sessions.discard(words[1])
        elif e.joined and len(words) > 2:
            e.joined(words)
        log = "/1.0/instances/%s/logs/exec_1.std" % i["name"]
        return {"return": 0, "output": {"1": log + "out", "2": log + "err"}}


class Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_):
        """A client that hangs up is what is wanted here."""


def serve(path):
    """The engine, once it listens at that socket."""
    engine = Engine()
    handler = type("Bound", (Handler,), {"engine": engine})
    server = Server(path, handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return engine


def member(words):
    """The command beside a member of a cluster; its status."""
    api = os.path.join(os.getcwd(), "engine.socket")
    none = os.path.join(os.getcwd(), "none")
    e, made = serve(api), {}
    for name, place in ("here", "alpha"), ("there", "beta"):
        made[name] = instance(name, False, COMPLETE)
        made[name]["location"] = place
    e.reset(made, "", 0)
    e.profiles["p"]["used_by"] = ["/1.0/instances/" + name for name in made]
    e.member = "alpha"
    while words[0] in ("-d", "-p"):
        if words[0] == "-d":
            e.down = (words[1],)
        else:
            e.puts = words[1]
        words = words[2:]
    status = subprocess.run(words, check=False, env=dict(
        os.environ, LXG_ENGINE=api, LXD_DIR=none,
        INCUS_DIR=none)).returncode
    with open("requests", "w", encoding="utf-8") as file:
        file.write("\n".join(e.requests) + "\n")
    with open("left", "w", encoding="utf-8") as file:
        for name, i in sorted(e.instances.items()):
            file.write(json.dumps([name, i["location"], i["status"],
                                   sorted(i["devices"])]) + "\n")
    os.unlink(api)
    return status


if __name__ == "__main__":
    sys.exit(member(sys.argv[1:]))
