/*
 * A copy's end. What is inside may put another file in its place at any time,
 * one that was saved by renaming just now: so it is moved to where nothing in
 * there reaches, and looked at once more before it is removed.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_MAP_ASIDE_H
#define LXG_MAP_ASIDE_H

#include <sys/stat.h>

#include "fail.h"

struct aside {
	int copies;	    /* the folder */
	const char *file;   /* the copy's name in it */
	const char *device; /* of the mapping: no other has that name */
};

/* Removes the copy if it is still the one that was taken; 1 where it isn't. */
int aside_remove(const struct aside *, const struct stat *taken, struct fail *);

/* Where that was cut short, the copy is back in its place. */
int aside_restore(const struct aside *, struct fail *);

#endif
