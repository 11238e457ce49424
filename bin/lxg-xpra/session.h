/*
 * What a session is: records, names, and how far it is.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_SESSION_H
#define LXG_XPRA_SESSION_H

#include <stdbool.h>

#include "fail.h"
#include "rec.h"

#define SESSION_LEN  8
#define SESSIONS_MAX 512 /* of an instance, that are looked at */

/* A letter, then letters and digits, all lower case: 8 in all. */
bool session_valid(const char *);
void session_new(char id[SESSION_LEN + 1]);

/*
 * Standard input's records. Ends the program (EX_DATAERR) where one names no
 * instance, or is to name a session and does not; those that failed are passed
 * over.
 */
void session_read(struct recs *, bool sessions);

/* The record's session, borrowed; FAIL_DATA where it has none that is valid. */
const char *session_of(const struct rec *, struct fail *);

/* Ends as the program of the last record did; with 0 where it still runs. */
void session_exit(const struct recs *) __attribute__((noreturn));

/*
 * The record of a session that begins, from the instance's; command is
 * consumed. Owned.
 */
int session_begin(const struct rec *, const char *id, jv command, struct rec *,
    struct fail *);

/* What the instance says (consumed) that its command is, or null. Owned. */
jv session_command(jv);

/* Sessions of the instance's record, as far as the xpra folder shows them; of
 * another machine's far.h has them. */
int session_list(const struct rec *, struct recs *, struct fail *);

#endif
