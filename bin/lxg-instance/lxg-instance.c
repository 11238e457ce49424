/*
 * lxg-instance: an instance's life. SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "cli.h"
#include "engine.h"
#include "here.h"
#include "inst.h"
#include "instance.h"
#include "mem.h"
#include "name.h"
#include "sig.h"
#include "text.h"

#define ENGINES 4

/* An instance that a verb is to do something to. */
struct target {
	struct lxd *lxd;
	struct rec rec;	  /* as it came, or what is known of the name */
	const char *name; /* borrowed from rec */
	bool undo;	  /* this call brought it into being */
	struct lock lock; /* of a create that failed, until it is undone */
	bool locked;
};

static bool force;

/* The engine that a command line's name is on, shared through its record. */
static void
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

/* Records that are passed on: nothing is done, so no engine is asked. */
static bool
is_idle(const struct rec *r)
{
	return rec_failed(r) || rec_true(r, "dry_run");
}

/*
 * A bad record ends the program before anything is done. Verbs that take go on
 * where an engine does not answer.
 */
static void
target_by_record(struct rec *r, bool takes, struct target *t)
{
	struct fail f;

	t->rec = *r;
	t->name = obj_str(r->v, "instance");
	if (is_idle(r))
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

/* From operands, else, for verbs that take, from records. */
static struct target *
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

static int
verb_get(int argc, char **argv)
{
	struct recs out = {NULL, 0};
	struct target *t;
	struct fail f;
	size_t i, n;
	jv rec;

	if (cli_getopt(argc, argv, "") != -1)
		cli_usage();
	t = targets(argc - optind, argv + optind, false, &n);
	for (i = 0; i < n; i++) {
		if (inst_get(t[i].lxd, t[i].name, &rec, NULL, NULL, &f) < 0) {
			others_tell(t[i].lxd, &f);
			cli_die(&f, t[i].name);
		}
		recs_add(&out, rec);
	}
	cli_write(&out);
	return 0;
}

static int
verb_start(int argc, char **argv)
{
	struct recs out = {NULL, 0};
	struct target *t;
	struct fail f, undo;
	bool *started;
	size_t i, n;
	jv rec;

	if (cli_getopt(argc, argv, "") != -1)
		cli_usage();
	t = targets(argc - optind, argv + optind, false, &n);
	started = mem_need(calloc(n, sizeof(*started)));
	sig_catch();
	for (i = 0; i < n; i++) {
		if (power_start(t[i].lxd, t[i].name, &started[i], &f) < 0 ||
		    inst_get(t[i].lxd, t[i].name, &rec, NULL, NULL, &f) < 0)
			break;
		recs_add(&out, rec);
	}
	if (i == n && cli_hand_over(&out, &f) == 0)
		return 0;
	if (i < n)
		others_tell(t[i].lxd, &f);
	cli_warn(&f, i < n ? t[i].name : NULL);
	sig_shield();
	for (i = 0; i < n; i++)
		if (started[i] &&
		    power_stop(t[i].lxd, &t[i].rec, true, &undo) < 0)
			cli_warn(&undo, t[i].name);
	return cli_code(f.kind);
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
	recs_add(out, r.v);
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
 * One engine's instances, lxg's own or all, in one request. One whose id map
 * is refused is shown with an error, which later stages pass on.
 */
static int
list_engine(struct lxd *l, bool all, struct recs *out, struct fail *f)
{
	jv v, rec, profiles = jv_null();

	if (lxd_get(l, "/1.0/instances?recursion=1", &v, NULL, f) < 0)
		return -1;
	if (jv_get_kind(v) != JV_KIND_ARRAY) {
		jv_free(v);
		return fail_set(
		    f, FAIL_PROTOCOL, "the engine's answer is no list");
	}
	jv_array_foreach (v, i, instance) {
		jv config = obj_get(instance, "config");
		struct fail why;

		if (silent_is(instance))
			list_silent(l, instance, all, &profiles, out);
		else if (all || obj_str(config, "user.lxg.profile") != NULL) {
			if (inst_record(l, instance, &rec, &why) == 0)
				recs_add(out, rec);
			else
				list_refused(l, instance, NULL, &why, out);
		}
		jv_free(config);
		jv_free(instance);
	}
	jv_free(profiles);
	jv_free(v);
	return 0;
}

/* Without a choice, every engine that answers is asked. */
static int
verb_list(int argc, char **argv)
{
	struct recs out = {NULL, 0};
	struct lxd *l[ENGINES];
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
		l[0] = engine_open(cli_engine(), cli_project(), NULL, &f);
		if (l[0] == NULL)
			cli_die(&f, NULL);
		n = 1;
	}
	for (i = 0; i < n; i++)
		if (list_engine(l[i], all, &out, &f) < 0)
			cli_die(&f, lxd_kind(l[i]));
	cli_write(&out);
	return 0;
}

/*
 * stop and del: each target in turn, to the end; EX_TEMPFAIL if any was not
 * done.
 */
static int
take_each(int argc, char **argv,
    int (*step)(struct lxd *, const struct rec *, bool, struct fail *))
{
	struct recs out = {NULL, 0};
	struct target *t;
	struct fail f;
	size_t i, n;
	int c, ret = 0;

	while ((c = cli_getopt(argc, argv, "f")) != -1)
		force = true;
	t = targets(argc - optind, argv + optind, true, &n);
	for (i = 0; i < n; i++) {
		struct rec *r = &t[i].rec;

		if (cli_dry_run())
			rec_set(r, "dry_run", jv_true());
		else if (!is_idle(r) && step(t[i].lxd, r, force, &f) < 0) {
			cli_warn(&f, t[i].name);
			rec_error(r, &f);
		}
		if (rec_failed(r))
			ret = EX_TEMPFAIL;
		recs_add(&out, jv_copy(r->v));
	}
	cli_write(&out);
	return ret;
}

static int
verb_stop(int argc, char **argv)
{
	return take_each(argc, argv, power_stop);
}

static int
verb_del(int argc, char **argv)
{
	return take_each(argc, argv, power_delete);
}

/* What this call made is removed again, or named where that fails. */
static void
stop_started(struct target *t, size_t n)
{
	struct fail f;
	size_t i;

	for (i = 0; i < n; i++)
		if (t[i].undo &&
		    power_delete(t[i].lxd, &t[i].rec, true, &f) < 0)
			cli_warn(&f, text_fmt("%s: left behind", t[i].name));
	for (i = 0; i < n; i++)
		if (t[i].locked)
			lock_drop(&t[i].lock);
}

/* Two calls that make one of the same name: the second finds the first's. */
static int
create_one(struct target *t, struct wish *w, jv *rec, struct fail *f)
{
	w->name = t->name;
	w->profile = obj_str(t->rec.v, "profile");
	w->nobody = rec_true(&t->rec, "nobody");
	if (create_lock(t->lxd, t->name, &t->lock, f) < 0)
		return -1;
	t->locked = true;
	if (create_instance(t->lxd, w, &t->rec, &t->undo, rec, f) < 0)
		return -1;
	lock_drop(&t->lock);
	t->locked = false;
	return 0;
}

static int
create_all(struct target *t, size_t n, struct wish *w)
{
	struct recs out = {NULL, 0};
	struct fail f;
	const char *object;
	int signo, ret = 0;
	size_t i;
	jv rec;

	for (i = 0; i < n && ret == 0; i++) {
		if (rec_true(&t[i].rec, "dry_run")) {
			recs_add(&out, jv_copy(t[i].rec.v));
			continue;
		}
		ret = create_one(&t[i], w, &rec, &f);
		if (ret == 0)
			recs_add(&out, rec);
	}
	object = ret < 0 ? t[i - 1].name : NULL;
	if (ret == 0 && cli_hand_over(&out, &f) == 0)
		return 0;
	progress_end();
	cli_warn(&f, object);
	signo = sig_shield();
	stop_started(t, i);
	if (signo != 0)
		sig_die(signo);
	return cli_code(f.kind);
}

/* The profile records, each with the instance's name in it. */
static struct target *
create_targets(const char *name, size_t *n)
{
	struct recs r;
	struct target *t;
	const char *profile;
	struct fail f;
	size_t i;

	cli_read(&r);
	cli_refuse_failed(&r);
	if (name != NULL && r.n > 1)
		errx(EX_DATAERR, "one NAME, and %zu profile records", r.n);
	t = mem_need(calloc(r.n + 1, sizeof(*t)));
	for (i = 0; i < r.n; i++) {
		if ((profile = rec_str(&r.v[i], "profile", &f)) == NULL)
			cli_die(&f, NULL);
		rec_set_str(&r.v[i], "instance", name ? name : profile);
		target_by_record(&r.v[i], false, &t[i]);
	}
	*n = r.n;
	return t;
}

static int
verb_create(int argc, char **argv)
{
	struct wish w = {.image = "lxg"};
	const char *keys = NULL;
	char *text = NULL;
	struct target *t;
	struct fail f;
	size_t n;
	int c;

	while ((c = cli_getopt(argc, argv, "Ii:K:NT")) != -1)
		switch (c) {
		case 'i':
			w.image = optarg;
			break;
		case 'K':
			keys = optarg;
			break;
		case 'I':
			w.installs = true;
			break;
		case 'N':
			w.no_network = true;
			break;
		case 'T':
			w.brief = true;
			break;
		}
	if (argc - optind > 1)
		cli_usage();
	if (keys != NULL && keys_read(keys, &text, &w.keys_len, &f) < 0)
		cli_die(&f, NULL);
	w.keys = text;
	snprintf(
	    w.call, sizeof(w.call), "%08x%08x", arc4random(), arc4random());
	t = create_targets(argv[optind], &n);
	sig_catch();
	return create_all(t, n, &w);
}

static int
verb_set(int argc, char **argv)
{
	struct recs out = {NULL, 0};
	struct target t;
	struct fail f;
	jv rec, policy;

	if (cli_getopt(argc, argv, "") != -1 || argc - optind < 2)
		cli_usage();
	if (set_parse(argv + optind + 1, &policy, &f) < 0)
		cli_die(&f, argv[optind]);
	target_by_name(argv[optind], &t);
	if (inst_get(t.lxd, t.name, &rec, NULL, NULL, &f) < 0) {
		others_tell(t.lxd, &f);
		cli_die(&f, t.name);
	}
	if (cli_dry_run())
		jv_free(policy);
	else if (set_policy(t.lxd, t.name, policy, &f) < 0)
		cli_die(&f, t.name);
	recs_add(&out, rec);
	if (cli_dry_run())
		rec_set(&out.v[0], "dry_run", jv_true());
	cli_write(&out);
	return 0;
}

static int
verb_adopt(int argc, char **argv)
{
	struct recs out = {NULL, 0};
	struct target *t;
	struct fail f;
	size_t i, n;
	jv rec;

	while (cli_getopt(argc, argv, "f") != -1)
		force = true;
	t = targets(argc - optind, argv + optind, false, &n);
	for (i = 0; i < n; i++) {
		if (adopt_instance(t[i].lxd, t[i].name, force, &f) < 0 ||
		    inst_get(t[i].lxd, t[i].name, &rec, NULL, NULL, &f) < 0)
			cli_die(&f, t[i].name);
		recs_add(&out, rec);
	}
	cli_write(&out);
	return 0;
}

/* Where the others would look, and what is forbidden to them there. */
static int
verb_where(int argc, char **argv)
{
	struct recs out = {NULL, 0};
	const char *member;
	struct fail f;
	struct lxd *l;

	if (cli_getopt(argc, argv, "") != -1)
		cli_usage();
	cli_no_operands(argc);
	if ((l = engine_open(cli_engine(), cli_project(), NULL, &f)) == NULL)
		cli_die(&f, NULL);
	if (here_member(l, &member, &f) < 0)
		cli_die(&f, NULL);
	recs_add(&out, inst_base(l));
	if (member != NULL)
		rec_set_str(&out.v[0], "location", member);
	if (allowed_restricted(l))
		rec_set(&out.v[0], "restricted", jv_true());
	if (allowed_here(l, &f) < 0 && f.kind == FAIL_CONFIG)
		rec_set_str(&out.v[0], "forbids", f.text);
	cli_write(&out);
	return 0;
}

static int
verb_copy(int argc, char **argv)
{
	struct target from, to = {.lxd = NULL};
	struct recs out = {NULL, 0};
	bool no_network = false;
	struct fail f;
	int signo;
	jv rec;

	while (cli_getopt(argc, argv, "N") != -1)
		no_network = true;
	if (argc - optind != 2)
		cli_usage();
	if (name_check(argv[optind + 1], &f) < 0)
		cli_die(&f, NULL);
	target_by_name(argv[optind], &from);
	to.lxd = from.lxd;
	to.rec = (struct rec){inst_base(to.lxd), 0};
	rec_set_str(&to.rec, "instance", argv[optind + 1]);
	to.name = obj_str(to.rec.v, "instance");
	sig_catch();
	if (copy_instance(from.lxd, from.name, no_network, &to.rec, &to.undo,
		&rec, &f) == 0) {
		recs_add(&out, rec);
		if (cli_hand_over(&out, &f) == 0)
			return 0;
	}
	if (!to.undo)
		others_tell(from.lxd, &f);
	cli_warn(&f, from.name);
	signo = sig_shield();
	stop_started(&to, 1);
	if (signo != 0)
		sig_die(signo);
	return cli_code(f.kind);
}

/* The options and operands; ends the program where they make no request. */
static void
api_words(int argc, char **argv, struct request *r)
{
	const char *why = NULL;
	struct fail f;
	int c;

	while ((c = cli_getopt(argc, argv, "m:o:t:")) != -1)
		switch (c) {
		case 'm':
			r->max = (size_t)strtonum(optarg, 1, LLONG_MAX, &why);
			break;
		case 'o':
			r->out = optarg;
			break;
		case 't':
			r->media = optarg;
			break;
		}
	if (why != NULL || argc - optind < 2 || argc - optind > 3)
		cli_usage();
	r->method = argv[optind];
	r->path = argv[optind + 1];
	r->file = argv[optind + 2]; /* or the NULL behind them */
	if (api_check(r, &f) < 0)
		cli_die(&f, NULL);
}

static int
verb_api(int argc, char **argv)
{
	struct request r = {.max = 0};
	struct fail f;
	struct lxd *l;
	jv answer;
	int signo;

	api_words(argc, argv, &r);
	/* the engine itself is in no project */
	l = engine_open(cli_engine(),
	    strcmp(r.path, "/1.0") == 0 ? "" : cli_project(), NULL, &f);
	if (l == NULL)
		cli_die(&f, NULL);
	sig_catch();
	if (api_request(l, &r, &answer, &f) < 0) {
		if ((signo = sig_shield()) != 0)
			sig_die(signo);
		cli_die(&f, r.path);
	}
	if (!jv_is_valid(answer))
		return 0;
	jv_dump(answer, 0);
	putchar('\n');
	if (fflush(stdout) != 0)
		err(EX_IOERR, "standard output");
	return 0;
}

static const struct verb verbs[] = {
    {"create", verb_create, "[-INT] [-i IMAGE] [-K AUTHORIZED_KEYS] [NAME]",
	CLI_ENGINE},
    {"adopt", verb_adopt, "[-f] NAME...", CLI_ENGINE},
    {"copy", verb_copy, "[-N] NAME NEW", CLI_ENGINE},
    {"get", verb_get, "NAME...", CLI_ENGINE},
    {"list", verb_list, "[-a]", CLI_ENGINE},
    {"start", verb_start, "NAME...", CLI_ENGINE},
    {"stop", verb_stop, "[-f] [NAME]...", CLI_ENGINE | CLI_DRY},
    {"del", verb_del, "[-f] [NAME]...", CLI_ENGINE | CLI_DRY},
    {"set", verb_set, "NAME KEY=VALUE...", CLI_ENGINE | CLI_DRY},
    {"where", verb_where, "", CLI_ENGINE},
    {"api", verb_api, "[-o FILE [-m BYTES]] [-t TYPE] METHOD PATH [FILE]",
	CLI_ENGINE},
    {NULL, NULL, NULL, 0},
};

int
main(int argc, char **argv)
{
	return cli_main(verbs, argc, argv);
}
