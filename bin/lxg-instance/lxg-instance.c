/*
 * lxg-instance: an instance's life. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "cli.h"
#include "engine.h"
#include "here.h"
#include "inst.h"
#include "instance.h"
#include "mem.h"
#include "sig.h"
#include "target.h"

static bool force;

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
		if (target_get(&t[i], &rec, &f) < 0) {
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
		    target_get(&t[i], &rec, &f) < 0)
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
		else if (!target_is_idle(r) &&
			 step(t[i].lxd, r, force, &f) < 0) {
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
	if (target_get(&t, &rec, &f) < 0) {
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
		    target_get(&t[i], &rec, &f) < 0) {
			others_tell(t[i].lxd, &f);
			cli_die(&f, t[i].name);
		}
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
