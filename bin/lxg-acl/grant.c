/*
 * lxg-acl grant: all of the records' grants, or none.
 * SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "sig.h"
#include "verbs.h"

static bool
in_group(gid_t gid)
{
	gid_t *v;
	int n = getgroups(0, NULL), i;
	bool found = gid == getegid();

	if (n <= 0 || (v = calloc((size_t)n, sizeof(*v))) == NULL)
		return found;
	n = getgroups(n, v);
	for (i = 0; i < n; i++)
		found = found || v[i] == gid;
	free(v);
	return found;
}

/* Never more than the caller has, who is the owner. */
static int
check_perm(struct item *i, struct fail *f)
{
	i->holder.perm = i->holder.asked & i->st.st_mode >> 6 & 7;
	return i->holder.perm != 0
		   ? 0
		   : fail_set(
			 f, EX_NOPERM, "you have no such right to it yourself");
}

static int
check(struct item *i, struct fail *f)
{
	if (item_open(i, f) < 0)
		return -1;
	if (!S_ISREG(i->st.st_mode) && !S_ISDIR(i->st.st_mode))
		return fail_set(f, EX_DATAERR, "neither a file nor a folder");
	if (i->st.st_uid != geteuid())
		return fail_set(f, EX_NOPERM, "not yours");
	/* the kernel takes the bit away when the ACL is set: inode(7) */
	if (i->st.st_mode & S_ISGID && geteuid() != 0 &&
	    !in_group(i->st.st_gid))
		return fail_set(f, EX_NOPERM,
		    "it is setgid to a group that you are not in");
	return check_perm(i, f);
}

static void
set_grant(struct item *i)
{
	char json[32] = "\"user:", *p;

	p = put_number(json + strlen(json), i->holder.uid);
	*p++ = ':';
	perm_text(i->holder.perm, p);
	memcpy(p + 3, "\"", 2);
	plain_set(i->rec, KEY_GRANT, json);
	if (!plain_has(i->rec, KEY_HANDLE) && i->id.handle[0] != '\0')
		plain_set_str(i->rec, KEY_HANDLE, i->id.handle);
	i->holder.text = i->rec->s;
}

/* The holder has it already: then it is the same grant, or an error. */
static int
hold_again(struct holder *h, const struct item *i, struct fail *f)
{
	char had[4], wants[4];

	perm_text(h->asked, had);
	perm_text(i->holder.asked, wants);
	if (h->uid != i->holder.uid || h->asked != i->holder.asked)
		return fail_set(f, EX_CANTCREAT,
		    "granted already, as user:%u:%s and not user:%u:%s", h->uid,
		    had, i->holder.uid, wants);
	h->perm = i->holder.perm;
	h->fresh = true;
	return 0;
}

static int
hold(struct journal *j, struct works *all, struct item *i, struct fail *f)
{
	struct loan *l;
	size_t n;

	if (item_loan(j, i, &l, f) < 0)
		return -1;
	if (l == NULL)
		l = journal_add(j, &i->id);
	i->work = work_on(all, l, i->fd, S_ISDIR(i->st.st_mode));
	i->work->changed |= loan_drop_gone(l, LLONG_MAX);
	for (n = 0; n < l->nh; n++)
		if (holder_same(&l->h[n], &i->holder))
			return hold_again(&l->h[n], i, f);
	l->h = reallocarray(l->h, l->nh + 1, sizeof(*l->h));
	if (l->h == NULL)
		errx(EX_OSERR, "out of memory");
	i->holder.fresh = true;
	i->holder.granted = (long long)time(NULL);
	i->holder.boot = boot_id();
	item_note_fs(i);
	l->h[l->nh++] = i->holder;
	i->work->changed = i->added = true;
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
give(struct journal *j, struct items *all, const char **what, struct fail *f)
{
	struct works works = {NULL, 0};
	struct item *i;
	size_t n;

	for (n = 0; n < all->n; n++) {
		i = &all->v[n];
		if (!i->skip && hold(j, &works, i, f) < 0) {
			*what = item_what(i);
			return -1;
		}
	}
	if (sig_caught())
		return fail_set(f, EX_TEMPFAIL, "interrupted");
	if (work_settle(j, &works, true) < 0) {
		*what = failed_what(all, f);
		return -1;
	}
	return 0;
}

/* What the call did, undone the way a later revoke would. */
static void
undo(struct items *all)
{
	struct journal j;
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
	if (journal_open(&j, true, &f) < 0) {
		cli_warn(&f, NULL);
		return;
	}
	release(&j, all);
	journal_close(&j);
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
		if (check(i, &f) < 0)
			cli_die(&f, item_what(i));
		set_grant(i);
		if (cli_dry_run())
			plain_set(i->rec, KEY_DRY_RUN, "true");
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
give_all(struct items *all)
{
	const char *what = NULL;
	struct journal j;
	struct fail f;
	int ret;

	if (journal_open(&j, true, &f) < 0)
		cli_die(&f, NULL);
	ret = give(&j, all, &what, &f);
	journal_close(&j);
	if (ret == 0)
		return;
	undo(all);
	cli_die(&f, what);
}

static void
refuse_failed(const struct items *all)
{
	size_t i;

	for (i = 0; i < all->n; i++)
		if (plain_has(all->v[i].rec, KEY_ERROR))
			errx(EX_DATAERR, "line %zu: has failed before",
			    all->v[i].rec->line);
}

int
acl_grant(int argc, char **argv)
{
	struct items all;
	struct plains r;
	struct fail f;

	if (cli_getopt(argc, argv, "") != -1)
		cli_usage();
	cli_no_operands(argc);
	if (plains_read(stdin, &r, &f) < 0)
		cli_die(&f, NULL);
	if (items_read(&r, &all, &f) < 0)
		cli_die(&f, NULL);
	refuse_failed(&all);
	check_all(&all);
	/* a reader that is gone is an error like a full disk */
	signal(SIGPIPE, SIG_IGN);
	sig_catch();
	if (!nothing_to_do(&all))
		give_all(&all);
	if (plains_write(stdout, &r, &f) < 0) {
		undo(&all);
		cli_die(&f, NULL);
	}
	return 0;
}
