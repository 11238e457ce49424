/*
 * A PNG is taken apart and put together again, its pixels as they are packed:
 * who shows it meets no text, no profile and no animation of an instance's.
 * The form is that of the PNG specification (ISO/IEC 15948).
 * SPDX-License-Identifier: ISC
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "icon.h"

static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const uint8_t signature[8] = {137, 'P', 'N', 'G', 13, 10, 26, 10};

struct bytes {
	uint8_t *v;
	size_t n;
};

/* Only what has no more and no less than its padding is Base64. */
static bool
decode(const char *s, struct bytes *b)
{
	size_t n = strlen(s), i, pad = 0;
	const char *at;
	uint32_t bits = 0;

	while (pad < 2 && pad < n && s[n - 1 - pad] == '=')
		pad++;
	if (n == 0 || n % 4 != 0 || n / 4 * 3 > ICON_MAX ||
	    (b->v = malloc(n / 4 * 3)) == NULL)
		return false;
	b->n = 0;
	for (i = 0; i < n - pad; i++) {
		if ((at = strchr(digits, s[i])) == NULL)
			return false;
		bits = bits << 6 | (uint32_t)(at - digits);
		if (i % 4 != 0)
			b->v[b->n++] = (uint8_t)(bits >> (6 - i % 4 * 2));
	}
	return true;
}

static char *
encode(const struct bytes *b)
{
	char *s = malloc(b->n / 3 * 4 + 5), *p = s;
	uint32_t bits;
	size_t i, left;

	if (s == NULL)
		return NULL;
	for (i = 0; i < b->n; i += 3) {
		left = b->n - i;
		bits = (uint32_t)b->v[i] << 16;
		if (left > 1)
			bits |= (uint32_t)b->v[i + 1] << 8;
		if (left > 2)
			bits |= b->v[i + 2];
		*p++ = digits[bits >> 18];
		*p++ = digits[bits >> 12 & 63];
		*p++ = left > 1 ? digits[bits >> 6 & 63] : '=';
		*p++ = left > 2 ? digits[bits & 63] : '=';
	}
	*p = '\0';
	return s;
}

static uint32_t
be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

/* CRC-32 of a chunk's name and data. */
static uint32_t
crc(const uint8_t *p, size_t n)
{
	uint32_t c = UINT32_MAX;
	int bit;

	while (n-- > 0) {
		c ^= *p++;
		for (bit = 0; bit < 8; bit++)
			c = c >> 1 ^ (c & 1 ? 0xedb88320u : 0);
	}
	return ~c;
}

/* Do depth and kind of pixel go together, and is the rest as it has to be? */
static bool
sane_header(const uint8_t *p, size_t n)
{
	/* a bit for each depth that a kind of pixel may have */
	static const uint32_t depths[7] = {
	    0x10116, 0, 0x10100, 0x116, 0x10100, 0, 0x10100};

	return n == 13 && be32(p) - 1 < ICON_SIDE &&
	       be32(p + 4) - 1 < ICON_SIDE && p[8] <= 16 && p[9] <= 6 &&
	       (depths[p[9]] >> p[8] & 1) != 0 && p[10] == 0 && p[11] == 0 &&
	       p[12] <= 1;
}

/* What is seen of the chunks so far. */
struct seen {
	bool header, palette, clear, data, end;
};

/*
 * Judges a chunk where it stands; *keep says whether it is one that is passed
 * on. False where this can't be a PNG.
 */
static bool
judge_chunk(struct seen *s, const uint8_t *name, size_t n, bool *keep)
{
	const uint8_t *data = name + 4;

	*keep = true;
	if (!s->header)
		return s->header =
			   memcmp(name, "IHDR", 4) == 0 && sane_header(data, n);
	if (memcmp(name, "IDAT", 4) == 0)
		return s->data = true;
	if (memcmp(name, "IEND", 4) == 0)
		return s->end = s->data && n == 0;
	if (memcmp(name, "PLTE", 4) == 0) {
		*keep =
		    !s->palette && !s->data && n % 3 == 0 && n > 0 && n <= 768;
		return s->palette = *keep;
	}
	if (memcmp(name, "tRNS", 4) == 0) {
		*keep = !s->clear && !s->data && n > 0 && n <= 256;
		return s->clear = *keep;
	}
	*keep = false;
	/* one that a reader must know, and nobody does */
	return (name[0] & 0x20) != 0;
}

/* Moves what is kept to the front of the bytes. */
static bool
sift(struct bytes *b)
{
	struct seen s = {0};
	size_t at = sizeof(signature), to = at, n;
	bool keep;

	if (b->n < at || memcmp(b->v, signature, at) != 0)
		return false;
	while (!s.end) {
		if (b->n - at < 12)
			return false;
		n = be32(b->v + at);
		if (n > b->n - at - 12 ||
		    crc(b->v + at + 4, n + 4) != be32(b->v + at + 8 + n) ||
		    !judge_chunk(&s, b->v + at + 4, n, &keep))
			return false;
		if (keep) {
			memmove(b->v + to, b->v + at, n + 12);
			to += n + 12;
		}
		at += n + 12;
	}
	b->n = to;
	return true;
}

char *
icon_clean(const char *base64)
{
	struct bytes b = {NULL, 0};
	char *clean = NULL;

	if (decode(base64, &b) && sift(&b))
		clean = encode(&b);
	free(b.v);
	return clean;
}
