/*
 * Text that came from elsewhere. SPDX-License-Identifier: ISC
 */
#ifndef LXG_TEXT_H
#define LXG_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Is it UTF-8 as RFC 3629 has it: no surrogates, nothing overlong? */
bool text_utf8(const char *, size_t);

/*
 * Replaces, in place, what could drive a terminal by "?": C0 (tab and newline
 * too), DEL, C1 and the bidirectional controls; a byte that is not UTF-8 as
 * well. The text never grows.
 */
void text_clean(char *);

/* The same for a stream of bytes: keeps tab, newline and carriage return. */
size_t text_clean_stream(char *, size_t);

/* asprintf(3) that cannot fail: without memory the program ends (mem.h). */
char *text_fmt(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Base64 of so many bytes, with no NUL behind it; returns how much that is. */
size_t text_base64(char *, const uint8_t *, size_t);

/* The bytes that base64 stands for; -1 for what is none, or of more than max.
 */
ssize_t text_unbase64(uint8_t *, size_t max, const char *);

#endif
