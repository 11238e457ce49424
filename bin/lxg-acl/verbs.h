/*
 * The verbs, and what two of them share. SPDX-License-Identifier: ISC
 */
#ifndef LXG_ACL_VERBS_H
#define LXG_ACL_VERBS_H

#include "item.h"

int acl_grant(int argc, char **argv);
int acl_revoke(int argc, char **argv);

/*
 * Takes from the items what they hold, but for those to skip: each gets its
 * restored, or has failed.
 */
void release(struct journal *, struct items *);

#endif
