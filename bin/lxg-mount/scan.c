/*
 * A walk through a share by descriptors: where the container moves what lies
 * there, a descriptor still leads to what was looked at.
 * SPDX-License-Identifier: ISC
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/openat2.h>

#include "mem.h"
#include "scan.h"
#include "text.h"

#define DEPTH_MAX 64
#define INSIDE                                                                 \
	(RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS |       \
	    RESOLVE_NO_XDEV)

static int
open_beneath(int dir, const char *name, int flags)
{
	struct open_how how = {
	    .flags = (unsigned)flags | O_NOFOLLOW | O_CLOEXEC,
	    .resolve = INSIDE,
	};

	return (int)syscall(SYS_openat2, dir, name, &how, sizeof(how));
}

static void
leave(struct scan *s, const char *path, const char *why)
{
	const char *so_far = s->why != NULL ? s->why : "";
	char *more;

	if (s->left++ >= NAMED_MAX)
		return;
	more = text_fmt(
	    "%s%s%s: %s", so_far, *so_far != '\0' ? "; " : "", path, why);
	free(s->why);
	s->why = more;
}

static void
want(struct scan *s, const char *how, const char *path)
{
	struct todo *t;

	if (s->n == TODO_MAX || (s->bytes += strlen(path)) > BYTES_MAX)
		return;
	s->v = mem_grow(s->v, s->n, sizeof(*s->v));
	t = &s->v[s->n++];
	snprintf(t->how, sizeof(t->how), "%s", how);
	t->path = text_fmt("%s", path);
}

/* Those in UTF-8: the engine takes no others. */
static void
want_inside(struct scan *s, enum both what, mode_t mode, const char *path)
{
	char how[6] = "g+";
	size_t n = 2, i;

	for (i = 0; i < 3; i++)
		if (mode & (0400u >> i))
			how[n++] = "rwx"[i];
	how[n] = '\0';
	leave(s, path,
	    what == BOTH_LOST ? "has lost its entry for you; -f makes it anew"
			      : "is closed to you");
	if (text_utf8(path, strlen(path)) && (what == BOTH_CHMOD || s->copy))
		want(s, what == BOTH_CHMOD ? how : "copy", path);
}

static bool
same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/*
 * Is that the only name of a file? One that the host user has linked here from
 * elsewhere the container may take away at any moment, and then its other name
 * is the only one. But it can't bring it back, where the kernel guards links:
 * so what has one name, and after that this one, has none elsewhere.
 */
static bool
only_here(
    const struct scan *s, int dir, const char *name, const struct stat *st)
{
	struct stat now;
	int i;

	for (i = 0; i < 2; i++)
		if (fstatat(dir, name, &now, AT_SYMLINK_NOFOLLOW) < 0 ||
		    !same(st, &now) || now.st_nlink != 1)
			return false;
	return s->guarded;
}

static void walk(struct scan *, int dir, const char *path, int depth);

static void
look_at_file(
    struct scan *s, int dir, const char *name, const char *path, int depth)
{
	int fd = open_beneath(dir, name, O_PATH), sub;
	enum both what = BOTH_OPEN;
	struct stat st;
	struct fail f;

	if (fd < 0)
		return;
	if (fstat(fd, &st) < 0 ||
	    (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
		goto out;
	if (S_ISREG(st.st_mode) && st.st_uid == s->users.host &&
	    !only_here(s, dir, name, &st)) {
		fail_set(&f, FAIL_PERM, "has, or may get, other names");
		what = BOTH_LEFT;
	} else
		what = both_look(fd, &st, &s->users, &f);
	if (what == BOTH_MENDED)
		s->mended++;
	else if (what == BOTH_LEFT)
		leave(s, path, f.text);
	else if (what != BOTH_OPEN)
		want_inside(s, what, st.st_mode, path);
	if (S_ISDIR(st.st_mode) && what != BOTH_LOST &&
	    (sub = open_beneath(dir, name, O_RDONLY | O_DIRECTORY)) >= 0)
		walk(s, sub, path, depth + 1);
out:
	close(fd);
}

/* Consumes the descriptor. */
static void
walk(struct scan *s, int fd, const char *path, int depth)
{
	struct dirent *e;
	DIR *d = fdopendir(fd);
	char *below;

	if (d == NULL) {
		close(fd);
		return;
	}
	while ((e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (s->seen++ >= SEEN_MAX || depth >= DEPTH_MAX) {
			leave(s, path, "too much is in there");
			break;
		}
		below = text_fmt(
		    "%s%s%s", path, path[0] == '\0' ? "" : "/", e->d_name);
		look_at_file(s, fd, e->d_name, below, depth);
		free(below);
	}
	closedir(d);
}

static bool
links_are_guarded(void)
{
	FILE *fp = fopen("/proc/sys/fs/protected_hardlinks", "re");
	bool yes = fp != NULL && getc(fp) == '1';

	if (fp != NULL)
		fclose(fp);
	return yes;
}

void
scan_folder(struct scan *s, int folder)
{
	int fd = open_beneath(folder, ".", O_RDONLY | O_DIRECTORY);

	s->guarded = links_are_guarded();
	if (fd >= 0)
		walk(s, fd, "", 0);
}

void
scan_free(struct scan *s)
{
	while (s->n > 0)
		free(s->v[--s->n].path);
	free(s->v);
	free(s->why);
	s->v = NULL;
	s->why = NULL;
	s->left = s->seen = s->bytes = 0;
}

/* How many of the old list are in the new one no more. */
static size_t
gone(const struct scan *old, const struct scan *new)
{
	size_t n = 0, i, j;

	for (i = 0; i < old->n; i++) {
		for (j = 0; j < new->n; j++)
			if (strcmp(old->v[i].path, new->v[j].path) == 0)
				break;
		n += j == new->n;
	}
	return n;
}

bool
scan_again(struct scan *s, int folder)
{
	struct scan old = *s;
	size_t n;

	s->v = NULL;
	s->why = NULL;
	s->n = s->left = s->seen = s->bytes = 0;
	scan_folder(s, folder);
	n = gone(&old, s);
	s->mended += n;
	scan_free(&old);
	return n > 0;
}
