/*
 * What of a share is opened from within the instance.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_MOUNT_ANEW_H
#define LXG_MOUNT_ANEW_H

#include <stdbool.h>

#include "fail.h"
#include "lxd.h"
#include "rec.h"
#include "scan.h"

/* Does what a scan wants done in the record's folder; able as inside_run(). */
int inside_mend(struct lxd *, const struct rec *, bool able,
    const struct todo *, size_t n, struct fail *);

#endif
