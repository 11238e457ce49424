/*
 * A file of the journal. SPDX-License-Identifier: ISC
 */
#ifndef LXG_FILE_H
#define LXG_FILE_H

#include "loan.h"

enum file_kind {
	FILE_SINGLE, /* of one inode, which names it */
	FILE_PACK,
	FILE_TEMPORARY, /* written and not yet in place */
	FILE_OTHER
};

struct jfile {
	char *name;
	struct loan *loans; /* by their in_file */
	bool changed;	    /* what is on disk is not this */
	bool ready;	    /* its new text lies beside it */
	bool damaged;	    /* it was not what we wrote */
	struct jfile *next;
};

enum file_kind file_kind(const char *name, unsigned *pack);
bool file_is_bad(const char *name);    /* set aside, of either kind */
char *file_name(const struct ident *); /* owned */
char *file_pack(unsigned);	       /* owned */

/* The names in a folder; they and the array are owned. */
int file_names(int dir, char ***, size_t *n, struct fail *);

struct jfile *file_new(char *name); /* consumes */
void file_add(struct jfile *, struct loan *);

/* With the loans that are whole; NULL on failure. */
struct jfile *file_read(int dir, const char *name, struct fail *);
/* Keeps what is there as NAME.bad, and marks the file as changed. */
int file_set_aside(int dir, struct jfile *, struct fail *);

/*
 * A file changes in three steps: its new text is written beside it, made
 * durable, and put in its place (one without loans is removed). of: how many
 * files take them together.
 */
int file_prepare(int dir, struct jfile *, size_t of, struct fail *);
int file_sync(int dir, size_t of, struct fail *);
int file_place(int dir, struct jfile *, struct fail *);

#endif
