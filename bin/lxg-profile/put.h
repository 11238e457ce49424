/*
 * Profiles on the engine. SPDX-License-Identifier: ISC
 */
#ifndef LXG_PROFILE_PUT_H
#define LXG_PROFILE_PUT_H

#include <stdbool.h>

#include <jv.h>

#include "fail.h"
#include "lxd.h"

/*
 * Makes the profile what body says (consumed), or finds that it is. One that
 * is there and that lxg did not put, or that was changed since, is left alone
 * unless force: FAIL_CREATE, naming what differs. With dry_run it only looks.
 */
int put_profile(struct lxd *, const char *name, jv body, bool force,
    bool dry_run, struct fail *);

#endif
