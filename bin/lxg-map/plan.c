/*
 * lxg-map plan: paths become the records of what is to be lent.
 * SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "cli.h"
#include "copy.h"
#include "device.h"
#include "engine.h"
#include "far.h"
#include "here.h"
#include "ident.h"
#include "map.h"
#include "mem.h"
#include "take.h"
#include "text.h"

struct request {
	bool copy, readonly, links;
	char **paths;
	size_t n;
	size_t others; /* lent live, and open to "other" */
	char *other;   /* the first of these */
};

static void
add_path(struct request *q, const char *path)
{
	q->paths = mem_grow(q->paths, q->n, sizeof(*q->paths));
	q->paths[q->n++] = text_fmt("%s", path);
}

/* -0: names as find -print0 writes them. */
static void
read_names(struct request *q, const char *file)
{
	FILE *fp = fopen(file, "re");
	char *s = NULL;
	size_t cap = 0;
	ssize_t len;

	if (fp == NULL)
		err(EX_NOINPUT, "%s", file);
	while ((len = getdelim(&s, &cap, '\0', fp)) > 0)
		if (*s != '\0')
			add_path(q, s);
	if (ferror(fp))
		err(EX_IOERR, "%s", file);
	free(s);
	fclose(fp);
}

/* What all of an instance's records begin with. */
struct target {
	const struct rec *inst;
	char *source, *path; /* folders: on the host (of copies), and inside */
	jv seen;	     /* devices planned, by name */
};

static int
target_of(const struct rec *inst, bool copy, struct target *t, struct fail *f)
{
	struct recs all = {NULL, 0};
	int ret;

	*t = (struct target){.inst = inst, .seen = jv_object()};
	if (rec_str(inst, "home", f) == NULL)
		return -1;
	if (!copy) {
		t->path = live_folder(inst);
		return 0;
	}
	if (is_far(inst))
		return far_place(inst, &t->source, &t->path, f);
	if (device_fetch(inst, &all, f) < 0)
		return -1;
	ret = copy_folder_of(&all, &t->source, &t->path, f);
	recs_free(&all);
	return ret;
}

static void
set_origin(struct rec *r, const struct look *l, const struct ident *id)
{
	rec_set_str(r, "origin", l->real);
	rec_set_str(r, "origin_dev", id->dev);
	rec_set_str(r, "origin_ino", id->ino);
	if (id->handle[0] != '\0')
		rec_set_str(r, "origin_handle", id->handle);
}

static void
describe(struct rec *r, const struct target *t, const struct request *q,
    const struct look *l, const struct ident *id)
{
	bool readonly = q->readonly || !l->writable;

	rec_set_str(r, "type", "disk");
	rec_set_str(r, "mode", q->copy ? "copy" : "live");
	rec_set_str(r, "perm", readonly ? "r" : l->executable ? "rwx" : "rw");
	rec_set(r, "readonly", jv_bool(readonly));
	if (q->copy) {
		rec_set(r, "source",
		    jv_string_fmt("%s%s", t->source, strrchr(l->real, '/')));
		set_origin(r, l, id);
	} else {
		rec_set_str(r, "source", l->real);
		ident_to_rec(id, r);
	}
	if (cli_dry_run())
		rec_set(r, "dry_run", jv_true());
}

/* A file named twice is lent once. */
static bool
seen(struct target *t, const char *device)
{
	if (jv_object_has(jv_copy(t->seen), jv_string(device)))
		return true;
	t->seen = jv_object_set(t->seen, jv_string(device), jv_true());
	return false;
}

static int
plan_found(struct target *t, struct request *q, const struct look *l,
    struct recs *out, struct fail *f)
{
	char *device = device_name(q->copy ? "copy" : "live", l->real);
	char *path = text_fmt("%s%s", t->path, strrchr(l->real, '/'));
	struct ident id = {"", "", ""};
	struct rec *r;

	if (ident_fd(l->fd, &id, f) < 0)
		return -1;
	/* a copy lies in a folder, and needs no mount of its own */
	if (!q->copy && !device_mountable(device, path))
		return fail_set(f, FAIL_DATA,
		    "%s: its name is longer than the engine can mount (a "
		    "hyphen counts twice); -c lends a copy",
		    l->real);
	if (seen(t, device))
		return 0;
	recs_add(out, jv_copy(t->inst->v));
	r = &out->v[out->n - 1];
	rec_set_str(r, "device", device);
	rec_set_str(r, "path", path);
	describe(r, t, q, l, &id);
	if (l->others && !q->copy && q->others++ == 0)
		q->other = text_fmt("%s", l->real);
	return 0;
}

static int
plan_file(struct target *t, struct request *q, const char *path,
    struct recs *out, struct fail *f)
{
	struct look l = {.copy = q->copy, .links = q->links};
	int ret = look_at(path, &l, f);

	if (ret == 0)
		ret = plan_found(t, q, &l, out, f);
	look_done(&l);
	return ret;
}

static int
plan_instance(
    const struct rec *inst, struct request *q, struct recs *out, struct fail *f)
{
	struct target t;
	size_t i;
	int ret;

	/* it is told what there is to do */
	if (!(q->copy && is_far(inst)) && here_check_record(inst, f) < 0)
		return -1;
	ret = target_of(inst, q->copy, &t, f);
	for (i = 0; i < q->n && ret == 0; i++)
		ret = plan_file(&t, q, q->paths[i], out, f);
	return ret;
}

/* What taking back won't undo is said while there is still a choice. */
static void
tell_others(const struct request *q)
{
	const char *more = "";

	if (q->others > 1)
		more = text_fmt(", and %zu more of these", q->others - 1);
	if (q->others > 0)
		cli_say(q->other,
		    "others may read it%s: so root inside can keep it in sight "
		    "until the instance restarts; chmod o-r or -c keeps it "
		    "from that",
		    more);
}

static void
plan_paths(struct recs *in, struct request *q, struct recs *out)
{
	struct batch *b;
	struct fail f;
	size_t i, n;

	if (batch_split(in, &b, &n, &f) < 0)
		cli_die(&f, NULL);
	for (i = 0; i < in->n; i++)
		if (plan_instance(&in->v[i], q, out, &f) < 0)
			cli_die(&f, take_object(&in->v[i]));
	batch_free(b, n);
	tell_others(q);
}

int
verb_plan(int argc, char **argv)
{
	struct request q = {0};
	struct recs in, out = {NULL, 0};
	const char *names = NULL;
	int c;

	while ((c = cli_getopt(argc, argv, "rcf0:")) != -1) {
		q.readonly = q.readonly || c == 'r';
		q.copy = q.copy || c == 'c';
		q.links = q.links || c == 'f';
		if (c == '0')
			names = optarg;
	}
	if (optind == argc && names == NULL)
		cli_usage();
	if (names != NULL)
		read_names(&q, names);
	for (; optind < argc; optind++)
		add_path(&q, argv[optind]);
	cli_read(&in);
	cli_refuse_failed(&in);
	plan_paths(&in, &q, &out);
	cli_write(&out);
	recs_free(&in);
	recs_free(&out);
	engine_close_all();
	return 0;
}
