/*
 * What the process of a session's way does (link.h).
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_CARRY_H
#define LXG_XPRA_CARRY_H

#include "channel.h"
#include "fail.h"
#include "lxd.h"

/*
 * Carries the session's bytes until to, a SOCK_SEQPACKET socket, is shut down:
 * with a message before it, what is over was seen. A byte goes there once all
 * that was there at the beginning has been told. FAIL_UNAVAILABLE where the
 * connection broke, FAIL_PROTOCOL where the other side makes no sense.
 */
int carry(struct lxd *, struct channel *, const char *id, const char *suffix,
    int top, int to, struct fail *);

#endif
