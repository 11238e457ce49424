/*
 * Brings ACLs from what they are to what the journal's holders need.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_WORK_H
#define LXG_WORK_H

#include "journal.h"
#include "lend.h"

/* What one call does with one inode. */
struct work {
	struct loan *loan;
	int fd;		/* O_PATH */
	struct stat st; /* just before now was read */
	int kinds;	/* 2 for a folder, which has a default ACL too */
	bool lent;	/* the journal has it */
	bool changed;	/* its holders are not those of the journal */
	struct lending was[2], next[2];
	struct facl last[2]; /* what lend() made of that */
	struct facl old[2];  /* what the journal has, before this call */
	struct facl now[2], want[2];
	bool done;
	struct fail *why; /* it failed; NULL: it did not */
};

struct works {
	struct work **v;
	size_t n;
};

/* The work on a loan: one, however often it is asked for. Borrows fd. */
struct work *work_on(struct works *, struct loan *, int fd, bool folder);

/*
 * Does the works that are not done: notes in the journal what will be, then
 * changes the ACLs, then forgets those that nobody holds any more. Each fails
 * by itself; where first is true, the first failure ends it all. -1 where any
 * failed.
 */
int work_settle(struct journal *, struct works *, bool first);

#endif
