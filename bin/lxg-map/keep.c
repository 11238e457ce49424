/*
 * What can't go into the original: beside it, under a name like its own.
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "back.h"
#include "cli.h"
#include "dirs.h"
#include "map.h"
#include "text.h"

/* The i-th name to try: report.lxg-conflict.odt, then with -2 and so on. */
static char *
conflict_name(const char *origin, unsigned i)
{
	char *name = place_insert(strrchr(origin, '/') + 1, ".lxg-conflict");

	return i == 1 ? name : place_variation(name, i);
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
	int to, ret = -1;

	f->kind = FAIL_NONE;
	if ((to = new_file(dir, name, &named, f)) < 0)
		return f->kind != FAIL_NONE ? -1 : 1;
	if (lseek(from, 0, SEEK_SET) < 0)
		fail_errno(f, "%s", name);
	else
		ret = data_copy(from, to, f);
	if (ret == 0 &&
	    (fsync(to) < 0 || (!named && give_name(dir, to, name) < 0) ||
		fsync(dir) < 0))
		ret = errno == EEXIST ? 1 : fail_errno(f, "%s", name);
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
	return fail_set(f, FAIL_CREATE, "%s: too many conflicts", origin);
}

/* In a folder (its descriptor is consumed), if there is one. */
static int
keep_in_folder(struct back *b, const char *folder, int dir, int from,
    const char *hash, const char *what, struct fail *f)
{
	char *name, *path;
	int ret;

	if (dir < 0)
		return -1;
	ret = keep_in(dir, b->copy.origin, from, hash, &name, f);
	close(dir);
	if (ret < 0)
		return -1;
	path = text_fmt("%s/%s", folder, name);
	cli_say(b->what, "%s is %s", what, path);
	rec_set_str(&b->record, "conflict", path);
	return 0;
}

int
keep_file(
    struct back *b, int fd, const char *hash, const char *what, struct fail *f)
{
	char *folder = dirname(text_fmt("%s", b->copy.origin));
	int dir = look_open(folder, O_RDONLY | O_DIRECTORY);
	struct fail ignored;

	if (dir < 0)
		fail_errno(f, "%s", folder);
	if (keep_in_folder(b, folder, dir, fd, hash, what, f) == 0)
		return 0;
	if ((folder = dirs_state(&ignored)) == NULL)
		return -1;
	folder = text_fmt("%s/kept", folder);
	dir = dirs_open(folder, &ignored);
	return keep_in_folder(b, folder, dir, fd, hash, what, &ignored);
}

int
keep_snapshot(struct back *b, const char *hash, const char *why, struct fail *f)
{
	int snapshot = snapshot_open(b, O_RDONLY, f), ret;

	if (snapshot < 0)
		return -1;
	ret = keep_file(
	    b, snapshot, hash, text_fmt("%s; the instance's version", why), f);
	close(snapshot);
	return ret < 0 ? -1 : back_save(b, COPY_LENT, hash, f);
}
