/*
 * The user's own file, of which a copy is lent. SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sysexits.h>
#include <unistd.h>

#include "data.h"
#include "ident.h"
#include "map.h"
#include "origin.h"
#include "text.h"

static int
planned(const struct rec *r, struct ident *id, struct fail *f)
{
	struct rec origin = {jv_object(), r->line};
	static const char *const keys[] = {"dev", "ino", "handle"};
	const char *s;
	char *key;
	size_t i;
	int ret;

	for (i = 0; i < 3; i++) {
		key = text_fmt("origin_%s", keys[i]);
		if ((s = obj_str(r->v, key)) != NULL)
			rec_set_str(&origin, keys[i], s);
		free(key);
	}
	ret = ident_from_rec(&origin, id, f);
	jv_free(origin.v);
	return ret;
}

int
origin_open(const struct rec *r, struct fail *f)
{
	const char *path = rec_str(r, "origin", f);
	struct ident want, have;
	struct stat st;
	int fd;

	if (path == NULL || planned(r, &want, f) < 0)
		return -1;
	if ((fd = look_open(path, O_PATH | O_NOFOLLOW)) < 0)
		return fail_errno(f, "%s", path);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    ident_fd(fd, &have, f) < 0 || !ident_same(&want, &have)) {
		close(fd);
		return fail_set(f, EX_TEMPFAIL,
		    "%s: another file than the one planned", path);
	}
	return fd;
}

/* The file system's id, which stays where a device number may not; or "". */
static void
system_of(int fd, char *id, size_t size)
{
	struct statvfs st;

	id[0] = '\0';
	if (fstatvfs(fd, &st) == 0 && st.f_fsid != 0)
		snprintf(id, size, "%lu", st.f_fsid);
}

void
origin_note(int origin, struct rec *r)
{
	char id[24];

	system_of(origin, id, sizeof(id));
	if (id[0] != '\0')
		rec_set_str(r, "origin_fs", id);
}

static bool
same_system(const struct rec *r, int dir)
{
	const char *dev = obj_str(r->v, "origin_dev");
	const char *fs = obj_str(r->v, "origin_fs");
	struct ident have;
	struct fail ignored;
	char id[24];

	system_of(dir, id, sizeof(id));
	return (fs != NULL && strcmp(fs, id) == 0) ||
	       (dev != NULL && ident_fd(dir, &have, &ignored) == 0 &&
		   strcmp(dev, have.dev) == 0);
}

int
origin_reachable(const struct rec *r, struct fail *f)
{
	const char *origin = rec_str(r, "origin", f);
	char *copy;
	int dir, ret = 0;

	if (origin == NULL)
		return -1;
	copy = text_fmt("%s", origin);
	if ((dir = look_open(dirname(copy), O_RDONLY | O_DIRECTORY)) < 0)
		ret = fail_errno(f, "%s: its folder", origin);
	else {
		if (!same_system(r, dir))
			ret = fail_set(f, EX_TEMPFAIL,
			    "%s: its folder is on another file system now; is "
			    "the right one mounted?",
			    origin);
		close(dir);
	}
	free(copy);
	return ret;
}

/* The i-th name to try: report.lxg-conflict.odt, then with -2 and so on. */
static char *
conflict_name(const char *origin, unsigned i)
{
	const char *name = strrchr(origin, '/') + 1;
	char *first = place_insert(name, ".lxg-conflict"), *more;

	if (i == 1)
		return first;
	more = place_variation(first, i);
	free(first);
	return more;
}

/* Does a file of that name have just this content? */
static bool
has_content(int dir, const char *name, const char *hash)
{
	int fd =
	    openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char have[HASH_LEN];
	struct fail ignored;
	bool is;

	if (fd < 0)
		return false;
	is = data_hash(fd, have, &ignored) == 0 && strcmp(have, hash) == 0;
	close(fd);
	return is;
}

/*
 * The file gets its first name when it is complete, so that a crash leaves
 * none; where the file system has no files without a name, one that is cut
 * short is found by name.
 */
static int
new_file(int dir, const char *name, bool *named, struct fail *f)
{
	int fd = openat(dir, ".", O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600);

	*named = fd < 0;
	if (fd < 0)
		fd = openat(dir, name,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return fd >= 0 || errno == EEXIST ? fd : fail_errno(f, "%s", name);
}

static int
give_name(int dir, int fd, const char *name)
{
	char proc[64];

	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, proc, dir, name, AT_SYMLINK_FOLLOW);
}

/* 1: the name is taken. */
static int
keep_as(int dir, const char *name, int from, struct fail *f)
{
	bool named;
	int to, ret;

	f->code = 0;
	if ((to = new_file(dir, name, &named, f)) < 0)
		return f->code != 0 ? -1 : 1;
	if (lseek(from, 0, SEEK_SET) < 0)
		ret = fail_errno(f, "%s", name);
	else
		ret = data_clone(from, to, INT64_MAX / 4, f);
	if (ret == 0 && fsync(to) < 0)
		ret = fail_errno(f, "%s", name);
	if (ret == 0 && !named && give_name(dir, to, name) < 0)
		ret = errno == EEXIST ? 1 : fail_errno(f, "%s", name);
	if (ret == 0 && fsync(dir) < 0)
		ret = fail_errno(f, "%s", name);
	if (ret < 0 && named)
		unlinkat(dir, name, 0);
	close(to);
	return ret;
}

/* A crash between this and what follows must not make a second one. */
static int
keep_in(int dir, const char *origin, int from, const char *hash, char **name,
    struct fail *f)
{
	unsigned i;
	int ret;

	for (i = 1; i < 1000; i++) {
		*name = conflict_name(origin, i);
		if (has_content(dir, *name, hash))
			return 0;
		if ((ret = keep_as(dir, *name, from, f)) <= 0)
			return ret;
		free(*name);
	}
	*name = NULL;
	return fail_set(f, EX_CANTCREAT, "%s: too many conflicts", origin);
}

int
origin_keep_in(const char *folder, int dir, const struct rec *r, int from,
    const char *hash, char **path, struct fail *f)
{
	const char *origin = rec_str(r, "origin", f);
	char *name = NULL;

	if (origin == NULL || keep_in(dir, origin, from, hash, &name, f) < 0) {
		free(name);
		return -1;
	}
	*path = text_fmt("%s/%s", folder, name);
	free(name);
	return 0;
}

int
origin_keep_both(const struct rec *r, int from, const char *hash, char **path,
    struct fail *f)
{
	const char *origin = rec_str(r, "origin", f);
	const char *folder;
	char *copy;
	int dir, ret;

	if (origin == NULL)
		return -1;
	copy = text_fmt("%s", origin);
	folder = dirname(copy);
	dir = look_open(folder, O_RDONLY | O_DIRECTORY);
	if (dir < 0)
		ret = fail_errno(f, "%s", folder);
	else {
		ret = origin_keep_in(folder, dir, r, from, hash, path, f);
		close(dir);
	}
	free(copy);
	return ret;
}
