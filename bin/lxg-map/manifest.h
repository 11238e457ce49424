/*
 * The manifest of copies.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_MAP_MANIFEST_H
#define LXG_MAP_MANIFEST_H

#include "fail.h"
#include "rec.h"

/*
 * One file for each copy, written and fsynced before what it tells is done. It
 * is the record, and: state ("lending": being made; "lent"; "writing": the
 * original is being written from the snapshot beside the manifest), sha256 of
 * what both sides had last, since (seconds of boot), boot (its id), origin_fs
 * (the id of the original's file system).
 */
int manifest_open(struct fail *); /* the folder, made where it is missing */
char *manifest_name(const struct rec *);   /* of a record's copy, owned */
char *manifest_snapshot(const char *name); /* owned */
int manifest_read(int dir, const char *name, struct rec *, struct fail *);
int
manifest_write(int dir, const char *name, const struct rec *, struct fail *);
/* Sets state, and since and boot to now. */
void manifest_begin(struct rec *, const char *state);
/* As a device record, owned; "unfinished" where the state is not "lent". */
jv manifest_record(const struct rec *);
int manifest_remove(int dir, const char *name, struct fail *);
/* Appends the copies lent to inst's instance, with its keys; NULL: all. */
int manifest_list(const struct rec *inst, struct recs *, struct fail *);

#endif
