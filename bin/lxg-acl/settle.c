/*
 * Brings ACLs from what they are to what the state's holders need.
 *
 * The state knows first: what an ACL was and whom it is to be changed for is
 * on disk before it is changed, and forgotten only when it is durably back. A
 * process that dies in between leaves a file of which the state tells what it
 * was just before (old), what it was to become (what lend() makes of base and
 * holders), and where it has to go back to (base); it is one of these, or
 * someone else has changed it since. SPDX-License-Identifier: ISC
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/acl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"
#include "work.h"

/* How often an ACL may change under our hands before that is an error. */
#define ROUNDS 5

/* Fails the work, with a copy. */
static int
fail_work(struct work *w, const struct fail *f)
{
	w->why = mem_need(malloc(sizeof(*w->why)));
	*w->why = *f;
	return -1;
}

/* Whose entry others have cut down meanwhile doesn't get it back from us. */
static void
narrow(struct loan *l, const struct facl *now)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (!l->v[i].fresh)
			l->v[i].perm &= effective(now, l->v[i].uid);
}

/*
 * An entry of this user is ours where it came with a save, or no state that can
 * be trusted tells of it.
 */
static struct facl
without_ours(struct work *w, enum facl_kind kind, struct facl a)
{
	struct facl was = a;
	size_t i;

	for (i = 0; i < w->loan.n; i++)
		if (w->loan.v[i].carried || (w->suspect && !w->lent))
			a = lend_none(&a, kind, w->loan.v[i].uid);
	w->loan.merged |= !facl_same(&a, &was);
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

	a.to = mem_need(calloc(was->n + old->n, sizeof(*a.to)));
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
base_now(struct work *w, enum facl_kind kind)
{
	const struct facl *now = &w->now[kind], *last = &w->last[kind];
	struct lending all;

	if (!w->lent)
		return *now;
	if (facl_same(now, last) || facl_same(now, &w->was[kind].base) ||
	    facl_same(now, &w->then[kind]))
		return w->was[kind].base;
	w->loan.merged = true;
	if (kind == FACL_ACCESS)
		narrow(&w->loan, now);
	all = all_of(&w->was[kind], &w->then[kind]);
	return unlend(&all, last, now);
}

static int
read_now(const struct work *w, const struct stat *st, struct facl a[2],
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
plan_work(struct work *w, struct fail *f)
{
	struct lending next;
	int k;

	w->put = false;
	if (fstat(w->fd, &w->st) < 0)
		return fail_errno(f, "fstat");
	if (read_now(w, &w->st, w->now, f) < 0)
		return -1;
	for (k = 0; k < w->kinds; k++)
		w->base[k] = without_ours(
		    w, (enum facl_kind)k, base_now(w, (enum facl_kind)k));
	for (k = 0; k < w->kinds; k++) {
		next = work_lending(w, (enum facl_kind)k);
		w->want[k] = w->loan.n > 0 ? lend(&next) : w->base[k];
	}
	w->put = w->loan.n > 0 && (w->changed || !same_all(w, w->now, w->want));
	for (k = 0; k < w->kinds && w->put; k++)
		w->old[k] = w->now[k];
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
	if (read_now(w, &st, now, f) < 0)
		return -1;
	return same_all(w, now, w->now) ? 0 : 1;
}

static int
apply(struct work *w, struct fail *f)
{
	int k, ret = look_again(w, f);

	if (ret != 0)
		return ret;
	if (w->loan.n > 0)
		work_known(w);
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

/* The ACLs of a loan as the state has them. */
static void
write_acls(struct work *w)
{
	int k;

	for (k = 0; k < 2; k++) {
		w->loan.base[k] = facl_text(&w->base[k]);
		w->loan.old[k] = facl_text(&w->old[k]);
	}
}

static int
note_all(struct works *all, struct fail *f)
{
	size_t i;

	for (i = 0; i < all->n; i++) {
		if (!is_open(all->v[i]) || !all->v[i]->put)
			continue;
		write_acls(all->v[i]);
		if (state_begin(all->state, f) < 0 ||
		    state_loan_put(all->state, &all->v[i]->loan, f) < 0) {
			state_rollback(all->state);
			return -1;
		}
	}
	return state_commit(all->state, f);
}

static int
plan_works(struct works *all, bool first)
{
	struct fail f;
	size_t i;
	int ret = 0;

	for (i = 0; i < all->n; i++)
		if (is_open(all->v[i]) && plan_work(all->v[i], &f) < 0) {
			ret = fail_work(all->v[i], &f);
			if (first)
				return -1;
		}
	if (note_all(all, &f) == 0)
		return ret;
	/* what the state can't tell of must not happen; going back may */
	for (i = 0; i < all->n; i++)
		if (is_open(all->v[i]) && all->v[i]->loan.n > 0)
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
	return w->done && w->loan.n == 0 && w->lent;
}

/*
 * Before the state forgets what an ACL was, the ACL has to be on disk, which
 * need not be the state's. How many there are.
 */
static size_t
sync_back(const struct works *all)
{
	const struct work *w;
	const char *synced = "";
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
		else if (strcmp(w->loan.ident.dev, synced) != 0)
			bad |= sync_one(w->fd, true);
		synced = w->loan.ident.dev;
	}
	if (bad)
		sync();
	return n;
}

static int
forget(struct works *all)
{
	struct fail f;
	size_t i;
	int ret;

	if (sync_back(all) == 0)
		return 0;
	ret = state_begin(all->state, &f);
	for (i = 0; ret == 0 && i < all->n; i++)
		if (is_back(all->v[i]))
			ret = state_loan_put(all->state, &all->v[i]->loan, &f);
	if (ret == 0 && (ret = state_commit(all->state, &f)) == 0)
		return 0;
	state_rollback(all->state);
	for (i = 0; i < all->n; i++)
		if (is_back(all->v[i]))
			fail_work(all->v[i], &f);
	return -1;
}

int
work_settle(struct works *all, bool first)
{
	struct fail f;
	bool again = true;
	size_t i;
	int round, ret = 0;

	for (round = 0; again && round < ROUNDS; round++) {
		ret |= plan_works(all, first);
		if (ret < 0 && first)
			return -1;
		ret |= apply_all(all, first, &again);
		if (ret < 0 && first)
			return -1;
	}
	fail_set(&f, FAIL_AGAIN, "its ACL keeps changing");
	for (i = 0; again && i < all->n; i++)
		if (is_open(all->v[i]))
			ret = fail_work(all->v[i], &f);
	return forget(all) | ret;
}
