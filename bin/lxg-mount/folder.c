/*
 * The folders that an instance shares. The container may write in them while
 * this runs: they are worked on by descriptor, and no link in them is followed.
 * SPDX-License-Identifier: ISC
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dirs.h"
#include "folder.h"
#include "mem.h"
#include "text.h"
#include "tree.h"

#define FOLDER_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

static void
remember(struct made *m, const char *path)
{
	m->v = mem_grow(m->v, m->n, sizeof(*m->v));
	m->v[m->n++] = text_fmt("%s", path);
}

void
folder_unmake(struct made *m)
{
	while (m->n > 0) {
		remove(m->v[--m->n]);
		free(m->v[m->n]);
	}
	free(m->v);
	m->v = NULL;
}

static char *
home_path(const struct rec *r, struct fail *f)
{
	const char *engine = rec_str(r, "engine", f);
	const char *project, *instance, *uuid;

	if (engine == NULL || (project = rec_str(r, "project", f)) == NULL ||
	    (instance = rec_str(r, "instance", f)) == NULL ||
	    rec_opt_str(r, "uuid", &uuid, f) < 0)
		return NULL;
	return dirs_of(engine, project, instance, uuid, f);
}

static int
write_uuid(int dir, const char *uuid, struct fail *f)
{
	int fd = openat(dir, "uuid.new",
	    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	int bad = fd < 0;

	if (fd >= 0) {
		bad = dprintf(fd, "%s\n", uuid) < 0 || fsync(fd) < 0;
		bad |= close(fd) < 0;
	}
	if (bad || renameat(dir, "uuid.new", dir, "uuid") < 0)
		return fail_errno(f, "uuid");
	return 0;
}

/* An instance deleted and made again must not find the files of the old one. */
static int
claim_folder(
    int dir, const char *path, const char *uuid, struct made *m, struct fail *f)
{
	char have[128];
	char *file;

	if (dirs_uuid(dir, have, sizeof(have), f) < 0)
		return -1;
	if (have[0] == '\0') {
		file = text_fmt("%s/uuid", path);
		remember(m, file);
		free(file);
		return write_uuid(dir, uuid, f);
	}
	if (strcmp(have, uuid) != 0)
		return fail_set(f, FAIL_CREATE,
		    "%s: of another instance that had this name; unless that "
		    "was renamed, look what is in there, then move it away",
		    path);
	return 0;
}

static char *
make_home(const char *path, const char *uuid, struct made *m, struct fail *f)
{
	struct stat st;
	char *real = NULL;
	int dir;

	if (lstat(path, &st) < 0 && errno == ENOENT)
		remember(m, path);
	if ((dir = dirs_open(path, f)) < 0)
		return NULL;
	if (claim_folder(dir, path, uuid, m, f) == 0 &&
	    (real = realpath(path, NULL)) == NULL)
		fail_errno(f, "%s", path);
	close(dir);
	return real;
}

char *
folder_home(const struct rec *inst, bool touch, struct made *m, struct fail *f)
{
	const char *uuid = rec_str(inst, "uuid", f);
	char *path, *real;

	if (uuid == NULL || (path = home_path(inst, f)) == NULL)
		return NULL;
	if (touch)
		real = make_home(path, uuid, m, f);
	else if ((real = realpath(path, NULL)) == NULL)
		return path;
	free(path);
	if (real != NULL && !text_utf8(real, strlen(real))) {
		fail_set(f, FAIL_DATA, "%s: not UTF-8", real);
		free(real);
		real = NULL;
	}
	return real;
}

int
folder_make(const char *path, struct made *m, struct fail *f)
{
	if (mkdir(path, 0700) == 0) {
		remember(m, path);
		return 0;
	}
	return errno == EEXIST ? 0 : fail_errno(f, "%s", path);
}

static bool
is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/*
 * Opens the instance's folder: -1 and FAIL_NONE where there is none, or none
 * of this very instance.
 */
static int
open_home(const struct rec *r, char **path, struct fail *f)
{
	const char *uuid = rec_str(r, "uuid", f);
	char have[128];
	int dir;

	*path = NULL;
	if (uuid == NULL || (*path = home_path(r, f)) == NULL)
		return -1;
	f->kind = FAIL_NONE;
	dir = open(*path, FOLDER_FLAGS);
	if (dir < 0)
		return errno == ENOENT ? -1 : fail_errno(f, "%s", *path);
	if (dirs_uuid(dir, have, sizeof(have), f) == 0 &&
	    strcmp(have, uuid) == 0)
		return dir;
	close(dir);
	return -1;
}

/* Behind the last folder goes the instance's own. */
static void
remove_home(int dir, const char *path)
{
	static const char *const ours[] = {"xpra", "share", "maps"};
	struct stat st;
	size_t i;

	for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (fstatat(dir, ours[i], &st, AT_SYMLINK_NOFOLLOW) == 0)
			return;
	unlinkat(dir, "uuid.new", 0);
	unlinkat(dir, "uuid", 0);
	rmdir(path);
}

int
folder_empty(const struct rec *r, const char *name, struct fail *f)
{
	int dir, sub, ret = 0;
	char *path;

	if ((dir = open_home(r, &path, f)) < 0)
		ret = f->kind != FAIL_NONE ? -1 : 0;
	else {
		if ((sub = openat(dir, name, FOLDER_FLAGS)) >= 0) {
			ret = tree_empty(sub);
			close(sub);
		}
		close(dir);
	}
	free(path);
	return ret;
}

int
folder_holds(const struct rec *r, const char *name, struct fail *f)
{
	struct dirent *e;
	DIR *d = NULL;
	char *path;
	int dir, sub, ret = 0;

	if ((dir = open_home(r, &path, f)) < 0)
		ret = f->kind != FAIL_NONE ? -1 : 0;
	else {
		if ((sub = openat(dir, name, FOLDER_FLAGS)) >= 0)
			d = fdopendir(sub);
		while (d != NULL && ret == 0 && (e = readdir(d)) != NULL)
			ret = !is_dot(e->d_name);
		if (d != NULL)
			closedir(d);
		close(dir);
	}
	free(path);
	return ret;
}

int
folder_remove(const struct rec *r, const char *name, struct fail *f)
{
	int dir, ret = 0;
	char *path;

	if ((dir = open_home(r, &path, f)) < 0)
		ret = f->kind != FAIL_NONE ? -1 : 0;
	else {
		if (unlinkat(dir, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
			remove_home(dir, path);
		else if (errno == ENOTEMPTY || errno == EEXIST)
			ret = 1;
		else
			ret = fail_errno(f, "%s/%s", path, name);
		close(dir);
	}
	free(path);
	return ret;
}
