/*
 * Text that came from elsewhere. SPDX-License-Identifier: ISC
 */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "mem.h"
#include "text.h"

/*
 * Length of the UTF-8 sequence at s, its code point in *cp; 0 where the bytes
 * are none. RFC 3629, section 4.
 */
static size_t
utf8_next(const unsigned char *s, size_t len, uint32_t *cp)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n, i;

	if (s[0] < 0x80) {
		*cp = s[0];
		return 1;
	}
	n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : s[0] >= 0xc2 ? 2 : 0;
	if (n == 0 || n > len || s[0] > 0xf4)
		return 0;
	*cp = s[0] & (0x7fu >> n);
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*cp = *cp << 6 | (s[i] & 0x3f);
	}
	if (*cp < least[n] || *cp > 0x10ffff ||
	    (*cp >= 0xd800 && *cp <= 0xdfff))
		return 0;
	return n;
}

bool
text_utf8(const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s;
	uint32_t cp;
	size_t n;

	for (; len > 0; p += n, len -= n)
		/* most of it is ASCII, and an engine says much */
		if (*p < 0x80)
			n = 1;
		else if ((n = utf8_next(p, len, &cp)) == 0)
			return false;
	return true;
}

/* Could it drive or mislead a terminal? */
static bool
is_control(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x61c ||
	       cp == 0x200e || cp == 0x200f || (cp >= 0x2028 && cp <= 0x202e) ||
	       (cp >= 0x2066 && cp <= 0x2069);
}

static size_t
clean(char *s, size_t len, const char *keep)
{
	char *in = s, *out = s, *end = s + len;
	uint32_t cp;
	size_t n;

	while (in < end) {
		n = utf8_next((unsigned char *)in, (size_t)(end - in), &cp);
		if (n == 0 ||
		    (is_control(cp) && (cp == 0 || cp > 0x7f ||
					   strchr(keep, (int)cp) == NULL))) {
			*out++ = '?';
			in += n ? n : 1;
			continue;
		}
		memmove(out, in, n);
		out += n;
		in += n;
	}
	return (size_t)(out - s);
}

void
text_clean(char *s)
{
	s[clean(s, strlen(s), "")] = '\0';
}

size_t
text_clean_stream(char *s, size_t len)
{
	return clean(s, len, "\t\n\r");
}

char *
text_fmt(const char *fmt, ...)
{
	va_list ap;
	char *s;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	if (n < 0)
		mem_out();
	return s;
}

size_t
text_base64(char *to, const uint8_t *data, size_t len)
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmno"
				    "pqrstuvwxyz0123456789+/";
	char *at = to;
	uint32_t v;
	size_t i, k, n;

	for (i = 0; i < len; i += n) {
		n = len - i < 3 ? len - i : 3;
		v = (uint32_t)data[i] << 16;
		v |= n > 1 ? (uint32_t)data[i + 1] << 8 : 0;
		v |= n > 2 ? data[i + 2] : 0;
		for (k = 0; k < 4; k++)
			*at++ = k <= n ? digit[v >> (18 - 6 * k) & 63] : '=';
	}
	return (size_t)(at - to);
}

static int
digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

ssize_t
text_unbase64(uint8_t *to, size_t max, const char *text)
{
	size_t n = 0, bits = 0;
	uint32_t v = 0;
	int d;

	for (; *text != '\0' && *text != '='; text++) {
		if ((d = digit(*text)) < 0 || n == max)
			return -1;
		v = v << 6 | (uint32_t)d;
		if ((bits += 6) >= 8) {
			bits -= 8;
			to[n++] = (uint8_t)(v >> bits);
		}
	}
	return (ssize_t)n;
}
