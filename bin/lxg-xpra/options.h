/*
 * The one table of xpra's options (share/lxg/xpra.options), and the policy
 * that picks rows of it. SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_OPTIONS_H
#define LXG_XPRA_OPTIONS_H

#include <jv.h>

#include "fail.h"

/*
 * The rows that an instance's config (borrowed) opens, as an array of [side,
 * lowest version, highest version, option], owned; whoever knows the version
 * takes what fits. FAIL_CONFIG where the config has a policy that is none.
 */
int options_rows(jv config, jv *rows, struct fail *);

/* A row for one more option, of any version, consumed into rows. */
jv options_add(jv rows, const char *side, const char *option);

/* Installed data: the file's text, NUL behind it, owned. */
char *options_data(const char *name, struct fail *);

#endif
