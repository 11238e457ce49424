/*
 * What is on this host, and what is on a remote or another member of a cluster.
 * A path that was judged here would be followed there by that one's root.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_HERE_H
#define LXG_HERE_H

#include <jv.h>

#include "fail.h"
#include "lxd.h"
#include "rec.h"

/*
 * The member that has an instance, as the API or a record gives it (borrowed,
 * and so is the text). NULL: the engine is in no cluster.
 */
const char *here_location(jv instance);

/*
 * The member that this engine is, borrowed from it; NULL where it is in no
 * cluster. Asked once.
 */
int here_member(struct lxd *, const char **name, struct fail *);

/*
 * FAIL_CONFIG where the instance (borrowed) is on another member, or on a
 * remote, so that nothing of this host reaches it. Asks nothing where the
 * engine is in no cluster.
 */
int here_check(struct lxd *, jv instance, struct fail *);

/* The same of an engine that no record tells of; and of what needs no host. */
int here_check_engine(const struct lxd *, struct fail *);
int here_check_member(struct lxd *, jv instance, struct fail *);

/* The same, of a record that says where its instance is. */
int here_check_record(const struct rec *, struct fail *);

/*
 * Makes it FAIL_UNAVAILABLE, and says which member it is, where an instance
 * could not be asked for since its member does not answer.
 */
void here_tell_silent(struct lxd *, const char *name, struct fail *);

#endif
