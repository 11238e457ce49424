/*
 * Memory: there is enough, or the program ends, for nothing that lxg does can
 * go on without. SPDX-License-Identifier: ISC
 */
#ifndef LXG_MEM_H
#define LXG_MEM_H

#include <stddef.h>

/* Ends the program (EX_OSERR). */
void mem_out(void) __attribute__((noreturn));

/* What malloc(3) and its kin have returned, which isn't NULL. */
void *mem_need(void *);

/* An array of n with room for one more: it grows at powers of two. */
void *mem_grow(void *, size_t n, size_t size);

#endif
