/*
 * The host's X display, which the client shows its windows on. It is looked at
 * by lxg-client -w, a process of its own, for an X server may never answer.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_DISPLAY_H
#define LXG_XPRA_DISPLAY_H

#include <stdbool.h>
#include <sys/types.h>

#include "fail.h"
#include "host.h"

#define DISPLAY_LINE (16u << 10)
#define DISPLAY_MS   10000 /* then it is held not to answer */

struct display {
	pid_t pid;
	int fd;	       /* to poll for input; -1: it has ended */
	bool known;    /* host and security are set */
	bool security; /* the X server can make untrusted cookies */
	struct host host;
	size_t have;
	char why[512]; /* what it said in place of that */
	char in[DISPLAY_LINE];
};

int display_watch(struct display *, struct fail *);
/*
 * What it says: 1 for news, 0 for none yet; -1: FAIL_CONFIG no display,
 * FAIL_UNAVAILABLE gone.
 */
int display_read(struct display *, struct fail *);
void display_stop(struct display *);

/*
 * Is there one to show windows on, with untrusted cookies where they are
 * wanted? FAIL_CONFIG where not, and what to do. A signal that is caught ends
 * the wait.
 */
int display_look(struct host *, bool untrusted, struct fail *);
int display_judge(const struct display *, bool untrusted, struct fail *);

/*
 * An untrusted cookie of the X SECURITY extension, made in the private folder
 * dir and kept in memory: a descriptor of an Xauthority file. FAIL_CONFIG.
 */
int display_cookie(const char *dir, struct fail *);

#endif
