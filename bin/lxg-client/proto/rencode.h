/*
 * Values as xpra sends them, in rencode (3.1, 4.4) or rencodeplus (5 and on).
 * A decoded value points into the bytes that it was decoded from and into the
 * decoder's memory: both are good until the next packet.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_RENCODE_H
#define LXG_RENCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REN_DEPTH 32
#define REN_NODES (1u << 18) /* values in a packet */

enum kind {
	V_NONE,
	V_BOOL,
	V_INT,
	V_DOUBLE,
	V_STR, /* text or bytes: which is the sender's mood */
	V_LIST,
	V_DICT
};

struct val {
	enum kind kind;
	uint32_t n; /* items of a list, pairs of a dict */
	union {
		bool b;
		int64_t i;
		double d;
		const struct val *v; /* a dict: key, value, key, value */
		struct {
			const uint8_t *s;
			size_t len;
		};
	};
};

struct ren {
	struct val *out, *stack;
	size_t out_n, stack_n, size;
};

/* One value, which is all there is; what is wrong with it, or NULL. */
const char *
ren_decode(struct ren *, const uint8_t *, size_t, bool plus, struct val *);
void ren_free(struct ren *);

/* Getters: a value of another kind, or one that is not there, is NULL. */
const struct val *val_at(const struct val *list, size_t);
const struct val *val_key(const struct val *dict, const char *);
bool val_is(const struct val *, const char *text);

/* An integer from lo to hi (a bool counts as one): false where it isn't. */
bool val_int(const struct val *, int64_t lo, int64_t hi, int64_t *);
bool val_true(const struct val *); /* and not 0 */

#endif
