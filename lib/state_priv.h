/*
 * What the parts of the state share. SPDX-License-Identifier: ISC
 */
#ifndef LXG_STATE_PRIV_H
#define LXG_STATE_PRIV_H

#include <sqlite3.h>

#include "state.h"

#define STATE_NAME "state.db"

struct state {
	int dir;    /* the folder, locked where that was asked for; -1: none */
	char *path; /* of the folder */
	sqlite3 *db;
	bool begun;   /* a transaction */
	bool open;    /* it was looked at, and is a state */
	bool corrupt; /* to be set aside when it is closed */
	char *damage; /* what to tell of it */
	int lost;     /* 2: all of one; 1: some rows; -1: nothing; 0: unasked */
	struct piece *pieces;
	struct ready *ready;
};

/* Memory that lives as long as the state, zeroed. */
void *state_room(struct state *, size_t);

void state_free(struct state *); /* all of it */

/* How an answer of SQLite's is told: -1. */
int state_fail(struct state *, int code, struct fail *);

/*
 * A statement, prepared once and kept under the very address of its text, with
 * its values: "t" a text, "i" a long long, "n" one that is NULL where it is 0.
 * NULL on failure.
 */
sqlite3_stmt *state_sql(
    struct state *, struct fail *, const char *sql, const char *types, ...);
int state_step(struct state *, sqlite3_stmt *, struct fail *); /* 1: a row */
/* A statement without rows, from its values to its end. */
int state_do(
    struct state *, struct fail *, const char *sql, const char *types, ...);
/* Several, without values or rows. */
int state_run(struct state *, const char *sql, struct fail *);
void state_close_db(struct state *);
const char *state_text(struct state *, sqlite3_stmt *, int column);

/* The columns machine to device, or to instance, from that one on. */
struct holder state_holder(struct state *, sqlite3_stmt *, int column);

/*
 * Takes over what release 0.1 left in the folder, where there is any: grants/
 * of lxg-acl, and renames it. The caller has the lock.
 */
int state_import(struct state *, struct fail *);

#endif
