/*
 * Single host files lent to an instance, live or as copies.
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "device.h"
#include "engine.h"
#include "far.h"
#include "lent.h"
#include "map.h"
#include "mem.h"
#include "take.h"
#include "text.h"

bool
is_copy(const struct rec *r)
{
	const char *mode = obj_str(r->v, "mode");

	return mode != NULL && strcmp(mode, "copy") == 0;
}

struct batch
batch_of(const struct batch *b, bool copies)
{
	struct batch some = {mem_need(calloc(b->n, sizeof(*b->v))), 0};
	size_t i;

	for (i = 0; i < b->n; i++)
		if (is_copy(b->v[i]) == copies)
			some.v[some.n++] = b->v[i];
	return some;
}

char *
live_folder(const struct rec *r)
{
	const char *home = obj_str(r->v, "home");

	return home != NULL ? text_fmt("%s/lent", home) : NULL;
}

/* A path as a record has it: without links, if it still leads anywhere. */
static char *
resolved(const char *path)
{
	char *real = realpath(path, NULL), *cwd;

	if (real != NULL)
		return real;
	if (path[0] == '/' || (cwd = getcwd(NULL, 0)) == NULL)
		return text_fmt("%s", path);
	return text_fmt("%s/%s", cwd, path);
}

/* No paths: every one. */
static bool
asked_for(const struct rec *r, char **paths, int n)
{
	const char *file = obj_str(r->v, is_copy(r) ? "origin" : "source");
	int i;

	for (i = 0; i < n; i++)
		if (file != NULL && strcmp(file, paths[i]) == 0)
			return true;
	return n == 0;
}

/* s: the state, once it is open. */
static int
list_maps(struct state **s, const struct rec *inst, char **paths, int n,
    struct recs *out, struct fail *f)
{
	struct recs all = {NULL, 0};
	size_t i;

	if (rec_failed(inst) || rec_true(inst, "dry_run")) {
		recs_add(out, jv_copy(inst->v));
		return 0;
	}
	/* what is lent live on another machine is of that one's files */
	if ((!is_far(inst) && device_fetch(inst, &all, f) < 0) ||
	    (*s == NULL && (*s = lent_open(0, f)) == NULL) ||
	    lent_list(*s, inst, &all, f) < 0)
		return -1;
	for (i = 0; i < all.n; i++)
		if (rec_has(&all.v[i], "mode") &&
		    asked_for(&all.v[i], paths, n))
			recs_add(out, jv_copy(all.v[i].v));
	recs_free(&all);
	return 0;
}

static void
list_instances(char **paths, int n, struct recs *out)
{
	struct state *s = NULL;
	struct recs in;
	struct fail f;
	size_t i;

	cli_read(&in);
	for (i = 0; i < in.n; i++)
		if (list_maps(&s, &in.v[i], paths, n, out, &f) < 0)
			cli_die(&f, take_object(&in.v[i]));
	recs_free(&in);
	state_close(s);
	engine_close_all();
}

static void
list_all(struct recs *out)
{
	struct fail f;
	struct state *s = lent_open(0, &f);

	if (s == NULL || lent_list(s, NULL, out, &f) < 0)
		cli_die(&f, NULL);
	state_close(s);
}

static int
verb_list(int argc, char **argv)
{
	struct recs out = {NULL, 0};
	bool all = false;
	int c, n;

	while ((c = cli_getopt(argc, argv, "a")) != -1)
		all = c == 'a';
	argv += optind;
	for (n = 0; n < argc - optind; n++)
		argv[n] = resolved(argv[n]);
	if (all && n > 0)
		cli_usage();
	if (all)
		list_all(&out);
	else
		list_instances(argv, n, &out);
	cli_write(&out);
	recs_free(&out);
	return 0;
}

int
main(int argc, char **argv)
{
	static const struct verb verbs[] = {
	    {"plan", verb_plan, "[-r] [-c] [-f] [-0 FILE] [PATH]...", CLI_DRY},
	    {"add", verb_add, "", CLI_DRY},
	    {"list", verb_list, "[-a | PATH...]", 0},
	    {"del", verb_del, "[-D] [-f] [-w]", CLI_DRY},
	    {NULL, NULL, NULL, 0},
	};

	return cli_main(verbs, argc, argv);
}
