/*
 * A file of the journal: lines, one an inode. SPDX-License-Identifier: ISC
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "file.h"
#include "text.h"

#define TEMPORARY ".new-"
#define BAD	  ".bad"

/*
 * More than this and one syncfs(2) costs less than an fsync(2) each, even if
 * it also writes what others have left to be written.
 */
#define FSYNCS 16

bool
file_is_bad(const char *name)
{
	size_t n = strlen(name), m = strlen(BAD);

	return n >= m && strcmp(name + n - m, BAD) == 0;
}

enum file_kind
file_kind(const char *name, unsigned *pack)
{
	if (strncmp(name, TEMPORARY, strlen(TEMPORARY)) == 0)
		return FILE_TEMPORARY;
	if (name[0] == '.')
		return FILE_OTHER;
	return sscanf(name, "pack-%u", pack) == 1 ? FILE_PACK : FILE_SINGLE;
}

char *
file_name(const struct ident *id)
{
	/* NAME_MAX is 255, and a handle can be longer */
	if (id->handle[0] != '\0' && strlen(id->handle) < 200)
		return text_fmt("%s", id->handle);
	return text_fmt("%s-%s", id->dev, id->ino);
}

char *
file_pack(unsigned n)
{
	return text_fmt("pack-%u", n);
}

int
file_names(int dir, char ***names, size_t *n, struct fail *f)
{
	struct dirent *d;
	DIR *dp;
	int fd, ret;

	*names = NULL;
	*n = 0;
	fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || (dp = fdopendir(fd)) == NULL)
		return fail_errno(f, "journal");
	while (errno = 0, (d = readdir(dp)) != NULL) {
		if ((*n & (*n - 1)) == 0)
			*names = reallocarray(
			    *names, *n ? *n * 2 : 1, sizeof(**names));
		if (*names == NULL)
			errx(EX_OSERR, "out of memory");
		(*names)[(*n)++] = text_fmt("%s", d->d_name);
	}
	ret = errno != 0 ? fail_errno(f, "journal") : 0;
	closedir(dp);
	return ret;
}

struct jfile *
file_new(char *name)
{
	struct jfile *file = calloc(1, sizeof(*file));

	if (file == NULL)
		errx(EX_OSERR, "out of memory");
	file->name = name;
	return file;
}

void
file_add(struct jfile *file, struct loan *e)
{
	e->file = file;
	e->fresh = false;
	e->in_file = file->loans;
	file->loans = e;
	file->changed = true;
}

/* Each line stands by itself; the last one needs its newline too. */
static void
take_lines(struct jfile *file, char *s, size_t len)
{
	struct loan *e;
	char *end;

	file->damaged = len == 0;
	for (; len > 0; len -= (size_t)(end - s) + 1, s = end + 1) {
		if ((end = memchr(s, '\n', len)) == NULL) {
			file->damaged = true;
			return;
		}
		*end = '\0';
		if ((e = malloc(sizeof(*e))) == NULL)
			errx(EX_OSERR, "out of memory");
		if (memchr(s, '\0', (size_t)(end - s)) == NULL &&
		    loan_parse(s, e) == 0)
			file_add(file, e);
		else
			file->damaged = true;
	}
	file->changed = false;
}

/* -1 and errno; -2: it is no file. */
static ssize_t
slurp(int dir, const char *name, char **text)
{
	struct stat st;
	ssize_t n = 0, got = 1;
	int fd;

	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return errno == ELOOP || errno == ENXIO ? -2 : -1;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return -2;
	}
	if ((*text = malloc((size_t)st.st_size + 1)) == NULL)
		errx(EX_OSERR, "out of memory");
	while (n < st.st_size && got > 0) {
		got = read(fd, *text + n, (size_t)(st.st_size - n));
		n += got > 0 ? got : 0;
	}
	close(fd);
	return got < 0 ? -1 : n;
}

struct jfile *
file_read(int dir, const char *name, struct fail *f)
{
	struct jfile *file;
	char *text = NULL;
	ssize_t len = slurp(dir, name, &text);

	if (len == -1) {
		fail_errno(f, "journal file %s", name);
		free(text);
		return NULL;
	}
	file = file_new(text_fmt("%s", name));
	if (len == -2)
		file->damaged = true;
	else
		take_lines(file, text, (size_t)len);
	return file;
}

int
file_set_aside(int dir, struct jfile *file, struct fail *f)
{
	char *bad = text_fmt("%s%s", file->name, BAD);
	int ret;

	/* a link: at no moment are its whole lines nowhere */
	unlinkat(dir, bad, 0);
	ret = linkat(dir, file->name, dir, bad, 0);
	if (ret < 0)
		ret = renameat(dir, file->name, dir, bad);
	if (ret < 0)
		fail_errno(f, "journal file %s", file->name);
	free(bad);
	file->changed = true;
	return ret;
}

static bool
is_empty(const struct jfile *file)
{
	const struct loan *e = file->loans;

	while (e != NULL && e->line == NULL)
		e = e->in_file;
	return e == NULL;
}

static int
write_lines(FILE *fp, const struct jfile *file, bool sync)
{
	const struct loan *e;

	for (e = file->loans; e != NULL; e = e->in_file)
		if (e->line != NULL)
			fputs(e->line, fp), putc('\n', fp);
	if (fflush(fp) != 0 || ferror(fp))
		return -1;
	return sync ? fsync(fileno(fp)) : 0;
}

int
file_prepare(int dir, struct jfile *file, size_t of, struct fail *f)
{
	char *name;
	FILE *fp;
	int fd, ret = -1;

	file->ready = is_empty(file);
	if (file->ready)
		return 0;
	name = text_fmt("%s%s", TEMPORARY, file->name);
	fd = openat(dir, name,
	    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd >= 0 && (fp = fdopen(fd, "w")) != NULL) {
		ret = write_lines(fp, file, of <= FSYNCS);
		if (fclose(fp) != 0)
			ret = -1;
	}
	if (ret < 0)
		fail_errno(f, "journal file %s", file->name);
	file->ready = ret == 0;
	if (ret < 0 && fd >= 0)
		unlinkat(dir, name, 0);
	free(name);
	return ret;
}

int
file_sync(int dir, size_t of, struct fail *f)
{
	if (of > FSYNCS && syncfs(dir) < 0)
		return fail_errno(f, "journal");
	return 0;
}

int
file_place(int dir, struct jfile *file, struct fail *f)
{
	char *name;
	int ret;

	if (is_empty(file)) {
		ret = unlinkat(dir, file->name, 0);
		if (ret < 0 && errno == ENOENT)
			ret = 0;
	} else {
		name = text_fmt("%s%s", TEMPORARY, file->name);
		ret = renameat(dir, name, dir, file->name);
		free(name);
	}
	if (ret < 0)
		return fail_errno(f, "journal file %s", file->name);
	file->changed = file->ready = false;
	return 0;
}
