/*
 * Text of the server's, for eyes. SPDX-License-Identifier: ISC
 */
#include <stdint.h>
#include <string.h>

#include "clean.h"

/* First and last of what does not belong into a title. */
static const struct {
	uint32_t first, last;
} hidden[] = {
    {0x00, 0x1f},
    {0x7f, 0x9f},
    {0xad, 0xad},
    {0x600, 0x605},
    {0x61c, 0x61c},
    {0x6dd, 0x6dd},
    {0x70f, 0x70f},
    {0x115f, 0x1160},
    {0x180b, 0x180f},
    {0x200b, 0x200f},
    {0x2028, 0x202e},
    {0x2060, 0x206f},
    {0x3164, 0x3164},
    {0xe000, 0xf8ff},
    {0xfeff, 0xfeff},
    {0xfff0, 0xfffb},
    {0xfffe, 0xffff},
    {0x1d173, 0x1d17a},
    {0xe0000, 0x10ffff},
};

static bool
is_hidden(uint32_t c)
{
	for (size_t i = 0; i < sizeof(hidden) / sizeof(*hidden); i++)
		if (c >= hidden[i].first && c <= hidden[i].last)
			return true;
	return false;
}

/* The bytes of the character at s, which is put into *c; 0: it is none. */
static size_t
character(const uint8_t *s, size_t len, uint32_t *c)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n;

	if (s[0] < 0x80) {
		*c = s[0];
		return 1;
	}
	n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	if (s[0] < 0xc2 || s[0] > 0xf4 || n > len)
		return 0;
	*c = s[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | (s[i] & 0x3f);
	}
	if (*c < least[n] || *c > 0x10ffff || (*c >= 0xd800 && *c <= 0xdfff))
		return 0;
	return n;
}

void
clean_text(const struct val *v, char *to, size_t size, size_t max, bool lines)
{
	size_t n, out = 0;
	uint32_t c;

	to[0] = '\0';
	if (v == NULL || v->kind != V_STR)
		return;
	for (size_t i = 0; i < v->len && max > 0; i += n) {
		n = character(v->s + i, v->len - i, &c);
		if (n != 0 && is_hidden(c) && !(lines && c == '\n'))
			continue;
		if (out + (n != 0 ? n : 1) >= size)
			break;
		if (n == 0) {
			to[out++] = '?';
			n = 1;
		} else {
			memcpy(to + out, v->s + i, n);
			out += n;
		}
		max--;
	}
	to[out] = '\0';
}
