/*
 * Where lxg keeps things on the host. SPDX-License-Identifier: ISC
 */
#ifndef LXG_DIRS_H
#define LXG_DIRS_H

#include "fail.h"

/* Paths, owned by the caller; NULL where HOME or XDG_RUNTIME_DIR is unset. */
char *dirs_state(struct fail *);   /* $XDG_STATE_HOME/lxg */
char *dirs_runtime(struct fail *); /* $XDG_RUNTIME_DIR/lxg */
char *dirs_home(struct fail *);	   /* $LXG_HOME, or $XDG_DATA_HOME/lxg */
char *dirs_data(struct fail *);	   /* installed data: $LXG_DATADIR, or
				      ../share/lxg beside the program */

/*
 * The folder of an instance: that of its name, or, where that is none or
 * another's, the one beside it that was made for the uuid (may be NULL), since
 * an instance that is renamed keeps its folder and all that lies in there.
 */
char *dirs_of(const char *engine, const char *project, const char *instance,
    const char *uuid, struct fail *);

/*
 * Makes the folder and those above it, 0700 each that is new, and opens it.
 * One that is there must be the caller's own and not writable by others:
 * FAIL_PERM.
 */
int dirs_open(const char *path, struct fail *);
/* The same for the folder of that name in dirs_state(). */
int dirs_open_state(const char *name, struct fail *);
/* The uuid that an instance's folder was made for; "" where it has none. */
int dirs_uuid(int dir, char *buf, size_t size, struct fail *);

#endif
