/*
 * WebSocket frames: what a server may send, cut at every byte, and what it may
 * not. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "frame.h"

#define B(s) (const uint8_t *)(s), sizeof(s) - 1

/* Each frame as KIND(TEXT); a part of a message has the kind of that. */
static const struct {
	const uint8_t *bytes;
	size_t len;
	const char *is;
} good[] = {
    {B(""), ""},
    {B("\x82\x00"), "2()"},
    {B("\x82\x03"
       "abc"),
	"2(abc)"},
    {B("\x81\x01"
       "t\x8a\x00"),
	"1(t)10()"},
    /* a message in three parts, and a ping between them */
    {B("\x02\x01"
       "a\x89\x02"
       "hi\x00\x00\x80\x01"
       "b"),
	"2(a)9(hi)2()2(b)"},
    /* a length that could be shorter is one, too */
    {B("\x82\x7e\x00\x02"
       "ab\x82\x7f\x00\x00\x00\x00\x00\x00\x00\x01"
       "c"),
	"2(ab)2(c)"},
    {B("\x88\x02\x03\xe8\x88\x00"), "8(\x03\xe8)8()"},
};

static const struct {
	const uint8_t *bytes;
	size_t len;
} bad[] = {
    {B("\xc2\x00")},	     /* a reserved bit */
    {B("\x82\x80\0\0\0\0")}, /* masked */
    {B("\x83\x00")},	     /* kinds that there are none of */
    {B("\x8b\x00")},
    {B("\x8f\x00")},
    {B("\x09\x00")}, /* a ping in parts, and one that is too long */
    {B("\x89\x7e\x00\x7e")},
    {B("\x88\x01")}, /* an end that says half of why */
    {B("\x80\x00")}, /* a part of nothing, and a message in one */
    {B("\x02\x00\x82\x00")},
    {B("\x82\x7f\x00\x00\x00\x00\x40\x00\x00\x01")},
    {B("\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff")},
};

/* Reads so many bytes at a time; what it was is in is. */
static int
read_all(const uint8_t *bytes, size_t len, size_t step, char *is)
{
	struct frame_reader r = {0};
	struct frame_piece p;
	size_t at = 0, part;
	int last = FRAME_NONE;
	struct fail f;
	ssize_t n;

	while (at < len) {
		part = len - at < step ? len - at : step;
		if ((n = frame_read(&r, bytes + at, part, &p, &f)) < 0) {
			CHECK(f.kind == FAIL_PROTOCOL);
			return -1;
		}
		CHECK((size_t)n <= part && n > 0);
		at += (size_t)n;
		if (p.op == FRAME_NONE)
			continue;
		/* a frame that goes on, byte by byte */
		if (p.op == last)
			is--;
		else
			is += sprintf(is, "%d(", p.op);
		memcpy(is, p.data, p.len);
		is += p.len;
		strcpy(is++, ")");
		last = r.inside ? p.op : FRAME_NONE;
	}
	return 0;
}

/* What is written is read again, once it is unmasked. */
static void
round_trip(enum frame_op op, size_t len)
{
	uint8_t *data = malloc(len + 1), *out = malloc(len + FRAME_HEAD);
	size_t i, n, head, size = 0;
	uint64_t said = 0;

	for (i = 0; i < len; i++)
		data[i] = (uint8_t)(i * 7);
	n = frame_write(out, op, data, len);
	CHECK(out[0] == (0x80 | op) && (out[1] & 0x80) != 0);
	head = (out[1] & 127) == 126 ? 4 : (out[1] & 127) == 127 ? 10 : 2;
	for (i = 2; i < head; i++)
		said = said << 8 | out[i];
	size = head == 2 ? out[1] & 127 : said;
	CHECK(size == len && n == head + 4 + len);
	for (i = 0; i < len; i++)
		CHECK((out[head + 4 + i] ^ out[head + (i & 3)]) == data[i]);
	free(out);
	free(data);
}

int
main(void)
{
	static const size_t sizes[] = {
	    0, 1, 7, 8, 125, 126, 127, 65535, 65536, 70001};
	size_t i, step;
	char is[256];

	for (i = 0; i < sizeof(good) / sizeof(*good); i++) {
		for (step = 1; step < 40; step++) {
			*is = '\0';
			CHECK(read_all(good[i].bytes, good[i].len, step, is) ==
			      0);
			CHECK(strcmp(is, good[i].is) == 0);
		}
	}
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		for (step = 1; step < 16; step++)
			CHECK(read_all(bad[i].bytes, bad[i].len, step, is) < 0);
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		round_trip(FRAME_BINARY, sizes[i]);
	return check_failed;
}
