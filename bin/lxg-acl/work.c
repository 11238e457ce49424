/*
 * What a call has to do with each inode: whose holders the state has, and whose
 * there will be. SPDX-License-Identifier: ISC
 */
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"
#include "work.h"

struct lending
work_lending(const struct work *w, enum facl_kind kind)
{
	struct lending a = {.base = w->base[kind], .kind = kind};
	const struct loan *l = &w->loan;
	size_t i;

	/* one more: what a folder gets from the container is the user's too */
	a.to = mem_need(calloc(l->n + 1, sizeof(*a.to)));
	for (i = 0; i < l->n; i++)
		a.to[a.n++] =
		    (struct lent){l->v[i].uid, (uint16_t)l->v[i].perm};
	if (kind == FACL_DEFAULT && l->n > 0)
		a.to[a.n++] = (struct lent){geteuid(), 7};
	return a;
}

void
work_known(struct work *w)
{
	int k;

	w->lent = w->loan.n > 0;
	for (k = 0; k < w->kinds && w->lent; k++) {
		w->was[k] = work_lending(w, (enum facl_kind)k);
		w->last[k] = lend(&w->was[k]);
		w->then[k] = w->old[k];
	}
}

/* Entries without a handle are told by their number alone. */
static int
compare(const void *x, const void *y)
{
	const struct ident *a = &((const struct work *)x)->loan.ident;
	const struct ident *b = &((const struct work *)y)->loan.ident;
	int c = strcmp(a->ino, b->ino);

	if (c == 0)
		c = strcmp(a->handle, b->handle);
	if (c == 0 && a->handle[0] == '\0')
		c = strcmp(a->dev, b->dev);
	return c;
}

static int
read_acls(struct work *w, struct fail *f)
{
	int k;

	for (k = 0; k < 2; k++)
		if (facl_parse(w->loan.base[k], &w->base[k]) < 0 ||
		    facl_parse(w->loan.old[k], &w->old[k]) < 0 ||
		    w->base[0].n == 0)
			return fail_set(f, FAIL_DATA, "no ACL in the state");
	return 0;
}

/* Does a grant's source still lead to an inode of that number and device? */
static bool
leads_there(const struct grant *g, const struct ident *id)
{
	struct ident there = {"", "", ""};
	struct fail ignored;
	struct rec r = {jv_invalid(), 0};
	const char *path;
	struct stat st;

	if (rec_parse(g->record, strlen(g->record), &r.v, &ignored) == 0 &&
	    (path = obj_str(r.v, "source")) != NULL && lstat(path, &st) == 0) {
		snprintf(
		    there.dev, sizeof(there.dev), "%ju", (uintmax_t)st.st_dev);
		snprintf(
		    there.ino, sizeof(there.ino), "%ju", (uintmax_t)st.st_ino);
	}
	jv_free(r.v);
	return strcmp(there.dev, id->dev) == 0 &&
	       strcmp(there.ino, id->ino) == 0;
}

static int
check_twin(struct work *w, const struct ident *id, struct fail *f)
{
	struct loan *l = &w->loan;
	size_t n;

	if (strcmp(l->ident.dev, id->dev) == 0)
		return 0;
	for (n = 0; n < l->n; n++)
		if (leads_there(&l->v[n], &l->ident))
			return fail_set(f, FAIL_SYSTEM,
			    "its twin on a copy of its file system is lent");
	memcpy(l->ident.dev, id->dev, sizeof(id->dev));
	return 0;
}

static void
add_work(struct works *all, struct work *w)
{
	all->v = mem_grow(all->v, all->n, sizeof(*all->v));
	if (tsearch(w, &all->tree, compare) == NULL)
		mem_out();
	all->v[all->n++] = w;
}

int
work_on(struct works *all, const struct item *i, bool make, struct work **w,
    struct fail *f)
{
	struct work key = {.loan.ident = i->id}, *new;
	void *node = tfind(&key, &all->tree, compare);
	int ret;

	*w = node != NULL ? *(struct work **)node : NULL;
	if (*w != NULL)
		return 0;
	new = mem_need(calloc(1, sizeof(*new)));
	if ((ret = state_loan(all->state, &i->id, &new->loan, f)) < 0)
		return -1;
	if (ret == 0 && !make)
		return 0;
	if (ret == 0)
		new->loan = (struct loan){.ident = i->id};
	else if (read_acls(new, f) < 0 ||
		 (i->fd >= 0 && check_twin(new, &i->id, f) < 0))
		return -1;
	if (state_lost(all->state, &i->id, &new->suspect, f) < 0)
		return -1;
	new->fd = i->fd;
	new->kinds = i->fd >= 0 && S_ISDIR(i->st.st_mode) ? 2 : 1;
	work_known(new);
	if (i->fd >= 0)
		add_work(all, new);
	*w = new;
	return 0;
}

struct grant *
work_grant(const struct work *w, const struct holder *h)
{
	size_t n;

	for (n = 0; n < w->loan.n; n++)
		if (holder_same(&w->loan.v[n].by, h))
			return &w->loan.v[n];
	return NULL;
}

struct grant *
work_add(struct work *w)
{
	struct loan *l = &w->loan;
	struct grant *v = mem_need(calloc(l->n + 1, sizeof(*v)));

	if (l->n > 0)
		memcpy(v, l->v, l->n * sizeof(*v));
	l->v = v;
	w->changed = true;
	return &l->v[l->n++];
}

void
work_take(struct work *w, struct grant *g)
{
	memmove(g, g + 1, (size_t)(&w->loan.v[--w->loan.n] - g) * sizeof(*g));
	w->changed = true;
}

bool
work_drop_gone(struct work *w)
{
	size_t i, n = 0;
	bool any;

	for (i = 0; i < w->loan.n; i++)
		if (!w->loan.v[i].gone)
			w->loan.v[n++] = w->loan.v[i];
	any = n < w->loan.n;
	w->loan.n = n;
	w->changed |= any;
	return any;
}
