/*
 * The host folders that an instance shares: their making, and the disk devices
 * that they are inside. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>

#include "cli.h"
#include "device.h"
#include "engine.h"
#include "mem.h"
#include "mount.h"
#include "take.h"

/* A folder is where it was planned to be, or not at all. */
static int
place(struct rec *r, jv *taken, struct fail *f)
{
	const char *path = rec_str(r, "path", f);

	if (path == NULL || rec_str(r, "mount", f) == NULL)
		return -1;
	if (jv_object_has(jv_copy(*taken), jv_string(path)))
		return fail_set(
		    f, FAIL_CREATE, "%s: another device is there inside", path);
	*taken = jv_object_set(*taken, jv_string(path), jv_true());
	return 0;
}

static int
give(struct lxd *l, const struct batch *b, bool dry, void **given,
    struct fail *f)
{
	jv *added = mem_need(malloc(sizeof(*added)));

	*given = added;
	return device_add(l, b, place, dry, added, f);
}

static int
undo(struct lxd *l, const struct batch *b, void *given, struct fail *f)
{
	return device_take_back(l, b->v[0], *(jv *)given, f);
}

static int
verb_add(int argc, char **argv)
{
	while (cli_getopt(argc, argv, "") != -1)
		;
	cli_no_operands(argc);
	return give_all(give, undo);
}

/* Of an instance's devices those that are folders. */
static int
list_one(const struct rec *inst, struct recs *out, struct fail *f)
{
	struct recs all = {NULL, 0};
	size_t i;

	if (rec_failed(inst) || rec_true(inst, "dry_run")) {
		recs_add(out, jv_copy(inst->v));
		return 0;
	}
	if (device_fetch(inst, &all, f) < 0)
		return -1;
	for (i = 0; i < all.n; i++)
		if (rec_has(&all.v[i], "mount"))
			recs_add(out, jv_copy(all.v[i].v));
	recs_free(&all);
	return 0;
}

static int
verb_list(int argc, char **argv)
{
	struct recs in, out = {NULL, 0};
	struct fail f;
	size_t i;

	while (cli_getopt(argc, argv, "") != -1)
		;
	cli_no_operands(argc);
	cli_read(&in);
	for (i = 0; i < in.n; i++)
		if (list_one(&in.v[i], &out, &f) < 0)
			cli_die(&f, take_object(&in.v[i]));
	cli_write(&out);
	recs_free(&in);
	recs_free(&out);
	engine_close_all();
	return 0;
}

int
main(int argc, char **argv)
{
	static const struct verb verbs[] = {
	    {"plan", verb_plan, "NAME[=PATH-INSIDE]...", CLI_DRY},
	    {"add", verb_add, "", CLI_DRY},
	    {"list", verb_list, "", 0},
	    {"del", verb_del, "[-f]", CLI_DRY},
	    {"mend", verb_mend, "[-fl]", CLI_DRY},
	    {NULL, NULL, NULL, 0},
	};

	return cli_main(verbs, argc, argv);
}
