/*
 * The journal of grants, a folder. An inode has a file of its own, named by its
 * handle; a call that lends many writes a few files of many lines instead,
 * since a thousand files would take ten times as long to make as the ACLs
 * themselves. Lines stand by themselves: what of a damaged file is whole
 * counts.
 *
 * All of it happens under one lock on the folder. An inode that has been
 * lent twice is then seen by one process at a time, there is no order of locks
 * to keep, and no lock file that could be removed under someone's hands.
 * SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "dirs.h"
#include "file.h"
#include "journal.h"
#include "text.h"

/* Entries without a handle are told by their number alone. */
static int
compare(const void *x, const void *y)
{
	const struct ident *a = &((const struct loan *)x)->id;
	const struct ident *b = &((const struct loan *)y)->id;
	int c = strcmp(a->ino, b->ino);

	if (c == 0)
		c = strcmp(a->handle, b->handle);
	if (c == 0 && a->handle[0] == '\0')
		c = strcmp(a->dev, b->dev);
	return c;
}

static void
insert(struct journal *j, struct loan *e)
{
	if (tsearch(e, &j->tree, compare) == NULL)
		errx(EX_OSERR, "out of memory");
	e->next = j->loans;
	j->loans = e;
}

static struct loan *
lookup(const struct journal *j, const struct ident *id)
{
	struct loan key = {.id = *id};
	void *node = tfind(&key, &j->tree, compare);

	return node != NULL ? *(struct loan **)node : NULL;
}

/* A pack's name doesn't tell whose loans it had. */
static void
note_bad(struct journal *j, const char *name)
{
	j->lost |= strncmp(name, "pack-", 5) == 0;
}

static int
load_file(struct journal *j, const char *name, struct fail *f)
{
	struct jfile *file;
	struct loan *e;

	if ((file = file_read(j->dir, name, f)) == NULL)
		return -1;
	file->next = j->files;
	j->files = file;
	for (e = file->loans; e != NULL; e = e->in_file)
		if (lookup(j, &e->id) == NULL)
			insert(j, e);
	if (!file->damaged)
		return 0;
	warnx("journal file %s is damaged; set aside as %s.bad", name, name);
	note_bad(j, name);
	return file_set_aside(j->dir, file, f);
}

static bool
is_among(const struct jfile *file, const char *name)
{
	while (file != NULL && strcmp(file->name, name) != 0)
		file = file->next;
	return file != NULL;
}

/* Leftovers to remove, and files to load. */
static int
look_at(struct journal *j, const char *name, bool all, struct fail *f)
{
	unsigned n;

	switch (file_kind(name, &n)) {
	case FILE_TEMPORARY:
		/* of a process that died: nobody else is here */
		return unlinkat(j->dir, name, 0) < 0
			   ? fail_errno(f, "journal file %s", name)
			   : 0;
	case FILE_BAD:
		note_bad(j, name);
		return 0;
	case FILE_PACK:
		j->packs = n > j->packs ? n : j->packs;
		return load_file(j, name, f);
	case FILE_SINGLE:
		return all ? load_file(j, name, f) : 0;
	default:
		return 0;
	}
}

static int
look(struct journal *j, bool all, struct fail *f)
{
	const struct jfile *loaded = j->files;
	char **names;
	size_t n, i;
	int ret = 0;

	if (file_names(j->dir, &names, &n, f) < 0)
		return -1;
	for (i = 0; i < n; i++) {
		if (ret == 0 && !is_among(loaded, names[i]))
			ret = look_at(j, names[i], all, f);
		free(names[i]);
	}
	free(names);
	return ret < 0 ? -1 : journal_save(j, f);
}

/* 1: the folder isn't the one at that path any more. */
static int
lock(int dir, const char *path, struct fail *f)
{
	struct stat mine, there;

	if (flock(dir, LOCK_EX) < 0) {
		fail_errno(f, "%s", path);
		if (errno == EINTR)
			f->code = EX_TEMPFAIL;
		return -1;
	}
	if (fstat(dir, &mine) < 0)
		return fail_errno(f, "%s", path);
	if (stat(path, &there) < 0)
		return errno == ENOENT ? 1 : fail_errno(f, "%s", path);
	return mine.st_dev != there.st_dev || mine.st_ino != there.st_ino;
}

