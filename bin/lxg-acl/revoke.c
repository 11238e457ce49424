/*
 * lxg-acl revoke: each record's grant is taken back, as far as that can be
 * done. SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/acl.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "verbs.h"

static void
fail_item(struct item *i, const struct fail *f)
{
	if ((i->why = malloc(sizeof(*i->why))) == NULL)
		errx(EX_OSERR, "out of memory");
	*i->why = *f;
}

/*
 * By number alone: for a record without a handle, of an inode that is gone, or
 * whose number another one has now.
 */
static struct loan *
search(const struct journal *j, const struct item *i)
{
	struct loan *l;
	size_t n;

	for (l = j->loans; l != NULL; l = l->next)
		for (n = 0; n < l->nh; n++)
			if (strcmp(l->id.dev, i->id.dev) == 0 &&
			    strcmp(l->id.ino, i->id.ino) == 0 &&
			    !l->h[n].gone && holder_same(&l->h[n], &i->holder))
				return l;
	return NULL;
}

static int
find_loan(struct journal *j, struct item *i, struct loan **l, struct fail *f)
{
	if (item_loan(j, i, l, f) < 0)
		return -1;
	if (*l != NULL || plain_has(i->rec, KEY_HANDLE))
		return 0;
	if (journal_load(j, f) < 0)
		return -1;
	if ((*l = search(j, i)) != NULL && i->fd >= 0) {
		close(i->fd);
		i->fd = -1;
	}
	return 0;
}

static struct holder *
find_holder(struct loan *l, const struct holder *h)
{
	size_t n;

	for (n = 0; n < l->nh; n++)
		if (holder_same(&l->h[n], h))
			return &l->h[n];
	return NULL;
}

static void
take_holder(struct loan *l, struct holder *h)
{
	memmove(h, h + 1, (size_t)(&l->h[--l->nh] - h) * sizeof(*h));
}

/* With the memory that it was in? */
static bool
has_ended(const struct holder *h)
{
	return h->memory && strcmp(h->boot, boot_id()) != 0;
}

static void
forget_holder(struct journal *j, struct loan *l, struct holder *h)
{
	take_holder(l, h);
	if (l->nh > 0)
		journal_put(j, l);
	else
		journal_drop(l);
}

/*
 * It may have been moved, for nothing tells a user that an inode is no more
 * (open_by_handle_at(2) is root's). So the journal keeps what its ACL was, for
 * when it turns up again.
 */
static void
lose_holder(struct journal *j, struct loan *l, struct holder *h,
    const struct item *i, const char *root)
{
	struct fail f;

	fail_set(&f, 0,
	    "gone; if it was moved, user %u keeps access until it is lent "
	    "again and taken back, or by setfacl -x u:%u (to find it: "
	    "find %s -xdev -inum %s)",
	    h->uid, h->uid, root, i->id.ino);
	cli_warn(&f, item_what(i));
	h->gone = true;
	h->granted = (long long)time(NULL);
	journal_put(j, l);
}

/* Nothing tells its file system from another, once there was a boot. */
static bool
is_known(const struct holder *h)
{
	return h->fs != 0 || strcmp(h->boot, boot_id()) == 0;
}

/*
 * The inode isn't where it was. Where its file system isn't either, it comes
 * back with it. A folder of lxg's own was removed by lxg-mount.
 */
static int
is_gone(struct journal *j, struct item *i, struct loan *l, struct fail *f)
{
	struct holder *h = l != NULL ? find_holder(l, &i->holder) : NULL;
	char *root;

	i->restored = GONE;
	if (h == NULL || h->gone)
		return 0;
	root = item_root(i, h->fs);
	if (root == NULL && !has_ended(h) && is_known(h))
		return fail_set(f, EX_TEMPFAIL,
		    "its file system is not mounted where it was; mount it, "
		    "and take it back again");
	if (has_ended(h) || plain_has(i->rec, KEY_MOUNT))
		forget_holder(j, l, h);
	else
		lose_holder(j, l, h, i, root != NULL ? root : "/");
	free(root);
	return 0;
}

/* Nothing tells what the ACL was: the user's entry goes, the rest stays. */
static int
take_entry(struct item *i, enum facl_kind kind, struct fail *f)
{
	struct facl now, want;

	if (facl_read(i->fd, kind, &i->st, &now, f) < 0)
		return -1;
	want = lend_none(&now, kind, i->holder.uid);
	if (facl_same(&now, &want))
		return 0;
	i->restored = MERGED;
	return facl_write(i->fd, kind, &want, f);
}

