/*
 * A copy's end: moved aside, looked at, removed. SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "aside.h"
#include "text.h"
#include "tree.h"

static bool
same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	       a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* A renaming is seen in it as well, so only a file in its place has that. */
static bool
same_change(const struct stat *a, const struct stat *b)
{
	return a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	       a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/* The instance's folder, which is the host user's alone. */
static int
open_above(const struct aside *a, struct fail *f)
{
	int fd = openat(a->copies, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? fail_errno(f, "the folder above the copies") : fd;
}

/*
 * Back, where nothing is: -1 and EEXIST where something is. Some file systems
 * (NFS, older OpenZFS) can't rename so, but link; a folder, which can't be
 * linked, takes the place of no file, and of no folder with something in it.
 */
static int
move_back(const struct aside *a, int above, const char *name)
{
	struct stat st;

	if (renameat2(above, name, a->copies, a->file, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	if (linkat(above, name, a->copies, a->file, 0) == 0)
		return unlinkat(above, name, 0);
	if (errno == EEXIST || errno == ENOENT)
		return -1;
	if (fstatat(a->copies, a->file, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		errno = EEXIST;
		return -1;
	}
	return renameat(above, name, a->copies, a->file);
}

/* What has been saved anew meanwhile is what counts. */
static int
put_back(const struct aside *a, int above, const char *name, struct fail *f)
{
	if (move_back(a, above, name) == 0 || errno == ENOENT)
		return 0;
	if (errno == EEXIST && (tree_remove(above, name) == 0 ||
				   renameat(above, name, a->copies, name) == 0))
		return 0;
	return fail_errno(f, "%s", name);
}

static int
remove_at(int dir, const char *name, struct fail *f)
{
	if (unlinkat(dir, name, 0) < 0 && errno != ENOENT)
		return fail_errno(f, "%s", name);
	return 0;
}

/* 1: it is another one, and back in its place. */
static int
move(const struct aside *a, int above, const char *name,
    const struct stat *taken, struct fail *f)
{
	struct stat st;

	if (renameat(a->copies, a->file, above, name) < 0) {
		if (errno == ENOENT)
			return 0;
		if (errno == EXDEV) /* it is a mount of its own */
			return remove_at(a->copies, a->file, f);
		return fail_errno(f, "%s", a->file);
	}
	if (fstatat(above, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    same(&st, taken))
		return remove_at(above, name, f);
	return put_back(a, above, name, f) < 0 ? -1 : 1;
}

int
aside_remove(const struct aside *a, const struct stat *taken, struct fail *f)
{
	struct stat st;
	char *name;
	int above, ret;

	if (fstatat(a->copies, a->file, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : fail_errno(f, "%s", a->file);
	if (!same(&st, taken) || !same_change(&st, taken))
		return 1;
	if ((above = open_above(a, f)) < 0)
		return -1;
	name = text_fmt(".taken-%s", a->device);
	ret = move(a, above, name, taken, f);
	free(name);
	close(above);
	return ret;
}

int
aside_restore(const struct aside *a, struct fail *f)
{
	int above = open_above(a, f), ret;
	char *name;

	if (above < 0)
		return -1;
	name = text_fmt(".taken-%s", a->device);
	ret = put_back(a, above, name, f);
	free(name);
	close(above);
	return ret;
}
