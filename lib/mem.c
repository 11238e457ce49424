/*
 * Memory, or the end. SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <stdlib.h>
#include <sysexits.h>

#include "mem.h"

void
mem_out(void)
{
	errx(EX_OSERR, "out of memory");
}

void *
mem_need(void *p)
{
	if (p == NULL)
		mem_out();
	return p;
}

void *
mem_grow(void *v, size_t n, size_t size)
{
	if ((n & (n - 1)) != 0)
		return v;
	return mem_need(reallocarray(v, n > 0 ? n * 2 : 1, size));
}
