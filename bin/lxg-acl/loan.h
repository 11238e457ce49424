/*
 * An inode on loan, as a value and as a line of the journal.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_LOAN_H
#define LXG_LOAN_H

#include "facl.h"
#include "ident.h"

/* Who holds a grant: in a record without api or uuid, engine and instance. */
enum { BY_ENGINE, BY_API, BY_PROJECT, BY_INSTANCE, BY_UUID, BY_DEVICE, BY_N };

struct holder {
	char *by[BY_N];	   /* NULL: not in the record */
	uint32_t uid;	   /* the entry that it holds */
	uint16_t asked;	   /* what the record said */
	uint16_t perm;	   /* what it has: what others have left of it */
	bool fresh;	   /* asked for by this call */
	long long granted; /* or gone: when, in seconds since 1970 */
	char *boot;	   /* in which boot (boot_id of random(4)) */
	uint64_t fs;	   /* its file system's id (statfs(2)); 0: not known */
	bool memory;	   /* and it doesn't outlive a boot */
	bool gone;	   /* taken back when its inode was not to be found */
	char *text;	   /* the grant record */
};

/*
 * An inode on loan. old is what the ACL was just before lxg last changed it:
 * where a crash came before that change, it still is.
 */
struct loan {
	struct ident id;
	struct facl base[2], old[2]; /* by enum facl_kind */
	struct holder *h;
	size_t nh;
	bool merged; /* others changed the ACL, and base is made of that */

	char *line;	    /* as it is on disk, or will be; NULL: gone */
	struct jfile *file; /* where; NULL: not decided yet */
	bool fresh;	    /* waits for that decision */
	struct work *work;  /* what this call does with it */
	struct loan *in_file, *next;
};

bool holder_same(const struct holder *, const struct holder *);

/* Drops the holders that are gone by that time; false: there are none. */
bool loan_drop_gone(struct loan *, long long time);

/*
 * The line, without a newline; owned. And back, from a line that the loan
 * keeps: -1 where it is not one.
 */
char *loan_text(const struct loan *);
int loan_parse(char *line, struct loan *);

#endif
