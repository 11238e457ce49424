/*
 * Who may do what in a share. The mask of a file there is what cp(1) or
 * mkstemp(3) had for its group, and hides the entries that the folder gives.
 * SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include <acl/libacl.h>
#include <sys/acl.h>

#include "both.h"

#define ALL (ACL_READ | ACL_WRITE | ACL_EXECUTE)

/* An ACL while it is worked on: its entries as numbers. */
struct view {
	acl_entry_t owner, group, mask, user; /* user: the one it is about */
	unsigned own, limit, has; /* what owner, group class and user may do */
};

static unsigned
perm_of(acl_entry_t e)
{
	static const acl_perm_t bits[] = {ACL_READ, ACL_WRITE, ACL_EXECUTE};
	acl_permset_t set;
	unsigned perm = 0, i;

	if (acl_get_permset(e, &set) < 0)
		err(EX_OSERR, "acl_get_permset");
	for (i = 0; i < 3; i++)
		if (acl_get_perm(set, bits[i]) == 1)
			perm |= bits[i];
	return perm;
}

static void
set_perm(acl_entry_t e, unsigned perm)
{
	acl_permset_t set;

	if (acl_get_permset(e, &set) < 0 || acl_clear_perms(set) < 0 ||
	    acl_add_perm(set, perm) < 0)
		err(EX_OSERR, "acl_get_permset");
}

static bool
is_user(acl_entry_t e, uid_t uid)
{
	uid_t *id = acl_get_qualifier(e);
	bool same = id != NULL && *id == uid;

	acl_free(id);
	return same;
}

/* The next entry and its tag, or NULL behind the last. */
static acl_entry_t
next(acl_t a, int *which, acl_tag_t *tag)
{
	acl_entry_t e;

	if (acl_get_entry(a, *which, &e) != 1)
		return NULL;
	*which = ACL_NEXT_ENTRY;
	if (acl_get_tag_type(e, tag) < 0)
		err(EX_OSERR, "acl_get_tag_type");
	return e;
}

static struct view
look_at_acl(acl_t a, uid_t uid)
{
	struct view v = {NULL, NULL, NULL, NULL, 0, 0, 0};
	int which = ACL_FIRST_ENTRY;
	acl_tag_t tag;
	acl_entry_t e;

	while ((e = next(a, &which, &tag)) != NULL)
		switch (tag) {
		case ACL_USER_OBJ:
			v.owner = e;
			break;
		case ACL_GROUP_OBJ:
			v.group = e;
			break;
		case ACL_MASK:
			v.mask = e;
			break;
		case ACL_USER:
			if (is_user(e, uid))
				v.user = e;
			break;
		default:
			break;
		}
	v.own = v.owner != NULL ? perm_of(v.owner) : 0;
	v.limit = v.mask != NULL ? perm_of(v.mask) : ALL;
	v.has = v.user != NULL ? perm_of(v.user) : 0;
	return v;
}

static acl_entry_t
entry(acl_t *a, acl_tag_t tag)
{
	acl_entry_t e;

	if (acl_create_entry(a, &e) < 0 || acl_set_tag_type(e, tag) < 0)
		err(EX_OSERR, "acl_create_entry");
	return e;
}

/*
 * The user may do as much as is wanted, and everybody else of the group class
 * what they could do before: the mask is then what any of them may.
 */
static void
widen(acl_t *a, uid_t uid, unsigned wanted)
{
	struct view v = look_at_acl(*a, uid);
	int which = ACL_FIRST_ENTRY;
	unsigned mask = 0;
	acl_entry_t e;
	acl_tag_t tag;

	if (v.user == NULL) {
		v.user = entry(a, ACL_USER);
		if (acl_set_qualifier(v.user, &uid) < 0)
			err(EX_OSERR, "acl_set_qualifier");
	}
	set_perm(v.user, (v.has & v.limit) | wanted);
	while ((e = next(*a, &which, &tag)) != NULL)
		if (tag == ACL_USER || tag == ACL_GROUP ||
		    tag == ACL_GROUP_OBJ) {
			if (tag != ACL_USER || !is_user(e, uid))
				set_perm(e, perm_of(e) & v.limit);
			mask |= perm_of(e);
		}
	v = look_at_acl(*a, uid);
	set_perm(v.mask != NULL ? v.mask : entry(a, ACL_MASK), mask);
}

