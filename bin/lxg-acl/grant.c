/*
 * lxg-acl grant: all of the records' grants, or none.
 * SPDX-License-Identifier: ISC
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "fs.h"
#include "machine.h"
#include "sig.h"
#include "text.h"
#include "verbs.h"

/* Never more than the caller has, who is the owner. */
static unsigned
perm_of(const struct item *i)
{
	return i->asked & i->st.st_mode >> 6 & 7;
}

static int
check_item(struct item *i, struct fail *f)
{
	if (item_open(i, f) < 0)
		return -1;
	if (!S_ISREG(i->st.st_mode) && !S_ISDIR(i->st.st_mode))
		return fail_set(f, FAIL_DATA, "neither a file nor a folder");
	if (i->st.st_uid != geteuid())
		return fail_set(f, FAIL_PERM, "not yours");
	/* the kernel takes the bit away when the ACL is set: inode(7) */
	if (i->st.st_mode & S_ISGID && geteuid() != 0 &&
	    i->st.st_gid != getegid() && !group_member(i->st.st_gid))
		return fail_set(f, FAIL_PERM,
		    "it is setgid to a group that you are not in");
	if (i->by.machine != NULL && !holder_here(&i->by))
		return fail_set(
		    f, FAIL_DATA, "of another machine, %s", i->by.host);
	if (fs_keeps_acl(i->fd, f) < 0)
		return -1;
	return perm_of(i) != 0 ? 0
			       : fail_set(f, FAIL_PERM,
				     "you have no such right to it yourself");
}

static void
set_grant(struct item *i)
{
	char perm[4], *entry;

	perm_text(perm_of(i), perm);
	entry = text_fmt("user:%u:%s", i->uid, perm);
	rec_set_str(i->rec, "grant", entry);
	free(entry);
	if (!rec_has(i->rec, "handle") && i->id.handle[0] != '\0')
		rec_set_str(i->rec, "handle", i->id.handle);
}

/* The holder has it already: then it is the same grant, or an error. */
static int
hold_again(struct grant *g, const struct item *i, struct fail *f)
{
	char had[4], wants[4];

	perm_text(g->asked, had);
	perm_text(i->asked, wants);
	if (g->uid != i->uid || g->asked != i->asked)
		return fail_set(f, FAIL_CREATE,
		    "granted already, as user:%u:%s and not user:%u:%s", g->uid,
		    had, i->uid, wants);
	g->perm = perm_of(i);
	g->fresh = true;
	return 0;
}

/*
 * Did the program that saved this file by renaming give it the entry that the
 * one before it has, which is lent still? -1 where that can't be told.
 */
static int
is_carried(struct works *all, const struct item *i, struct fail *f)
{
	const struct loan *l = &i->work->loan;
	size_t n;

	for (n = 0; n < l->n; n++)
		if (l->v[n].uid == i->uid)
			return 0;
	return has_entry(i) ? state_lent_as(all->state, l, i->source, i->uid, f)
			    : 0;
}

static int
hold(struct works *all, struct item *i, struct fail *f)
{
	struct grant *g;
	int carried;

	if (work_on(all, i, true, &i->work, f) < 0)
		return -1;
	work_drop_gone(i->work);
	if ((g = work_grant(i->work, &i->by)) != NULL)
		return hold_again(g, i, f);
	if ((carried = is_carried(all, i, f)) < 0)
		return -1;
	g = work_add(i->work);
	*g = (struct grant){.by = i->by,
	    .uid = i->uid,
	    .asked = i->asked,
	    .perm = perm_of(i),
	    .fresh = true,
	    .carried = carried > 0,
	    .boot = machine_boot(),
	    .granted = (long long)time(NULL),
	    .intent = state_intent(),
	    .record = rec_text(i->rec)};
	item_note_fs(i, g);
	i->added = true;
	return 0;
}

/* Whose failure it was. */
static const char *
failed_what(const struct items *all, struct fail *f)
{
	size_t n;

	for (n = 0; n < all->n; n++)
		if (all->v[n].work != NULL && all->v[n].work->why != NULL) {
			*f = *all->v[n].work->why;
			return item_what(&all->v[n]);
		}
	return NULL;
}

static int
grant_works(
    struct works *works, struct items *all, const char **what, struct fail *f)
{
	struct item *i;
	size_t n;

	/* the state is locked once, and not for each look at it */
	if (state_begin(works->state, f) < 0)
		return -1;
	for (n = 0; n < all->n; n++) {
		i = &all->v[n];
		if (!i->skip && hold(works, i, f) < 0) {
			*what = item_what(i);
			return -1;
		}
	}
	if (sig_caught())
		return fail_set(f, FAIL_INTERRUPTED, "interrupted");
	if (work_settle(works, true) < 0) {
		*what = failed_what(all, f);
		return -1;
	}
	return 0;
}

/* What the call did, undone the way a later revoke would. */
static void
undo_items(struct items *all)
{
	struct works works = {.state = NULL};
	struct fail f;
	bool any = false;
	size_t n;

	sig_shield();
	for (n = 0; n < all->n; n++) {
		all->v[n].skip |= !all->v[n].added;
		all->v[n].work = NULL;
		any |= all->v[n].added;
	}
	if (!any)
		return;
	if ((works.state = acl_state(STATE_MAKE, &f)) == NULL) {
		cli_warn(&f, NULL);
		return;
	}
	release(&works, all);
	acl_close(works.state);
	for (n = 0; n < all->n; n++)
		if (all->v[n].why != NULL)
			cli_warn(all->v[n].why, item_what(&all->v[n]));
}

static void
check_all(struct items *all)
{
	struct item *i;
	struct fail f;
	size_t n;

	for (n = 0; n < all->n; n++) {
		i = &all->v[n];
		if (i->skip)
			continue;
		if (check_item(i, &f) < 0)
			cli_die(&f, item_what(i));
		set_grant(i);
		if (cli_dry_run())
			rec_set(i->rec, "dry_run", jv_true());
	}
}

static bool
nothing_to_do(const struct items *all)
{
	size_t n;

	for (n = 0; n < all->n; n++)
		if (!all->v[n].skip)
			return cli_dry_run();
	return true;
}

static void
grant_items(struct items *all)
{
	struct works works = {.state = NULL};
	const char *what = NULL;
	struct fail f;
	int ret;

	if ((works.state = acl_state(STATE_MAKE, &f)) == NULL)
		cli_die(&f, NULL);
	ret = grant_works(&works, all, &what, &f);
	acl_close(works.state);
	if (ret == 0)
		return;
	undo_items(all);
	cli_die(&f, what);
}

int
verb_grant(int argc, char **argv)
{
	struct items all;
	struct recs r;
	struct fail f;

	if (cli_getopt(argc, argv, "") != -1)
		cli_usage();
	cli_no_operands(argc);
	cli_read(&r);
	if (items_read(&r, &all, &f) < 0)
		cli_die(&f, NULL);
	cli_refuse_failed(&r);
	check_all(&all);
	sig_catch();
	if (!nothing_to_do(&all))
		grant_items(&all);
	/* a reader that is gone is an error like a full disk */
	signal(SIGPIPE, SIG_IGN);
	if (recs_write(stdout, &r, &f) < 0) {
		undo_items(&all);
		cli_die(&f, NULL);
	}
	return 0;
}
