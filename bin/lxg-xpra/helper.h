/*
 * A process that does for the monitor what may take its time.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_HELPER_H
#define LXG_XPRA_HELPER_H

/*
 * Runs serve in a process of its own, which is nobody's child and holds of ours
 * nothing but a pipe to read from; it ends with the pipe's last writer, as soon
 * as serve returns. Returns the descriptor to write to, which takes what there
 * is room for (EAGAIN); -1 with errno.
 */
int helper_start(void (*serve)(int from));

/* The same with something else of the caller's to hold, which stays open here;
 * 0, or -1. */
int helper_run(int from, void (*serve)(int));

#endif
