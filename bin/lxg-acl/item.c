/*
 * A device record, and the inode it is about. SPDX-License-Identifier: ISC
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/acl.h>
#include <sys/vfs.h>
#include <sysexits.h>
#include <unistd.h>

#include <linux/magic.h>

#include "item.h"
#include "text.h"

static int
read_perm(struct item *i, struct fail *f)
{
	char *text = plain_str(i->rec, KEY_PERM, f), *s = text;
	uint16_t perm = 0;

	if (text == NULL)
		return -1;
	for (; *s == 'r' || *s == 'w' || *s == 'x'; s++)
		perm |= *s == 'r'   ? ACL_READ
			: *s == 'w' ? ACL_WRITE
				    : ACL_EXECUTE;
	if (*s != '\0' || perm == 0)
		return fail_set(f, EX_DATAERR,
		    "line %zu: key \"perm\" is none of \"r\", \"rw\", \"rwx\"",
		    i->rec->line);
	free(text);
	i->holder.asked = i->holder.perm = perm;
	return 0;
}

static int
read_uid(struct item *i, uid_t me, struct fail *f)
{
	if (plain_id(i->rec, KEY_HOST_UID, &i->holder.uid, f) < 0)
		return -1;
	if (i->holder.uid != 0 && i->holder.uid != me)
		return 0;
	return fail_set(f, EX_DATAERR,
	    "line %zu: key \"host_uid\" is no container's user", i->rec->line);
}

static int
read_names(struct item *i, struct fail *f)
{
	static const enum key keys[BY_N] = {
	    [BY_ENGINE] = KEY_ENGINE,
	    [BY_API] = KEY_API,
	    [BY_PROJECT] = KEY_PROJECT,
	    [BY_INSTANCE] = KEY_INSTANCE,
	    [BY_UUID] = KEY_UUID,
	    [BY_DEVICE] = KEY_DEVICE,
	};
	char **by = i->holder.by;
	int k;

	for (k = 0; k < BY_N; k++)
		if (k == BY_API || k == BY_UUID) {
			if (plain_opt_str(i->rec, keys[k], &by[k], f) < 0)
				return -1;
		} else if ((by[k] = plain_str(i->rec, keys[k], f)) == NULL)
			return -1;
	return 0;
}

static int
copy_digits(struct item *i, const char *s, const char *digits, char *to,
    size_t size, struct fail *f)
{
	size_t n;

	if (s == NULL)
		return -1;
	n = strlen(s);
	if (n == 0 || n >= size || strspn(s, digits) != n)
		return fail_set(f, EX_DATAERR,
		    "line %zu: dev, ino or handle is no number in digits",
		    i->rec->line);
	memcpy(to, s, n + 1);
	return 0;
}

static int
read_ident(struct item *i, struct fail *f)
{
	char *dev = plain_str(i->rec, KEY_DEV, f), *ino, *handle;
	struct ident *id = &i->id;

	if (copy_digits(i, dev, "0123456789", id->dev, sizeof(id->dev), f) < 0)
		return -1;
	ino = plain_str(i->rec, KEY_INO, f);
	if (copy_digits(i, ino, "0123456789", id->ino, sizeof(id->ino), f) < 0)
		return -1;
	if (plain_opt_str(i->rec, KEY_HANDLE, &handle, f) < 0)
		return -1;
	return handle == NULL ? 0
			      : copy_digits(i, handle, "0123456789abcdef",
				    id->handle, sizeof(id->handle), f);
}

static int
read_item(struct item *i, uid_t me, struct fail *f)
{
	char *mode;

	if (read_names(i, f) < 0 ||
	    plain_opt_str(i->rec, KEY_MODE, &mode, f) < 0)
		return -1;
	if (mode != NULL && strcmp(mode, "copy") == 0) {
		i->skip = true;
		return 0;
	}
	if ((i->source = plain_str(i->rec, KEY_SOURCE, f)) == NULL ||
	    read_perm(i, f) < 0 || read_uid(i, me, f) < 0 ||
	    read_ident(i, f) < 0)
		return -1;
	if (i->source[0] != '/')
		return fail_set(f, EX_DATAERR,
		    "line %zu: key \"source\" is not an absolute path",
		    i->rec->line);
	return 0;
}

char *
item_what(const struct item *i)
{
	return text_fmt("%s: %s", i->holder.by[BY_INSTANCE], i->source);
}

char *
boot_id(void)
{
	static char id[40] = "";
	FILE *fp;

	if (id[0] != '\0')
		return id;
	fp = fopen("/proc/sys/kernel/random/boot_id", "re");
	if (fp == NULL || fscanf(fp, "%39s", id) != 1)
		snprintf(id, sizeof(id), "unknown");
	if (fp != NULL)
		fclose(fp);
	return id;
}

int
items_read(struct plains *r, struct items *all, struct fail *f)
{
	struct item *i;
	uid_t me = geteuid();
	size_t n;

	all->n = r->n;
	all->v = calloc(r->n + 1, sizeof(*all->v));
	if (all->v == NULL)
		errx(EX_OSERR, "out of memory");
	for (n = 0; n < r->n; n++) {
		i = &all->v[n];
		i->rec = &r->v[n];
		i->fd = -1;
		i->skip = plain_has(i->rec, KEY_ERROR) ||
			  plain_true(i->rec, KEY_DRY_RUN);
		if (!i->skip && read_item(i, me, f) < 0)
			return -1;
	}
	return 0;
}

/* Neither follows a link at the end nor opens what it may lead to. */
static int
open_path(int dir, const char *name)
{
	return openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

/* 1: it is another inode. */
static int
take(struct item *i, int fd, struct fail *f)
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
		return fail_set(f, EX_NO, "no such file");
	if (errno == EMFILE)
		return fail_set(
		    f, EX_OSERR, "too many files at once (ulimit -n)");
	return fail_errno(f, "open");
}

