/*
 * lxg-instance create and copy: what they bring into being goes again where
 * something fails. SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "cli.h"
#include "inst.h"
#include "instance.h"
#include "mem.h"
#include "name.h"
#include "sig.h"
#include "target.h"
#include "text.h"

/* What this call made is removed again, or named where that fails. */
static void
undo_made(struct target *t, size_t n)
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

/* The end of a call that has failed, or whose records nobody reads. */
static int
give_up(struct target *t, size_t n, const char *object, const struct fail *f)
{
	int signo;

	cli_warn(f, object);
	signo = sig_shield();
	undo_made(t, n);
	if (signo != 0)
		sig_die(signo);
	return cli_code(f->kind);
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
	if (target_use(&(struct rec){*rec, 0}, f) < 0) {
		jv_free(*rec);
		return -1;
	}
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
	int ret = 0;
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
	return give_up(t, i, object, &f);
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

int
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
	if (cloudinit_patience(&f) < 0)
		cli_die(&f, NULL);
	if (keys != NULL && keys_read(keys, &text, &w.keys_len, &f) < 0)
		cli_die(&f, NULL);
	w.keys = text;
	snprintf(
	    w.call, sizeof(w.call), "%08x%08x", arc4random(), arc4random());
	t = create_targets(argv[optind], &n);
	sig_catch();
	return create_all(t, n, &w);
}

int
verb_copy(int argc, char **argv)
{
	struct target from, to = {.lxd = NULL};
	struct recs out = {NULL, 0};
	bool no_network = false;
	struct fail f;
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
	return give_up(&to, 1, from.name, &f);
}
