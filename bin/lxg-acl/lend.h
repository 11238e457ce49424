/*
 * What an ACL has to be while a file is lent, and after. Pure arithmetic.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_LEND_H
#define LXG_LEND_H

#include "facl.h"

/* Whom a file is lent to, and for what. Several may name the same user. */
struct lent {
	uint32_t uid;
	uint16_t perm;
};

/* All that both ways depend on; base is the ACL without the lent ones. */
struct lending {
	struct facl base;
	enum facl_kind kind;
	struct lent *to;
	size_t n;
};

/*
 * The ACL with the lent ones' entries: the mask as wide as they need, every
 * other entry of the group class narrowed to what it could do before. A default
 * ACL also gets nothing for the group and others.
 */
struct facl lend(const struct lending *);

/*
 * The way back: the base, where the ACL is now what lend() made (last); else
 * the ACL as it is now without the lent ones' entries, with what others changed
 * in it, and with nobody's rights wider than they are now. One exception: group
 * bits that a chmod(1) asked for, which went into the mask meanwhile.
 */
struct facl
unlend(const struct lending *, const struct facl *last, const struct facl *now);

/*
 * The ACL without a user's entry, nobody's rights wider: all that can be done
 * where nothing tells of a base. A default ACL is none where the caller's entry
 * is all that is left.
 */
struct facl lend_none(const struct facl *, enum facl_kind, uint32_t uid);

/* What a named user's entry lets it do, the mask counted. */
uint16_t effective(const struct facl *, uint32_t uid);

#endif