int
item_open(struct item *i, struct fail *f)
{
	int fd = open_path(AT_FDCWD, i->source), ret;

	if (fd < 0)
		return fail_open(f);
	ret = take(i, fd, f);
	return ret <= 0
		   ? ret
		   : fail_set(f, EX_TEMPFAIL, "not the file that was planned");
}

static bool
is_missing(int error)
{
	return error == ENOENT || error == ENOTDIR || error == ELOOP;
}

/* 1: no entry of this folder is it. */
static int
search(struct item *i, int dir, struct fail *f)
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
			ret = take(i, fd, f);
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
		return search(i, dir, f);
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
item_note_fs(struct item *i)
{
	struct statfs s;

	if (fstatfs(i->fd, &s) < 0)
		return;
	/* some make the id of the device's number, and it is no better */
	if (fs_id(&s) != (uint64_t)i->st.st_dev)
		i->holder.fs = fs_id(&s);
	i->holder.memory = s.f_type == TMPFS_MAGIC || s.f_type == RAMFS_MAGIC;
}

/* A device's number may be another one's after a boot; an id is not. */
static bool
is_on(const char *path, const struct item *i, uint64_t fs)
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
		if (!is_on(*path != '\0' ? path : "/", i, fs))
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
		ret = take(i, fd, f);
	if (ret == 1)
		ret = search_folder(i, f);
	return ret < 0 ? -1 : 0;
}

/* Does a holder's source still lead to an inode of that number and device? */
static bool
is_there(const struct holder *h, const struct ident *id)
{
	struct plain r;
	struct fail f;
	struct stat st;
	struct ident there;
	char *path;

	if (plain_from(h->text, &r, &f) < 0 ||
	    (path = plain_str(&r, KEY_SOURCE, &f)) == NULL ||
	    lstat(path, &st) < 0)
		return false;
	snprintf(there.dev, sizeof(there.dev), "%ju", (uintmax_t)st.st_dev);
	snprintf(there.ino, sizeof(there.ino), "%ju", (uintmax_t)st.st_ino);
	return strcmp(there.dev, id->dev) == 0 &&
	       strcmp(there.ino, id->ino) == 0;
}

int
item_loan(
    struct journal *j, const struct item *i, struct loan **l, struct fail *f)
{
	size_t n;

	if (journal_find(j, &i->id, l, f) < 0)
		return -1;
	if (*l == NULL || strcmp((*l)->id.dev, i->id.dev) == 0 || i->fd < 0)
		return 0;
	for (n = 0; n < (*l)->nh; n++)
		if (is_there(&(*l)->h[n], &(*l)->id))
			return fail_set(f, EX_OSERR,
			    "its twin on a copy of its file system is lent");
	memcpy((*l)->id.dev, i->id.dev, sizeof(i->id.dev));
	return 0;
}
