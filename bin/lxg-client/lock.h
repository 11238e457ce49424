/*
 * The lock: from here on the process has what it holds, and no way to more.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_CLIENT_LOCK_H
#define LXG_CLIENT_LOCK_H

#include <stdbool.h>
#include <stddef.h>

#include "fail.h"

/*
 * Closes all descriptors but standard error and those of keep (-1 counts as
 * none), wipes the environment, and gives every right away: what is left are
 * the system calls of the list in lock.c. Another one kills the process. There
 * is one thread, and no way back. -1 (FAIL_SYSTEM) where it can't be done in
 * full; then nothing may go on. Namespaces and Landlock are taken where the
 * host has them.
 */
int lock_in(const int *keep, size_t n, struct fail *);

#endif
