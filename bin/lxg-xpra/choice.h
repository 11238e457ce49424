/*
 * What the policy and the user's options make of the client.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_CHOICE_H
#define LXG_XPRA_CHOICE_H

#include <jv.h>
#include <stdbool.h>

#include "fail.h"
#include "rec.h"

#define CHOICE_ARGS 64

struct choice {
	bool untrusted; /* the X server is to hold the client back */
	bool notifications, urls, files, printing, tray;
	bool speaker, microphone;
	const char *border;	       /* among args */
	const char *args[CHOICE_ARGS]; /* the client's, NULL behind them */
	int n;
};

/*
 * Can -o have that? FAIL_USAGE: it is none, with what to use instead, or of no
 * colour; FAIL_NO, FAIL_PERM: its file can't be read.
 */
int choice_check(const char *option, struct fail *);

/*
 * Of an instance's config (borrowed) and of -o, in order. FAIL_CONFIG: a policy
 * that is none. The options were checked.
 */
int choice_make(struct choice *, const struct rec *, jv config,
    char *const *options, int n, struct fail *);

#endif
