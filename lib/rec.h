/*
 * Records: one JSON object a line (lxg(7)). SPDX-License-Identifier: ISC
 */
#ifndef LXG_REC_H
#define LXG_REC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jv.h>

#include "fail.h"

struct rec {
	jv v;	     /* an object, owned */
	size_t line; /* where it was read, 0 for one that we made */
};

struct recs {
	struct rec *v;
	size_t n;
};

/*
 * All records of a stream. Not UTF-8, not JSON, not an object: FAIL_DATA,
 * naming the line. No byte at all: FAIL_NOINPUT and an empty text, for the
 * stage before has said what failed.
 */
int recs_read(FILE *, struct recs *, struct fail *);
void recs_add(struct recs *, jv rec); /* consumes */
void recs_free(struct recs *);

/*
 * Each on a line of its own, or an empty line for none, a terminal's in ASCII;
 * then closes: FAIL_IO, with an empty text where nobody reads any more. put
 * does no more than the first of this, and close the last, for whatever was
 * written.
 */
int recs_write(FILE *, const struct recs *, struct fail *);
void recs_put(FILE *, const struct recs *);
int recs_close(FILE *, struct fail *);

/*
 * Getters borrow. What they return lives as long as the record keeps the key.
 * A key that is missing, of another type, or a string with a NUL: FAIL_DATA,
 * naming the line and the key. The opt_ ones return NULL (and no fail) for a
 * key that is missing or null.
 */
const char *rec_str(const struct rec *, const char *key, struct fail *);
int
rec_opt_str(const struct rec *, const char *key, const char **, struct fail *);
int rec_id(const struct rec *, const char *key, uint32_t *, struct fail *);
/* The login user's: the keys uid and gid. */
int rec_ids(const struct rec *, uint32_t *uid, uint32_t *gid, struct fail *);
bool rec_true(const struct rec *, const char *key); /* there and true */
bool rec_has(const struct rec *, const char *key);
/* The same string in both, or in neither one. */
bool rec_same(const struct rec *, const struct rec *, const char *key);

void rec_set(struct rec *, const char *key, jv value); /* consumes */
void rec_set_str(struct rec *, const char *key, const char *value);
void rec_error(struct rec *, const struct fail *); /* sets the key "error" */
bool rec_failed(const struct rec *);		   /* has the key "error" */

/* One as it is written, without the end of its line; owned by the caller. */
char *rec_text(const struct rec *);

/* A text as JSON: FAIL_DATA where it isn't. The value is owned by the caller.
 */
int rec_parse(const char *, size_t, jv *, struct fail *);

/* Borrowed object, plain C string at key, or NULL; for engine answers. */
const char *obj_str(jv obj, const char *key);
jv obj_put(jv obj, const char *key, const char *value); /* consumes obj */
jv obj_set(jv obj, const char *key, jv value);		/* consumes both */
jv obj_get(jv obj, const char *key); /* borrows obj; owned, may be invalid */

#endif
