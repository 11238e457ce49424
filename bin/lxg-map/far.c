/*
 * Copies in an instance on another machine, through its engine's files. All
 * that comes from there is what root inside, or there, wants it to be: it goes
 * into a private file, bounded, and is compared with what both sides had.
 * SPDX-License-Identifier: ISC
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "device.h"
#include "far.h"
#include "inst.h"
#include "map.h"
#include "remote.h"
#include "text.h"
#include "tree.h"

/* What far_end() is to be told, but for what a shell itself ends with. */
#define SAYS 10

/*
 * Of path, aside and hash. It is moved aside for the last look, where nobody
 * saves to; one that was left there by a crash is back in its place first.
 */
static const char script[] =
    "sum() { [ ! -L \"$1\" ] && sha256sum < \"$1\" | cut -c 1-64; }\n"
    "is() { [ -e \"$1\" ] || [ -L \"$1\" ]; }\n"
    "is \"$1\" || ! [ -f \"$2\" ] || mv -f \"$2\" \"$1\"\n"
    "is \"$1\" || exit 11\n"
    "[ ! -L \"$1\" ] && [ -f \"$1\" ] || exit 12\n"
    "[ \"$(sum \"$1\")\" = \"$3\" ] || exit 13\n"
    "rm -rf \"$2\" && mv -f \"$1\" \"$2\" || exit 14\n"
    "[ \"$(sum \"$2\")\" != \"$3\" ] || { rm -f \"$2\" && exit 10; }\n"
    "is \"$1\" || mv -f \"$2\" \"$1\"\n"
    "exit 13";

bool
is_far(const struct rec *r)
{
	return remote_is_url(obj_str(r->v, "api"));
}

int
far_place(const struct rec *inst, char **source, char **path, struct fail *f)
{
	const char *home = rec_str(inst, "home", f);
	const char *name = rec_str(inst, "instance", f);
	const char *remote = obj_str(inst->v, "remote");

	if (home == NULL || name == NULL)
		return -1;
	if (home[0] != '/')
		return fail_set(f, FAIL_DATA,
		    "line %zu: key \"home\" is no folder", inst->line);
	*path = text_fmt("%s/" COPY_FOLDER, home);
	*source = text_fmt("%s:%s%s",
	    remote != NULL ? remote : obj_str(inst->v, "api"), name, *path);
	return 0;
}

int
far_folder(struct lxd *l, const struct rec *inst, const char *path, jv *names,
    struct fail *f)
{
	const char *name = rec_str(inst, "instance", f);
	uint32_t uid, gid;
	int ret;

	if (name == NULL || rec_id(inst, "uid", &uid, f) < 0 ||
	    rec_id(inst, "gid", &gid, f) < 0)
		return -1;
	ret = lxd_file_list(l, name, path, names, f);
	if (ret == 0 || f->kind != FAIL_NO)
		return ret;
	ret = lxd_file_mkdir(l, name, path, (int)uid, (int)gid, 0700, f);
	if (ret == 0)
		*names = jv_object();
	return ret;
}

int
far_put(struct lxd *l, const struct rec *r, int fd, struct fail *f)
{
	const char *perm = rec_str(r, "perm", f), *path = rec_str(r, "path", f);
	const char *name = rec_str(r, "instance", f);
	uint32_t uid, gid;
	FILE *from;
	int mode, ret;

	if (perm == NULL || path == NULL || name == NULL ||
	    rec_id(r, "uid", &uid, f) < 0 || rec_id(r, "gid", &gid, f) < 0)
		return -1;
	mode = 0400 | (strchr(perm, 'w') ? 0200 : 0) |
	       (strchr(perm, 'x') ? 0100 : 0);
	fd = dup(fd);
	if (fd < 0 || (from = fdopen(fd, "r")) == NULL) {
		ret = fail_errno(f, "the copy");
		if (fd >= 0)
			close(fd);
		return ret;
	}
	ret = lxd_file_send(l, name, path, from, (int)uid, (int)gid, mode, f);
	fclose(from);
	return ret;
}

int
far_look(struct back *b, struct fail *f)
{
	const struct rec want = {b->record.v, 0};
	jv instance;
	bool same;

	if (inst_fetch(b->lxd, b->instance, &instance, NULL, f) < 0)
		return f->kind == FAIL_NO ? 1 : -1;
	same = device_same_instance(&want, instance);
	b->runs = same && inst_runs(instance);
	jv_free(instance);
	return !same;
}

