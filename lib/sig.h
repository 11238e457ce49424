/*
 * SIGINT, SIGTERM and SIGHUP as a flag, so that what was begun can be undone.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_SIG_H
#define LXG_SIG_H

#include <stdbool.h>
#include <sys/types.h>

#include "fail.h"

void sig_catch(void);	 /* from now on; blocking calls return EINTR */
int sig_caught(void);	 /* the signal's number, or 0 */
void sig_die(int signo); /* ends the program by it */
void sig_hold(bool);	 /* what comes in between is caught afterwards */
bool sig_pending(void);	 /* one that is blocked has come */

/*
 * In a child that was just forked, parent being who forked it: it dies with its
 * parent, whatever ends that, and begins with no signal blocked and SIGPIPE as
 * programs expect it.
 */
void sig_child(pid_t parent);

/*
 * So that undoing is not cut short, by the second signal of timeout(1) or of an
 * impatient user either: gives what was caught, which is caught again after.
 */
int sig_shield(void);
void sig_unshield(int signo);

#endif
