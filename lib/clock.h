/*
 * The time that has passed. SPDX-License-Identifier: ISC
 */
#ifndef LXG_CLOCK_H
#define LXG_CLOCK_H

/* Milliseconds of CLOCK_MONOTONIC, which nobody sets. */
long long clock_ms(void);

#endif
