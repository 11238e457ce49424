/*
 * One copy on its way back, and the parts of that way.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_MAP_BACK_H
#define LXG_MAP_BACK_H

#include <stdbool.h>
#include <sys/stat.h>

#include "data.h"
#include "fail.h"
#include "lxd.h"
#include "rec.h"
#include "state.h"

struct back {
	struct lxd *lxd;
	struct state *state;
	struct copy copy;
	struct rec record;     /* the copy's, as it was lent */
	jv text;	       /* the same, as the state was told it */
	char hash[HASH_LEN];   /* of what both sides had last */
	char *snapshot;	       /* a file's name */
	int snapshots, copies; /* folders; copies: -1 where it is not there */
	const char *file;      /* the copy's name in its folder */
	bool far;	       /* on another machine: far.h has it, no folder */
	const char *instance;  /* its name by now */
	bool runs;
};

/* back.c: a message about the copy; what the state says from now on. */
void back_say(const struct back *, const char *what);
int back_save(struct back *, enum copy_state, const char *hash, struct fail *);

/*
 * snapshot.c: takes what has the copy's name now into a private file, hashed;
 * 1 where nothing has, 2 where that is no regular file. st: what it was when
 * that was begun.
 */
int snapshot_take(
    const struct back *, struct stat *st, char hash[HASH_LEN], struct fail *);
int snapshot_open(const struct back *, int flags, struct fail *);
int snapshot_hash(const struct back *, char hash[HASH_LEN], struct fail *);

/*
 * keep.c: what can't go into the original is kept beside it, or where that
 * can't be, in lxg's own state; it is told, and in the record. keep_snapshot
 * is of the instance's version, with which the copy is settled.
 */
int keep_file(
    struct back *, int fd, const char *hash, const char *what, struct fail *);
int
keep_snapshot(struct back *, const char *hash, const char *why, struct fail *);

/*
 * writeback.c: the snapshot (its hash) goes into the original. _resume is for
 * one that was cut short; drop: only where it had begun indeed.
 */
int writeback(struct back *, const char *hash, struct fail *);
int writeback_resume(struct back *, bool drop, struct fail *);

#endif
