/*
 * Which engines are here, and which one is meant. SPDX-License-Identifier: ISC
 */
#ifndef LXG_ENGINE_H
#define LXG_ENGINE_H

#include <stddef.h>

#include "fail.h"
#include "lxd.h"
#include "rec.h"

/*
 * The engine that a command line means: choice is lxd, incus, a socket's path,
 * a remote as remote.h has it, or NULL for none made. Then the one engine that
 * answers; where both do, the one that has an instance called name (may be
 * NULL). Else FAIL_CONFIG naming both. No engine: FAIL_UNAVAILABLE, naming the
 * sockets tried and the group to join. The project is as project.h has it, and
 * 1 or FAIL_PERM where there is no such one for the caller; "" is none, for
 * what is asked of the engine as a whole.
 */
struct lxd *engine_open(
    const char *choice, const char *project, const char *name, struct fail *);

/*
 * The same, but that a remote was not asked for the project, which takes a
 * round trip: what is not there has nothing in it, or is refused, and then find
 * has that one's failure.
 */
struct lxd *
engine_open_later(const char *choice, const char *project, struct fail *);
int engine_find_project(struct lxd *, struct fail *);

/*
 * The engine of a record (its api and project), opened once a process and
 * shared: the caller must not close it. engine_close_all() does. FAIL_DATA for
 * a project or an instance in the record that no engine would take. A remote is
 * found by its address in the user's configuration, and FAIL_CONFIG where it
 * isn't there: a record names neither a server nor a key.
 */
struct lxd *engine_of(const struct rec *, struct fail *);
void engine_close_all(void);

/* FAIL_DATA for a record that no engine could be found by. */
int engine_check(const struct rec *, struct fail *);

/*
 * Every engine that answers, at most max; their number. The caller closes
 * them. A silent one is passed over.
 */
size_t engine_all(struct lxd **, size_t max, const char *project);

#endif
