/*
 * A device record, and the inode it is about. SPDX-License-Identifier: ISC
 */
#ifndef LXG_ITEM_H
#define LXG_ITEM_H

#include <sys/stat.h>

#include "rec.h"
#include "state.h"

struct item {
	struct rec *rec; /* borrowed */
	bool skip;	 /* passed on as it is */
	const char *source;
	struct ident id;
	struct holder by;
	uint32_t uid;	/* of the instance's user */
	unsigned asked; /* rights */
	int fd;		/* -1: not there */
	struct stat st;
	struct work *work;
	bool added; /* grant: it had no such holder before */
	bool taken; /* revoke: it had one, and no folder of lxg's own */
	enum restored { EXACT, MERGED, HELD, GONE } restored;
	struct fail *why; /* it failed; NULL: it did not */
};

struct items {
	struct item *v;
	size_t n;
};

/* Of all records; FAIL_DATA where one lacks what is needed. */
int items_read(struct recs *, struct items *, struct fail *);

char *item_what(const struct item *); /* its name in messages, owned */
void item_fail(struct item *, const struct fail *); /* with a copy */

/*
 * find.c. Opens the source and compares it with what was planned: FAIL_NO where
 * there is none, FAIL_AGAIN where it is another inode.
 */
int item_open(struct item *, struct fail *);

/*
 * The same where it may have been renamed meanwhile: within its folder it is
 * found again. fd is -1 when the inode is gone; -1 when that can't be told.
 */
int item_find(struct item *, struct fail *);

/* Notes in the grant what file system it is on. */
void item_note_fs(const struct item *, struct grant *);

/*
 * The topmost folder on the way to it that is on its file system, by the id
 * that was noted, else by its number; owned. NULL: that is not mounted there.
 */
char *item_root(const struct item *, uint64_t fs);

#endif
