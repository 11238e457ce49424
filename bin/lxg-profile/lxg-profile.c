/*
 * A base profile and user-data files become a profile of the engine.
 * SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base.h"
#include "cli.h"
#include "cloud.h"
#include "engine.h"
#include "file.h"
#include "inst.h"
#include "mem.h"
#include "merge.h"
#include "mime.h"
#include "name.h"
#include "policy.h"
#include "put.h"
#include "state.h"
#include "text.h"

#define USER_DATA_MAX ((size_t)16 << 20) /* in all */

/* What a command line asks for. */
struct wish {
	const char *base;
	char **set; /* each -k, in order */
	size_t nset;
	bool force;
	const char *name;
	char **files;
	size_t nfiles;
	bool nobody; /* learnt: nobody is made who could log in */
};

static void
parse_options(struct wish *w, int argc, char **argv, const char *options)
{
	struct fail f;
	int c;

	*w = (struct wish){.base = BASE_DEFAULT};
	w->set = mem_need(calloc((size_t)argc, sizeof(*w->set)));
	while ((c = cli_getopt(argc, argv, options)) != -1)
		switch (c) {
		case 'b':
			w->base = optarg;
			break;
		case 'k':
			w->set[w->nset++] = optarg;
			break;
		case 'f':
			w->force = true;
			break;
		}
	if (optind == argc)
		cli_usage();
	w->name = argv[optind];
	w->files = argv + optind + 1;
	w->nfiles = (size_t)(argc - optind - 1);
	if (name_check(w->name, &f) < 0)
		cli_die(&f, NULL);
	if (strcmp(w->name, "default") == 0)
		errx(EX_DATAERR,
		    "default: this profile gives every instance its root disk");
}

/* The user-data that the base brings is the first part; taken out of it. */
static size_t
base_part(jv *body, struct part *p)
{
	static const char *const keys[] = {
	    "cloud-init.user-data", "user.user-data"};
	jv config = obj_get(*body, "config");
	const char *s = NULL;
	size_t i;

	for (i = 0; i < 2 && (s = obj_str(config, keys[i])) == NULL; i++)
		;
	if (s != NULL)
		*p = (struct part){.name = keys[i],
		    .data = text_fmt("%s", s),
		    .len = strlen(s)};
	for (i = 0; i < 2; i++)
		config = jv_object_delete(config, jv_string(keys[i]));
	*body = jv_object_set(*body, jv_string("config"), config);
	return s != NULL;
}

static void
read_parts(const struct wish *w, struct part *p)
{
	size_t i, left = USER_DATA_MAX;
	struct fail f;

	for (i = 0; i < w->nfiles; i++, p++) {
		p->name = w->files[i];
		if (file_read(p->name, left, &p->data, &p->len, &f) < 0)
			cli_die(&f, p->name);
		left -= p->len;
	}
}

static void
add_user_data(struct wish *w, jv *body)
{
	struct part *p = mem_need(calloc(w->nfiles + 1, sizeof(*p)));
	struct fail f;
	size_t i, n;
	jv message, config;

	n = base_part(body, p);
	read_parts(w, p + n);
	n += w->nfiles;
	for (i = 0; i < n; i++) {
		p[i].type = mime_type(p[i].data, p[i].len);
		p[i].number = i + 1;
		p[i].keys = jv_object();
	}
	if (n == 0)
		return;
	if (cloud_check(p, n, &f) < 0)
		cli_die(&f, NULL);
	w->nobody = cloud_nobody(p, n);
	merge_parts(p, n);
	if (mime_compose(p, n, &message, &f) < 0)
		cli_die(&f, NULL);
	config = jv_object_set(obj_get(*body, "config"),
	    jv_string("cloud-init.user-data"), message);
	*body = jv_object_set(*body, jv_string("config"), config);
}

/* Told once, here, and no part of the profile then. Consumes. */
static jv
without_gone(jv config)
{
	const size_t prefix = strlen(POLICY_PREFIX);
	jv all = jv_copy(config);

	jv_object_keys_foreach (all, k) {
		const char *key = jv_string_value(k);

		if (strncmp(key, POLICY_PREFIX, prefix) == 0 &&
		    policy_gone(key + prefix)) {
			warnx("%s: has no effect any more", key);
			config = jv_object_delete(config, jv_copy(k));
		}
		jv_free(k);
	}
	jv_free(all);
	return config;
}

