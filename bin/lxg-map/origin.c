/*
 * The user's own file, of which a copy is lent. SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sysexits.h>
#include <unistd.h>

#include "copy.h"
#include "map.h"
#include "text.h"

static int
open_unlinked(const char *path, int flags)
{
	struct open_how how = {.flags = (unsigned)(flags | O_CLOEXEC),
	    .resolve = RESOLVE_NO_SYMLINKS};

	return (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
}

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
	if ((fd = open_unlinked(path, O_PATH | O_NOFOLLOW)) < 0)
		return fail_errno(f, "%s", path);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    ident_fd(fd, &have, f) < 0 || !ident_same(&want, &have)) {
		close(fd);
		return fail_set(f, EX_TEMPFAIL,
		    "%s: another file than the one planned", path);
	}
	return fd;
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

/* 0 and a file: it is new; 1: there is one; 2: with just this content. */
static int
try_name(int dir, const char *name, const char *hash, int *fd, struct fail *f)
{
	char have[HASH_LEN];
	int ret = 1;

	*fd = openat(dir, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (*fd >= 0)
		return 0;
	if (errno != EEXIST)
		return fail_errno(f, "%s", name);
	*fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (*fd >= 0) {
		if (data_hash(*fd, have, f) == 0 && strcmp(have, hash) == 0)
			ret = 2;
		close(*fd);
	}
	return ret;
}

static int
fill(int dir, const char *name, int from, int to, struct fail *f)
{
	int ret;

	if (lseek(from, 0, SEEK_SET) < 0)
		ret = fail_errno(f, "%s", name);
	else
		ret = data_clone(from, to, INT64_MAX / 4, f);
	if (ret == 0 && (fsync(to) < 0 || fsync(dir) < 0))
		ret = fail_errno(f, "%s", name);
	if (ret < 0)
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
	int fd, ret;

	for (i = 1; i < 1000; i++) {
		*name = conflict_name(origin, i);
		ret = try_name(dir, *name, hash, &fd, f);
		if (ret == 0)
			ret = fill(dir, *name, from, fd, f);
		else if (ret == 2)
			ret = 0;
		if (ret <= 0)
			return ret;
		free(*name);
	}
	*name = NULL;
	return fail_set(f, EX_CANTCREAT, "%s: too many conflicts", origin);
}

int
origin_keep_both(const struct rec *r, int from, const char *hash, char **path,
    struct fail *f)
{
	const char *origin = rec_str(r, "origin", f);
	char *copy, *name = NULL;
	const char *folder;
	int dir, ret;

	if (origin == NULL)
		return -1;
	copy = text_fmt("%s", origin);
	folder = dirname(copy);
	dir = open_unlinked(folder, O_RDONLY | O_DIRECTORY);
	if (dir < 0)
		ret = fail_errno(f, "%s", folder);
	else {
		ret = keep_in(dir, origin, from, hash, &name, f);
		close(dir);
	}
	if (ret == 0)
		*path = text_fmt("%s/%s", folder, name);
	free(name);
	free(copy);
	return ret;
}
