/*
 * A walk through a share, which the container changes meanwhile.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_MOUNT_SCAN_H
#define LXG_MOUNT_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "both.h"

/* What is to be done inside: a word for inside.c and a path in the share. */
struct todo {
	char how[6]; /* "g+rwx" as chmod(1) takes it, or "copy" */
	char *path;
};

struct scan {
	struct users users;
	bool copy;	     /* what is lost is to be done, too */
	size_t mended, left; /* how many */
	struct todo *v;
	size_t n, bytes; /* of their paths */
	char *why;	 /* of the first NAMED_MAX that are left, owned */
	size_t seen;
	bool guarded; /* nobody makes links to what they can't write */
};

/*
 * Looks at everything below the folder (a descriptor, borrowed) and mends what
 * the host user can; appends what is to be done inside, at most TODO_MAX with
 * BYTES_MAX of paths, and counts what is left. Follows no link, leaves the file
 * system never, and ends after SEEN_MAX entries.
 */
#define TODO_MAX  400
#define BYTES_MAX (256u << 10)
#define SEEN_MAX  200000
#define NAMED_MAX 8
void scan_folder(struct scan *, int folder);

/* The same anew, once it was tried; false where that has changed nothing. */
bool scan_again(struct scan *, int folder);

void scan_free(struct scan *);

#endif
