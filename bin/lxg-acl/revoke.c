/*
 * lxg-acl revoke: each record's grant is taken back, as far as that can be
 * done. SPDX-License-Identifier: ISC
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/acl.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "machine.h"
#include "verbs.h"

/*
 * By number alone: for a record without a handle, of an inode that is gone, or
 * whose number another one has now.
 */
static int
find_work(struct works *all, struct item *i, struct work **w, struct fail *f)
{
	struct loan l;
	int ret;

	if (work_on(all, i, false, w, f) < 0)
		return -1;
	if (*w != NULL || rec_has(i->rec, "handle"))
		return 0;
	ret = state_loan_by_number(all->state, &i->id, &i->by, &l, f);
	if (ret <= 0)
		return ret;
	if (i->fd >= 0)
		close(i->fd);
	i->fd = -1;
	i->id = l.ident;
	return work_on(all, i, false, w, f);
}

static bool
of_this_boot(const struct grant *g)
{
	return strcmp(g->boot, machine_boot()) == 0;
}

/*
 * It may have been moved, for nothing tells a user that an inode is no more
 * (open_by_handle_at(2) is root's). So the state keeps what its ACL was, for
 * when it turns up again.
 */
static void
lose_grant(struct grant *g, const struct item *i, const char *root)
{
	cli_say(item_what(i),
	    "gone; if it was moved, user %u keeps access until it is lent "
	    "again and taken back, or by setfacl -x u:%u (to find it: "
	    "find %s -xdev -inum %s)",
	    g->uid, g->uid, root, i->id.ino);
	g->gone = true;
	g->granted = (long long)time(NULL);
}

/*
 * The inode isn't where it was. Where its file system isn't either, it comes
 * back with it. A folder of lxg's own was removed by lxg-mount.
 */
static int
is_gone(struct works *all, struct item *i, struct work *w, struct fail *f)
{
	struct grant *g = w != NULL ? work_grant(w, &i->by) : NULL;
	bool ended;
	char *root;

	i->restored = GONE;
	if (g == NULL || g->gone)
		return 0;
	i->taken = !rec_has(i->rec, "mount");
	/* with the memory that it was in */
	ended = g->memory && !of_this_boot(g);
	root = item_root(i, g->fs);
	/* after a boot nothing but its id tells a file system from another */
	if (root == NULL && !ended && (g->fs != 0 || of_this_boot(g)))
		return fail_set(f, FAIL_AGAIN,
		    "its file system is not mounted where it was; mount it, "
		    "and take it back again");
	if (ended || rec_has(i->rec, "mount"))
		work_take(w, g);
	else
		lose_grant(g, i, root != NULL ? root : "/");
	free(root);
	return state_loan_put(all->state, &w->loan, f);
}

/* Nothing tells what the ACL was: the user's entry goes, the rest stays. */
static int
without_state(struct item *i, struct fail *f)
{
	int taken = take_entry(i, f);

	if (taken <= 0)
		return taken;
	i->restored = MERGED;
	cli_say(item_what(i),
	    "what it was is lost; only the entry of user %u is gone", i->uid);
	return 0;
}

/* Whose the entry is that it has all the same, nobody knows. */
static void
tell_entry(const struct item *i)
{
	if (has_entry(i))
		cli_say(item_what(i),
		    "user %u has an entry in its ACL that the state knows "
		    "nothing of, and keeps it; if it is not yours, "
		    "setfacl -x u:%u takes it away",
		    i->uid, i->uid);
}

/* Nothing was given, or nobody knows of it. */
static int
without_loan(struct works *all, struct item *i, struct fail *f)
{
	bool lost;

	if (state_lost(all->state, &i->id, &lost, f) < 0)
		return -1;
	if (lost)
		return without_state(i, f);
	tell_entry(i);
	return 0;
}

static int
take_item(struct works *all, struct item *i, struct fail *f)
{
	struct grant *g;
	struct work *w;

	if (!holder_here(&i->by))
		return fail_set(f, FAIL_AGAIN,
		    "held by another machine, %s, and to be taken back there",
		    i->by.host);
	if (i->fd < 0 && item_find(i, f) < 0)
		return -1;
	if (find_work(all, i, &w, f) < 0)
		return -1;
	if (i->fd < 0)
		return is_gone(all, i, w, f);
	if (w == NULL)
		return without_loan(all, i, f);
	i->work = w;
	work_drop_gone(w);
	if ((g = work_grant(w, &i->by)) == NULL)
		return 0;
	i->taken = !rec_has(i->rec, "mount");
	work_take(w, g);
	return 0;
}

static void
conclude(struct item *i)
{
	if (i->work->why != NULL)
		i->why = i->work->why;
	else if (i->work->loan.n > 0)
		i->restored = HELD;
	else {
		i->restored = i->work->loan.merged ? MERGED : EXACT;
		/* such as a copy has that was lent itself */
		tell_entry(i);
	}
}

void
release(struct works *works, struct items *all)
{
	struct item *i;
	struct fail f;
	size_t n;
	int ret;

	/* the state is locked once, and not for each look at it */
	ret = state_begin(works->state, &f);
	for (n = 0; n < all->n; n++) {
		i = &all->v[n];
		if (!i->skip && (ret < 0 || take_item(works, i, &f) < 0))
			item_fail(i, &f);
	}
	if (ret == 0 && state_commit(works->state, &f) < 0)
		for (n = 0; n < all->n; n++)
			if (!all->v[n].skip && all->v[n].why == NULL &&
			    all->v[n].work == NULL)
				item_fail(&all->v[n], &f);
	work_settle(works, false);
	for (n = 0; n < all->n; n++)
		if (all->v[n].work != NULL)
			conclude(&all->v[n]);
}

/* Sets what was done in the records; EX_TEMPFAIL where some of it wasn't. */
static int
set_results(struct items *all)
{
	static const char *const words[] = {
	    [EXACT] = "exact",
	    [MERGED] = "merged",
	    [HELD] = "held",
	    [GONE] = "gone",
	};
	struct item *i;
	size_t n;
	int ret = 0;

	for (n = 0; n < all->n; n++) {
		i = &all->v[n];
		if (i->why != NULL) {
			cli_warn(i->why, item_what(i));
			rec_error(i->rec, i->why);
		} else if (!i->skip)
			rec_set_str(i->rec, "restored", words[i->restored]);
		if (rec_failed(i->rec))
			ret = EX_TEMPFAIL;
	}
	return ret;
}

static void
release_all(struct items *all)
{
	struct works works = {.state = NULL};
	struct fail f;

	if ((works.state = acl_state(0, &f)) == NULL)
		cli_die(&f, NULL);
	release(&works, all);
	astray(&works, all);
	acl_close(works.state);
}

int
verb_revoke(int argc, char **argv)
{
	struct items all;
	struct recs r;
	struct fail f;
	size_t n;
	int ret = 0;

	if (cli_getopt(argc, argv, "") != -1)
		cli_usage();
	cli_no_operands(argc);
	cli_read(&r);
	if (items_read(&r, &all, &f) < 0)
		cli_die(&f, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (cli_dry_run()) {
		for (n = 0; n < r.n; n++)
			rec_set(&r.v[n], "dry_run", jv_true());
	} else {
		release_all(&all);
		ret = set_results(&all);
	}
	cli_write(&r);
	return ret;
}
