/*
 * Helpers run inside for what the host user can't do.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_INSIDE_H
#define LXG_INSIDE_H

#include <stdbool.h>

#include <jv.h>

#include "fail.h"
#include "lxd.h"
#include "rec.h"

/*
 * Runs a program (array of strings, consumed) as the login user of the record's
 * instance, to whom its shared folders are open as they are not to root, and
 * waits; able: with root's capabilities, which what root made for itself there
 * takes. How it ends says nothing: what came of it is to be seen on the host.
 */
int
inside_run(struct lxd *, const struct rec *, bool able, jv argv, struct fail *);

#endif
