/*
 * The folders on the host that an instance shares, and what keeps them apart
 * from those of another instance. SPDX-License-Identifier: ISC
 */
#ifndef LXG_MOUNT_FOLDER_H
#define LXG_MOUNT_FOLDER_H

#include <stdbool.h>

#include "fail.h"
#include "rec.h"

/* What a plan has made so far, so that it can be unmade. */
struct made {
	char **v;
	size_t n;
};

/*
 * The instance's folder, made where it is missing, with the file that holds
 * its uuid: its real path, owned, or NULL; FAIL_CREATE where it is another
 * instance's. touch: else it is only looked up, and the path is that it would
 * have.
 */
char *
folder_home(const struct rec *inst, bool touch, struct made *, struct fail *);

/* A folder in it, made where it is missing. */
int folder_make(const char *path, struct made *, struct fail *);

void folder_unmake(struct made *);

/* Removes what is in an instance's folder of that name; 1: not all of it. */
int folder_empty(const struct rec *, const char *name, struct fail *);

/* 1: something is in it. */
int folder_holds(const struct rec *, const char *name, struct fail *);

/*
 * Removes the folder where it is empty, and the instance's own behind the last
 * of them; 1 where something is in there.
 */
int folder_remove(const struct rec *, const char *name, struct fail *);

#endif
