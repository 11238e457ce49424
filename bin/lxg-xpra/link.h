/*
 * A session's way over the engine's exec: a process of its own, which has the
 * connection, carries the display's bytes and keeps the session's folder here
 * (mirror.h). SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_LINK_H
#define LXG_XPRA_LINK_H

#include <jv.h>
#include <stdbool.h>
#include <sys/types.h>

#include "fail.h"
#include "rec.h"

struct link {
	int fd; /* polls where it has something to say; -1: there is none */
	pid_t pid;
	char *path; /* of the folder that stands for the shared one */
};

/*
 * Begins with share/lxg/far.py's verb and its further arguments (args,
 * consumed), of the session id; suffix is that of the files that are told of.
 * Returns the folder.
 */
int link_start(struct link *, const struct rec *, const char *id,
    const char *suffix, jv args, struct fail *);

/* Waits until all that is there by now was told; FAIL_INTERRUPTED. */
int link_wait(struct link *, struct fail *);

/* After fd polled: -1 where it has failed, and why. */
int link_read(struct link *, struct fail *);

/* Ends it. The instance forgets what is over where we have seen that. */
void link_stop(struct link *, bool seen);

#endif
