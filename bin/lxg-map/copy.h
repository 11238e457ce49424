/*
 * Files lent as copies: their manifest, their making and their way back.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_MAP_COPY_H
#define LXG_MAP_COPY_H

#include <stdbool.h>
#include <sys/types.h>

#include "batch.h"
#include "fail.h"
#include "ident.h"
#include "lxd.h"
#include "rec.h"

#define HASH_LEN 65 /* SHA-256 in hex, and a NUL */

/*
 * data.c: contents. Clone copies all of a file, as a reflink where the file
 * systems can; 65 where it is larger than max.
 */
int data_clone(int from, int to, off_t max, struct fail *);
int data_overwrite(int from, int to, struct fail *); /* from both offsets */
int data_hash(int fd, char hash[HASH_LEN], struct fail *);
off_t data_max(struct fail *); /* LXG_COPY_MAX; -1: not a number */

/*
 * manifest.c: one file for each copy, written and fsynced before what it tells
 * is done. It is the record, and: state ("lending": being made; "lent";
 * "writing": the original is being written from the snapshot beside the
 * manifest), sha256 of what both sides had last, since (seconds of boot) and
 * boot (its id).
 */
int manifest_open(struct fail *); /* the folder, made where it is missing */
char *manifest_name(const struct rec *);   /* of a record's copy, owned */
char *manifest_snapshot(const char *name); /* owned */
int manifest_read(int dir, const char *name, struct rec *, struct fail *);
int
manifest_write(int dir, const char *name, const struct rec *, struct fail *);
void manifest_begin(struct rec *);	/* sets state, since and boot */
jv manifest_record(const struct rec *); /* as a device record, owned */
int manifest_remove(int dir, const char *name, struct fail *);
/* Appends the copies lent to inst's instance, with its keys; NULL: all. */
int manifest_list(const struct rec *inst, struct recs *, struct fail *);

/*
 * origin.c: the user's file. Opens it (O_PATH) where it is the one that was
 * planned; 75 where it is another, 1 where there is none.
 */
int origin_open(const struct rec *, struct fail *);
/* Keeps what the descriptor has beside the original. *path is owned. */
int origin_keep_both(
    const struct rec *, int fd, const char *hash, char **path, struct fail *);

/*
 * copy.c: makes a batch's copies; none is left when the call fails. made has
 * room for one a record, false at first: those that the call made, which is
 * what undo removes again.
 */
int copy_give(
    struct lxd *, const struct batch *, bool dry, bool *made, struct fail *);
int
copy_undo(struct lxd *, const struct batch *, const bool *made, struct fail *);

/* back.c: takes one back. What is to be told goes to standard error. */
int copy_take(struct lxd *, struct rec *, bool discard, struct fail *);

/*
 * Where an instance's folder of copies is, here and inside, by its devices;
 * both owned. 78 where it has none.
 */
int copy_folder_of(
    const struct recs *devices, char **source, char **path, struct fail *);

/* The folder of copies on the host, its way checked; and a record's name. */
int copy_folder(const struct rec *, struct fail *);
const char *copy_name(const struct rec *, struct fail *);

#endif