/* Where the copy is, and where it is for its last moments. */
static const char *
path_of(const struct back *b, char **aside, struct fail *f)
{
	const char *path = rec_str(&b->record, "path", f), *end;

	if (path == NULL)
		return NULL;
	if ((end = strrchr(path, '/')) == NULL || path[0] != '/') {
		fail_set(f, FAIL_DATA, "%s: no path", path);
		return NULL;
	}
	*aside = text_fmt(
	    "%.*s.taken-%s", (int)(end + 1 - path), path, b->copy.by.device);
	return path;
}

int
far_end(const struct back *b, struct fail *f)
{
	char *aside;
	const char *path = path_of(b, &aside, f);
	uint32_t uid, gid;
	int status, ret;
	jv argv;

	if (path == NULL)
		return -1;
	if (!b->runs || rec_id(&b->record, "uid", &uid, f) < 0 ||
	    rec_id(&b->record, "gid", &gid, f) < 0) {
		free(aside);
		return FAR_UNKNOWN;
	}
	argv = JV_ARRAY(jv_string("sh"), jv_string("-c"), jv_string(script),
	    jv_string("lxg-taken"), jv_string(path), jv_string(aside),
	    jv_string(b->hash));
	free(aside);
	ret = lxd_exec(
	    b->lxd, b->instance, argv, uid, gid, &status, NULL, NULL, f);
	if (ret < 0)
		return f->kind == FAIL_UNAVAILABLE ||
			       f->kind == FAIL_INTERRUPTED
			   ? -1
			   : FAR_UNKNOWN;
	return status >= SAYS && status < SAYS + FAR_UNKNOWN ? status - SAYS
							     : FAR_UNKNOWN;
}

/* Into an empty file: all of it, or what makes no snapshot. */
static int
get(const struct back *b, const char *path, int fd, struct fail *f)
{
	off_t max = data_max(f);
	struct stat st;
	FILE *to;
	int copy, ret;

	if (max < 0)
		return -1;
	copy = dup(fd);
	if (copy < 0 || (to = fdopen(copy, "w")) == NULL) {
		ret = fail_errno(f, "%s", b->snapshot);
		if (copy >= 0)
			close(copy);
		return ret;
	}
	/* there, 0 is no limit */
	ret = lxd_file_fetch(b->lxd, b->instance, path, to, (size_t)max + 1, f);
	if (fclose(to) != 0 && ret == 0)
		ret = fail_errno(f, "%s", b->snapshot);
	if (ret == 2 || (ret == 0 && (fstat(fd, &st) < 0 || st.st_size > max)))
		return data_too_large(max, f);
	return ret;
}

/* 3: there is none. */
static int
get_either(const struct back *b, const char *path, const char *aside, int fd,
    struct fail *f)
{
	int ret = get(b, path, fd, f);

	if (ret < 0 && f->kind == FAIL_NO)
		ret = get(b, aside, fd, f);
	return ret < 0 && f->kind == FAIL_NO ? 3 : ret;
}

int
far_fetch(const struct back *b, char hash[HASH_LEN], struct fail *f)
{
	char *aside;
	const char *path = path_of(b, &aside, f);
	int fd, ret = -1;

	if (path == NULL)
		return -1;
	fd = snapshot_open(b, O_RDWR | O_CREAT | O_TRUNC, f);
	if (fd >= 0) {
		ret = get_either(b, path, aside, fd, f);
		if (ret == 0)
			ret = data_hash(fd, hash, f);
		if (ret == 0 && (fsync(fd) < 0 || fsync(b->snapshots) < 0))
			ret = fail_errno(f, "%s", b->snapshot);
		close(fd);
	}
	free(aside);
	return ret <= 0 ? ret : ret == 3 ? 1 : 2;
}

static int
remove_one(const struct back *b, const char *path, struct fail *f)
{
	return lxd_file_remove(b->lxd, b->instance, path, f) < 0 &&
		       f->kind != FAIL_NO
		   ? -1
		   : 0;
}

int
far_remove(const struct back *b, struct fail *f)
{
	char *aside;
	const char *path = path_of(b, &aside, f);
	int ret;

	if (path == NULL)
		return -1;
	ret = remove_one(b, path, f);
	if (ret == 0)
		ret = remove_one(b, aside, f);
	free(aside);
	return ret;
}

bool
far_discard(struct back *b)
{
	struct rec r = {jv_copy(b->record.v), 0};
	const char *path = obj_str(r.v, "path");
	struct fail f;
	int able, is = far_look(b, &f);
	bool left = is < 0 || (is == 0 && far_remove(b, &f) < 0);

	rec_set_str(&r, "instance", b->instance);
	for (able = 0; is == 0 && b->runs && left && able < 2; able++)
		if (path != NULL && tree_remove_inside(b->lxd, &r, path, true,
					able != 0, &f) == 0)
			left = far_remove(b, &f) < 0;
	jv_free(r.v);
	return left;
}
