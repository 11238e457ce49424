/*
 * The pieces of the client's protocol: values in both dialects against bytes
 * that other implementations made, the stream of packets, clean text.
 * SPDX-License-Identifier: ISC
 */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "../../bin/lxg-client/proto/clean.h"
#include "../../bin/lxg-client/proto/out.h"
#include "../../bin/lxg-client/proto/rencode.h"
#include "../../bin/lxg-client/proto/wire.h"
#include "../lib/check.h"

/* [1, -1, -33, 43, 44, 200, -40000, 1 << 20, -(1 << 40), "xxxxx",
 *  {"a": [True, None, False]}, [0, 1, 2]], as python3-rencode has it */
static const char golden[] =
    "cc01463edf2b3e2c3f00c840ffff63c0400010000041ffffff0000000000857878787878"
    "678161c3434544c3000102";

static size_t
unhex(const char *hex, uint8_t *to)
{
	size_t n = strlen(hex) / 2;

	for (size_t i = 0; i < n; i++) {
		unsigned c;

		sscanf(hex + 2 * i, "%2x", &c);
		to[i] = (uint8_t)c;
	}
	return n;
}

static bool
is_int(const struct val *v, int64_t want)
{
	int64_t i;

	return val_int(v, INT64_MIN, INT64_MAX, &i) && i == want;
}

static void
test_golden(bool plus)
{
	static const int64_t want[] = {
	    1, -1, -33, 43, 44, 200, -40000, 1 << 20, -(1ll << 40)};
	struct ren r = {0};
	struct val v;
	const struct val *a;
	uint8_t data[200];
	size_t n = unhex(golden, data);

	CHECK(ren_decode(&r, data, n, plus, &v) == NULL);
	CHECK(v.kind == V_LIST && v.n == 12);
	for (size_t i = 0; i < 9; i++)
		CHECK(is_int(val_at(&v, i), want[i]));
	CHECK(val_is(val_at(&v, 9), "xxxxx"));
	a = val_key(val_at(&v, 10), "a");
	CHECK(a != NULL && a->n == 3 && val_true(val_at(a, 0)));
	CHECK(val_at(a, 1)->kind == V_NONE && !val_true(val_at(a, 2)));
	CHECK(is_int(val_at(val_at(&v, 11), 2), 2));
	/* cut anywhere, it is no value */
	for (size_t i = 0; i < n; i++)
		CHECK(ren_decode(&r, data, i, plus, &v) != NULL);
	ren_free(&r);
}

static const char *
decode(const char *hex, bool plus, struct ren *r, struct val *v)
{
	static uint8_t data[4096];

	return ren_decode(r, data, unhex(hex, data), plus, v);
}

static void
test_kinds(void)
{
	struct ren r = {0};
	struct val v;

	CHECK(decode("423fc00000", true, &r, &v) == NULL && v.d == 1.5);
	CHECK(decode("2c4002000000000000", false, &r, &v) == NULL);
	CHECK(v.kind == V_DOUBLE && v.d == 2.25);
	CHECK(decode("3d2d31327f", false, &r, &v) == NULL && v.i == -12);
	CHECK(decode("3a", false, &r, &v) != NULL);
	/* bytes of their own kind are known to the later dialect only */
	CHECK(decode("332f616263", true, &r, &v) == NULL);
	CHECK(val_is(&v, "abc"));
	CHECK(decode("332f616263", false, &r, &v) != NULL);
	CHECK(decode("333a616263", false, &r, &v) == NULL);
	/* lists and dicts with an end, and one where there is half a pair */
	CHECK(decode("3b01023b7f7f", true, &r, &v) == NULL && v.n == 3);
	CHECK(decode("3c8161018162027f", true, &r, &v) == NULL && v.n == 2);
	CHECK(is_int(val_key(&v, "b"), 2) && val_key(&v, "c") == NULL);
	CHECK(decode("3c81617f", true, &r, &v) != NULL);
	CHECK(decode("0101", true, &r, &v) != NULL);
	CHECK(decode("7f", true, &r, &v) != NULL);
	/* numbers that are none of 64 bits, lengths that are none */
	CHECK(decode("3d393939393939393939393939393939393939397f", true, &r,
		  &v) != NULL);
	CHECK(decode("393939393939393939393939393939393939393a", true, &r,
		  &v) != NULL);
	CHECK(decode("343239343936373239353a41", true, &r, &v) != NULL);
	CHECK(decode("3d7f", true, &r, &v) != NULL);
	CHECK(decode("3d2d7f", true, &r, &v) != NULL);
	ren_free(&r);
}

static void
test_bounds(void)
{
	struct ren r = {0};
	struct val v;
	size_t n = 1u << 20;
	uint8_t *data = malloc(n);

	memset(data, 0xc1, 40); /* a list of a list of ... */
	data[40] = 0;
	CHECK(
	    strcmp(ren_decode(&r, data, 41, true, &v), "nested too deep") == 0);
	CHECK(ren_decode(&r, data + 41 - 33, 33, true, &v) == NULL);
	memset(data, 1, n); /* a million numbers */
	data[0] = 59;
	data[n - 1] = 127;
	CHECK(
	    strcmp(ren_decode(&r, data, n, true, &v), "too many values") == 0);
	data[REN_NODES - 2] = 127;
	CHECK(ren_decode(&r, data, REN_NODES - 1, true, &v) == NULL);
	CHECK(v.n == REN_NODES - 3);
	free(data);
	ren_free(&r);
}

