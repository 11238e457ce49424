/*
 * The instances that a verb is to do something to. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>

#include "cli.h"
#include "engine.h"
#include "inst.h"
#include "mem.h"
#include "name.h"
#include "state.h"
#include "target.h"

void
target_by_name(const char *name, struct target *t)
{
	struct fail f;
	struct lxd *l;

	if (name_check(name, &f) < 0)
		cli_die(&f, NULL);
	l = engine_open(cli_engine(), cli_project(), name, &f);
	if (l == NULL)
		cli_die(&f, name);
	t->rec = (struct rec){inst_base(l), 0};
	rec_set_str(&t->rec, "instance", name);
	t->name = obj_str(t->rec.v, "instance");
	t->lxd = l;
}

bool
target_is_idle(const struct rec *r)
{
	return rec_failed(r) || rec_true(r, "dry_run");
}

void
target_by_record(struct rec *r, bool takes, struct target *t)
{
	struct fail f;

	t->rec = *r;
	t->name = obj_str(r->v, "instance");
	if (target_is_idle(r))
		return;
	if (rec_str(r, "instance", &f) == NULL || engine_check(r, &f) < 0)
		cli_die(&f, NULL);
	if ((t->lxd = engine_of(r, &f)) == NULL && !takes)
		cli_die(&f, NULL);
	if (t->lxd == NULL) {
		cli_warn(&f, t->name);
		rec_error(&t->rec, &f);
	}
}

int
target_use(const struct rec *r, struct fail *f)
{
	struct holder by = {.instance = obj_str(r->v, "instance")};
	const char *uuid = obj_str(r->v, "uuid");

	by.project = obj_str(r->v, "project");
	by.uuid = uuid != NULL ? uuid : "";
	return state_use(&by, f);
}

int
target_get(const struct target *t, jv *rec, struct fail *f)
{
	struct rec r = {.line = 0};

	if (inst_get(t->lxd, t->name, &r.v, NULL, NULL, f) < 0)
		return -1;
	if (target_use(&r, f) < 0) {
		jv_free(r.v);
		return -1;
	}
	*rec = r.v;
	return 0;
}

struct target *
targets(int argc, char **argv, bool takes, size_t *n)
{
	struct recs r = {NULL, 0};
	struct target *t;
	size_t i;

	if (argc == 0 && !takes)
		cli_usage();
	if (argc == 0)
		cli_read(&r);
	*n = argc > 0 ? (size_t)argc : r.n;
	t = mem_need(calloc(*n + 1, sizeof(*t)));
	for (i = 0; i < *n; i++)
		if (argc > 0)
			target_by_name(argv[i], &t[i]);
		else
			target_by_record(&r.v[i], takes, &t[i]);
	return t;
}
