/*
 * What others are in the way of is tried again. SPDX-License-Identifier: ISC
 */
#ifndef LXG_PATIENCE_H
#define LXG_PATIENCE_H

#include <stdbool.h>
#include <time.h>

#include "fail.h"

struct patience {
	time_t end;
	long ms; /* the next wait */
};

/*
 * How many seconds that variable of the environment says, or so many; -1
 * (FAIL_CONFIG) where it says anything else.
 */
long patience_seconds(const char *variable, long otherwise, struct fail *);

/* Seconds, on a clock that nobody sets. */
time_t patience_now(void);

struct patience patience_begin(void);

/*
 * Is another try worth it? After a conflict (FAIL_AGAIN), and no signal, until
 * LXG_TIMEOUT is over. Then it waits, longer each time.
 */
bool patience_again(struct patience *, const struct fail *);

/* The same where the caller knows that it is. */
bool patience_wait(struct patience *);

#endif
