/*
 * What verbs that take do with a stream of records.
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>

#include "cli.h"
#include "engine.h"
#include "lock.h"
#include "mem.h"
#include "sig.h"
#include "take.h"

const char *
take_object(const struct rec *r)
{
	const char *s = obj_str(r->v, "instance");

	return s != NULL ? s : "a record";
}

/* Marks a batch that is dry (all of it is, or none); false where it isn't. */
static bool
mark_dry(const struct batch *b)
{
	size_t i;

	if (!cli_dry_run() && !rec_true(b->v[0], "dry_run"))
		return false;
	for (i = 0; i < b->n; i++)
		rec_set(b->v[i], "dry_run", jv_true());
	return true;
}

/* The engine of a batch, which from now on is in its records. */
static struct lxd *
engine_for(const struct batch *b, struct fail *f)
{
	struct lxd *l = engine_of(b->v[0], f);
	size_t i;

	for (i = 0; l != NULL && i < b->n; i++)
		rec_set_str(b->v[i], "api", lxd_api(l));
	return l;
}

static int
take_locked(take_fn *before, take_fn *fn, const struct batch *b, void *arg,
    struct fail *f)
{
	struct lxd *l = engine_for(b, f);
	struct lock lock;
	int ret;

	if (l == NULL || (before != NULL && before(l, b, arg, f) < 0) ||
	    lock_take(b->v[0], &lock, f) < 0)
		return -1;
	ret = fn(l, b, arg, f);
	lock_drop(&lock);
	return ret;
}

static void
take_batch(take_fn *before, take_fn *fn, const struct batch *b, void *arg)
{
	struct fail f;
	size_t i;

	if (mark_dry(b) || take_locked(before, fn, b, arg, &f) == 0)
		return;
	cli_warn(&f, take_object(b->v[0]));
	for (i = 0; i < b->n; i++)
		if (!rec_failed(b->v[i]))
			rec_error(b->v[i], &f);
}

int
take_all(take_fn *before, take_fn *fn, void *arg)
{
	struct batch *b;
	struct recs r;
	struct fail f;
	size_t n, i;
	int code = 0;

	cli_read(&r);
	if (batch_split(&r, &b, &n, &f) < 0)
		cli_die(&f, NULL);
	for (i = 0; i < n; i++)
		take_batch(before, fn, &b[i], arg);
	for (i = 0; i < r.n; i++)
		if (rec_failed(&r.v[i]))
			code = cli_code(FAIL_AGAIN);
	cli_write(&r);
	batch_free(b, n);
	recs_free(&r);
	engine_close_all();
	return code;
}

/* No signal cuts that short. */
static void
undo_all(struct batch *b, void **given, size_t n, undo_fn *undo)
{
	struct fail f;
	struct lxd *l;

	sig_shield();
	while (n-- > 0)
		if (given[n] != NULL && ((l = engine_for(&b[n], &f)) == NULL ||
					    undo(l, &b[n], given[n], &f) < 0))
			cli_warn(&f, take_object(b[n].v[0]));
}

/* What each was given, owned; NULL for a dry one. */
static void **
give_batches(struct batch *b, size_t n, give_fn *give, undo_fn *undo)
{
	void **given = mem_need(calloc(n + 1, sizeof(*given)));
	struct fail f;
	struct lxd *l;
	size_t i;
	bool dry;

	for (i = 0; i < n; i++) {
		dry = mark_dry(&b[i]);
		if ((l = engine_for(&b[i], &f)) == NULL ||
		    give(l, &b[i], dry, &given[i], &f) < 0) {
			undo_all(b, given, i, undo);
			cli_die(&f, take_object(b[i].v[0]));
		}
		if (dry)
			given[i] = NULL;
	}
	return given;
}

int
give_all(give_fn *give, undo_fn *undo)
{
	struct batch *b;
	struct recs r;
	struct fail f;
	void **given;
	size_t n;

	cli_read(&r);
	cli_refuse_failed(&r);
	sig_catch();
	if (batch_split(&r, &b, &n, &f) < 0)
		cli_die(&f, NULL);
	given = give_batches(b, n, give, undo);
	if (cli_hand_over(&r, &f) < 0) {
		undo_all(b, given, n, undo);
		cli_die(&f, NULL);
	}
	free(given);
	batch_free(b, n);
	recs_free(&r);
	engine_close_all();
	return 0;
}
