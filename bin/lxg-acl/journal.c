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
#include <time.h>
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

/* A file that was there when the folder was opened. */
struct jname {
	char *s;
	bool loaded, damaged;
};

static int
by_name(const void *a, const void *b)
{
	return strcmp(
	    ((const struct jname *)a)->s, ((const struct jname *)b)->s);
}

static struct jname *
find_name(const struct journal *j, char *s)
{
	struct jname key = {.s = s};

	return j->nnames == 0 ? NULL
			      : bsearch(&key, j->names, j->nnames,
				    sizeof(*j->names), by_name);
}

static int
load_file(struct journal *j, struct jname *name, struct fail *f)
{
	struct jfile *file;
	struct loan *e;

	name->loaded = true;
	if ((file = file_read(j->dir, name->s, f)) == NULL)
		return -1;
	file->next = j->files;
	j->files = file;
	for (e = file->loans; e != NULL; e = e->in_file)
		if (lookup(j, &e->id) == NULL)
			insert(j, e);
	if (!file->damaged)
		return 0;
	name->damaged = true;
	warnx("journal file %s is damaged; set aside as %s.bad", name->s,
	    name->s);
	return file_set_aside(j->dir, file, f);
}

/* Leftovers are removed, files of many inodes are read. */
static int
look_at(struct journal *j, struct jname *name, struct fail *f)
{
	unsigned n;

	switch (file_kind(name->s, &n)) {
	case FILE_TEMPORARY:
		/* of a process that died: nobody else is here */
		return unlinkat(j->dir, name->s, 0) < 0
			   ? fail_errno(f, "journal file %s", name->s)
			   : 0;
	case FILE_PACK:
		j->packs = n > j->packs ? n : j->packs;
		j->lost |= file_is_bad(name->s);
		if (file_is_bad(name->s))
			return 0;
		if (load_file(j, name, f) < 0)
			return -1;
		j->lost |= name->damaged;
		return 0;
	default:
		return 0;
	}
}

static int
look(struct journal *j, struct fail *f)
{
	char **names;
	size_t i;

	if (file_names(j->dir, &names, &j->nnames, f) < 0)
		return -1;
	j->names = calloc(j->nnames + 1, sizeof(*j->names));
	if (j->names == NULL)
		errx(EX_OSERR, "out of memory");
	for (i = 0; i < j->nnames; i++)
		j->names[i].s = names[i];
	free(names);
	qsort(j->names, j->nnames, sizeof(*j->names), by_name);
	for (i = 0; i < j->nnames; i++)
		if (look_at(j, &j->names[i], f) < 0)
			return -1;
	return journal_save(j, f);
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
open_locked(const char *path, struct fail *f)
{
	int dir, ret;

	do {
		if ((dir = dirs_open(path, f)) < 0)
			return -1;
		if ((ret = lock(dir, path, f)) != 0)
			close(dir);
	} while (ret == 1);
	return ret < 0 ? -1 : dir;
}

/*
 * Who can write in the folder above can put another one in its place. One that
 * is new has to be on disk before what is written in it is of use.
 */
static int
open_both(const char *state, const char *path, struct fail *f)
{
	bool made = access(path, F_OK) < 0;
	int dir = dirs_open(state, f);

	if (dir < 0)
		return -1;
	close(dir);
	dir = open_locked(path, f);
	if (dir >= 0 && made && syncfs(dir) < 0) {
		fail_errno(f, "%s", path);
		close(dir);
		return -1;
	}
	return dir;
}

int
journal_open(struct journal *j, bool create, struct fail *f)
{
	char *state = dirs_state(f), *path;
	int ret = 0;

	memset(j, 0, sizeof(*j));
	j->dir = -1;
	if (state == NULL)
		return -1;
	path = text_fmt("%s/grants", state);
	if (create || access(path, F_OK) == 0 || errno != ENOENT) {
		j->dir = open_both(state, path, f);
		ret = j->dir < 0 ? -1 : look(j, f);
	}
	if (ret < 0)
		journal_close(j);
	free(path);
	free(state);
	return ret;
}

void
journal_close(struct journal *j)
{
	if (j->dir >= 0)
		close(j->dir);
	j->dir = -1;
}

#define KEEP (30 * 24 * 60 * 60)

static void
forget_gone(struct journal *j)
{
	long long since = (long long)time(NULL) - KEEP;
	struct loan *l;

	for (l = j->loans; l != NULL; l = l->next)
		if (!loan_drop_gone(l, since))
			continue;
		else if (l->nh > 0)
			journal_put(j, l);
		else
			journal_drop(l);
}

int
journal_load(struct journal *j, struct fail *f)
{
	struct jname *name;
	unsigned n;
	size_t i;

	for (i = 0; i < j->nnames; i++) {
		name = &j->names[i];
		if (name->loaded || file_is_bad(name->s) ||
		    file_kind(name->s, &n) != FILE_SINGLE)
			continue;
		if (load_file(j, name, f) < 0)
			return -1;
	}
	forget_gone(j);
	return journal_save(j, f);
}

int
journal_find(
    struct journal *j, const struct ident *id, struct loan **l, struct fail *f)
{
	struct jname *name;
	char *s;
	int ret = 0;

	*l = lookup(j, id);
	if (*l != NULL || j->nnames == 0)
		return 0;
	s = file_name(id);
	name = find_name(j, s);
	free(s);
	if (name == NULL || name->loaded)
		return 0;
	ret = load_file(j, name, f);
	if (ret == 0)
		ret = journal_save(j, f);
	*l = lookup(j, id);
	return ret;
}

bool
journal_lost(const struct journal *j, const struct ident *id)
{
	const struct jname *name;
	bool lost = j->lost;
	char *s, *bad;

	if (lost || j->nnames == 0)
		return lost;
	s = file_name(id);
	bad = text_fmt("%s.bad", s);
	name = find_name(j, s);
	lost = (name != NULL && name->damaged) || find_name(j, bad) != NULL;
	free(bad);
	free(s);
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
