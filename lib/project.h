/*
 * Which project is meant, and whether one is let into it.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_PROJECT_H
#define LXG_PROJECT_H

#include "fail.h"
#include "lxd.h"

/*
 * Binds the connection to the project that is wanted, NULL for none named:
 * then "default", or where that is not for the caller the one that incus-user
 * and lxd-user give to a user, user-UID. FAIL_NO where there is no such
 * project, FAIL_PERM where it is there or not, and in any case not for the
 * caller. One request.
 */
int project_find(struct lxd *, const char *wanted, struct fail *);

#endif
