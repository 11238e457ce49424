/*
 * What the client asks for, a line of JSON each: judged as if the instance had
 * taken it over, and done by fixed means. SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_ASKED_H
#define LXG_XPRA_ASKED_H

#include <stdbool.h>

#include "choice.h"
#include "fail.h"
#include "sent.h"
#include "tray.h"

#define ASKED_LINE (64u << 10)

struct asked {
	const char *instance;
	bool urls_open, notes_open, tray_open; /* what the policy has on */
	int urls, notes; /* to those who do it; -1: not yet */
	struct sent sent;
	struct tray tray;
	bool locked;	  /* it says that it is */
	char why[256];	  /* its last word, cleaned */
	long long second; /* in which there were so many: */
	unsigned lines, told;
	size_t have;
	char in[ASKED_LINE];
};

void asked_init(
    struct asked *, const struct choice *, const char *instance, int dir);
void asked_end(struct asked *);

/* It asks too much: milliseconds until it is heard again, or -1. */
int asked_wait(const struct asked *);

/* -1: what came makes no sense (FAIL_PROTOCOL), and its end is the best answer.
 */
int asked_read(struct asked *, int control, struct fail *);

/* After tray.fd polled: has an icon been clicked? */
bool asked_click(struct asked *, struct tray_heard *);

#endif
