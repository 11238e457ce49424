/*
 * Brings ACLs from what they are to what the journal's holders need.
 *
 * The journal knows first: what an ACL was and whom it is to be changed for is
 * on disk before it is changed, and forgotten only when it is durably back. A
 * process that dies in between leaves a file of which the journal tells what it
 * was just before (old), what it was to become (what lend() makes of base and
 * holders), and where it has to go back to (base); it is one of these, or
 * someone else has changed it since. SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/acl.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "work.h"

/* How often an ACL may change under our hands before that is an error. */
#define ROUNDS 5

static struct lending
lending_of(const struct loan *l, enum facl_kind kind)
{
	struct lending a = {.base = l->base[kind], .kind = kind};
	size_t i;

	/* one more: what a folder gets from the container is the user's too */
	a.to = calloc(l->nh + 1, sizeof(*a.to));
	if (a.to == NULL)
		errx(EX_OSERR, "out of memory");
	for (i = 0; i < l->nh; i++)
		a.to[a.n++] = (struct lent){l->h[i].uid, l->h[i].perm};
	if (kind == FACL_DEFAULT && l->nh > 0)
		a.to[a.n++] = (struct lent){geteuid(), 7};
	return a;
}

/* Fails the work, with a copy. */
static int
fail_work(struct work *w, const struct fail *f)
{
	if ((w->why = malloc(sizeof(*w->why))) == NULL)
		errx(EX_OSERR, "out of memory");
	*w->why = *f;
	return -1;
}

/* What the journal has of it. */
static void
begin(struct work *w)
{
	int k;

	w->lent = w->loan->nh > 0;
	for (k = 0; k < w->kinds && w->lent; k++) {
		w->was[k] = lending_of(w->loan, (enum facl_kind)k);
		w->last[k] = lend(&w->was[k]);
		w->old[k] = w->loan->old[k];
	}
}

/* The journal has what was planned. */
static void
go_on(struct work *w)
{
	int k;

	w->lent = true;
	for (k = 0; k < w->kinds; k++) {
		w->was[k] = w->next[k];
		w->last[k] = w->want[k];
		w->old[k] = w->loan->old[k];
	}
}

struct work *
work_on(struct works *all, struct loan *l, int fd, bool folder)
{
	struct work *w;

	if (l->work != NULL)
		return l->work;
	if ((all->n & (all->n - 1)) == 0)
		all->v = reallocarray(
		    all->v, all->n ? all->n * 2 : 1, sizeof(*all->v));
	w = calloc(1, sizeof(*w));
	if (all->v == NULL || w == NULL)
		errx(EX_OSERR, "out of memory");
	all->v[all->n++] = l->work = w;
	w->loan = l;
	w->fd = fd;
	w->kinds = folder ? 2 : 1;
	begin(w);
	return w;
}

/* Whose entry others have cut down meanwhile doesn't get it back from us. */
static void
narrow(struct loan *l, const struct facl *now)
{
	size_t i;

	for (i = 0; i < l->nh; i++)
		if (!l->h[i].fresh)
			l->h[i].perm &= effective(now, l->h[i].uid);
}

/* Without a journal that can be trusted, an entry of this user is ours. */
static struct facl
first_base(const struct journal *j, const struct work *w, enum facl_kind kind)
{
	struct facl a = w->now[kind];
	size_t i;

	if (!journal_lost(j, &w->loan->id))
		return a;
	for (i = 0; i < w->loan->nh; i++)
		a = lend_none(&a, kind, w->loan->h[i].uid);
	w->loan->merged |= !facl_same(&a, &w->now[kind]);
	return a;
}

/*
 * Whose entries may be there: those of the holders, and of one that was about
 * to lose its own when a crash came, which the base lacks and old still has.
 */
static struct lending
all_of(const struct lending *was, const struct facl *old)
{
	struct lending a = *was;
	size_t i;

	a.to = calloc(was->n + old->n, sizeof(*a.to));
	if (a.to == NULL)
		errx(EX_OSERR, "out of memory");
	for (i = 0; i < was->n; i++)
		a.to[i] = was->to[i];
	for (i = 0; i < old->n; i++)
		if (old->v[i].tag == ACL_USER &&
		    facl_find(&was->base, ACL_USER, old->v[i].id) == NULL)
			a.to[a.n++].uid = old->v[i].id;
	return a;
}

/* The ACL as it would be, were it lent to nobody. */
static struct facl
base_now(const struct journal *j, struct work *w, enum facl_kind kind)
{
	const struct facl *now = &w->now[kind], *last = &w->last[kind];
	struct lending all;

	if (!w->lent)
		return first_base(j, w, kind);
	if (facl_same(now, last) || facl_same(now, &w->was[kind].base) ||
	    facl_same(now, &w->old[kind]))
		return w->was[kind].base;
	w->loan->merged = true;
	if (kind == FACL_ACCESS)
		narrow(w->loan, now);
	all = all_of(&w->was[kind], &w->old[kind]);
	return unlend(&all, last, now);
}

static int
read_all(const struct work *w, const struct stat *st, struct facl a[2],
    struct fail *f)
{
	int k;

	for (k = 0; k < w->kinds; k++)
		if (facl_read(w->fd, (enum facl_kind)k, st, &a[k], f) < 0)
			return -1;
	return 0;
}

static bool
same_all(const struct work *w, const struct facl a[2], const struct facl b[2])
{
	int k;

	for (k = 0; k < w->kinds; k++)
		if (!facl_same(&a[k], &b[k]))
			return false;
	return true;
}

