/*
 * A stream's records by instance. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "mem.h"
#include "name.h"

/* A record without an api is of the engine that is found (engine.h). */
static const char *const keys[] = {"engine", "project", "instance", "api"};
#define NKEYS (sizeof(keys) / sizeof(keys[0]))

/* Names go into paths and URLs: they are judged where they come in. */
static int
check_keys(const struct rec *r, struct fail *f)
{
	const char *project, *instance, *api;

	if (rec_str(r, "engine", f) == NULL ||
	    (project = rec_str(r, "project", f)) == NULL ||
	    (instance = rec_str(r, "instance", f)) == NULL ||
	    rec_opt_str(r, "api", &api, f) < 0 ||
	    name_check_project(project, f) < 0)
		return -1;
	return name_check(instance, f);
}

static int
same_batch(const struct rec *a, const struct rec *b)
{
	size_t i;

	for (i = 0; i < NKEYS; i++)
		if (!rec_same(a, b, keys[i]))
			return 0;
	return rec_true(a, "dry_run") == rec_true(b, "dry_run");
}

static void
put_in(struct batch **b, size_t *n, struct rec *r)
{
	struct batch *to;
	size_t i = *n;

	/* the last one first: streams come in runs of one instance */
	while (i > 0 && !same_batch((*b)[i - 1].v[0], r))
		i--;
	if (i == 0) {
		*b = mem_grow(*b, *n, sizeof(**b));
		i = ++*n;
		(*b)[i - 1] = (struct batch){NULL, 0};
	}
	to = &(*b)[i - 1];
	to->v = mem_grow(to->v, to->n, sizeof(*to->v));
	to->v[to->n++] = r;
}

int
batch_split(struct recs *r, struct batch **b, size_t *n, struct fail *f)
{
	size_t i;

	*b = NULL;
	*n = 0;
	for (i = 0; i < r->n; i++) {
		if (rec_failed(&r->v[i]))
			continue;
		if (check_keys(&r->v[i], f) < 0) {
			batch_free(*b, *n);
			*b = NULL;
			*n = 0;
			return -1;
		}
		put_in(b, n, &r->v[i]);
	}
	return 0;
}

void
batch_free(struct batch *b, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		free(b[i].v);
	free(b);
}