static void
items(struct out *o)
{
	out_int(o, -5);
	out_int(o, 1 << 20);
	out_int(o, -(1ll << 40));
	out_bool(o, true);
	out_bytes(o, "\0\1", 2);
	out_dict(o);
	out_kint(o, "k", 43);
	out_kpair(o, "p", 1, 2);
	out_close(o);
	out_str(o,
	    "0123456789012345678901234567890123456789012345678901234567890123");
}

/* What is written is read, and is what it was. */
static void
test_out(bool plus)
{
	struct out o = {.plus = plus};
	struct ren r = {0};
	struct val v;
	uint32_t size;

	out_begin(&o, "name");
	items(&o);
	out_end(&o);
	CHECK(o.data[0] == 'P' && o.data[1] == (plus ? 0x10 : 1));
	memcpy(&size, o.data + 4, 4);
	CHECK(be32toh(size) == out_left(&o) - WIRE_HEADER);
	CHECK(ren_decode(&r, o.data + 8, o.n - 8, plus, &v) == NULL);
	CHECK(v.n == 8 && val_is(val_at(&v, 0), "name"));
	CHECK(is_int(val_at(&v, 1), -5) && is_int(val_at(&v, 2), 1 << 20));
	CHECK(is_int(val_at(&v, 3), -(1ll << 40)) && val_true(val_at(&v, 4)));
	CHECK(val_at(&v, 5)->len == 2 && val_at(&v, 5)->s[1] == 1);
	CHECK(is_int(val_key(val_at(&v, 6), "k"), 43));
	CHECK(is_int(val_at(val_key(val_at(&v, 6), "p"), 1), 2));
	CHECK(val_at(&v, 7)->len == 64);
	out_sent(&o, o.n);
	CHECK(out_left(&o) == 0);
	ren_free(&r);
	out_free(&o);
}

/* A server that takes nothing is not written for without end. */
static void
test_out_bound(void)
{
	struct out o = {0};
	uint8_t *big = calloc(1, OUT_HARD / 3);

	for (int i = 0; i < 4; i++) {
		out_begin(&o, "x");
		out_bytes(&o, big, OUT_HARD / 3);
		out_end(&o);
	}
	CHECK(o.failed && out_left(&o) <= OUT_HARD);
	out_free(&o);
	free(big);
}

static size_t
header(uint8_t *to, int flags, int level, int index, uint32_t size)
{
	size = htobe32(size);
	to[0] = 'P';
	to[1] = (uint8_t)flags;
	to[2] = (uint8_t)level;
	to[3] = (uint8_t)index;
	memcpy(to + 4, &size, sizeof(size));
	return WIRE_HEADER;
}

static int
feed(struct wire *w, const uint8_t *data, size_t len, struct fail *f)
{
	return wire_feed(w, &data, &len, f);
}

/* A chunk and its packet, in one piece and byte by byte. */
static void
test_wire(void)
{
	struct wire w = {.plus = true};
	struct fail f;
	uint8_t data[64];
	size_t n = header(data, 0x10, 0, 7, 3);

	memcpy(data + n, "abc", 3);
	n += 3;
	n += header(data + n, 0x18, 0, 0, 2);
	memcpy(data + n, "\xc1\x01", 2);
	n += 2;
	CHECK(feed(&w, data, n, &f) == 1);
	CHECK(w.count == 2 && w.v[0].index == 7 && w.v[0].len == 3);
	CHECK(w.v[1].index == 0 && w.v[1].len == 2);
	wire_done(&w);
	for (size_t i = 0; i < n; i++)
		CHECK(feed(&w, data + i, 1, &f) == (i == n - 1));
	CHECK(w.count == 2 && memcmp(w.v[0].data, "abc", 3) == 0);
	wire_free(&w);
}

static bool
refused(const uint8_t *data, size_t len)
{
	struct wire w = {.plus = false};
	struct fail f = {0};
	bool no = feed(&w, data, len, &f) == -1 && f.kind == FAIL_PROTOCOL;

	CHECK(w.size <= 1 << 16);
	wire_free(&w);
	return no;
}

static void
test_headers(void)
{
	uint8_t data[64];

	header(data, 1, 0, 0, UINT32_MAX);
	CHECK(refused(data, 8));
	header(data, 1, 0, 0, WIRE_MAX + 1);
	CHECK(refused(data, 8));
	header(data, 1, 0, 0, WIRE_MAX);
	CHECK(!refused(data, 9)); /* and no memory is taken for it yet */
	header(data, 1, 0, 0, 0);
	CHECK(refused(data, 8));
	header(data, 0x10, 0, 0, 5); /* the other dialect */
	CHECK(refused(data, 8));
	header(data, 1 | 2, 0, 0, 5); /* encrypted */
	CHECK(refused(data, 8));
	header(data, 1, 1, 0, 5); /* zlib */
	CHECK(refused(data, 8));
	CHECK(refused((const uint8_t *)"HTTP/1.1", 8));
}

