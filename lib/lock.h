/*
 * One step at a time on an instance. SPDX-License-Identifier: ISC
 */
#ifndef LXG_LOCK_H
#define LXG_LOCK_H

#include "fail.h"
#include "rec.h"

struct lock {
	int dir, fd;
	char *name;
};

/*
 * Waits for the lock of the record's instance (its engine, or where that is
 * another machine's, its address; project and name), which every program of
 * this user takes before it changes the instance's devices. It lies in the
 * state folder, which unlike the runtime folder is the same one from cron.
 * FAIL_INTERRUPTED where a signal ends the wait (sig.h).
 */
int lock_take(const struct rec *, struct lock *, struct fail *);
void lock_drop(struct lock *);

#endif