static acl_t
read_acl(int fd, acl_type_t type, char path[32])
{
	snprintf(path, 32, "/proc/self/fd/%d", fd);
	return acl_get_file(path, type);
}

/* 1: it was not as it should be, and is now. */
static int
open_it(int fd, uid_t uid, struct fail *f)
{
	char path[32];
	acl_t a = read_acl(fd, ACL_TYPE_ACCESS, path);
	struct view v;
	int ret = 0;

	if (a == NULL)
		return fail_errno(f, "its ACL");
	v = look_at_acl(a, uid);
	if ((v.own & ~(v.has & v.limit)) != 0) {
		widen(&a, uid, v.own);
		ret = acl_set_file(path, ACL_TYPE_ACCESS, a) < 0
			  ? fail_errno(f, "its ACL")
			  : 1;
	}
	acl_free(a);
	return ret;
}

/* What will be made in a folder is for both; 1 where it would not have been. */
static int
open_inheritance(int fd, const struct users *u, struct fail *f)
{
	char path[32];
	acl_t a = read_acl(fd, ACL_TYPE_DEFAULT, path);
	struct view in, out;
	int ret = 0;

	if (a == NULL)
		return fail_errno(f, "its default ACL");
	in = look_at_acl(a, u->inside);
	out = look_at_acl(a, u->host);
	if ((in.has & out.has & in.limit) != ALL) {
		if (in.owner == NULL) {
			set_perm(entry(&a, ACL_USER_OBJ), ALL);
			set_perm(entry(&a, ACL_GROUP_OBJ), 0);
			set_perm(entry(&a, ACL_OTHER), 0);
		}
		widen(&a, u->inside, ALL);
		widen(&a, u->host, ALL);
		ret = acl_set_file(path, ACL_TYPE_DEFAULT, a) < 0
			  ? fail_errno(f, "its default ACL")
			  : 1;
	}
	acl_free(a);
	return ret;
}

static enum both
mine(int fd, const struct stat *st, const struct users *u, struct fail *f)
{
	int did = open_it(fd, u->inside, f), more = 0;

	if (did >= 0 && S_ISDIR(st->st_mode))
		more = open_inheritance(fd, u, f);
	if (did < 0 || more < 0)
		return BOTH_LEFT;
	return did || more ? BOTH_MENDED : BOTH_OPEN;
}

static enum both
theirs(int fd, const struct users *u, struct fail *f)
{
	char path[32];
	acl_t a = read_acl(fd, ACL_TYPE_ACCESS, path);
	struct view v;

	if (a == NULL) {
		fail_errno(f, "its ACL");
		return BOTH_LEFT;
	}
	v = look_at_acl(a, u->host);
	acl_free(a);
	if ((v.own & ~(v.has & v.limit)) == 0)
		return BOTH_OPEN;
	return (v.own & ~v.has) == 0 ? BOTH_CHMOD : BOTH_LOST;
}

enum both
both_look(int fd, const struct stat *st, const struct users *u, struct fail *f)
{
	if ((st->st_mode & (S_ISUID | S_ISGID)) != 0 && S_ISREG(st->st_mode)) {
		fail_set(f, FAIL_PERM, "has setuid or setgid bits");
		return BOTH_LEFT;
	}
	if (S_ISREG(st->st_mode) && st->st_nlink != 1) {
		fail_set(f, FAIL_PERM, "has other names");
		return BOTH_LEFT;
	}
	return st->st_uid == u->host ? mine(fd, st, u, f) : theirs(fd, u, f);
}
