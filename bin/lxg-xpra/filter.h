/*
 * The system calls that the client has no use for. SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_FILTER_H
#define LXG_XPRA_FILTER_H

#include "fail.h"

/* A descriptor of the filter's program, as bwrap's --seccomp takes it. */
int filter_open(struct fail *);

#endif
