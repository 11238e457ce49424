/*
 * The verbs, and what two of them share. SPDX-License-Identifier: ISC
 */
#ifndef LXG_ACL_VERBS_H
#define LXG_ACL_VERBS_H

#include "work.h"

int verb_grant(int argc, char **argv);
int verb_revoke(int argc, char **argv);

/* The state, nobody else at work on ACLs; tells what is damaged in it. */
struct state *acl_state(unsigned how, struct fail *);
void acl_close(struct state *);

/*
 * Takes from the items what they hold, but for those to skip: each gets its
 * restored, or has failed.
 */
void release(struct works *, struct items *);

/*
 * astray.c. What by now has the name of one that was taken back, and is another
 * inode, is freed of the user's entry, and told; others in its folder that have
 * it are named, with the command that takes it away.
 */
void astray(struct works *, struct items *);

/*
 * astray.c. Has the item's user an entry in the ACL of the file; and takes it
 * away where nothing tells what was before: 1: it had one, 0: none.
 */
bool has_entry(const struct item *);
int take_entry(const struct item *, struct fail *);

#endif
