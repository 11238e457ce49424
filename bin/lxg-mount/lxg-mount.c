/*
 * The host folders that an instance shares: their making, and the disk devices
 * that they are inside. SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "batch.h"
#include "cli.h"
#include "device.h"
#include "engine.h"
#include "mount.h"
#include "sig.h"
#include "text.h"

const char *
object_of(const struct rec *r)
{
	const char *s = obj_str(r->v, "instance");

	return s != NULL ? s : "record";
}

/* A folder is where it was planned to be, or not at all. */
static int
place(struct rec *r, jv *taken, struct fail *f)
{
	const char *path = rec_str(r, "path", f);

	if (path == NULL || rec_str(r, "mount", f) == NULL)
		return -1;
	if (jv_object_has(jv_copy(*taken), jv_string(path)))
		return fail_set(f, EX_CANTCREAT,
		    "%s: another device is there inside", path);
	*taken = jv_object_set(*taken, jv_string(path), jv_true());
	return 0;
}

/* Takes back the batches before the one that failed. */
static void
undo(struct batch *b, jv *added, size_t n)
{
	struct fail f;
	struct lxd *l;

	while (n-- > 0)
		if ((l = engine_of(b[n].v[0], &f)) == NULL ||
		    device_take_back(l, b[n].v[0], added[n], &f) < 0)
			cli_warn(&f, object_of(b[n].v[0]));
}

static void
add_all(struct batch *b, size_t n)
{
	jv *added = calloc(n + 1, sizeof(*added));
	struct fail f;
	struct lxd *l;
	size_t i, j;
	bool dry;

	for (i = 0; i < n; i++) {
		dry = cli_dry_run() || rec_true(b[i].v[0], "dry_run");
		for (j = 0; dry && j < b[i].n; j++)
			rec_set(b[i].v[j], "dry_run", jv_true());
		if ((l = engine_of(b[i].v[0], &f)) == NULL ||
		    device_add(l, &b[i], place, dry, &added[i], &f) < 0) {
			undo(b, added, i);
			cli_die(&f, object_of(b[i].v[0]));
		}
	}
	free(added);
}

static int
add(int argc, char **argv)
{
	struct batch *b;
	struct recs r;
	struct fail f;
	size_t n, i;

	while (cli_getopt(argc, argv, "") != -1)
		;
	cli_no_operands(argc);
	cli_read(&r);
	sig_catch();
	for (i = 0; i < r.n; i++)
		if (rec_failed(&r.v[i]))
			errx(EX_DATAERR, "line %zu: has failed before",
			    r.v[i].line);
	if (batch_split(&r, &b, &n, &f) < 0)
		cli_die(&f, NULL);
	add_all(b, n);
	cli_write(&r);
	batch_free(b, n);
	recs_free(&r);
	engine_close_all();
	return 0;
}

/* Of an instance's devices those that are folders. */
static int
list_one(const struct rec *inst, struct recs *out, struct fail *f)
{
	struct recs all = {NULL, 0};
	size_t i;

	if (device_fetch(inst, &all, f) < 0)
		return -1;
	for (i = 0; i < all.n; i++)
		if (rec_has(&all.v[i], "mount"))
			recs_add(out, jv_copy(all.v[i].v));
	recs_free(&all);
	return 0;
}

static int
list(int argc, char **argv)
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
			cli_die(&f, object_of(&in.v[i]));
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
	    {"plan", plan, "NAME[=PATH-INSIDE]...", CLI_DRY},
	    {"add", add, "", CLI_DRY},
	    {"list", list, "", 0},
	    {"del", del, "[-f]", CLI_DRY},
	    {NULL, NULL, NULL, 0},
	};

	return cli_main(verbs, argc, argv);
}
