/*
 * The folder of copies that an instance has, and the names in it.
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "copy.h"
#include "device.h"
#include "far.h"
#include "folders.h"
#include "here.h"
#include "inst.h"
#include "map.h"
#include "owned.h"
#include "take.h"
#include "text.h"

static int
open_checked(const char *name, struct fail *f)
{
	int path = owned_open(name, f), fd;

	if (path < 0)
		return -1;
	fd = openat(path, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		fail_errno(f, "%s", name);
	close(path);
	return fd;
}

int
copy_folder(const struct rec *r, struct fail *f)
{
	const char *source = rec_str(r, "source", f);

	return source == NULL
		   ? -1
		   : open_checked(dirname(text_fmt("%s", source)), f);
}

const char *
copy_name(const struct rec *r, struct fail *f)
{
	const char *source = rec_str(r, "source", f), *name;

	if (source == NULL)
		return NULL;
	name = strrchr(source, '/');
	if (name == NULL || name[1] == '\0' || strcmp(name, "/.") == 0 ||
	    strcmp(name, "/..") == 0) {
		fail_set(f, FAIL_DATA, "line %zu: key \"source\" is no file",
		    r->line);
		return NULL;
	}
	return name + 1;
}

int
copy_folder_of(
    const struct recs *devices, char **source, char **path, struct fail *f)
{
	const char *s;
	size_t i;

	for (i = 0; i < devices->n; i++) {
		s = obj_str(devices->v[i].v, "mount");
		if (s == NULL || strcmp(s, "maps") != 0)
			continue;
		*source = text_fmt("%s", obj_str(devices->v[i].v, "source"));
		*path = text_fmt("%s", obj_str(devices->v[i].v, "path"));
		return 0;
	}
	return fail_set(f, FAIL_CONFIG,
	    "has no folder for copies; lxg-mount plan maps makes one");
}

static int
find_folder(
    const struct rec *r, struct lxd *l, struct folders *d, struct fail *f)
{
	struct rec now = {jv_null(), r->line};
	struct recs all = {NULL, 0};
	jv instance;

	/* refuses an id map that is not one to lend anything to */
	if (inst_get(l, take_object(r), &now.v, &instance, NULL, f) < 0)
		return -1;
	if (!device_same_instance(r, instance))
		return fail_set(f, FAIL_NO, "the instance is another one now");
	if (lxd_remote(l) != NULL) {
		d->far = true;
		return far_place(&now, &d->source, &d->path, f) < 0
			   ? -1
			   : far_folder(l, &now, d->path, &d->there, f);
	}
	if (here_check(l, instance, f) < 0)
		return -1;
	device_list(r, instance, &all);
	return copy_folder_of(&all, &d->source, &d->path, f);
}

/*
 * A copy that was renamed or removed inside is still its original's: another
 * one under its name would be written back there.
 */
static int
take_names(struct folders *d, struct state *s, struct fail *f)
{
	size_t len = strlen(d->source), i, n;
	struct copy *v;

	if (state_copies(s, NULL, &v, &n, f) < 0)
		return -1;
	for (i = 0; i < n; i++)
		if (strncmp(v[i].source, d->source, len) == 0)
			d->taken = jv_object_set(
			    d->taken, jv_string(v[i].source + len), jv_true());
	return 0;
}

int
folders_open(const struct rec *r, struct lxd *l, struct state *s,
    struct folders *d, struct fail *f)
{
	if (find_folder(r, l, d, f) < 0 ||
	    (!d->far && (d->copies = open_checked(d->source, f)) < 0))
		return -1;
	return take_names(d, s, f);
}

bool
folders_have(const struct folders *d, const char *source)
{
	const char *name = strrchr(source, '/');
	struct stat st;

	if (name == NULL)
		return true;
	if (d->far)
		return jv_object_has(jv_copy(d->there), jv_string(name + 1));
	return fstatat(d->copies, name + 1, &st, AT_SYMLINK_NOFOLLOW) == 0 ||
	       errno != ENOENT;
}

void
folders_choose(struct folders *d, struct rec *r)
{
	const char *wanted = strrchr(obj_str(r->v, "path"), '/');
	char *name;

	do
		name = place_free(wanted, &d->taken);
	while (folders_have(d, name));
	rec_set(r, "source", jv_string_fmt("%s%s", d->source, name));
	rec_set(r, "path", jv_string_fmt("%s%s", d->path, name));
}

void
folders_forget(struct folders *d, const char *source)
{
	const char *name = strrchr(source, '/');

	if (strncmp(source, d->source, strlen(d->source)) == 0)
		d->taken = jv_object_delete(
		    d->taken, jv_string(source + strlen(d->source)));
	if (name != NULL)
		d->there = jv_object_delete(d->there, jv_string(name + 1));
}
