/*
 * What a path leads to, and whether it is a file to lend.
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "dirs.h"
#include "fs.h"
#include "map.h"
#include "owned.h"
#include "text.h"

/* The folder may be NULL, as what a dirs_ function gives. */
static bool
below(const char *path, const char *folder)
{
	char *real = folder != NULL ? realpath(folder, NULL) : NULL;
	size_t n = real != NULL ? strlen(real) : 0;

	return n > 1 && strncmp(path, real, n) == 0 && path[n] == '/';
}

static int
check_place(const char *path, struct fail *f)
{
	static const char *const engines[] = {"/var/lib/lxd", "/var/lib/incus",
	    "/var/snap/lxd", "/var/log/lxd", "/var/log/incus"};
	struct fail unset;
	size_t i;

	for (i = 0; i < sizeof(engines) / sizeof(engines[0]); i++)
		if (below(path, engines[i]))
			return fail_set(
			    f, FAIL_PERM, "%s: the engine's own", path);
	if (below(path, dirs_home(&unset)))
		return fail_set(f, FAIL_PERM,
		    "%s: in a folder that an instance shares already", path);
	if (below(path, dirs_state(&unset)) ||
	    below(path, dirs_runtime(&unset)))
		return fail_set(f, FAIL_PERM, "%s: lxg's own state", path);
	return 0;
}

static int
check_kind(const char *path, const struct stat *st, bool links, struct fail *f)
{
	if (S_ISDIR(st->st_mode))
		return fail_set(f, FAIL_DATA,
		    "%s: a folder; put it into the instance's share", path);
	if (!S_ISREG(st->st_mode))
		return fail_set(f, FAIL_DATA, "%s: not a regular file", path);
	if (st->st_uid != geteuid())
		return fail_set(f, FAIL_PERM, "%s: not yours", path);
	/* a write from inside would have to clear the bit, for good */
	if (st->st_mode & (S_ISUID | S_ISGID))
		return fail_set(
		    f, FAIL_PERM, "%s: a set-user-ID program", path);
	if (st->st_nlink > 1 && !links)
		return fail_set(f, FAIL_DATA,
		    "%s: has %ju names (hard links), and all of them would be "
		    "lent; -f if that is meant",
		    path, (uintmax_t)st->st_nlink);
	return 0;
}

int
look_open(const char *path, int flags)
{
	struct open_how how = {.flags = (unsigned)(flags | O_CLOEXEC),
	    .resolve = RESOLVE_NO_SYMLINKS};

	return (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
}

/* What the user may do with the file, by way of its descriptor. */
static bool
may(int fd, int how)
{
	char proc[64];

	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	return faccessat(AT_FDCWD, proc, how, AT_EACCESS) == 0;
}

static int
examine(struct look *l, struct fail *f)
{
	struct stat st;

	if (fstat(l->fd, &st) < 0)
		return fail_errno(f, "%s", l->real);
	if (check_kind(l->real, &st, l->links, f) < 0)
		return -1;
	if (!may(l->fd, R_OK))
		return fail_set(f, FAIL_PERM, "%s: you can't read it", l->real);
	l->writable = may(l->fd, W_OK);
	l->executable = may(l->fd, X_OK);
	l->others = (st.st_mode & S_IROTH) != 0;
	return 0;
}

static int
check_name(const char *path, struct fail *f)
{
	return text_utf8(path, strlen(path))
		   ? 0
		   : fail_set(f, FAIL_DATA,
			 "%s: the name is not UTF-8, which the engine's API "
			 "needs",
			 path);
}

int
look_at(const char *path, struct look *l, struct fail *f)
{
	l->fd = -1;
	l->real = NULL;
	if (check_name(path, f) < 0)
		return -1;
	if ((l->real = realpath(path, NULL)) == NULL)
		return fail_errno(f, "%s", path);
	if (check_name(l->real, f) < 0 || check_place(l->real, f) < 0)
		return -1;
	/* what it is comes first, then whether the way there is safe */
	if ((l->fd = look_open(l->real, O_PATH | O_NOFOLLOW)) < 0)
		return fail_errno(f, "%s", l->real);
	if (examine(l, f) < 0)
		return -1;
	/* a copy needs no safe way, only one without links */
	if (l->copy)
		return 0;
	if (fs_judges_acl(l->fd, l->real, f) < 0)
		return fail_set(f, f->kind, "%s; -c lends a copy", f->text);
	close(l->fd);
	if ((l->fd = owned_open(l->real, f)) < 0) {
		if (f->kind == FAIL_PERM)
			return fail_set(f, FAIL_PERM, "%s: %s; -c lends a copy",
			    l->real, f->text);
		return -1;
	}
	return examine(l, f);
}

void
look_done(struct look *l)
{
	if (l->fd >= 0)
		close(l->fd);
	free(l->real);
}