static int
open_locked(const char *path, bool create, struct fail *f)
{
	int dir, ret;

	do {
		if (!create && access(path, F_OK) < 0 && errno == ENOENT)
			return -2;
		if ((dir = dirs_open(path, f)) < 0)
			return -1;
		if ((ret = lock(dir, path, f)) != 0)
			close(dir);
	} while (ret == 1);
	return ret < 0 ? -1 : dir;
}

int
journal_open(struct journal *j, bool create, struct fail *f)
{
	char *state = dirs_state(f), *path;

	memset(j, 0, sizeof(*j));
	if (state == NULL)
		return -1;
	path = text_fmt("%s/grants", state);
	j->dir = open_locked(path, create, f);
	free(path);
	free(state);
	if (j->dir == -2) {
		j->dir = -1;
		return 0;
	}
	if (j->dir < 0)
		return -1;
	if (look(j, false, f) < 0) {
		journal_close(j);
		return -1;
	}
	return 0;
}

void
journal_close(struct journal *j)
{
	if (j->dir >= 0)
		close(j->dir);
	j->dir = -1;
}

int
journal_load(struct journal *j, struct fail *f)
{
	return j->dir < 0 ? 0 : look(j, true, f);
}

int
journal_find(
    struct journal *j, const struct ident *id, struct loan **e, struct fail *f)
{
	char *name;
	int ret = 0;

	*e = lookup(j, id);
	if (*e != NULL || j->dir < 0)
		return 0;
	name = file_name(id);
	if (faccessat(j->dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
		ret = load_file(j, name, f);
		if (ret == 0)
			ret = journal_save(j, f);
	} else if (errno != ENOENT)
		ret = fail_errno(f, "journal file %s", name);
	free(name);
	*e = lookup(j, id);
	return ret;
}

bool
journal_lost(const struct journal *j, const struct ident *id)
{
	char *name = file_name(id), *bad = text_fmt("%s.bad", name);
	bool lost = j->lost;

	if (j->dir >= 0)
		lost |= faccessat(j->dir, bad, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	free(bad);
	free(name);
	return lost;
}

struct loan *
journal_add(struct journal *j, const struct ident *id)
{
	struct loan *e = calloc(1, sizeof(*e));

	if (e == NULL)
		errx(EX_OSERR, "out of memory");
	e->id = *id;
	insert(j, e);
	return e;
}

void
journal_put(struct journal *j, struct loan *e)
{
	if (e->file == NULL && !e->fresh) {
		e->fresh = true;
		e->in_file = j->fresh;
		j->fresh = e;
	}
	e->line = loan_text(e);
	if (e->file != NULL)
		e->file->changed = true;
}

void
journal_drop(struct loan *e)
{
	e->line = NULL;
	if (e->file != NULL)
		e->file->changed = true;
}

#define SPREAD 8 /* how many files a call makes at most */

/* Which file what is new goes to: one each, or a part of them. */
static void
name_fresh(struct journal *j)
{
	struct jfile *file = NULL;
	struct loan *e, *next;
	size_t n = 0, i = 0, part;

	for (e = j->fresh; e != NULL; e = e->in_file)
		n++;
	part = (n + SPREAD - 1) / SPREAD;
	for (e = j->fresh; e != NULL; e = next, i++) {
		next = e->in_file;
		if (i % part == 0) {
			file = file_new(part == 1 ? file_name(&e->id)
						  : file_pack(++j->packs));
			file->next = j->files;
			j->files = file;
		}
		file_add(file, e);
	}
	j->fresh = NULL;
}

int
journal_save(struct journal *j, struct fail *f)
{
	struct jfile *file;
	size_t n = 0;
	int ret = 0;

	name_fresh(j);
	for (file = j->files; file != NULL; file = file->next)
		n += file->changed;
	if (n == 0)
		return 0;
	for (file = j->files; file != NULL; file = file->next)
		if (file->changed && file_prepare(j->dir, file, n, f) < 0)
			ret = -1;
	if (file_sync(j->dir, n, f) < 0)
		return -1;
	for (file = j->files; file != NULL; file = file->next)
		if (file->ready && file_place(j->dir, file, f) < 0)
			ret = -1;
	return fsync(j->dir) < 0 ? fail_errno(f, "journal") : ret;
}
