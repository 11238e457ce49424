/*
 * Host ids that are spoken for. SPDX-License-Identifier: ISC
 */
#ifndef LXG_BUSY_H
#define LXG_BUSY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fail.h"
#include "lxd.h"

#define SLOT 65536u /* host ids that an instance gets, unless it says */

/* Starts as zeroes; v is owned. */
struct busy {
	struct range {
		uint64_t from, count;
	} * v;
	size_t n;
};

/* Is none of the ids from there on busy? */
bool busy_is_free(const struct busy *, uint64_t from, uint64_t count);

/* The ids that a config (borrowed) asks for: security.idmap.size, or SLOT. */
uint64_t busy_size(jv config);

/*
 * The host's users, groups and their subids, and the caller's own ids, whatever
 * can be enumerated; where the engines' own begin and end.
 */
void busy_host(uint64_t *from, uint64_t *to, struct busy *);

/* Instances of every engine within reach, but the one named. */
int
busy_engines(struct lxd *, const char *instance, struct busy *, struct fail *);

/* Those that lxg-acl has lent something to. */
int busy_grants(struct busy *, struct fail *);

#endif
