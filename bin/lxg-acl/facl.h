/*
 * A file's ACL as a value. SPDX-License-Identifier: ISC
 */
#ifndef LXG_FACL_H
#define LXG_FACL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "fail.h"

enum facl_kind { FACL_ACCESS, FACL_DEFAULT };

/* Tags and permission bits are those of acl(5) and <sys/acl.h>. */
struct ace {
	uint16_t tag, perm;
	uint32_t id; /* named users and groups only */
};

/*
 * The entries in the kernel's order; three of them say what a mode says. None:
 * no default ACL. Values share entries and never change them in place, and a
 * process does one batch and ends, so nothing is freed.
 */
struct facl {
	struct ace *v;
	size_t n;
};

/*
 * Of a descriptor, O_PATH will do; stat is what fstat(2) just said of it. Both
 * go by /proc/self/fd, which has to be the working folder: from there a
 * descriptor's number is its path, half the work of the kernel's.
 */
int facl_read(
    int fd, enum facl_kind, const struct stat *, struct facl *, struct fail *);
int facl_write(int fd, enum facl_kind, const struct facl *, struct fail *);

bool facl_same(const struct facl *, const struct facl *);
struct facl facl_copy(const struct facl *); /* one to change */

/* The entry, or NULL. The id counts for named users and groups. */
struct ace *facl_find(const struct facl *, uint16_t tag, uint32_t id);
void facl_remove(struct facl *, const struct ace *);
/* Where acl(5) wants it; the ACL must be a copy, and may be moved. */
struct ace *facl_insert(struct facl *, uint16_t tag, uint32_t id, uint16_t);

/* Short text, "u::rw-,u:1000:r--,...", "-" for none; owned. And back: -1. */
char *facl_text(const struct facl *);
int facl_parse(const char *, struct facl *);

void perm_text(unsigned perm, char out[4]);

#endif
