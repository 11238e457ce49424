/*
 * What verbs that give or take do with a stream of records, an instance's at a
 * time. Part of the programs' front: it prints, and ends the program.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_TAKE_H
#define LXG_TAKE_H

#include <stdbool.h>

#include "batch.h"
#include "fail.h"
#include "lxd.h"
#include "rec.h"

typedef int take_fn(struct lxd *, const struct batch *, void *, struct fail *);

/*
 * For verbs that take: reads records, calls before (or NULL), and then fn
 * under its instance's lock, with each batch, its engine's api in each record,
 * goes on to the end and writes them. A record gets "error" where fn fails or
 * has set it itself; the exit code is then EX_TEMPFAIL. Dry ones
 * (cli_dry_run(), "dry_run") are marked and passed on.
 */
int take_all(take_fn *before, take_fn *fn, void *arg);

/*
 * For verbs that give: the same, all or nothing. When a batch fails, those
 * before it are undone, last first, from what fn has left in *given (owned by
 * undo then), and the program ends as the failure has it; likewise when the
 * records can't be written, with EX_IOERR.
 */
typedef int give_fn(
    struct lxd *, const struct batch *, bool dry, void **given, struct fail *);
typedef int
undo_fn(struct lxd *, const struct batch *, void *given, struct fail *);

int give_all(give_fn *, undo_fn *);

/* What a message about the record is about: its instance. */
const char *take_object(const struct rec *);

#endif
