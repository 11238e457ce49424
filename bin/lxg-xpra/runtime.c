/*
 * The host's side of a session. SPDX-License-Identifier: ISC
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dirs.h"
#include "far.h"
#include "runtime.h"
#include "session.h"
#include "text.h"

static const char *const files[] = {"log", "offset", "lock", "cookie",
    "cookie-c", "cookie-l", "cookie-n", "died", NULL};

/* A lock of the open file, which others can ask about and not hold. */
static int
lock_op(int fd, int op, struct flock *l)
{
	*l = (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET};
	return fcntl(fd, op, l);
}

static char *
runtime_path(const struct rec *r, const char *id, struct fail *f)
{
	const char *engine = rec_str(r, "engine", f);
	const char *project = rec_str(r, "project", f);
	const char *instance = rec_str(r, "instance", f);
	char *top, *path;

	if (engine == NULL || project == NULL || instance == NULL ||
	    (top = dirs_runtime(f)) == NULL)
		return NULL;
	/* what is swept beside an instance of this host is that one's own */
	path = text_fmt("%s/%s/%s/%s/%s", top, far_is(r) ? "remote" : engine,
	    project, instance, id);
	free(top);
	return path;
}

int
runtime_take(
    const struct rec *r, const char *id, struct runtime *t, struct fail *f)
{
	struct flock l;

	t->dir = t->lock = -1;
	t->path = runtime_path(r, id, f);
	if (t->path == NULL || (t->dir = dirs_open(t->path, f)) < 0)
		return -1;
	t->lock = openat(
	    t->dir, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (t->lock < 0)
		return fail_errno(f, "%s/lock", t->path);
	if (lock_op(t->lock, F_OFD_SETLK, &l) < 0)
		return fail_set(f, FAIL_AGAIN,
		    "session %s is attached already: end that client first",
		    id);
	return 0;
}

void
runtime_drop(struct runtime *t)
{
	if (t->dir >= 0)
		close(t->dir);
	if (t->lock >= 0)
		close(t->lock);
	free(t->path);
}

void
runtime_remove(const struct rec *r, const char *id)
{
	struct fail ignored;
	char *path = runtime_path(r, id, &ignored);
	int i, dir;

	if (path == NULL)
		return;
	dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir >= 0) {
		for (i = 0; files[i] != NULL; i++)
			unlinkat(dir, files[i], 0);
		close(dir);
		rmdir(path);
	}
	free(path);
}

void
runtime_sweep(const struct rec *r, int xpra)
{
	struct fail ignored;
	char *path = runtime_path(r, ".", &ignored);
	DIR *d = path != NULL ? opendir(path) : NULL;
	const struct dirent *e;
	struct stat st;

	while (d != NULL && (e = readdir(d)) != NULL)
		if (session_valid(e->d_name) &&
		    !runtime_attached(r, e->d_name) &&
		    fstatat(xpra, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 &&
		    errno == ENOENT)
			runtime_remove(r, e->d_name);
	if (d != NULL)
		closedir(d);
	free(path);
}

bool
runtime_attached(const struct rec *r, const char *id)
{
	struct fail ignored;
	char *path = runtime_path(r, id, &ignored), *lock;
	bool held = false;
	struct flock l;
	int fd;

	if (path == NULL)
		return false;
	lock = text_fmt("%s/lock", path);
	fd = open(lock, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0) {
		held = lock_op(fd, F_OFD_GETLK, &l) == 0 && l.l_type != F_UNLCK;
		close(fd);
	}
	free(lock);
	free(path);
	return held;
}

int
runtime_log(const struct runtime *t, struct fail *f)
{
	int fd = openat(t->dir, "log",
	    O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return fail_errno(f, "%s/log", t->path);
	return fd;
}

off_t
runtime_offset(const struct runtime *t)
{
	int fd = openat(t->dir, "offset", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	off_t n = 0;

	if (fd >= 0) {
		if (read(fd, &n, sizeof(n)) != sizeof(n) || n < 0)
			n = 0;
		close(fd);
	}
	return n;
}

void
runtime_set_offset(const struct runtime *t, off_t n)
{
	int fd = openat(t->dir, "offset",
	    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return;
	if (write(fd, &n, sizeof(n)) != sizeof(n))
		unlinkat(t->dir, "offset", 0);
	close(fd);
}
