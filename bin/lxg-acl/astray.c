/*
 * Where the entries of what was lent have been carried to. A program that saves
 * by renaming makes a new inode and gives it the old one's ACL; cp -p and its
 * like do so with a copy. SPDX-License-Identifier: ISC
 */
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/acl.h>
#include <sys/xattr.h>
#include <sysexits.h>
#include <unistd.h>

#include <linux/xattr.h>

#include "cli.h"
#include "mem.h"
#include "text.h"
#include "verbs.h"

#define TOLD 20 /* names of a folder, at most */

/* Another inode than the lent one, as an item of its own; fd -1: it is none. */
static struct item
other(const struct item *of, int dir, const char *name)
{
	struct item i = *of;
	struct fail ignored;

	/* mostly it is the lent one, whose number is no other's while it is
	 * open */
	i.fd = -1;
	if (fstatat(dir, name, &i.st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    (of->fd >= 0 && i.st.st_ino == of->st.st_ino &&
		i.st.st_dev == of->st.st_dev))
		return i;
	i.fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (i.fd < 0)
		return i;
	if (fstat(i.fd, &i.st) == 0 &&
	    (S_ISREG(i.st.st_mode) || S_ISDIR(i.st.st_mode)) &&
	    i.st.st_uid == geteuid() && ident_fd(i.fd, &i.id, &ignored) == 0 &&
	    !ident_same(&i.id, &of->id))
		return i;
	close(i.fd);
	i.fd = -1;
	return i;
}

bool
has_entry(const struct item *i)
{
	struct fail ignored;
	struct facl now;
	int k;

	for (k = 0; k <= S_ISDIR(i->st.st_mode); k++)
		if (facl_read(i->fd, (enum facl_kind)k, &i->st, &now,
			&ignored) == 0 &&
		    facl_find(&now, ACL_USER, i->uid) != NULL)
			return true;
	return false;
}

int
take_entry(const struct item *i, struct fail *f)
{
	struct facl now, want;
	int k, taken = 0;

	for (k = 0; k <= S_ISDIR(i->st.st_mode); k++) {
		if (facl_read(i->fd, (enum facl_kind)k, &i->st, &now, f) < 0)
			return -1;
		want = lend_none(&now, (enum facl_kind)k, i->uid);
		if (facl_same(&now, &want))
			continue;
		if (facl_write(i->fd, (enum facl_kind)k, &want, f) < 0)
			return -1;
		taken = 1;
	}
	return taken;
}

/* Is it lent to that user by right? What can't be told is left alone. */
static bool
is_lent(struct works *works, const struct item *i)
{
	struct fail ignored;
	struct loan l;
	size_t n;
	int ret = state_loan(works->state, &i->id, &l, &ignored);

	for (n = 0; ret == 1 && n < l.n; n++)
		if (l.v[n].uid == i->uid)
			return true;
	return ret < 0;
}

static void
free_it(const struct item *i)
{
	struct fail f;

	if (take_entry(i, &f) < 0)
		cli_warn(&f, item_what(i));
	else
		cli_say(item_what(i),
		    "another file than the one that was lent, with the entry "
		    "of user %u; it is gone from this one, too",
		    i->uid);
}

/* What has the name of the lent file by now. */
static void
see_name(struct works *works, const struct item *of)
{
	struct item i = other(of, AT_FDCWD, of->source);

	if (i.fd < 0)
		return;
	if (has_entry(&i) && !is_lent(works, &i))
		free_it(&i);
	close(i.fd);
}

/* A path as a shell reads it back; owned. */
static char *
quoted(const char *path)
{
	size_t n = strlen(path);
	char *s = mem_need(malloc(4 * n + 3)), *p = s;

	*p++ = '\'';
	for (; *path != '\0'; path++)
		if (*path == '\'')
			p = stpcpy(p, "'\\''");
		else
			*p++ = *path;
	strcpy(p, "'");
	return s;
}

static void
name_astray(const struct item *i, const char *folder, const char *name)
{
	char *path = text_fmt("%s/%s", folder, name), *word = quoted(path);

	cli_say(i->by.instance,
	    "%s: has the entry of user %u, as a copy of what was lent has; "
	    "setfacl -x u:%u %s takes it away",
	    path, i->uid, i->uid, word);
	free(word);
	free(path);
}

struct names {
	char **v;
	size_t n;
};

/*
 * The names of those that have an ACL; of a folder's thousands most have none,
 * and the kernel says so soonest where we are in it.
 */
static struct names
with_acl(DIR *d)
{
	struct names all = {NULL, 0};
	struct dirent *e;

	if (fchdir(dirfd(d)) < 0)
		return all;
	while ((e = readdir(d)) != NULL) {
		if ((e->d_type != DT_REG && e->d_type != DT_UNKNOWN) ||
		    lgetxattr(
			e->d_name, XATTR_NAME_POSIX_ACL_ACCESS, NULL, 0) <= 0)
			continue;
		all.v = mem_grow(all.v, all.n, sizeof(*all.v));
		all.v[all.n++] = text_fmt("%s", e->d_name);
	}
	if (chdir("/proc/self/fd") < 0)
		err(EX_OSERR, "/proc/self/fd");
	return all;
}

static void
see_folder(struct works *works, const struct item *of, const char *folder)
{
	DIR *d = opendir(*folder != '\0' ? folder : "/");
	struct names all;
	struct item i;
	size_t n, told = 0;

	if (d == NULL)
		return;
	all = with_acl(d);
	for (n = 0; n < all.n; n++) {
		i = other(of, dirfd(d), all.v[n]);
		if (i.fd >= 0 && told < TOLD && has_entry(&i) &&
		    !is_lent(works, &i)) {
			name_astray(&i, folder, all.v[n]);
			told++;
		}
		if (i.fd >= 0)
			close(i.fd);
		free(all.v[n]);
	}
	free(all.v);
	closedir(d);
}

static char *
folder_of(const struct item *i)
{
	return text_fmt(
	    "%.*s", (int)(strrchr(i->source, '/') - i->source), i->source);
}

/* Has one before it the same folder and user? They come in such an order. */
static bool
is_next(const struct items *all, size_t n, const char *folder)
{
	uint32_t uid = all->v[n].uid;
	char *before;
	bool same;

	while (n-- > 0)
		if (all->v[n].taken) {
			before = folder_of(&all->v[n]);
			same =
			    strcmp(before, folder) == 0 && all->v[n].uid == uid;
			free(before);
			return same;
		}
	return false;
}

void
astray(struct works *works, struct items *all)
{
	char *folder;
	size_t n;

	for (n = 0; n < all->n; n++)
		if (all->v[n].taken)
			see_name(works, &all->v[n]);
	for (n = 0; n < all->n; n++) {
		if (!all->v[n].taken)
			continue;
		folder = folder_of(&all->v[n]);
		if (!is_next(all, n, folder))
			see_folder(works, &all->v[n], folder);
		free(folder);
	}
}
