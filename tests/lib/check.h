/*
 * One line for each expectation that does not hold. SPDX-License-Identifier:
 * ISC
 */
#ifndef LXG_CHECK_H
#define LXG_CHECK_H

#include <stdio.h>

static int check_failed;

static inline void
check(int holds, const char *what, const char *file, int line)
{
	if (holds)
		return;
	printf("%s:%d: %s\n", file, line, what);
	check_failed = 1;
}

#define CHECK(expr) check(!!(expr), #expr, __FILE__, __LINE__)

#endif
