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
