/*
 * lxg-map del: what was lent is taken back. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "copy.h"
#include "device.h"
#include "here.h"
#include "inst.h"
#include "lent.h"
#include "map.h"
#include "mem.h"
#include "sftp.h"
#include "sig.h"
#include "take.h"

struct options {
	struct taking copies;
	bool wait;
	bool cut; /* no way leads to one's engine, or none did to its end */
};

/*
 * What an engine that was killed has mounted and forgotten lies below what it
 * mounted there later, and has come to light. An instance that keeps it all
 * the same could have had it mounted elsewhere anyway.
 */
static void
unmount(struct lxd *l, const char *instance, const char *const *paths, size_t n)
{
	static const char script[] =
	    "for f; do while umount \"$f\"; do :; done; done 2>/dev/null";
	struct fail ignored;
	jv argv = JV_ARRAY(jv_string("sh"), jv_string("-c"), jv_string(script),
	    jv_string("lxg-unmount"));
	size_t i;
	int status;

	for (i = 0; i < n; i++)
		argv = jv_array_append(argv, jv_string(paths[i]));
	lxd_exec(l, instance, argv, 0, 0, &status, NULL, NULL, &ignored);
}

/* What stays where the files were mounted: empty files of the engine's. */
static int
remove_files(struct lxd *l, struct sftp *s, const char *instance,
    const char **paths, size_t n, struct fail *f)
{
	int left = sftp_remove_empty(s, paths, n, f);

	if (left <= 0)
		return left;
	unmount(l, instance, paths, (size_t)left);
	return sftp_remove_empty(s, paths, (size_t)left, f);
}

/* The batch's paths that no device has by now; another loan may be there. */
static size_t
free_paths(struct lxd *l, const struct batch *b, const char **paths)
{
	struct fail ignored;
	const char *path;
	size_t i, n = 0;
	jv instance;

	if (inst_fetch(l, take_object(b->v[0]), &instance, NULL, &ignored) < 0)
		return 0;
	for (i = 0; i < b->n; i++)
		if ((path = obj_str(b->v[i]->v, "path")) != NULL &&
		    !device_has_path(instance, path))
			paths[n++] = path;
	jv_free(instance);
	return n;
}

static void
remove_points(struct lxd *l, struct sftp *s, const struct batch *b)
{
	const char **paths = mem_need(calloc(b->n, sizeof(*paths)));
	const char *instance = take_object(b->v[0]);
	char *folder = live_folder(b->v[0]);
	size_t n = free_paths(l, b, paths);
	/* is it where they were? */
	bool there = n > 0 && folder != NULL &&
		     strncmp(paths[0], folder, strlen(folder)) == 0 &&
		     paths[0][strlen(folder)] == '/';
	struct fail f;

	if (n > 0 && remove_files(l, s, instance, paths, n, &f) < 0) {
		if (f.kind != FAIL_NO) /* nothing is left of an instance gone */
			cli_warn(&f, instance);
	} else if (there && sftp_rmdir(s, folder, &f) < 0)
		cli_warn(&f, instance);
}

/* Before the lock is taken, which others need meanwhile. */
static int
see_holders(struct lxd *l, const struct batch *b, void *options, struct fail *f)
{
	return holders_see(l, b, ((struct options *)options)->wait, f);
}

static int
del_devices(struct lxd *l, const struct batch *b, struct fail *f)
{
	struct fail why;
	struct sftp *s;
	int ret;

	s = sftp_open(l, take_object(b->v[0]), &why);
	if ((ret = device_remove(l, b, f)) == 0 && s != NULL)
		remove_points(l, s, b);
	sftp_close(s);
	return ret;
}

static void
failed(struct rec *r, const struct fail *f, struct options *o)
{
	o->cut = o->cut || f->kind == FAIL_UNAVAILABLE;
	cli_warn(f, take_object(r));
	rec_error(r, f);
}

/* Each by itself: one that can't be taken back doesn't keep the others. */
static void
del_copies(struct lxd *l, const struct batch *b, struct options *o)
{
	struct state *s = NULL;
	struct fail f, why;
	size_t i;

	if (b->n > 0)
		s = lent_open(0, &why);
	for (i = 0; i < b->n; i++)
		if (s == NULL)
			failed(b->v[i], &why, o);
		else if (copy_take(l, s, b->v[i], &o->copies, &f) < 0)
			failed(b->v[i], &f, o);
	state_close(s);
}

/*
 * A signal ends the waiting; what is begun is brought to its end, but for what
 * comes from another machine, which may take its time: there only the writing
 * to the original is.
 */
static int
del_batch(struct lxd *l, const struct batch *b, void *options, struct fail *f)
{
	struct batch live = batch_of(b, false), copies = batch_of(b, true);
	bool here = lxd_remote(l) == NULL;
	int signo = here ? sig_shield() : 0;
	size_t i;

	if (live.n > 0 &&
	    (here_check_engine(l, f) < 0 || del_devices(l, &live, f) < 0)) {
		cli_warn(f, take_object(b->v[0]));
		for (i = 0; i < live.n; i++)
			rec_error(live.v[i], f);
	}
	del_copies(l, &copies, options);
	if (here)
		sig_unshield(signo);
	return 0;
}

int
verb_del(int argc, char **argv)
{
	struct options o = {{false, false}, false, false};
	int c;

	while ((c = cli_getopt(argc, argv, "Dfw")) != -1) {
		o.copies.discard = o.copies.discard || c == 'D';
		o.copies.force = o.copies.force || c == 'f';
		o.wait = o.wait || c == 'w';
	}
	cli_no_operands(argc);
	sig_catch();
	c = take_all(see_holders, del_batch, &o);
	if (sig_caught())
		sig_die(sig_caught());
	return c != 0 && o.cut ? cli_code(FAIL_UNAVAILABLE) : c;
}
