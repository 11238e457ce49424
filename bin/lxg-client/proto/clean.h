/*
 * Text of the server's, for eyes. SPDX-License-Identifier: ISC
 */
#ifndef LXG_CLEAN_H
#define LXG_CLEAN_H

#include <stdbool.h>
#include <stddef.h>

#include "rencode.h"

/*
 * At most max characters of a string as UTF-8 into to: no control characters
 * (lines: but for newlines), none that is invisible or turns the direction of
 * writing, none of private use; what is no UTF-8 is "?". A value that is no
 * string is "". Always terminated; size in bytes, cut between characters.
 */
void
clean_text(const struct val *, char *to, size_t size, size_t max, bool lines);

#endif
