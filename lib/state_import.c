/*
 * What release 0.1 had lent: a folder, grants/, of files of lines, one an
 * inode, with fields between tabs and a sum of the rest in front. What of it is
 * whole goes into the state, in one transaction; then the folder is renamed.
 * What is in the state already is left as it is there, so a crash in between is
 * made good by doing it again. SPDX-License-Identifier: ISC
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dirs.h"
#include "machine.h"
#include "state_priv.h"
#include "text.h"

#define OLD	"grants"
#define SUM_LEN 16
#define FIELDS	8 /* in front of the holders, who have three each */

/* FNV-1a, eight bytes at a time. */
static uint64_t
sum_of(const char *s, size_t len)
{
	uint64_t h = 0xcbf29ce484222325 ^ len, word;
	size_t n;

	for (; len > 0; s += n, len -= n) {
		n = len < sizeof(word) ? len : sizeof(word);
		word = 0;
		memcpy(&word, s, n);
		h = (h ^ word) * 0x100000001b3;
		h ^= h >> 32;
	}
	return h;
}

/* In place: bytes that would separate are %XX, "-" is none, "%" is empty. */
static const char *
name_of(char *s)
{
	char *from = s, *to = s;
	unsigned c;

	if (strcmp(s, "-") == 0)
		return "";
	for (; *from != '\0'; from++)
		if (*from != '%')
			*to++ = *from;
		else if (sscanf(from + 1, "%2x", &c) == 1) {
			*to++ = (char)c;
			from += 2;
		}
	*to = '\0';
	return s;
}

static int
take_names(char *s, struct holder *h)
{
	const char
	    *name[6]; /* engine, socket, project, instance, uuid, device */
	char *field;
	int i;

	for (i = 0; i < 6; i++) {
		if ((field = strsep(&s, " ")) == NULL)
			return -1;
		name[i] = name_of(field);
	}
	*h = (struct holder){machine_id(), machine_name(), name[0], name[2],
	    name[3], name[4], name[5]};
	return s == NULL ? 0 : -1;
}

/* "UID ASKED PERM WHEN BOOT", and words. */
static int
take_grant(char *what, char *names, const char *text, struct grant *g)
{
	char boot[40], *word;
	int end = 0;

	if (names == NULL || text == NULL ||
	    sscanf(what, "%" SCNu32 " %u %u %lld %39s%n", &g->uid, &g->asked,
		&g->perm, &g->granted, boot, &end) < 5)
		return -1;
	g->record = text;
	g->boot = what + end - strlen(boot);
	what += end;
	if (*what != '\0')
		*what++ = '\0';
	while ((word = strsep(&what, " ")) != NULL && *word != '\0')
		if (strcmp(word, "memory") == 0)
			g->memory = true;
		else if (strcmp(word, "gone") == 0)
			g->gone = true;
		else if (strncmp(word, "fs=", 3) == 0)
			g->fs = strtoull(word + 3, NULL, 16);
	return take_names(names, &g->by);
}

static int
take_ident(char *const field[FIELDS], struct ident *id)
{
	const char *handle = strcmp(field[2], "-") == 0 ? "" : field[2];

	if (strlen(field[0]) >= sizeof(id->dev) ||
	    strlen(field[1]) >= sizeof(id->ino) ||
	    strlen(handle) >= sizeof(id->handle))
		return -1;
	strcpy(id->dev, field[0]);
	strcpy(id->ino, field[1]);
	strcpy(id->handle, handle);
	return 0;
}

static bool
is_whole(const char *line)
{
	size_t len = strlen(line);
	char sum[SUM_LEN + 2];

	if (len <= SUM_LEN)
		return false;
	snprintf(sum, sizeof(sum), "%016" PRIx64 "\t",
	    sum_of(line + SUM_LEN + 1, len - SUM_LEN - 1));
	return memcmp(line, sum, SUM_LEN + 1) == 0;
}

/* A line that has been told whole; it is the loan's from now on. */
static int
take_line(struct state *s, char *line, struct loan *l)
{
	char *field[FIELDS], *what;
	size_t max = 1, i;
	const char *p;

	for (p = line; *p != '\0'; p++)
		max += *p == '\t';
	line += SUM_LEN + 1;
	for (i = 0; i < FIELDS; i++)
		if ((field[i] = strsep(&line, "\t")) == NULL)
			return -1;
	*l = (struct loan){.base = {field[4], field[6]},
	    .old = {field[5], field[7]},
	    .merged = strcmp(field[3], "1") == 0};
	l->v = state_room(s, max * sizeof(*l->v));
	while ((what = strsep(&line, "\t")) != NULL) {
		char *names = strsep(&line, "\t"), *text = strsep(&line, "\t");

		if (take_grant(what, names, text, &l->v[l->n++]) < 0)
			return -1;
	}
	return l->n == 0 ? -1 : take_ident(field, &l->ident);
}

