/*
 * Device records as text. SPDX-License-Identifier: ISC
 */
#ifndef LXG_PLAIN_H
#define LXG_PLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "fail.h"

enum key {
	KEY_ENGINE,
	KEY_API,
	KEY_PROJECT,
	KEY_INSTANCE,
	KEY_UUID,
	KEY_DEVICE,
	KEY_SOURCE,
	KEY_PERM,
	KEY_MODE,
	KEY_MOUNT,
	KEY_HOST_UID,
	KEY_DEV,
	KEY_INO,
	KEY_HANDLE,
	KEY_DRY_RUN,
	KEY_GRANT,
	KEY_RESTORED,
	KEY_ERROR,
	KEY_GRANTED,
	KEY_BOOT,
	KEY_N
};

/*
 * One object, in the form that jq prints: one that comes in another is put into
 * it, by jq's own parser. To have a record as libjq has it takes three times as
 * long as the ACL of a file does.
 */
struct plain {
	char *s;
	size_t len, room, line; /* room 0: s is not to be written to */
	struct {
		unsigned at, len; /* of the value; 0: there is no such key */
	} v[KEY_N];
};

struct plains {
	struct plain *v;
	size_t n;
};

/* As recs_read() and recs_write() (rec.h), with the same failures. */
int plains_read(FILE *, struct plains *, struct fail *);
int plains_write(FILE *, const struct plains *, struct fail *);

/* From text that plain records were written as. Borrows it. */
int plain_from(const char *, struct plain *, struct fail *);

/*
 * The value, owned; 65 where it is missing, of another type or has a NUL.
 * opt: NULL and no failure where it is missing or null.
 */
char *plain_str(const struct plain *, enum key, struct fail *);
int plain_opt_str(const struct plain *, enum key, char **, struct fail *);
int plain_id(const struct plain *, enum key, uint32_t *, struct fail *);
bool plain_has(const struct plain *, enum key);
bool plain_true(const struct plain *, enum key);

/* Sets a key to a value, which is JSON; or to a string, which is any text. */
void plain_set(struct plain *, enum key, const char *json);
void plain_set_str(struct plain *, enum key, const char *);

#endif
