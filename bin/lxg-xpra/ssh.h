/*
 * The helper in the instance by SSH, for who wants the instance's own login
 * path. SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_SSH_H
#define LXG_XPRA_SSH_H

#include <jv.h>

#include "fail.h"
#include "rec.h"

/*
 * As exec_root(), but as the login user and through ssh(1). Host keys are read
 * through the engine and pinned; ssh knows the instance as lxg-INSTANCE, for
 * the user's own ssh_config(5). FAIL_UNAVAILABLE where it can't be reached or
 * doesn't let us in.
 */
int ssh_user(const struct rec *, jv args, char **err, struct fail *);

#endif
