# Pieces of the library, each by a program of its own in tests/lib.

setup_file() {
	LIB=$BATS_TEST_DIRNAME/../lib
	make -s -C "$LIB" OUT="$BATS_FILE_TMPDIR"
}

# piece NAME [ARG]...: a program that prints what does not hold, and ends with 1 then.
piece() {
	"$BATS_FILE_TMPDIR/$1" "${@:2}"
}

@test "lib: UTF-8 is what RFC 3629 says; controls never reach a terminal" {
	piece text
}

@test "lib: the glue's filter of text is the programs'" {
	cd "$BATS_TEST_TMPDIR"
	piece text which > programs
	jq -L "$(dirname "$(command -v lxg)")/../share/lxg" -nr 'include "text";
	    # but the surrogates
	    [range(1; 55296), range(57344; 69632)] as $all |
	    [$all, ($all | implode | clean | explode)] | transpose[] |
	    select(.[0] != .[1]) | .[0]' > glue
	diff programs glue
	[ "$(wc -l < glue)" -gt 70 ]
}

@test "lib: a kind of failure and an exit code are each other's; arrays grow" {
	piece cli
}

@test "lib: names that an engine would refuse are refused" {
	piece name
}

@test "lib: id maps are taken apart, and those that reach the host refused" {
	piece idmap
}

@test "lib: records are read, and getters take only what fits" {
	piece rec
}

@test "lib: WebSocket frames are read, cut anywhere; what no server may send is not" {
	piece frame
}

@test "lib: a WebSocket's server says what it likes, and gets nowhere by it" {
	cd "$BATS_TEST_TMPDIR"
	timeout 120 python3 - "$BATS_FILE_TMPDIR/ws" <<-'END'
	import base64, hashlib, socket, subprocess, sys, threading
	GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
	def accept(key):
	    return base64.b64encode(hashlib.sha1(key + GUID).digest())
	HEAD = (b"HTTP/1.1 101 Switching Protocols\r\nupgrade:  WebSocket\r\n"
	        b"Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n")
	def unmask(f):
	    head = f.read(2)
	    assert head[1] & 0x80 and head[1] & 127 < 126, head
	    key, data = f.read(4), f.read(head[1] & 127)
	    return head[0] & 15, bytes(b ^ key[i & 3] for i, b in enumerate(data))
	def ask(answer, then=None):
	    """What the program prints; answer is made of the key."""
	    s = socket.socket(socket.AF_UNIX)
	    s.bind("s"); s.listen(1)
	    wrong = []
	    def serve():
	        c, _ = s.accept()
	        with c, c.makefile("rb") as f:
	            line, key = f.readline(), b""
	            while (h := f.readline()) != b"\r\n":
	                name, _, value = h.partition(b": ")
	                if name == b"Sec-WebSocket-Key": key = value.strip()
	            assert line == b"GET /there?secret=1 HTTP/1.1\r\n", line
	            assert len(base64.b64decode(key)) == 16
	            try:
	                c.sendall(answer(key))
	                if then: then(c, f)
	                c.shutdown(socket.SHUT_WR); f.read()
	            except ConnectionError: pass
	            except AssertionError as e: wrong.append(e)
	    t = threading.Thread(target=serve); t.start()
	    said = subprocess.run([sys.argv[1], "s"], stdout=subprocess.PIPE).stdout
	    t.join(); s.close()
	    import os; os.unlink("s")
	    assert not wrong, wrong
	    return said
	def good(c, f):
	    assert unmask(f) == (2, b"hello")
	    c.sendall(b"\x82\3one\x89\2hi\2\1t" + b"\x80\1o")
	    assert unmask(f) == (10, b"hi")
	    c.sendall(b"\x82\x7e\0\3!!!\x81\0")
	    assert unmask(f) == (1, b"")
	head = lambda key: HEAD % accept(key)
	assert ask(head, good) == b"oneto!!!", ask(head, good)
	# all of it in one, and cut anywhere
	whole = b"\x82\3one\x88\2\x03\xe8"
	assert ask(lambda key: head(key) + whole) == b"one"
	def slowly(c, f):
	    for b in whole: c.sendall(bytes([b]))
	assert ask(head, slowly) == b"one"
	for answer, why in (
	    (lambda key: b"HTTP/1.1 403 Forbidden\r\n\r\n", b"refused a WebSocket"),
	    (lambda key: b"HTTP/1.1 200 OK\r\n\r\n", b"refused a WebSocket"),
	    (lambda key: b"", b"broke"), (lambda key: head(key)[:-1], b"broke"),
	    (lambda key: b"\0" * 99999, b"longer than"),
	    (lambda key: b"HTTP/1.1 101 \0\r\n\r\n", b"NUL"),
	    (lambda key: HEAD % accept(b"other"), b"no WebSocket's"),
	    (lambda key: head(key).replace(b"Upgrade", b"close"), b"no WebSocket's"),
	    (lambda key: head(key) + b"\x82\3on", b"broke"),
	    (lambda key: head(key) + b"\xf2\0", b"extension"),
	    (lambda key: head(key) + b"\x82\x7f" + b"\xff" * 8, b"too long"),
	    (lambda key: head(key) + b"\x80\0", b"order")):
	    said = ask(answer)
	    assert b"FAILED" in said and why in said and said.count(b"\n") == 1, said
	END
}

