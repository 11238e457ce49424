/*
 * The journal of grants: what each lent inode's ACL was before, and for whom it
 * was changed. SPDX-License-Identifier: ISC
 */
#ifndef LXG_JOURNAL_H
#define LXG_JOURNAL_H

#include "loan.h"

struct journal {
	int dir;	     /* the folder, locked; -1: there is none */
	void *tree;	     /* of loans, by identity: tsearch(3) */
	struct loan *loans;  /* all that are loaded */
	struct jname *names; /* in the folder when it was opened, sorted */
	size_t nnames;
	struct jfile *files;
	struct loan *fresh; /* to be written to files not yet named */
	unsigned packs;	    /* the highest number of one */
	bool lost;	    /* a pack has been set aside, now or before */
};

/*
 * Opens the folder and waits for its lock, which one process holds from its
 * look at the journal until the ACLs and the journal agree again. Where create
 * is false and there is no folder, the journal is empty. 77 where the folder is
 * not the user's or others may write in it; 75 where a signal ends the wait.
 * Files that are truncated or garbage are named on stderr and set aside.
 */
int journal_open(struct journal *, bool create, struct fail *);
void journal_close(struct journal *);

/*
 * Files of a single inode are read when asked for; this reads all of them, and
 * forgets what was gone a month ago.
 */
int journal_load(struct journal *, struct fail *);

/* The inode's loan, or *l is NULL. -1: can't tell. */
int journal_find(
    struct journal *, const struct ident *, struct loan **l, struct fail *);
struct loan *journal_add(struct journal *, const struct ident *);

/* Might a file that was set aside have had it? */
bool journal_lost(const struct journal *, const struct ident *);

/* Notes what a loan is now, or that it is no more, for journal_save(). */
void journal_put(struct journal *, struct loan *);
void journal_drop(struct loan *);

/*
 * Durable when it returns 0. Each file is whole, new or as it was before; where
 * one can't be written the others are all the same.
 */
int journal_save(struct journal *, struct fail *);

#endif
