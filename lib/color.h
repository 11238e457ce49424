/*
 * Colours, as people write them. SPDX-License-Identifier: ISC
 */
#ifndef LXG_COLOR_H
#define LXG_COLOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 0xrrggbb of len bytes, #rrggbb or a name; false where it is none. */
bool color_parse(const char *, size_t len, uint32_t *);

#endif
