/*
 * Folders removed in which others may write meanwhile.
 * SPDX-License-Identifier: ISC
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inside.h"
#include "mem.h"
#include "patience.h"
#include "text.h"
#include "tree.h"

/* A folder on the way down, and where the reading of it stopped. */
struct step {
	dev_t dev;
	ino_t ino;
	char *name; /* in the one above */
	long at;
};

struct walk {
	struct step *way;
	size_t n;
	DIR *d; /* of the last one */
	bool left;
	time_t end;
};

static bool
is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static DIR *
open_dir(int dir, const char *name, struct stat *st)
{
	int fd =
	    openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = NULL;

	if (fd >= 0 && (fstat(fd, st) < 0 || (d = fdopendir(fd)) == NULL))
		close(fd);
	return d;
}

/* A folder of ours that we have closed to ourselves is opened, as a cache's. */
static void
open_own(const struct walk *w, int dir, const char *name)
{
	int fd =
	    openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	char path[32];
	struct stat st;

	if (fd < 0)
		return;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fstat(fd, &st) == 0 && st.st_uid == geteuid() &&
	    (st.st_mode & 0700) != 0700 &&
	    (w->n == 0 || st.st_dev == w->way[0].dev))
		(void)chmod(path, (st.st_mode & 07777) | 0700);
	close(fd);
}

/* Into a folder of the one where it is (or of dir, at first), if it can. */
static bool
down(struct walk *w, int dir, const char *name)
{
	struct stat st;
	DIR *d;

	open_own(w, dir, name);
	if ((d = open_dir(dir, name, &st)) == NULL)
		return false;
	if (w->n > 0 && st.st_dev != w->way[0].dev) {
		closedir(d);
		return false;
	}
	w->way = mem_grow(w->way, w->n, sizeof(*w->way));
	w->way[w->n] =
	    (struct step){st.st_dev, st.st_ino, text_fmt("%s", name), 0};
	if (w->n++ > 0) {
		w->way[w->n - 2].at = telldir(w->d);
		closedir(w->d);
	}
	w->d = d;
	return true;
}

/*
 * Up again, removing what it comes from. That may have been moved elsewhere
 * meanwhile: false where what is above is not the folder that it came by.
 */
static bool
up(struct walk *w)
{
	struct step from = w->way[--w->n], *to;
	struct stat st;
	DIR *d = w->n > 0 ? open_dir(dirfd(w->d), "..", &st) : NULL;
	bool back = false;

	closedir(w->d);
	w->d = d;
	if (d != NULL) {
		to = &w->way[w->n - 1];
		back = st.st_dev == to->dev && st.st_ino == to->ino;
	}
	if (back) {
		seekdir(d, to->at);
		if (unlinkat(dirfd(d), from.name, AT_REMOVEDIR) < 0 &&
		    errno != ENOENT)
			w->left = true;
	} else if (w->n > 0)
		w->left = true;
	free(from.name);
	return back;
}

/* Removes what can be, until there is a folder to enter, or nothing more. */
static bool
next(struct walk *w)
{
	struct dirent *e = NULL;
	int fd = dirfd(w->d);
	bool late;

	while (
	    !(late = patience_now() >= w->end) && (e = readdir(w->d)) != NULL) {
		if (is_dot(e->d_name) || unlinkat(fd, e->d_name, 0) == 0 ||
		    unlinkat(fd, e->d_name, AT_REMOVEDIR) == 0)
			continue;
		if (down(w, fd, e->d_name))
			return true;
		w->left = true;
	}
	w->left = w->left || late;
	return up(w);
}

/* 1: something is left in it, or it can't be entered. */
static int
empty(int dir, const char *name)
{
	struct walk w = {.end = patience_now() + lxd_patience()};

	w.left = !down(&w, dir, name);
	while (w.d != NULL && next(&w))
		;
	while (w.n > 0)
		free(w.way[--w.n].name);
	free(w.way);
	if (w.d != NULL)
		closedir(w.d);
	return w.left;
}

int
tree_empty(int dir)
{
	return empty(dir, ".");
}

int
tree_remove(int dir, const char *name)
{
	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT ||
	    unlinkat(dir, name, AT_REMOVEDIR) == 0)
		return 0;
	empty(dir, name);
	return unlinkat(dir, name, AT_REMOVEDIR) == 0 || errno == ENOENT ? 0
									 : 1;
}

int
tree_remove_inside(struct lxd *l, const struct rec *r, const char *path,
    bool top, bool able, struct fail *f)
{
	return inside_run(l, r, able,
	    JV_ARRAY(jv_string("find"), jv_string(path), jv_string("-mindepth"),
		jv_string(top ? "0" : "1"), jv_string("-delete")),
	    f);
}
