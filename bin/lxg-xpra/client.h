/*
 * The stock xpra client: how it is told what to do, and what it says.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_CLIENT_H
#define LXG_XPRA_CLIENT_H

#include <stdbool.h>
#include <sys/types.h>

#include <jv.h>

#include "fail.h"
#include "opening.h"
#include "rec.h"
#include "runtime.h"

struct client {
	pid_t pid;
	int pidfd, said; /* -1 when it is gone; its messages */
	bool weak;	 /* without a sandbox */
	int log;
	off_t logged;
	struct opening opening;
};

struct client_choice {
	jv rows;    /* of the option table, owned */
	bool weak;  /* no sandbox */
	bool plain; /* the user's own cookie, not an untrusted one */
	struct opening opening;
};

/*
 * What the instance's config (borrowed) and the user's options (-o, in order)
 * make of the client.
 */
int client_choose(struct client_choice *, const struct rec *, jv config,
    char *const *options, int n, struct fail *);

int client_start(struct client *, const struct client_choice *,
    const struct rec *, const struct runtime *, struct fail *);

void client_listen(struct client *); /* takes what it said into the log */

/* After pidfd polled: its wait status. */
int client_reap(struct client *);
void client_stop(struct client *);

/* Why it ended before it was attached, from its log. */
int client_why(struct client *, const struct runtime *, struct fail *);

#endif