static int
plan(struct journal *j, struct work *w, struct fail *f)
{
	struct loan *l = w->loan;
	int k;

	if (fstat(w->fd, &w->st) < 0)
		return fail_errno(f, "fstat");
	if (read_all(w, &w->st, w->now, f) < 0)
		return -1;
	for (k = 0; k < w->kinds; k++)
		l->base[k] = base_now(j, w, (enum facl_kind)k);
	for (k = 0; k < w->kinds; k++) {
		w->next[k] = lending_of(l, (enum facl_kind)k);
		w->want[k] = l->nh > 0 ? lend(&w->next[k]) : l->base[k];
	}
	if (l->nh == 0 || (!w->changed && same_all(w, w->now, w->want)))
		return 0;
	for (k = 0; k < w->kinds; k++)
		l->old[k] = w->now[k];
	journal_put(j, l);
	return 0;
}

/*
 * Is it what was planned upon? 1: not any more. Neither chmod(2) nor an ACL
 * goes without another time of change, but writing in the file sets that, too.
 */
static int
look_again(const struct work *w, struct fail *f)
{
	struct facl now[2];
	struct stat st;

	if (fstat(w->fd, &st) < 0)
		return fail_errno(f, "fstat");
	if (st.st_mode == w->st.st_mode &&
	    st.st_ctim.tv_sec == w->st.st_ctim.tv_sec &&
	    st.st_ctim.tv_nsec == w->st.st_ctim.tv_nsec)
		return 0;
	if (read_all(w, &st, now, f) < 0)
		return -1;
	return same_all(w, now, w->now) ? 0 : 1;
}

static int
apply(struct work *w, struct fail *f)
{
	int k, ret = look_again(w, f);

	if (ret != 0)
		return ret;
	if (w->loan->nh > 0)
		go_on(w);
	for (k = 0; k < w->kinds; k++)
		if (!facl_same(&w->now[k], &w->want[k]) &&
		    facl_write(w->fd, (enum facl_kind)k, &w->want[k], f) < 0)
			return -1;
	w->done = true;
	return 0;
}

static bool
is_open(const struct work *w)
{
	return !w->done && w->why == NULL;
}

static int
plan_all(struct journal *j, struct works *all, bool first)
{
	struct fail f;
	size_t i;
	int ret = 0;

	for (i = 0; i < all->n; i++)
		if (is_open(all->v[i]) && plan(j, all->v[i], &f) < 0) {
			ret = fail_work(all->v[i], &f);
			if (first)
				return -1;
		}
	if (journal_save(j, &f) == 0)
		return ret;
	/* what the journal can't tell of must not happen; going back may */
	for (i = 0; i < all->n; i++)
		if (is_open(all->v[i]) && all->v[i]->loan->nh > 0)
			ret = fail_work(all->v[i], &f);
	return ret;
}

static int
apply_all(struct works *all, bool first, bool *again)
{
	struct fail f;
	size_t i;
	int got, ret = 0;

	*again = false;
	for (i = 0; i < all->n; i++) {
		got = is_open(all->v[i]) ? apply(all->v[i], &f) : 0;
		*again |= got == 1;
		if (got < 0) {
			ret = fail_work(all->v[i], &f);
			if (first)
				return -1;
		}
	}
	return ret;
}

/* How many must be on disk before it is cheaper to write all there is. */
#define FSYNCS 16

/* A descriptor to sync by; the file itself may be closed to the user. */
static int
sync_one(int fd, bool all)
{
	char path[64];
	int again, ret;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (again < 0)
		return -1;
	ret = all ? syncfs(again) : fsync(again);
	close(again);
	return ret;
}

static bool
is_back(const struct work *w)
{
	return w->done && w->loan->nh == 0 && w->lent;
}

/* By one before it in the list? */
static bool
is_synced(const char *dev, const struct works *all, size_t i)
{
	while (i-- > 0)
		if (is_back(all->v[i]) &&
		    strcmp(all->v[i]->loan->id.dev, dev) == 0)
			return true;
	return false;
}

/*
 * Before the journal forgets what an ACL was, the ACL has to be on disk, which
 * need not be the journal's.
 */
static void
sync_back(const struct works *all)
{
	const struct work *w;
	size_t n = 0, i;
	int bad = 0;

	for (i = 0; i < all->n; i++)
		n += is_back(all->v[i]);
	for (i = 0; i < all->n; i++) {
		w = all->v[i];
		if (!is_back(w))
			continue;
		if (n <= FSYNCS)
			bad |= sync_one(w->fd, false);
		else if (!is_synced(w->loan->id.dev, all, i))
			bad |= sync_one(w->fd, true);
	}
	if (bad)
		sync();
}

static int
forget(struct journal *j, struct works *all)
{
	struct fail f;
	size_t i;

	sync_back(all);
	for (i = 0; i < all->n; i++)
		if (all->v[i]->done && all->v[i]->loan->nh == 0)
			journal_drop(all->v[i]->loan);
	if (journal_save(j, &f) == 0)
		return 0;
	for (i = 0; i < all->n; i++)
		if (all->v[i]->done && all->v[i]->loan->nh == 0)
			fail_work(all->v[i], &f);
	return -1;
}

int
work_settle(struct journal *j, struct works *all, bool first)
{
	struct fail f;
	bool again = true;
	size_t i;
	int round, ret = 0;

	for (round = 0; again && round < ROUNDS; round++) {
		ret |= plan_all(j, all, first);
		if (ret < 0 && first)
			return -1;
		ret |= apply_all(all, first, &again);
		if (ret < 0 && first)
			return -1;
	}
	fail_set(&f, EX_TEMPFAIL, "its ACL keeps changing");
	for (i = 0; again && i < all->n; i++)
		if (is_open(all->v[i]))
			ret = fail_work(all->v[i], &f);
	return forget(j, all) | ret;
}
