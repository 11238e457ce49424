/*
 * The time that has passed. SPDX-License-Identifier: ISC
 */
#include <time.h>

#include "clock.h"

long long
clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}
