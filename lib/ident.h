/*
 * Which inode a descriptor is. SPDX-License-Identifier: ISC
 */
#ifndef LXG_IDENT_H
#define LXG_IDENT_H

#include <stdbool.h>
#include <sys/stat.h>

#include "fail.h"
#include "rec.h"

struct ident {
	char dev[24], ino[24]; /* decimal digits */
	char handle[300];      /* name_to_handle_at(2) in hex, or "" */
};

/* Of an open descriptor, O_PATH will do. */
int ident_fd(int fd, struct ident *, struct fail *);
/* The same, with what fstat(2) said of it. */
void ident_stat(int fd, const struct stat *, struct ident *);

/*
 * The same inode? By handle and ino where both have a handle (it differs when
 * an inode number is reused, and is stable over a remount, where dev may
 * change), else by dev and ino.
 */
bool ident_same(const struct ident *, const struct ident *);

/* dev, ino and, where there is one, handle: to and from a record. */
void ident_to_rec(const struct ident *, struct rec *);
int ident_from_rec(const struct rec *, struct ident *, struct fail *);

#endif