static int
without_journal(struct item *i, struct fail *f)
{
	int k;

	for (k = 0; k <= S_ISDIR(i->st.st_mode); k++)
		if (take_entry(i, (enum facl_kind)k, f) < 0)
			return -1;
	if (i->restored != MERGED)
		return 0;
	fail_set(f, 0, "its journal is lost; only the entry of user %u is gone",
	    i->holder.uid);
	cli_warn(f, item_what(i));
	return 0;
}

static bool
has_entry(const struct item *i)
{
	struct facl now;
	struct fail ignored;
	int k;

	for (k = 0; k <= S_ISDIR(i->st.st_mode); k++)
		if (facl_read(i->fd, (enum facl_kind)k, &i->st, &now,
			&ignored) == 0 &&
		    facl_find(&now, ACL_USER, i->holder.uid) != NULL)
			return true;
	return false;
}

/* Nothing was given, or nobody knows of it; whose the entry is, neither. */
static int
without_loan(struct journal *j, struct item *i, struct fail *f)
{
	struct fail told;

	if (journal_lost(j, &i->id))
		return without_journal(i, f);
	if (!has_entry(i))
		return 0;
	fail_set(&told, 0,
	    "user %u has an entry in its ACL that the journal knows nothing "
	    "of, and keeps it; if it is not yours, setfacl -x u:%u takes it "
	    "away",
	    i->holder.uid, i->holder.uid);
	cli_warn(&told, item_what(i));
	return 0;
}

static int
take_item(
    struct journal *j, struct works *works, struct item *i, struct fail *f)
{
	struct holder *h;
	struct loan *l;

	if (i->fd < 0 && item_find(i, f) < 0)
		return -1;
	if (find_loan(j, i, &l, f) < 0)
		return -1;
	if (i->fd < 0)
		return is_gone(j, i, l, f);
	if (l == NULL)
		return without_loan(j, i, f);
	i->work = work_on(works, l, i->fd, S_ISDIR(i->st.st_mode));
	i->work->changed |= loan_drop_gone(l, LLONG_MAX);
	if ((h = find_holder(l, &i->holder)) != NULL) {
		take_holder(l, h);
		i->work->changed = true;
	}
	return 0;
}

void
release(struct journal *j, struct items *all)
{
	struct works works = {NULL, 0};
	struct item *i;
	struct fail f;
	size_t n;

	for (n = 0; n < all->n; n++) {
		i = &all->v[n];
		if (!i->skip && take_item(j, &works, i, &f) < 0)
			fail_item(i, &f);
	}
	work_settle(j, &works, false);
	for (n = 0; n < all->n; n++) {
		i = &all->v[n];
		if (i->work == NULL)
			continue;
		if (i->work->why != NULL)
			i->why = i->work->why;
		else if (i->work->loan->nh > 0)
			i->restored = HELD;
		else
			i->restored = i->work->loan->merged ? MERGED : EXACT;
	}
}

/* Sets what was done in the records; 75 where some of it wasn't. */
static int
tell(struct items *all)
{
	static const char *const words[] = {
	    [EXACT] = "\"exact\"",
	    [MERGED] = "\"merged\"",
	    [HELD] = "\"held\"",
	    [GONE] = "\"gone\"",
	};
	struct item *i;
	size_t n;
	int ret = 0;

	for (n = 0; n < all->n; n++) {
		i = &all->v[n];
		if (i->why != NULL) {
			cli_warn(i->why, item_what(i));
			plain_set_str(i->rec, KEY_ERROR, i->why->text);
		} else if (!i->skip)
			plain_set(i->rec, KEY_RESTORED, words[i->restored]);
		if (plain_has(i->rec, KEY_ERROR))
			ret = EX_TEMPFAIL;
	}
	return ret;
}

static void
release_all(struct items *all)
{
	struct journal j;
	struct fail f;

	if (journal_open(&j, false, &f) < 0)
		cli_die(&f, NULL);
	release(&j, all);
	journal_close(&j);
}

int
acl_revoke(int argc, char **argv)
{
	struct items all;
	struct plains r;
	struct fail f;
	size_t n;
	int ret = 0;

	if (cli_getopt(argc, argv, "") != -1)
		cli_usage();
	cli_no_operands(argc);
	if (plains_read(stdin, &r, &f) < 0)
		cli_die(&f, NULL);
	if (items_read(&r, &all, &f) < 0)
		cli_die(&f, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (cli_dry_run()) {
		for (n = 0; n < r.n; n++)
			plain_set(&r.v[n], KEY_DRY_RUN, "true");
	} else {
		release_all(&all);
		ret = tell(&all);
	}
	if (plains_write(stdout, &r, &f) < 0)
		cli_die(&f, NULL);
	return ret;
}
