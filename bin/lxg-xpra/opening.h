/*
 * What a policy opens of the host in the client's sandbox: sockets, devices, a
 * folder, and a way to have addresses opened. SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_OPENING_H
#define LXG_XPRA_OPENING_H

#include <sys/types.h>

#include <jv.h>

#include "fail.h"
#include "rec.h"
#include "runtime.h"

#define OPENING_ARGS 64

struct opening {
	unsigned policy;		/* what is open */
	const char *args[OPENING_ARGS]; /* bubblewrap's, NULL behind them */
	int n;
	int bus, urls; /* held for the filters; -1: not open */
	pid_t filter;  /* of the bus */
	uid_t uid;     /* the client's: a made-up one, where that will do */
};

/* What the instance's config (borrowed) opens. */
void opening_choose(struct opening *, jv config);

/*
 * Starts the filters and lists what to bind, just before the client starts.
 * What the host doesn't have is told on stderr, and left out.
 */
int opening_make(struct opening *, const struct rec *, const struct runtime *,
    struct fail *);

/* Of these only the one that is needed without a sandbox, too. */
int opening_urls(struct opening *, struct fail *);

/* Of our own process, once the client has it. */
void opening_started(struct opening *);
void opening_end(struct opening *);

#endif
