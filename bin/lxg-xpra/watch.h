/*
 * Kernel events (inotify) of the shared folders. SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_WATCH_H
#define LXG_XPRA_WATCH_H

#include <stdbool.h>

#include "fail.h"

struct watch {
	int fd, top;
	bool status; /* a session's end may be there to see */
};

int watch_top(struct watch *, int xpra, struct fail *); /* and opens it */
void watch_forget_top(struct watch *);
void watch_folder(struct watch *, int folder); /* a session's */

/* Takes all events; what the instance floods is told from what matters. */
void watch_read(struct watch *);

#endif
