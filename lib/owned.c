/*
 * Paths that only root and the user can turn elsewhere.
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/acl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <acl/libacl.h>

#include "known.h"
#include "owned.h"
#include "text.h"

static bool
trusted_uid(uid_t uid)
{
	return uid == 0 || uid == geteuid();
}

/* A group of the user's own name with nobody else in it, or root's. */
static bool
trusted_gid(gid_t gid)
{
	const struct known *k, *end;
	struct passwd *pw;
	struct group *gr;
	char name[256];
	bool alone = true;
	size_t n;
	char **m;

	if (gid == 0)
		return true;
	if ((pw = getpwuid(geteuid())) == NULL || pw->pw_gid != gid)
		return false;
	snprintf(name, sizeof(name), "%s", pw->pw_name);
	if ((gr = getgrgid(gid)) == NULL || strcmp(gr->gr_name, name) != 0)
		return false;
	for (m = gr->gr_mem; *m != NULL; m++)
		alone = alone && strcmp(*m, name) == 0;
	k = known_all(&n);
	for (end = k + n; alone && k < end; k++)
		alone = !k->user || k->gid != gid || strcmp(k->name, name) == 0;
	return alone;
}

/* Whom an ACL entry that grants writing is for. */
static bool
entry_trusted(acl_entry_t e, acl_tag_t tag, const struct stat *st)
{
	void *id;
	bool ok;

	if (tag == ACL_USER_OBJ || tag == ACL_MASK)
		return true;
	if (tag == ACL_OTHER)
		return false;
	if (tag == ACL_GROUP_OBJ)
		return trusted_gid(st->st_gid);
	if ((id = acl_get_qualifier(e)) == NULL)
		return false;
	ok = tag == ACL_USER ? trusted_uid(*(uid_t *)id)
			     : trusted_gid(*(gid_t *)id);
	acl_free(id);
	return ok;
}

static bool
entry_writes(acl_entry_t e)
{
	acl_permset_t perms;

	return acl_get_permset(e, &perms) == 0 &&
	       acl_get_perm(perms, ACL_WRITE) == 1;
}

/* group: may the entries of the group class write at all (the mask)? */
static bool
acl_trusted(acl_t acl, const struct stat *st, bool group)
{
	acl_entry_t e;
	acl_tag_t tag;
	int more = acl_get_entry(acl, ACL_FIRST_ENTRY, &e);

	for (; more == 1; more = acl_get_entry(acl, ACL_NEXT_ENTRY, &e)) {
		if (acl_get_tag_type(e, &tag) < 0)
			return false;
		if (tag != ACL_OTHER && !group)
			continue;
		if (entry_writes(e) && !entry_trusted(e, tag, st))
			return false;
	}
	return more == 0;
}

/* Only root and the user may write in this folder? -1: can't tell. */
static int
folder_trusted(int fd, const struct stat *st)
{
	char proc[64];
	acl_t acl;
	int ok;

	/* the group bits are the mask where there is an ACL */
	if ((st->st_mode & (S_IWGRP | S_IWOTH)) == 0)
		return 1;
	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	if (getxattr(proc, "system.posix_acl_access", NULL, 0) <= 0) {
		if (errno != ENODATA && errno != EOPNOTSUPP)
			return -1;
		return (st->st_mode & S_IWOTH) == 0 && trusted_gid(st->st_gid);
	}
	if ((acl = acl_get_file(proc, ACL_TYPE_ACCESS)) == NULL)
		return -1;
	ok = acl_trusted(acl, st, st->st_mode & S_IWGRP);
	acl_free(acl);
	return ok;
}

/* The folder, and the entry in it that the path goes on to. */
static int
check_entry(int dir, const struct stat *d, const struct stat *e,
    const char *path, int len, struct fail *f)
{
	int ok;

	if (!trusted_uid(d->st_uid))
		return fail_set(f, FAIL_PERM,
		    "%.*s: a folder of someone else's", len, path);
	if ((d->st_mode & S_ISVTX) && trusted_uid(e->st_uid))
		return 0;
	if ((ok = folder_trusted(dir, d)) < 0)
		return fail_errno(f, "%.*s", len, path);
	if (!ok)
		return fail_set(f, FAIL_PERM,
		    "%.*s: others may write in this folder", len, path);
	return 0;
}

/*
 * One step down; len: how much of the path is the folder's own; st is of the
 * folder, and then of what is in it.
 */
static int
descend(int dir, struct stat *st, const char *path, const char *name, int len,
    struct fail *f)
{
	struct stat in;
	char *copy;
	int fd;

	copy = text_fmt("%.*s", (int)strcspn(name, "/"), name);
	if (*copy == '\0' || strcmp(copy, ".") == 0 ||
	    strcmp(copy, "..") == 0) {
		free(copy);
		return fail_set(f, FAIL_DATA, "%s: not a plain path", path);
	}
	fd = openat(dir, copy, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	free(copy);
	if (fd < 0)
		return fail_errno(f, "%s", path);
	if (fstat(fd, &in) < 0)
		fail_errno(f, "%s", path);
	else if (check_entry(dir, st, &in, path, len, f) == 0) {
		*st = in;
		return fd;
	}
	close(fd);
	return -1;
}

int
owned_open(const char *path, struct fail *f)
{
	const char *p = path;
	struct stat st;
	int dir, fd;

	if (*path != '/')
		return fail_set(f, FAIL_DATA, "%s: not an absolute path", path);
	if ((dir = open("/", O_PATH | O_CLOEXEC)) < 0 || fstat(dir, &st) < 0)
		return fail_errno(f, "/");
	while (*p == '/' && p[1] != '\0') {
		fd =
		    descend(dir, &st, path, p + 1, p == path ? 1 : p - path, f);
		close(dir);
		if (fd < 0)
			return -1;
		dir = fd;
		p += 1 + strcspn(p + 1, "/");
	}
	if (*p != '\0') {
		close(dir);
		return fail_set(f, FAIL_DATA, "%s: not a plain path", path);
	}
	return dir;
}
