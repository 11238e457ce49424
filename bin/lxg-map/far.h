/*
 * Copies in an instance on another machine: its engine takes them, and gives
 * what became of them. SPDX-License-Identifier: ISC
 */
#ifndef LXG_MAP_FAR_H
#define LXG_MAP_FAR_H

#include <stdbool.h>

#include <jv.h>

#include "back.h"
#include "fail.h"
#include "lxd.h"
#include "rec.h"

bool is_far(const struct rec *); /* by its address */

/*
 * Where an instance's copies are inside, by its record, and what that is called
 * here: REMOTE:INSTANCE/PATH, as the engine's own client has it. Owned.
 */
int
far_place(const struct rec *inst, char **source, char **path, struct fail *);

/*
 * The names in that folder, which is made where it is not there; an object's
 * keys, owned. FAIL_DATA where something else has its name.
 */
int far_folder(struct lxd *, const struct rec *inst, const char *path,
    jv *names, struct fail *);

/* The content of a descriptor becomes a copy's, for the record's user alone. */
int far_put(struct lxd *, const struct rec *, int fd, struct fail *);

/* Where a copy is there, and is aside for its last moments. */
int far_begin(struct back *, struct fail *);

/*
 * Does the instance still exist, and is it this very one? 1: not by its name;
 * runs is filled in where it is.
 */
int far_look(struct back *, struct fail *);

/*
 * Has those inside remove the copy if its content is still what both sides had
 * last: nobody else can do that in one step. They may say what they like, which
 * decides no more than whether the copy is got.
 */
enum far_end {
	FAR_DONE = 0,
	FAR_GONE,    /* there is none */
	FAR_NO_FILE, /* nor one that could be got */
	FAR_CHANGED,
	FAR_UNKNOWN, /* it does not run, or can't tell */
};
int far_end(const struct back *, struct fail *); /* -1, or one of these */

/* Into an empty file: as snapshot_take() has it. */
int far_get(const struct back *, int fd, struct fail *);
int far_remove(const struct back *, struct fail *);

#endif
