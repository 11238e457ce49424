/*
 * SIGINT, SIGTERM and SIGHUP as a flag, so that what was begun can be undone.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_SIG_H
#define LXG_SIG_H

#include <stdbool.h>

#include "fail.h"

void sig_catch(void);	   /* from now on; blocking calls return EINTR */
int sig_caught(void);	   /* the signal's number, or 0 */
void sig_forget(void);	   /* so that the undoing itself is not cut short */
void sig_again(int signo); /* and remembered when it is done */
void sig_die(int signo);   /* ends the program by it */
void sig_hold(bool);	   /* what comes in between is caught afterwards */

#endif