@test "lib: what a program has begun with is taken out of its memory" {
	piece pages
}

@test "lib: the state keeps what it is given, and what is damaged is kept" {
	TMPDIR=$BATS_TEST_TMPDIR piece state
}

@test "lxg-xpra: of an instance's icon only what is a picture passes" {
	piece icon < /dev/null
	python3 - "$BATS_FILE_TMPDIR/icon" <<-'END'
	import base64, struct, subprocess, sys, zlib
	def chunk(name, data=b"", crc=0):
	    return (struct.pack(">I", len(data)) + name + data +
	            struct.pack(">I", zlib.crc32(name + data) ^ crc))
	def head(w=4, h=4, depth=8, kind=6, rest=b"\0\0\0"):
	    return chunk(b"IHDR", struct.pack(">IIBB", w, h, depth, kind) + rest)
	sign, data = b"\x89PNG\r\n\x1a\n", chunk(
	    b"IDAT", zlib.compress(b"".join(b"\0" + b"1234" * 4 for _ in range(4))))
	end = chunk(b"IEND")
	good = sign + head() + data + end
	palette = chunk(b"PLTE", b"123" * 4)
	same = [good, sign + head(512, 1) + data + data + end,
	        sign + head(kind=3) + palette + chunk(b"tRNS", b"1") + data + end]
	text = chunk(b"tEXt", b"a\0b") + chunk(b"iCCP", b"x" * 99) + chunk(b"acTL")
	cut = [sign + head() + text + data + end, sign + head() + data + text + end,
	       good + b"<script>"]
	none = [b"", b"<svg/>", sign, good[:-1], good[1:], sign + data + end,
	        sign + head() + end, sign + head() + chunk(b"IDAT", b"x", 1) + end,
	        sign + head() + chunk(b"ABCD") + data + end,
	        sign + head() + b"\xff\xff\xff\xffIDAT" + end,
	        sign + head() + b"\x7f\xff\xff\xf0IDAT1234" + end,
	        sign + head() + data + palette + end,
	        sign + head() + chunk(b"PLTE", b"12") + data + end,
	        sign + head() + data + chunk(b"IEND", b"x")]
	none += [sign + head(**how) + data + end for how in (
	    {"w": 0}, {"h": 0}, {"w": 513}, {"h": 1 << 31}, {"depth": 3},
	    {"depth": 4, "kind": 2}, {"kind": 1}, {"kind": 7}, {"depth": 255},
	    {"rest": b"\1\0\0"}, {"rest": b"\0\0\2"}, {"rest": b""})]
	none += [good[:-12] + chunk(b"IDAT", bytes(512 << 10)) + end]
	def ask(lines):
	    lines = [l + b"\n" for l in lines]
	    return subprocess.run(sys.argv[1:], input=b"".join(lines), check=True,
	                          stdout=subprocess.PIPE).stdout.split(b"\n")[:-1]
	code = base64.b64encode
	assert ask(map(code, same)) == [code(p) for p in same]
	assert ask(map(code, cut)) == [code(good)] * len(cut)
	assert ask(map(code, none)) == [b""] * len(none), ask(map(code, none))
	for bad in (b"!" + code(good)[1:], code(good)[:-1], code(good) + b"====",
	            b"=" * 8, b"ab=c" + code(good)):
	    assert ask([bad]) == [b""], bad
	END
}
