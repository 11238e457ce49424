/*
 * User-data files as one MIME message. SPDX-License-Identifier: ISC
 */
#ifndef LXG_PROFILE_MIME_H
#define LXG_PROFILE_MIME_H

#include <stdbool.h>
#include <stddef.h>

#include <jv.h>

#include "fail.h"

struct part {
	const char *name; /* the file's path, for messages and its name */
	char *data;	  /* owned, a NUL behind it */
	size_t len;
	const char *type; /* by mime_type(), NULL for a message of its own */
	size_t number;	  /* in front of its name: its place among the files */
	bool config;	  /* cloud-config, as it is or of a template */
	bool merges;	  /* which says itself how */
	jv keys;    /* its keys at the top, an object, where known; owned */
	bool login; /* it has users, and one that can log in */
	const char *merge; /* the merger that it is given, or NULL */
};

/*
 * The type that cloud-init gives to data by how it begins, white space and
 * case aside (cloudinit/handlers: INCLUSION_TYPES_MAP). Else text/plain,
 * application/gzip or application/octet-stream, by content; and NULL for what
 * is a MIME message already.
 */
const char *mime_type(const char *data, size_t len);

/*
 * A multipart message, each part's bytes intact, in their order; a string that
 * the caller owns. A message that is there already is a part as it is, or, the
 * only one, the result; FAIL_DATA where it is not UTF-8.
 */
int mime_compose(const struct part *, size_t n, jv *message, struct fail *);

#endif
