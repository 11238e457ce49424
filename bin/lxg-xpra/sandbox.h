/*
 * The sandbox that the stock client runs in: bubblewrap and a system call
 * filter (lxg-security(7)). SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_SANDBOX_H
#define LXG_XPRA_SANDBOX_H

#include <stdbool.h>
#include <sys/types.h>

#include "display.h"
#include "fail.h"

struct sandbox {
	const struct display *display;
	const char *relay;	     /* the private socket's path */
	int folder;		     /* the one that it is in */
	const char *spec;	     /* its argument */
	const char *const *openings; /* arguments of bwrap's */
	uid_t uid;		     /* of the client, in there */
	int keep;		     /* a descriptor for the client, or -1 */
	int log;		     /* where the client's messages go */
	bool weak;		     /* no sandbox at all */
};

/*
 * Starts it; the child leads a process group of its own, and dies with us.
 * Returns its pid.
 */
pid_t sandbox_start(const struct sandbox *, struct fail *);

#endif
