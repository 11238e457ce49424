/*
 * The verbs of lxg-map, and what they share. SPDX-License-Identifier: ISC
 */
#ifndef LXG_MAP_H
#define LXG_MAP_H

#include <stdbool.h>

#include <jv.h>

#include "batch.h"
#include "fail.h"
#include "lxd.h"
#include "rec.h"

int verb_plan(int argc, char **argv);
int verb_add(int argc, char **argv);
int verb_del(int argc, char **argv);

bool is_copy(const struct rec *); /* by its key "mode" */
/* The copies of a batch, or what else is in it; its array is owned. */
struct batch batch_of(const struct batch *, bool copies);
/* Where live files are inside. Owned; NULL where the record has no home. */
char *live_folder(const struct rec *);

/* Where a remote's copies are inside, below the home. */
#define COPY_FOLDER "maps"

/*
 * place.c: names that are still free. taken is an object whose keys are paths;
 * the one found is added. Owned.
 */
char *place_free(const char *path, jv *taken);
/* A name with something in front of its extension. Owned. */
char *place_insert(const char *path, const char *what);
/* The n-th variation of a name: report-2.odt, notes-2.tar.gz. Owned. */
char *place_variation(const char *path, unsigned n);

/* look.c: what a path leads to, and whether it may be lent. */
struct look {
	bool copy, links; /* asked for: a copy; several hard links are fine */
	bool writable, executable, others; /* found: by the user; by "other" */
	char *real;			   /* the path without links, owned */
	int fd;				   /* O_PATH */
};

int look_at(const char *path, struct look *, struct fail *);
int look_open(const char *path, int flags); /* open(2), no link on the way */
void look_done(struct look *);

/*
 * holders.c: the processes in a running instance that hold a lent file, named
 * on standard error; wait: until there are none. Who is not told of them, since
 * the instance won't say, has the files back all the same, unless it waits.
 */
int holders_see(struct lxd *, const struct batch *, bool wait, struct fail *);

#endif
