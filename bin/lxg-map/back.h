/*
 * One copy on its way back, and the parts of that way.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_MAP_BACK_H
#define LXG_MAP_BACK_H

#include <stdbool.h>
#include <sys/stat.h>

#include "copy.h"
#include "data.h"

struct back {
	struct lxd *lxd;
	struct state *state;
	const struct taking *how;
	struct copy copy;      /* sha256: of what both sides had last */
	struct rec record;     /* the copy's, as it was lent */
	char *what;	       /* a message is about: instance and original */
	char *snapshot;	       /* a file's name */
	int snapshots, copies; /* folders; copies: -1 where it is not there, */
	int above;	       /* then this one too: the host user's alone */
	const char *file;      /* the copy's name in its folder */
	char *aside;	  /* and above it, in its last moments: as no other */
	bool far;	  /* on another machine: no folder; */
	const char *path; /* there, and aside is a path, too */
	const char *instance; /* its name by now */
	bool runs;	      /* as far as is known */
};

/*
 * back.c: what the state says from now on; a file removed, if it is there.
 */
int back_save(struct back *, enum copy_state, const char *hash, struct fail *);
int back_unlink(int dir, const char *name, struct fail *);

/*
 * snapshot.c: takes what has the copy's name now into a private file, hashed;
 * 1 where nothing has, 2 where that is no regular file. st: what it was when
 * that was begun, of one that is here.
 */
int snapshot_take(
    const struct back *, struct stat *st, char hash[HASH_LEN], struct fail *);
int snapshot_open(const struct back *, int flags, struct fail *);

/*
 * aside.c: removes the copy if it is still the one that was taken; 1 where it
 * isn't. Where that was cut short, restore has the copy back in its place.
 */
int aside_remove(const struct back *, const struct stat *taken, struct fail *);
int aside_restore(const struct back *, struct fail *);

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
 * one that was cut short; where the copy is to be discarded only what had
 * begun indeed.
 */
int writeback(struct back *, const char *hash, struct fail *);
int writeback_resume(struct back *, struct fail *);

#endif
