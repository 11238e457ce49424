/*
 * lxg-client as a process: started with next to nothing, given the server's
 * socket once that is there, and heard. SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_CLIENT_H
#define LXG_XPRA_CLIENT_H

#include <stdbool.h>
#include <sys/types.h>

#include <jv.h>

#include "asked.h"
#include "choice.h"
#include "display.h"
#include "fail.h"
#include "runtime.h"

struct client {
	pid_t pid;
	int pidfd, said; /* -1 when it is gone; its messages */
	int control;	 /* our end of the socketpair */
	int log;
	off_t logged;
	bool served; /* it has the server's socket */
};

/* The program's path, owned: it lies in the folder that we lie in. */
char *client_program(struct fail *);
/* Is it there? FAIL_CONFIG where it is not. */
int client_there(struct fail *);

/*
 * Starts it on the display, of which it is told. It leads a process group of
 * its own, and dies with us.
 */
int client_start(struct client *, const struct choice *, const struct display *,
    const struct runtime *, struct fail *);

/* What there is to know of the display now. */
void client_host(struct client *, const struct host *);

/* An icon of its was clicked. */
void client_click(struct client *, const struct tray_heard *);

/* Hands the server's socket over, and which version that is of. */
int
client_serve(struct client *, int server, const char *version, struct fail *);

void client_listen(struct client *); /* takes what it said into the log */

/* After pidfd polled: its wait status. */
int client_reap(struct client *);
void client_stop(struct client *);

/* Why it ended: by its own last word where that came, else from its log. */
int client_why(struct client *, int status, const struct asked *,
    const struct runtime *, struct fail *);

#endif
