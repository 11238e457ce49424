/*
 * Files lent as copies: their making and their way back.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_MAP_COPY_H
#define LXG_MAP_COPY_H

#include <stdbool.h>

#include "batch.h"
#include "fail.h"
#include "lxd.h"
#include "rec.h"
#include "state.h"

/*
 * copy.c: makes a batch's copies; none is left when the call fails. made has
 * room for one a record, false at first: those that the call made, which is
 * what undo removes again.
 */
int copy_give(
    struct lxd *, const struct batch *, bool dry, bool *made, struct fail *);
int
copy_undo(struct lxd *, const struct batch *, const bool *made, struct fail *);

/*
 * back.c: takes one back. What is to be told goes to standard error. discard:
 * whatever it is by now, it goes; force: only where it is no file any more.
 */
struct taking {
	bool discard, force;
};
int copy_take(struct lxd *, struct state *, struct rec *, const struct taking *,
    struct fail *);

/*
 * Where an instance's folder of copies is, here and inside, by its devices;
 * both owned. FAIL_CONFIG where it has none.
 */
int copy_folder_of(
    const struct recs *devices, char **source, char **path, struct fail *);

/* The folder of copies on the host, its way checked; and a record's name. */
int copy_folder(const struct rec *, struct fail *);
const char *copy_name(const struct rec *, struct fail *);

#endif
