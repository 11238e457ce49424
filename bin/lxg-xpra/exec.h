/*
 * Helpers in the instance (share/lxg/helper.py, join.py and app.py), run
 * through the engine's exec API. SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_EXEC_H
#define LXG_XPRA_EXEC_H

#include <jv.h>

#include "fail.h"
#include "rec.h"

/* What it ends with for causes that it knows; its text says which. */
#define EXEC_NO_XPRA	    101
#define EXEC_NO_PIL	    102
#define EXEC_NO_PROGRAM	    103
#define EXEC_NOT_EXECUTABLE 106
#define EXEC_NO_FOLDER	    104
#define EXEC_NO_SESSION	    105
#define EXEC_NO_HANDLER	    107

#define EXEC_HELPER "helper.py"

/* The text of a session's supervisor, which the helper starts. Owned. */
char *exec_session(struct fail *);

/* python3 with a helper's text, and args (an array, consumed). Owned. */
jv exec_python(const char *helper, jv args, struct fail *);
jv exec_far(jv args, struct fail *); /* far.py, and what stands before it */

/*
 * Runs it in the record's instance, as root, with args (an array of strings,
 * consumed), and returns its exit status. err is what it said, owned.
 */
int exec_root(const struct rec *, jv args, char **err, struct fail *);

/* As the login user: has a session start another program; EXEC_NO_SESSION. */
int exec_join(const struct rec *, jv args, struct fail *);

/*
 * A helper as the login user: what it says, a MiB at most; out and err are
 * owned, and NULL where there is none. EXEC_NO_HANDLER is app.py's.
 */
int exec_login(const struct rec *, const char *helper, jv args, char **out,
    char **err, struct fail *);

/* 0 for a status of 0, else a fail made of the status and what it said. */
int exec_failed(int status, const char *said, struct fail *);

/* Operands as an array of strings; FAIL_DATA where one is not UTF-8. Owned. */
int exec_command(char **argv, jv *command, struct fail *);

#endif
