/*
 * Copies that are lent, as the state has them. SPDX-License-Identifier: ISC
 */
#ifndef LXG_MAP_LENT_H
#define LXG_MAP_LENT_H

#include <stdbool.h>

#include <jv.h>

#include "fail.h"
#include "rec.h"
#include "state.h"

/* state_open(), which tells what is damaged on standard error. */
struct state *lent_open(unsigned how, struct fail *);
/* import.c: is there what 0.1 knew, still; and that taken over. */
bool lent_old(void);
int lent_import(struct state *, struct fail *);
/* The folder for snapshots of copies that are taken back; and a file in there
 * that has no name any more. */
int lent_snapshots(struct fail *);
int lent_unnamed(const char *copy, struct fail *);

/* What a record's copy is called there. Owned. */
char *lent_name(const struct holder *);
/* Another state begins now, and the copy's record is that: told to the state.
 */
int lent_save(struct state *, struct copy *, const struct rec *,
    enum copy_state, struct fail *);
/* Names the original, where a failure doesn't; -1. */
int lent_fail(const char *origin, struct fail *);
jv lent_parse(const struct copy *); /* its record, as it was lent; owned */
/*
 * The same as it is now, owned: "unfinished" where it is being made or written
 * back, "age" for how many seconds of this boot; "machine" and "host" where it
 * is held on another one.
 */
jv lent_record(const struct copy *);
/* Appends the copies lent to inst's instance, with its keys; NULL: all. */
int
lent_list(struct state *, const struct rec *inst, struct recs *, struct fail *);

#endif
