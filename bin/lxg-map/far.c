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
#include "take.h"
#include "text.h"

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
	const char *remote = obj_str(inst->v, "remote");

	if (home == NULL)
		return -1;
	if (home[0] != '/')
		return fail_set(f, FAIL_DATA,
		    "line %zu: key \"home\" is no folder", inst->line);
	*path = text_fmt("%s/" COPY_FOLDER, home);
	*source = text_fmt("%s:%s%s",
	    remote != NULL ? remote : obj_str(inst->v, "api"),
	    take_object(inst), *path);
	return 0;
}

int
far_folder(struct lxd *l, const struct rec *inst, const char *path, jv *names,
    struct fail *f)
{
	const char *name = take_object(inst);
	uint32_t uid, gid;
	int ret;

	if (rec_ids(inst, &uid, &gid, f) < 0)
		return -1;
	ret = lxd_file_list(l, name, path, names, f);
	if (ret == 0 || f->kind != FAIL_NO)
		return ret;
	ret = lxd_file_mkdir(l, name, path, (int)uid, (int)gid, 0700, f);
	if (ret == 0)
		*names = jv_object();
	return ret;
}

/* A stream of its own for what the descriptor has. */
static FILE *
stream(int fd, const char *how, struct fail *f)
{
	FILE *fp;

	fd = dup(fd);
	fp = fd < 0 ? NULL : fdopen(fd, how);
	if (fp == NULL) {
		fail_errno(f, "the copy");
		if (fd >= 0)
			close(fd);
	}
	return fp;
}

int
far_put(struct lxd *l, const struct rec *r, int fd, struct fail *f)
{
	const char *perm = rec_str(r, "perm", f), *path = rec_str(r, "path", f);
	const char *name = take_object(r);
	uint32_t uid, gid;
	FILE *from;
	int mode, ret;

	if (perm == NULL || path == NULL || rec_ids(r, &uid, &gid, f) < 0 ||
	    (from = stream(fd, "r", f)) == NULL)
		return -1;
	mode = 0400 | (strchr(perm, 'w') ? 0200 : 0) |
	       (strchr(perm, 'x') ? 0100 : 0);
	ret = lxd_file_send(l, name, path, from, (int)uid, (int)gid, mode, f);
	fclose(from);
	return ret;
}

int
far_begin(struct back *b, struct fail *f)
{
	const char *end;

	if ((b->path = rec_str(&b->record, "path", f)) == NULL)
		return -1;
	if (b->path[0] != '/')
		return fail_set(f, FAIL_DATA, "%s: no path", b->path);
	end = strrchr(b->path, '/') + 1;
	b->aside = text_fmt(
	    "%.*s.taken-%s", (int)(end - b->path), b->path, b->copy.by.device);
	return 0;
}

int
far_look(struct back *b, struct fail *f)
{
	jv instance;
	bool same;

	if (inst_fetch(b->lxd, b->instance, &instance, NULL, f) < 0)
		return f->kind == FAIL_NO ? 1 : -1;
	same = device_same_instance(&b->record, instance);
	b->runs = same && inst_runs(instance);
	jv_free(instance);
	return !same;
}

int
far_end(const struct back *b, struct fail *f)
{
	uint32_t uid, gid;
	int status, ret;
	jv argv;

	if (!b->runs || rec_ids(&b->record, &uid, &gid, f) < 0)
		return FAR_UNKNOWN;
	argv = JV_ARRAY(jv_string("sh"), jv_string("-c"), jv_string(script),
	    jv_string("lxg-taken"), jv_string(b->path), jv_string(b->aside),
	    jv_string(b->copy.sha256));
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

/* All of one, or what makes no snapshot; 3: there is none. */
static int
get(const struct back *b, const char *path, int fd, struct fail *f)
{
	off_t max = data_max(f);
	struct stat st;
	FILE *to;
	int ret;

	if (max < 0 || (to = stream(fd, "w", f)) == NULL)
		return -1;
	/* there, 0 is no limit */
	ret = lxd_file_fetch(b->lxd, b->instance, path, to, (size_t)max + 1, f);
	if (fclose(to) != 0 && ret == 0)
		ret = fail_errno(f, "%s", b->snapshot);
	if (ret == 2 || (ret == 0 && (fstat(fd, &st) < 0 || st.st_size > max)))
		return data_too_large(max, f);
	return ret < 0 && f->kind == FAIL_NO ? 3 : ret;
}

int
far_get(const struct back *b, int fd, struct fail *f)
{
	int ret = get(b, b->path, fd, f);

	if (ret == 3)
		ret = get(b, b->aside, fd, f);
	return ret <= 0 ? ret : ret == 3 ? 1 : 2;
}

int
far_remove(const struct back *b, struct fail *f)
{
	if ((lxd_file_remove(b->lxd, b->instance, b->path, f) < 0 &&
		f->kind != FAIL_NO) ||
	    (lxd_file_remove(b->lxd, b->instance, b->aside, f) < 0 &&
		f->kind != FAIL_NO))
		return -1;
	return 0;
}
