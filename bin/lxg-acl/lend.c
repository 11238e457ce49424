/*
 * What an ACL has to be while a file is lent, and after.
 *
 * A named user's entry needs a mask that lets its rights through, and the mask
 * is one for all named users, all groups and the owning group: widened, it lets
 * through whatever their entries hold and it held back. So these entries are
 * cut down to what they let through before, for as long as the mask is wider.
 * SPDX-License-Identifier: ISC
 */
#include <sys/acl.h>
#include <unistd.h>

#include "lend.h"

/* Where there is no mask, the group's bits stand for it: acl(5). */
static uint16_t
mask_of(const struct facl *a)
{
	const struct ace *e = facl_find(a, ACL_MASK, 0);

	if (e == NULL)
		e = facl_find(a, ACL_GROUP_OBJ, 0);
	return e == NULL ? 0 : e->perm;
}

static bool
has_mask(const struct facl *a)
{
	return facl_find(a, ACL_MASK, 0) != NULL;
}

/* Is it one of those that the mask holds back? */
static bool
masked(const struct ace *e)
{
	return e->tag == ACL_USER || e->tag == ACL_GROUP_OBJ ||
	       e->tag == ACL_GROUP;
}

static void
set_perm(struct facl *a, uint16_t tag, uint32_t id, uint16_t perm)
{
	struct ace *e = facl_find(a, tag, id);

	if (e != NULL)
		e->perm = perm;
	else
		facl_insert(a, tag, id, perm);
}

uint16_t
effective(const struct facl *a, uint32_t uid)
{
	const struct ace *e = facl_find(a, ACL_USER, uid);

	return e == NULL ? 0 : e->perm & mask_of(a);
}

/* A folder without a default ACL: one that gives to its own user alone. */
static struct facl
only_user(void)
{
	static const struct facl none = {NULL, 0};
	struct facl a = facl_copy(&none);

	facl_insert(&a, ACL_USER_OBJ, 0, ACL_READ | ACL_WRITE | ACL_EXECUTE);
	facl_insert(&a, ACL_GROUP_OBJ, 0, 0);
	facl_insert(&a, ACL_OTHER, 0, 0);
	return a;
}

static struct facl
start_of(const struct lending *l)
{
	return l->base.n == 0 && l->kind == FACL_DEFAULT ? only_user()
							 : facl_copy(&l->base);
}

struct facl
lend(const struct lending *l)
{
	struct facl a = start_of(l);
	struct ace *e;
	uint16_t mask = mask_of(&a);
	size_t i;

	for (i = 0; i < a.n; i++)
		if (masked(&a.v[i]))
			a.v[i].perm &= mask;
	if (l->kind == FACL_DEFAULT) {
		set_perm(&a, ACL_GROUP_OBJ, 0, 0);
		set_perm(&a, ACL_OTHER, 0, 0);
	}
	for (i = 0; i < l->n; i++) {
		if ((e = facl_find(&a, ACL_USER, l->to[i].uid)) == NULL)
			e = facl_insert(&a, ACL_USER, l->to[i].uid, 0);
		e->perm |= l->to[i].perm;
		mask |= l->to[i].perm;
	}
	set_perm(&a, ACL_MASK, 0, mask);
	return a;
}

static bool
is_lent(const struct ace *e, const struct lending *l)
{
	size_t i;

	for (i = 0; e->tag == ACL_USER && i < l->n; i++)
		if (l->to[i].uid == e->id)
			return true;
	return false;
}

/* Would chmod(1) alone have made one of the other? */
static bool
only_mode_differs(const struct facl *a, const struct facl *b)
{
	size_t i;

	if (a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++)
		if (a->v[i].tag != b->v[i].tag || a->v[i].id != b->v[i].id ||
		    (masked(&a->v[i]) && a->v[i].perm != b->v[i].perm))
			return false;
	return true;
}

/* Does it stand as lend() left it? Then what the base had may come back. */
static bool
untouched(const struct ace *e, const struct ace *base, const struct ace *last)
{
	return base != NULL && last != NULL && last->perm == e->perm;
}

/*
 * Takes the lent ones' entries out of a copy of what is there. Where the base
 * had one for the same user, only what lend() added to it goes. Returns what
 * the entries that others made or changed need of the mask.
 */
