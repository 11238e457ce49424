/*
 * Folders removed in which others may write meanwhile.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_TREE_H
#define LXG_TREE_H

#include <stdbool.h>

#include "fail.h"
#include "lxd.h"
#include "rec.h"

/*
 * Removes a name in a folder and all that is below it, or what is in a folder
 * alone. No link is followed and no mount entered, however deep it is it takes
 * two descriptors, and it ends after LXG_TIMEOUT though others go on making
 * files there. 1: not all of it could be removed.
 */
int tree_remove(int dir, const char *name);
int tree_empty(int dir);

/*
 * The same by a helper inside (inside.h), for what programs there have closed
 * to the host user. top: the path itself, too.
 */
int tree_remove_inside(struct lxd *, const struct rec *, const char *path,
    bool top, bool able, struct fail *);

#endif
