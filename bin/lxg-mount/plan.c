/*
 * lxg-mount plan: the folders are made, so that their identity is in the
 * record and lxg-acl can open them. SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "batch.h"
#include "cli.h"
#include "device.h"
#include "folder.h"
#include "here.h"
#include "ident.h"
#include "lock.h"
#include "mem.h"
#include "mount.h"
#include "owned.h"
#include "take.h"
#include "text.h"

/* The folders, and where each is inside; without a slash: below the home. */
static const struct {
	const char *name, *path;
} folders[] = {
    {"xpra", "/var/lib/lxg/xpra"},
    {"share", "share"},
    {"maps", "maps"},
};
#define NFOLDERS (sizeof(folders) / sizeof(folders[0]))

/* The operands: which folder, and where inside, or NULL. */
struct want {
	size_t folder;
	const char *path;
};

static bool
plain_path(const char *s)
{
	char *padded = text_fmt("%s/", s);
	bool ok = s[0] == '/' && strstr(padded, "//") == NULL &&
		  strstr(padded, "/./") == NULL &&
		  strstr(padded, "/../") == NULL && text_utf8(s, strlen(s));

	free(padded);
	return ok;
}

static struct want
want_of(const char *operand)
{
	size_t len = strcspn(operand, "="), i;
	const char *path = operand[len] == '=' ? operand + len + 1 : NULL;

	for (i = 0; i < NFOLDERS; i++)
		if (strlen(folders[i].name) == len &&
		    strncmp(operand, folders[i].name, len) == 0)
			break;
	if (i == NFOLDERS)
		errx(EX_USAGE, "%s: a folder is xpra, share or maps", operand);
	if (path != NULL && !plain_path(path))
		errx(EX_USAGE, "%s: not a plain absolute path", operand);
	return (struct want){i, path};
}

/* Where the folder will be inside. Owned. */
static char *
inside(const struct rec *inst, const struct want *w, struct fail *f)
{
	const char *path = w->path != NULL ? w->path : folders[w->folder].path;
	const char *home;

	if (path[0] == '/')
		return text_fmt("%s", path);
	if ((home = rec_str(inst, "home", f)) == NULL)
		return NULL;
	return text_fmt("%s/%s", home, path);
}

static int
set_ident(struct rec *r, const char *source, struct fail *f)
{
	struct ident id = {"", "", ""};
	int fd, ret;

	if ((fd = owned_open(source, f)) < 0)
		return -1;
	if ((ret = ident_fd(fd, &id, f)) == 0)
		ident_to_rec(&id, r);
	close(fd);
	return ret;
}

static void
describe(struct rec *r, const char *name, const char *source, const char *path)
{
	char *device = device_name("mount", name);

	rec_set_str(r, "device", device);
	rec_set_str(r, "type", "disk");
	rec_set_str(r, "source", source);
	rec_set_str(r, "path", path);
	rec_set(r, "readonly", jv_false());
	rec_set_str(r, "perm", "rwx");
	rec_set_str(r, "mount", name);
	free(device);
}

/* dry: a folder that is there already can be told all the same. */
static int
make_and_look(
    struct rec *r, const char *source, bool dry, struct made *m, struct fail *f)
{
	if (dry) {
		rec_set(r, "dry_run", jv_true());
		if (access(source, F_OK) < 0)
			return 0;
	} else if (folder_make(source, m, f) < 0)
		return -1;
	return set_ident(r, source, f);
}

static int
plan_folder(const struct rec *inst, const char *home, const struct want *w,
    bool dry, struct made *m, struct recs *out, struct fail *f)
{
	const char *name = folders[w->folder].name;
	char *path = inside(inst, w, f), *source;
	struct rec *r;
	int ret;

	if (path == NULL)
		return -1;
	source = text_fmt("%s/%s", home, name);
	recs_add(out, jv_copy(inst->v));
	r = &out->v[out->n - 1];
	describe(r, name, source, path);
	ret = make_and_look(r, source, dry, m, f);
	free(path);
	free(source);
	return ret;
}

static int
plan_folders(const struct rec *inst, const struct want *w, size_t n, bool dry,
    struct made *m, struct recs *out, struct fail *f)
{
	char *home = folder_home(inst, !dry, m, f);
	size_t i;
	int ret = home == NULL ? -1 : 0;

	for (i = 0; i < n && ret == 0; i++)
		ret = plan_folder(inst, home, &w[i], dry, m, out, f);
	free(home);
	return ret;
}

static int
plan_instance(const struct rec *inst, const struct want *w, size_t n,
    struct made *m, struct recs *out, struct fail *f)
{
	bool dry = cli_dry_run() || rec_true(inst, "dry_run");
	struct lock lock;
	int ret;

	if (here_check_record(inst, f) < 0)
		return -1;
	if (dry)
		return plan_folders(inst, w, n, true, m, out, f);
	if (lock_take(inst, &lock, f) < 0)
		return -1;
	ret = plan_folders(inst, w, n, false, m, out, f);
	lock_drop(&lock);
	return ret;
}

static struct want *
operands(int argc, char **argv, size_t *n)
{
	struct want *w;
	int i;

	if (argc == 0)
		cli_usage();
	w = mem_need(calloc((size_t)argc, sizeof(*w)));
	for (i = 0; i < argc; i++)
		w[i] = want_of(argv[i]);
	*n = (size_t)argc;
	return w;
}

int
verb_plan(int argc, char **argv)
{
	struct made m = {NULL, 0};
	struct recs in, out = {NULL, 0};
	struct batch *b;
	struct want *w;
	size_t nb, nw, i;
	struct fail f;

	while (cli_getopt(argc, argv, "") != -1)
		;
	w = operands(argc - optind, argv + optind, &nw);
	cli_read(&in);
	cli_refuse_failed(&in);
	if (batch_split(&in, &b, &nb, &f) < 0)
		cli_die(&f, NULL);
	for (i = 0; i < in.n; i++)
		if (plan_instance(&in.v[i], w, nw, &m, &out, &f) < 0) {
			folder_unmake(&m);
			cli_die(&f, take_object(&in.v[i]));
		}
	cli_write(&out);
	batch_free(b, nb);
	recs_free(&in);
	recs_free(&out);
	return 0;
}
