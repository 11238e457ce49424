/*
 * What an instance says of its programs (share/lxg/app.py): none of it is to be
 * believed. SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_APP_H
#define LXG_XPRA_APP_H

#include <jv.h>

#include "fail.h"
#include "rec.h"

/*
 * Asks as the login user: "open" and a file inside or an address, or "entry"
 * and a program. The answer is an object, owned. FAIL_NO where there is none,
 * FAIL_DATA for an operand that is not UTF-8, FAIL_PROTOCOL where the answer
 * makes no sense.
 */
int app_ask(const struct rec *, const char *verb, const char *operand,
    jv *answer, struct fail *);

/* The command that opens an operand: strings, one at least. Owned. */
int app_command(
    const struct rec *, const char *operand, jv *command, struct fail *);

#endif
