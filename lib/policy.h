/*
 * The policy keys, user.lxg.*: what an instance may do with the host's display.
 * Which there are, and their values, stands in share/lxg/policy.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_POLICY_H
#define LXG_POLICY_H

#include <jv.h>
#include <stdbool.h>

#include "fail.h"

#define POLICY_PREFIX "user.lxg."

/*
 * Of a config's user.lxg. keys (an object of strings, borrowed), is each one
 * known, and each policy key's value allowed? FAIL_CONFIG otherwise, naming the
 * key. The keys that create and put write for themselves are known, and not
 * judged.
 */
int policy_check(jv config, struct fail *);

/* Is it the name of a policy key, without the prefix? */
bool policy_known(const char *name);
/* Is it the name of one that there was, and that has no effect any more? */
bool policy_gone(const char *name);
/* FAIL_CONFIG, naming those that there are. */
int policy_unknown(const char *key, struct fail *);

/*
 * The value of one policy key, its name without the prefix: the config's own
 * (borrowed), else the default; NULL for one without a fixed default.
 */
const char *policy_get(jv config, const char *name);

/* The colour of the border: that of the policy, else of the name; owned. */
char *policy_color(jv config, const char *instance);

#endif
