/*
 * Brings ACLs from what they are to what the state's holders need.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_WORK_H
#define LXG_WORK_H

#include "item.h"
#include "lend.h"

/* What one call does with one inode. */
struct work {
	struct loan loan;
	struct facl base[2], old[2]; /* the loan's, as values */
	int fd;			     /* O_PATH; -1: not there */
	struct stat st;		     /* just before now was read */
	int kinds;    /* 2 for a folder, which has a default ACL too */
	bool lent;    /* the state has it */
	bool changed; /* its holders are not those of the state */
	bool put;     /* the state is to have what it is now */
	bool suspect; /* what told of it may have been damaged */
	struct lending was[2];
	struct facl last[2]; /* what lend() made of that */
	struct facl then[2]; /* what the state has, before this call */
	struct facl now[2], want[2];
	bool done;
	struct fail *why; /* it failed; NULL: it did not */
};

/* All of one call, under one lock. */
struct works {
	struct state *state;
	void *tree; /* of works, by inode: tsearch(3) */
	struct work **v;
	size_t n;
};

/*
 * The work on an item's inode, one however often it is asked for. *w is NULL
 * where the state has no such loan and make is false. A handle says which inode
 * of its file system it is, so an image and a copy of it that are both mounted
 * have inodes that can't be told apart once the device's number has changed:
 * they are refused.
 */
int work_on(struct works *, const struct item *, bool make, struct work **,
    struct fail *);

struct grant *work_grant(const struct work *, const struct holder *);
struct grant *work_add(struct work *); /* one more, to be filled in */
void work_take(struct work *, struct grant *);
bool work_drop_gone(struct work *); /* grants whose inode was not found */

/* To whom its ACL is lent, with what it was before; owned. */
struct lending work_lending(const struct work *, enum facl_kind);

/* The state has its holders now: what was read there, or has been put there. */
void work_known(struct work *);

/*
 * settle.c. Does the works that are not done: notes in the state what will be,
 * then changes the ACLs, then forgets those that nobody holds any more. Each
 * fails by itself; where first is true, the first failure ends it all. -1 where
 * any failed.
 */
int work_settle(struct works *, bool first);

#endif
