/*
 * Where the inode of a device record is. SPDX-License-Identifier: ISC
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "item.h"
#include "text.h"

/* Neither follows a link at the end nor opens what it may lead to. */
static int
open_path(int dir, const char *name)
{
	return openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

/* 1: it is another inode. */
static int
take_found(struct item *i, int fd, struct fail *f)
{
	struct ident id;

	if (fstat(fd, &i->st) < 0) {
		fail_errno(f, "fstat");
		close(fd);
		return -1;
	}
	ident_stat(fd, &i->st, &id);
	if (!ident_same(&id, &i->id)) {
		close(fd);
		return 1;
	}
	i->fd = fd;
	i->id = id;
	return 0;
}

static int
fail_open(struct fail *f)
{
	if (errno == ENOENT)
		return fail_set(f, FAIL_NO, "no such file");
	if (errno == EMFILE)
		return fail_set(
		    f, FAIL_SYSTEM, "too many files at once (ulimit -n)");
	return fail_errno(f, "open");
}

int
item_open(struct item *i, struct fail *f)
{
	int fd = open_path(AT_FDCWD, i->source), ret;

	if (fd < 0)
		return fail_open(f);
	ret = take_found(i, fd, f);
	return ret <= 0
		   ? ret
		   : fail_set(f, FAIL_AGAIN, "not the file that was planned");
}

static bool
is_missing(int error)
{
	return error == ENOENT || error == ENOTDIR || error == ELOOP;
}

/* 1: no entry of this folder is it. */
static int
in_folder(struct item *i, int dir, struct fail *f)
{
	uint64_t ino = strtoull(i->id.ino, NULL, 10);
	struct dirent *d;
	DIR *dp = fdopendir(dir);
	int fd, ret = 1;

	if (dp == NULL) {
		close(dir);
		return fail_errno(f, "its folder");
	}
	while (ret == 1 && (d = readdir(dp)) != NULL) {
		if (d->d_ino != ino)
			continue;
		if ((fd = open_path(dirfd(dp), d->d_name)) >= 0)
			ret = take_found(i, fd, f);
	}
	closedir(dp);
	return ret;
}

static int
search_folder(struct item *i, struct fail *f)
{
	char *path = text_fmt("%s", i->source), *name = strrchr(path, '/') + 1;
	int dir;

	*name = '\0';
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(path);
	if (dir >= 0)
		return in_folder(i, dir, f);
	return is_missing(errno) || errno == EACCES
		   ? 1
		   : fail_errno(f, "its folder");
}

static uint64_t
fs_id(const struct statfs *s)
{
	uint64_t id;

	_Static_assert(sizeof(id) == sizeof(s->f_fsid), "fsid");
	memcpy(&id, &s->f_fsid, sizeof(id));
	return id;
}

void
item_note_fs(const struct item *i, struct grant *g)
{
	struct statfs s;

	if (fstatfs(i->fd, &s) < 0)
		return;
	/* some make the id of the device's number, and it is no better */
	if (fs_id(&s) != (uint64_t)i->st.st_dev)
		g->fs = fs_id(&s);
	g->memory = s.f_type == TMPFS_MAGIC || s.f_type == RAMFS_MAGIC;
}

/* A device's number may be another one's after a boot; an id is not. */
static bool
lies_on(const char *path, const struct item *i, uint64_t fs)
{
	char dev[sizeof(i->id.dev)];
	struct statfs s;
	struct stat st;

	if (fs != 0)
		return statfs(path, &s) == 0 && fs_id(&s) == fs;
	if (stat(path, &st) < 0)
		return false;
	snprintf(dev, sizeof(dev), "%ju", (uintmax_t)st.st_dev);
	return strcmp(dev, i->id.dev) == 0;
}

char *
item_root(const struct item *i, uint64_t fs)
{
	char *path = text_fmt("%s", i->source), *root = NULL, *p;

	while ((p = strrchr(path, '/')) != NULL) {
		*p = '\0';
		if (!lies_on(*path != '\0' ? path : "/", i, fs))
			continue;
		free(root);
		root = text_fmt("%s", *path != '\0' ? path : "/");
	}
	free(path);
	return root;
}

int
item_find(struct item *i, struct fail *f)
{
	int fd = open_path(AT_FDCWD, i->source), ret = 1;

	if (fd < 0 && !is_missing(errno))
		return fail_open(f);
	if (fd >= 0)
		ret = take_found(i, fd, f);
	if (ret == 1)
		ret = search_folder(i, f);
	return ret < 0 ? -1 : 0;
}
