/*
 * Whom the host knows. SPDX-License-Identifier: ISC
 */
#ifndef LXG_KNOWN_H
#define LXG_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A user, with the group of its own; or a group, whose uid is 0. */
struct known {
	const char *name;
	bool user;
	uint32_t uid, gid;
};

/*
 * All that can be enumerated of passwd(5), then of group(5), and how many: they
 * are asked for once, for a server of the network may have to tell them.
 */
const struct known *known_all(size_t *);

#endif