/* The whole profile but for what only an engine knows. Owned. */
static jv
compose(struct wish *w)
{
	struct fail f;
	size_t i;
	jv body, config;

	if (base_read(w->base, &body, &f) < 0)
		cli_die(&f, NULL);
	for (i = 0; i < w->nset; i++)
		if (base_set(&body, w->set[i], &f) < 0)
			cli_die(&f, "-k");
	config = obj_get(body, "config");
	if (policy_check(config, &f) < 0)
		cli_die(&f, NULL);
	body = jv_object_set(body, jv_string("config"), without_gone(config));
	add_user_data(w, &body);
	return body;
}

static void
write_one(jv v)
{
	struct recs out = {NULL, 0};

	recs_add(&out, v);
	cli_write(&out);
}

static jv
record(const struct lxd *l, const char *name)
{
	jv r =
	    jv_object_set(inst_base(l), jv_string("profile"), jv_string(name));

	return cli_dry_run() ? jv_object_set(r, jv_string("dry_run"), jv_true())
			     : r;
}

static int
verb_show(int argc, char **argv)
{
	struct wish w;

	parse_options(&w, argc, argv, "b:k:");
	write_one(
	    jv_object_set(compose(&w), jv_string("name"), jv_string(w.name)));
	return 0;
}

static int
verb_put(int argc, char **argv)
{
	struct holder by;
	struct wish w;
	struct fail f;
	struct lxd *l;
	jv body, r;

	parse_options(&w, argc, argv, "b:k:f");
	body = compose(&w);
	if ((l = engine_open(cli_engine(), cli_project(), w.name, &f)) == NULL)
		cli_die(&f, NULL);
	by = (struct holder){
	    .instance = w.name, .project = lxd_project(l), .uuid = ""};
	if (!cli_dry_run() && state_use(&by, &f) < 0)
		cli_die(&f, w.name);
	if (put_profile(l, w.name, body, w.force, cli_dry_run(), &f) < 0)
		cli_die(&f, w.name);
	r = record(l, w.name);
	if (w.nobody)
		r = jv_object_set(r, jv_string("nobody"), jv_true());
	write_one(r);
	lxd_close(l);
	return 0;
}

/* Deletes one; a profile that is gone is no failure. */
static int
remove_profile(struct lxd *l, const char *name, struct fail *f)
{
	char *path = text_fmt("/1.0/profiles/%s", name);
	int ret;

	ret = lxd_send(l, "DELETE", path, jv_invalid(), NULL, NULL, f);
	free(path);
	return ret < 0 && f->kind == FAIL_NO ? 0 : ret;
}

static int
verb_del(int argc, char **argv)
{
	struct recs out = {NULL, 0};
	struct fail f;
	struct lxd *l;
	int i, code = 0;

	if (cli_getopt(argc, argv, "") != -1 || optind == argc)
		cli_usage();
	for (i = optind; i < argc; i++)
		if (name_check(argv[i], &f) < 0)
			cli_die(&f, NULL);
	l = engine_open(cli_engine(), cli_project(), argv[optind], &f);
	if (l == NULL)
		cli_die(&f, NULL);
	for (i = optind; i < argc; i++) {
		recs_add(&out, record(l, argv[i]));
		if (cli_dry_run() || remove_profile(l, argv[i], &f) == 0)
			continue;
		rec_error(&out.v[out.n - 1], &f);
		cli_warn(&f, argv[i]);
		code = EX_TEMPFAIL;
	}
	cli_write(&out);
	lxd_close(l);
	return code;
}

static const struct verb verbs[] = {
    {"show", verb_show, "[-b BASE] [-k KEY=VALUE]... NAME [USER-DATA]...", 0},
    {"put", verb_put, "[-f] [-b BASE] [-k KEY=VALUE]... NAME [USER-DATA]...",
	CLI_ENGINE | CLI_DRY},
    {"del", verb_del, "NAME...", CLI_ENGINE | CLI_DRY},
    {NULL, NULL, NULL, 0},
};

int
main(int argc, char **argv)
{
	return cli_main(verbs, argc, argv);
}
