/*
 * The user's own file, of which a copy is lent.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_MAP_ORIGIN_H
#define LXG_MAP_ORIGIN_H

#include "fail.h"
#include "rec.h"

/*
 * Opens it (O_PATH) where it is the one that was planned; FAIL_AGAIN where it
 * is another, FAIL_NO where there is none.
 */
int origin_open(const struct rec *, struct fail *);
/* Its file system's id, which stays where a device number may not; or "". */
void origin_system(int origin, char *id, size_t size);
/*
 * FAIL_AGAIN where its folder is not on the file system (its id, or "") that
 * the original was on: then this one may be no more than what is below a mount
 * point, and nothing is to be learned from it, nor written there.
 */
int origin_reachable(const struct rec *, const char *system, struct fail *);

#endif
