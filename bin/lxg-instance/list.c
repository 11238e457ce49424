/*
 * lxg-instance list. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>

#include "cli.h"
#include "engine.h"
#include "here.h"
#include "inst.h"
#include "instance.h"

#define ENGINES 4
#define AT_ONCE 32 /* records: the next stage may begin with these */

/* Consumes. One is kept back, so that none at all is known in the end. */
static void
emit(struct recs *out, jv v)
{
	if (out->n == AT_ONCE)
		cli_pass(out);
	recs_add(out, v);
}

static void
list_refused(struct lxd *l, jv instance, const char *profile,
    const struct fail *why, struct recs *out)
{
	static const char *const keys[][2] = {
	    {"name", "instance"}, {"status", "status"}};
	struct rec r = {inst_base(l), 0};
	jv config = obj_get(instance, "config");
	const char *s = obj_str(config, "volatile.uuid");
	size_t i;

	if (s != NULL)
		rec_set_str(&r, "uuid", s);
	jv_free(config);
	for (i = 0; i < 2; i++)
		if ((s = obj_str(instance, keys[i][0])) != NULL)
			rec_set_str(&r, keys[i][1], s);
	if (profile != NULL)
		rec_set_str(&r, "profile", profile);
	if ((s = here_location(instance)) != NULL)
		rec_set_str(&r, "location", s);
	rec_error(&r, why);
	emit(out, r.v);
}

/* One that can't be looked at is shown with an error, too. */
static void
list_silent(
    struct lxd *l, jv instance, bool all, jv *profiles, struct recs *out)
{
	char *profile = silent_profile(l, instance, profiles);
	struct fail why;

	if (all || profile != NULL) {
		silent_why(instance, &why);
		list_refused(l, instance, profile, &why, out);
	}
	free(profile);
}

/*
 * All of the engine's (owned), in one request; of a project that isn't there it
 * may say just "none".
 */
static int
fetch_all(struct lxd *l, jv *v, struct fail *f)
{
	struct fail why;
	int ret = lxd_get(l, "/1.0/instances?recursion=1", v, NULL, f);
	bool none = ret == 0 && jv_get_kind(*v) == JV_KIND_ARRAY &&
		    jv_array_length(jv_copy(*v)) == 0;

	if (ret == 0 && jv_get_kind(*v) != JV_KIND_ARRAY) {
		jv_free(*v);
		return fail_set(
		    f, FAIL_PROTOCOL, "the engine's answer is no list");
	}
	if (!none && (ret == 0 || (f->kind != FAIL_NO && f->kind != FAIL_PERM)))
		return ret;
	if (engine_find_project(l, &why) == 0)
		return ret;
	if (none)
		jv_free(*v);
	*f = why;
	return -1;
}

/*
 * One engine's instances (borrowed), lxg's own or all. One whose id map is
 * refused is shown with an error, which later stages pass on.
 */
static void
list_engine(struct lxd *l, jv instances, bool all, struct recs *out)
{
	jv rec, profiles = jv_null();

	jv_array_foreach (instances, i, instance) {
		jv config = obj_get(instance, "config");
		struct fail why;

		if (silent_is(instance))
			list_silent(l, instance, all, &profiles, out);
		else if (all || obj_str(config, "user.lxg.profile") != NULL) {
			if (inst_record(l, instance, &rec, &why) == 0)
				emit(out, rec);
			else
				list_refused(l, instance, NULL, &why, out);
		}
		jv_free(config);
		jv_free(instance);
	}
	jv_free(profiles);
}

/* Without a choice, every engine that answers is asked. */
int
verb_list(int argc, char **argv)
{
	struct recs out = {NULL, 0};
	struct lxd *l[ENGINES];
	jv instances[ENGINES];
	bool all = false;
	struct fail f;
	size_t n = 0, i;
	int c;

	while ((c = cli_getopt(argc, argv, "a")) != -1)
		all = true;
	cli_no_operands(argc);
	if (cli_engine() == NULL)
		n = engine_all(l, ENGINES, cli_project());
	if (n == 0) {
		l[0] = engine_open_later(cli_engine(), cli_project(), &f);
		if (l[0] == NULL)
			cli_die(&f, NULL);
		n = 1;
	}
	for (i = 0; i < n; i++)
		if (fetch_all(l[i], &instances[i], &f) < 0)
			cli_die(&f, lxd_kind(l[i]));
	/* nothing fails from here on: all are told, or none is. To free as much
	 * as that may be takes longer than to end */
	for (i = 0; i < n; i++)
		list_engine(l[i], instances[i], all, &out);
	cli_write(&out);
	return 0;
}