static int
lose(struct state *s, const char *what, struct fail *f)
{
	if (s->damage == NULL)
		s->damage = text_fmt(
		    "%s/" OLD ": a part of it is damaged; kept in " OLD "-0.1",
		    s->path);
	return state_do(
	    s, f, "INSERT INTO damaged VALUES ('', '', ?)", "t", what);
}

static int
import_line(struct state *s, const char *line, struct fail *f)
{
	char *copy = state_room(s, strlen(line) + 1);
	struct loan l, known;
	int ret;

	strcpy(copy, line);
	if (!is_whole(line) || take_line(s, copy, &l) < 0)
		return lose(s, line, f);
	ret = state_loan(s, &l.ident, &known, f);
	return ret == 0 ? state_loan_put(s, &l, f) : ret < 0 ? -1 : 0;
}

/* Lines, each good by itself; the last one needs its newline too. */
static int
import_file(struct state *s, int dir, const char *name, struct fail *f)
{
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), ret = 0;
	FILE *fp = fd < 0 ? NULL : fdopen(fd, "r");
	char *line = NULL;
	size_t size = 0, lines = 0;
	ssize_t len;

	if (fp == NULL)
		return fail_errno(f, "%s/" OLD "/%s", s->path, name);
	for (; ret == 0 && (len = getline(&line, &size, fp)) > 0; lines++) {
		if (line[len - 1] == '\n')
			line[len - 1] = '\0';
		else
			line[0] = '?'; /* a sum it has not */
		ret = import_line(s, line, f);
	}
	if (ret == 0 && ferror(fp))
		ret = fail_errno(f, "%s/" OLD "/%s", s->path, name);
	if (ret == 0 && lines == 0)
		ret = lose(s, name, f);
	free(line);
	fclose(fp);
	return ret;
}

static bool
ends(const char *s, const char *with)
{
	size_t n = strlen(s), m = strlen(with);

	return n >= m && strcmp(s + n - m, with) == 0;
}

static int
import_all(struct state *s, int dir, struct fail *f)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), ret = 0;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (d == NULL)
		return fail_errno(f, "%s/" OLD, s->path);
	while (ret == 0 && (errno = 0, e = readdir(d)) != NULL)
		if (ends(e->d_name, ".bad"))
			ret = lose(s, e->d_name, f);
		else if (e->d_name[0] != '.')
			ret = import_file(s, dir, e->d_name, f);
	if (ret == 0 && errno != 0)
		ret = fail_errno(f, "%s/" OLD, s->path);
	closedir(d);
	return ret;
}

/* Under a name that is free: 0.1 may have been used once more. */
static int
rename_old(struct state *s, struct fail *f)
{
	char *name = text_fmt(OLD "-0.1");
	int n, ret;

	for (n = 2;; n++) {
		ret = renameat2(s->dir, OLD, s->dir, name, RENAME_NOREPLACE);
		if (ret == 0 || (errno != EEXIST && errno != ENOTEMPTY))
			break;
		free(name);
		name = text_fmt(OLD "-0.1-%d", n);
	}
	/* where the file system knows no such renaming */
	if (ret < 0 && (errno == EINVAL || errno == ENOSYS))
		ret = renameat(s->dir, OLD, s->dir, name);
	free(name);
	return ret < 0 ? fail_errno(f, "%s/" OLD, s->path) : 0;
}

int
state_import(struct state *s, struct fail *f)
{
	char *path = text_fmt("%s/" OLD, s->path);
	int dir = -1, ret = 0;

	if (access(path, F_OK) == 0)
		ret = dir = dirs_open(path, f);
	free(path);
	if (dir < 0)
		return ret;
	/* a program of 0.1 may be at work in it */
	ret = flock(dir, LOCK_EX) < 0 ? fail_errno(f, "%s/" OLD, s->path) : 0;
	if (ret == 0 && (ret = state_begin(s, f)) == 0) {
		ret = import_all(s, dir, f);
		if (ret == 0)
			ret = state_commit(s, f);
		else
			state_rollback(s);
	}
	if (ret == 0)
		ret = rename_old(s, f);
	close(dir);
	return ret;
}
