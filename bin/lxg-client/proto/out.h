/*
 * Packets to the server, encoded as they are said. A packet is begun with its
 * name and ended; what lies between is its items. Lists and dicts are closed
 * by out_close. SPDX-License-Identifier: ISC
 */
#ifndef LXG_OUT_H
#define LXG_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A server that takes nothing: more than this isn't kept for it. */
#define OUT_HARD (48u << 20)

struct out {
	uint8_t *data;
	size_t n, size, sent, start;
	bool plus;   /* rencodeplus */
	bool failed; /* no memory, or OUT_HARD */
};

void out_begin(struct out *, const char *name);
void out_end(struct out *);
size_t out_left(const struct out *); /* bytes that are still to be sent */
void out_sent(struct out *, size_t);
void out_free(struct out *);

void out_int(struct out *, int64_t);
void out_bool(struct out *, bool);
void out_str(struct out *, const char *);
void out_bytes(struct out *, const void *, size_t);
void out_list(struct out *);
void out_dict(struct out *);
void out_close(struct out *);

/* In a dict: a key and its value. */
void out_key(struct out *, const char *key);
void out_kint(struct out *, const char *key, int64_t);
void out_kbool(struct out *, const char *key, bool);
void out_kstr(struct out *, const char *key, const char *);
/* A list of words, up to NULL. */
void out_kwords(struct out *, const char *key, const char *const *);
void out_kpair(struct out *, const char *key, int64_t, int64_t);

#endif