static uint16_t
take_out(struct facl *a, const struct lending *l, const struct facl *last)
{
	const struct ace *base, *was;
	struct ace *e;
	uint16_t need = 0, theirs;
	size_t i;

	for (i = a->n; i-- > 0;) {
		e = &a->v[i];
		base = facl_find(&l->base, e->tag, e->id);
		was = facl_find(last, e->tag, e->id);
		theirs = e->perm;
		if (!masked(e))
			continue;
		if (is_lent(e, l)) {
			if (base == NULL) {
				facl_remove(a, e);
				continue;
			}
			theirs &= was == NULL ? 7 : ~was->perm;
			e->perm &= base->perm & mask_of(&l->base);
			e->perm |= theirs;
		} else if (untouched(e, base, was))
			continue;
		need |= theirs & mask_of(a);
	}
	return need;
}

/* Rights that the new mask holds back anyway come back with the base. */
static void
put_back(struct facl *a, const struct lending *l, const struct facl *last,
    uint16_t mask)
{
	const struct ace *base, *was;
	struct ace *e;
	size_t i;

	for (i = 0; i < a->n; i++) {
		e = &a->v[i];
		base = facl_find(&l->base, e->tag, e->id);
		was = facl_find(last, e->tag, e->id);
		if (base == NULL)
			continue;
		if (masked(e) && (is_lent(e, l) || untouched(e, base, was)))
			e->perm |= base->perm & ~mask;
	}
}

/*
 * What a default ACL says of the group and of others gives nobody anything on
 * the folder itself, so it comes back whole.
 */
static void
put_back_default(
    struct facl *a, const struct lending *l, const struct facl *last)
{
	static const uint16_t tags[] = {ACL_GROUP_OBJ, ACL_OTHER};
	const struct ace *base;
	struct ace *e;
	size_t i;

	for (i = 0; i < 2; i++) {
		e = facl_find(a, tags[i], 0);
		base = facl_find(&l->base, tags[i], 0);
		if (untouched(e, base, facl_find(last, tags[i], 0)))
			e->perm = base->perm;
	}
}

static bool
names_anyone(const struct facl *a)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		if (a->v[i].tag == ACL_USER || a->v[i].tag == ACL_GROUP)
			return true;
	return false;
}

/*
 * Without anyone named no mask is needed, and the group's bits are the mode's
 * again: what the entry lets through, or what a chmod(1) has said.
 */
static void
drop_mask(struct facl *a, uint16_t mask, bool chmodded)
{
	struct ace *group = facl_find(a, ACL_GROUP_OBJ, 0);

	group->perm = chmodded ? mask : group->perm & mask;
	facl_remove(a, facl_find(a, ACL_MASK, 0));
}

/* l->base is start_of() here. */
static struct facl
merge(const struct lending *l, const struct facl *last, const struct facl *now)
{
	struct facl a = facl_copy(now);
	bool same_mask = mask_of(now) == mask_of(last);
	bool access = l->kind == FACL_ACCESS;
	uint16_t mask, need = take_out(&a, l, last);

	mask = same_mask ? mask_of(&l->base) | need : mask_of(now);
	if (!access)
		put_back_default(&a, l, last);
	if (!names_anyone(&a) && !has_mask(&l->base)) {
		drop_mask(&a, mask,
		    access && !same_mask && only_mode_differs(now, last));
		return a;
	}
	/*
	 * Linux doesn't look at an ACL whose mask is empty, and then everyone
	 * named in it may do what others may: the mask stays as it is instead.
	 */
	if (mask == 0)
		mask = mask_of(now);
	put_back(&a, l, last, mask);
	set_perm(&a, ACL_MASK, 0, mask);
	return a;
}

struct facl
unlend(const struct lending *l, const struct facl *last, const struct facl *now)
{
	struct lending start = *l;
	struct facl a;

	if (facl_same(now, last) || facl_same(now, &l->base))
		return l->base;
	/* without a mask nobody is named, so nothing of ours is left */
	if (!has_mask(now))
		return *now;
	start.base = start_of(l);
	a = merge(&start, last, now);
	return l->base.n == 0 && facl_same(&a, &start.base) ? l->base : a;
}

static void
remove_user(struct facl *a, uint32_t uid)
{
	const struct ace *e = facl_find(a, ACL_USER, uid);

	if (e == NULL)
		return;
	facl_remove(a, e);
	if (!names_anyone(a))
		drop_mask(a, mask_of(a), false);
}

struct facl
lend_none(const struct facl *now, enum facl_kind kind, uint32_t uid)
{
	struct facl a = facl_copy(now), user = only_user(), rest;

	remove_user(&a, uid);
	rest = facl_copy(&a);
	remove_user(&rest, geteuid());
	if (kind == FACL_DEFAULT && facl_same(&rest, &user))
		a.n = 0;
	return a;
}
