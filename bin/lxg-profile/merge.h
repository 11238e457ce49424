/*
 * How several cloud-config files add up. SPDX-License-Identifier: ISC
 */
#ifndef LXG_PROFILE_MERGE_H
#define LXG_PROFILE_MERGE_H

#include "mime.h"

/*
 * Puts the parts into the order in which they are to be sent, and gives those
 * that are to be merged with others the merger to do it with (part.merge):
 * lists append, dictionaries merge, and of single values the later file's
 * wins. A file that says itself how it wants to be merged is left to that.
 * Warns of a later value that will not win. Types, keys and numbers are set by
 * then.
 */
void merge_parts(struct part *, size_t n);

#endif
