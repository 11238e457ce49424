/*
 * Is a path one that only root and the user can turn elsewhere?
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_OWNED_H
#define LXG_OWNED_H

#include "fail.h"

/*
 * Opens an absolute path (O_PATH), following no link, and checks each folder
 * on the way: its owner is root or the user, and nobody else may write there
 * by mode or ACL, but for a group that the user is alone in; in a sticky
 * folder the entry's owner counts instead (unlink(2), EPERM). The engine will
 * resolve this path as root, now and at each start, so whoever could change it
 * could have any file mounted. FAIL_PERM where the check fails; FAIL_DATA where
 * the path is not absolute, or has "." or ".." in it. What the path leads to is
 * not judged.
 */
int owned_open(const char *path, struct fail *);

#endif
