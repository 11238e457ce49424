/*
 * Names that the engine takes. SPDX-License-Identifier: ISC
 */
#ifndef LXG_NAME_H
#define LXG_NAME_H

#include "fail.h"

/*
 * LXD's rule for instance names, which lxg asks of profiles too, since the two
 * share a name: 1 to 63 ASCII letters, digits and dashes, the first a letter,
 * the last no dash. FAIL_DATA otherwise.
 */
int name_check(const char *name, struct fail *);

/* Projects: no slash, space, quote, dash in front; 1 to 63 bytes. */
int name_check_project(const char *name, struct fail *);

#endif
