/*
 * The host's side of a session: a private folder under XDG_RUNTIME_DIR with
 * the lock that an attached client holds, the client's log and how much of the
 * output was passed on. SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_RUNTIME_H
#define LXG_XPRA_RUNTIME_H

#include <stdbool.h>
#include <sys/types.h>

#include "fail.h"
#include "rec.h"

struct runtime {
	char *path;
	int dir, lock;
};

/* Makes the folder and takes the lock; FAIL_AGAIN where another attach has it.
 */
int runtime_take(
    const struct rec *, const char *id, struct runtime *, struct fail *);
void runtime_drop(struct runtime *);

/* Removes the folder, for a session that is over. */
void runtime_remove(const struct rec *, const char *id);

/* Removes those of sessions that xpra, the instance's folder, no longer has. */
void runtime_sweep(const struct rec *, int xpra);

/* Is a client attached? */
bool runtime_attached(const struct rec *, const char *id);

/* A log, emptied, for writing; what follows is the same for a next attach. */
int runtime_log(const struct runtime *, struct fail *);
off_t runtime_offset(const struct runtime *);
void runtime_set_offset(const struct runtime *, off_t);

#endif
