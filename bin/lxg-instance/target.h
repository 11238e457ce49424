/*
 * The instances that a verb is to do something to, from its operands or from
 * records. What is wrong with them ends the program.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_INSTANCE_TARGET_H
#define LXG_INSTANCE_TARGET_H

#include <stdbool.h>
#include <stddef.h>

#include "lock.h"
#include "lxd.h"
#include "rec.h"

struct target {
	struct lxd *lxd;
	struct rec rec;	  /* as it came, or what is known of the name */
	const char *name; /* borrowed from rec */
	bool undo;	  /* this call brought it into being */
	struct lock lock; /* of a create that failed, until it is undone */
	bool locked;
};

/* Records that are passed on: nothing is done, so no engine is asked. */
bool target_is_idle(const struct rec *);

/* The engine that a command line's name is on, shared through its record. */
void target_by_name(const char *name, struct target *);

/*
 * A bad record ends the program before anything is done. Verbs that take go on
 * where an engine does not answer.
 */
void target_by_record(struct rec *, bool takes, struct target *);

/*
 * The record of one that is about to be used: a create or delete of it that was
 * cut short is no more to be finished by itself.
 */
int target_get(const struct target *, jv *rec, struct fail *);
int target_use(const struct rec *, struct fail *);

/* From operands, else, for verbs that take, from records. */
struct target *targets(int argc, char **argv, bool takes, size_t *n);

#endif