/* Chunks of a packet count together, in number and in size. */
static void
test_chunks(void)
{
	struct wire w = {.plus = false};
	struct fail f;
	uint8_t data[16], *big = calloc(1, 20u << 20);
	int n = 0;

	for (int i = 1; i <= 65 && n == 0; i++) {
		header(data, 1, 0, i, 1);
		n = feed(&w, data, 9, &f);
		CHECK(n == (i == 65 ? -1 : 0));
	}
	wire_free(&w);
	memset(&w, 0, sizeof(w));
	for (n = 0; n < 3; n++) {
		header(data, 1, 0, 1, 20u << 20);
		CHECK(feed(&w, data, 8, &f) == 0);
		CHECK(feed(&w, big, 20u << 20, &f) == 0);
	}
	CHECK(feed(&w, data, 8, &f) == -1);
	wire_free(&w);
	free(big);
}

/* LZ4 that says it is 4 GiB, that is longer or shorter than it says, and a
 * bomb of zeros, which is as small as LZ4 gets. */
static void
test_lz4(void)
{
	static uint8_t data[300000], plain[64];
	size_t n = 8, run = 60u << 20, size;
	struct wire w = {0};
	struct fail f;

	CHECK(lz4_size((const uint8_t *)"\xff\xff\xff\xff\x10z", 6) == 0);
	CHECK(lz4_size((const uint8_t *)"\x00\x00\x00\x00\x10z", 6) == 0);
	CHECK(lz4_size((const uint8_t *)"\x01\x00\x00", 3) == 0);
	CHECK(lz4_plain((const uint8_t *)"\x01\0\0\0\x10z", 6, plain, 1));
	CHECK(plain[0] == 'z');
	CHECK(!lz4_plain((const uint8_t *)"\x02\0\0\0\x10z", 6, plain, 2));
	CHECK(!lz4_plain((const uint8_t *)"\x01\0\0\0\x20zz", 7, plain, 1));
	/* one literal, a match as long as it gets, five literals */
	n += 4;
	data[n++] = 0x1f;
	data[n++] = 0;
	data[n++] = 1;
	data[n++] = 0;
	for (size = 1 + 4 + 15 + 5; size + 255 < run; size += 255)
		data[n++] = 255;
	data[n++] = 0;
	memcpy(data + n, "\x50\0\0\0\0\0", 6);
	n += 6;
	size = htole32((uint32_t)size);
	memcpy(data + 8, &size, 4);
	header(data, 1, 0x11, 3, (uint32_t)n - 8);
	CHECK(feed(&w, data, n, &f) == 0 && w.total > 59u << 20);
	CHECK(feed(&w, data, n, &f) == -1); /* twice is too much */
	wire_free(&w);
}

static bool
cleaned(const char *from, const char *want, size_t max, bool lines)
{
	struct val v = {.kind = V_STR};
	char to[64];

	v.s = (const uint8_t *)from;
	v.len = strlen(from);
	clean_text(&v, to, sizeof(to), max, lines);
	return strcmp(to, want) == 0;
}

static void
test_clean(void)
{
	char text[80], want[80] = "";

	CHECK(cleaned("a\tb\x1b[31m", "ab[31m", 99, false));
	CHECK(cleaned("a\nb", "ab", 99, false));
	CHECK(cleaned("a\nb\r", "a\nb", 99, true));
	CHECK(cleaned("\xe2\x80\xae"
		      "evil\xe2\x81\xa6",
	    "evil", 99, false));
	CHECK(cleaned(
	    "\xc3\xa9\xf0\x9f\x98\x80x", "\xc3\xa9\xf0\x9f\x98\x80", 2, false));
	CHECK(cleaned("\xff\xc3(\xed\xa0\x80",
	    "?"
	    "?("
	    "?"
	    "?"
	    "?",
	    99, false));
	CHECK(cleaned("\xee\x80\x80\xef\xbb\xbf"
		      "b",
	    "b", 99, false));
	CHECK(cleaned("\xc2\x9b"
		      "31m",
	    "31m", 99, false));
	clean_text(NULL, (char[4]){"abc"}, 4, 9, false);
	/* a character that does not fit is not cut in two: 63 bytes there are
	 */
	memset(text, 'a', 59);
	strcpy(text + 59, "\xf0\x9f\x98\x80");
	CHECK(cleaned(text, text, 99, false));
	memset(text, 'a', 60);
	strcpy(text + 60, "\xf0\x9f\x98\x80");
	memcpy(want, text, 60);
	CHECK(cleaned(text, want, 99, false));
}

int
main(void)
{
	test_golden(false);
	test_golden(true);
	test_kinds();
	test_bounds();
	test_out(false);
	test_out(true);
	test_out_bound();
	test_wire();
	test_headers();
	test_chunks();
	test_lz4();
	test_clean();
	return check_failed;
}
