/*
 * A file's ACL as a value. The kernel's own form of it is read and written as
 * an extended attribute, because libacl has no call for the default ACL of a
 * descriptor. SPDX-License-Identifier: ISC
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/acl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <linux/limits.h>
#include <linux/posix_acl_xattr.h>
#include <linux/xattr.h>

#include "facl.h"
#include "mem.h"

static const char *const attr[] = {
    XATTR_NAME_POSIX_ACL_ACCESS,
    XATTR_NAME_POSIX_ACL_DEFAULT,
};

#define ROOM 8 /* entries that are made room for at a time */

static struct facl
facl_new(size_t n)
{
	void *v = calloc(n / ROOM + 1, ROOM * sizeof(struct ace));

	return (struct facl){mem_need(v), n};
}

/*
 * The path by which the kernel takes a descriptor: its number in /proc/self/fd,
 * where we are. It is always the same number, for the kernel makes something
 * of each name there that it hasn't seen yet.
 */
static const char *
fd_path(int fd)
{
	static char path[12];
	static int slot = -1;

	if (slot >= 0 && dup3(fd, slot, O_CLOEXEC) == slot)
		return path;
	slot = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	snprintf(path, sizeof(path), "%d", slot >= 0 ? slot : fd);
	return path;
}

/* A file without an ACL has one all the same: its mode (acl(5)). */
static void
from_mode(const struct stat *st, struct facl *a)
{
	*a = facl_new(3);
	a->v[0] = (struct ace){ACL_USER_OBJ, st->st_mode >> 6 & 7, 0};
	a->v[1] = (struct ace){ACL_GROUP_OBJ, st->st_mode >> 3 & 7, 0};
	a->v[2] = (struct ace){ACL_OTHER, st->st_mode & 7, 0};
}

static int
decode_acl(const char *buf, size_t len, struct facl *a, struct fail *f)
{
	const struct posix_acl_xattr_header *head = (const void *)buf;
	const struct posix_acl_xattr_entry *e = (const void *)(head + 1);
	size_t i;

	if (len < sizeof(*head) || (len - sizeof(*head)) % sizeof(*e) != 0 ||
	    le32toh(head->a_version) != POSIX_ACL_XATTR_VERSION)
		return fail_set(f, FAIL_SYSTEM, "an ACL in an unknown form");
	*a = facl_new((len - sizeof(*head)) / sizeof(*e));
	for (i = 0; i < a->n; i++) {
		a->v[i].tag = le16toh(e[i].e_tag);
		a->v[i].perm = le16toh(e[i].e_perm) & 7;
		if (a->v[i].tag == ACL_USER || a->v[i].tag == ACL_GROUP)
			a->v[i].id = le32toh(e[i].e_id);
	}
	return 0;
}

int
facl_read(int fd, enum facl_kind kind, const struct stat *st, struct facl *a,
    struct fail *f)
{
	_Alignas(8) char few[1024];
	char *buf = few;
	const char *path = fd_path(fd);
	ssize_t len;
	int ret = 0;

	len = getxattr(path, attr[kind], few, sizeof(few));
	if (len < 0 && errno == ERANGE) {
		buf = mem_need(malloc(XATTR_SIZE_MAX));
		len = getxattr(path, attr[kind], buf, XATTR_SIZE_MAX);
	}
	*a = (struct facl){NULL, 0};
	if (len >= 0)
		ret = decode_acl(buf, (size_t)len, a, f);
	else if (errno == ENODATA && kind == FACL_ACCESS)
		from_mode(st, a);
	else if (errno == ENODATA)
		;
	else if (errno == EOPNOTSUPP)
		ret = fail_set(f, FAIL_SYSTEM, "its file system has no ACLs");
	else
		ret = fail_errno(f, "its ACL");
	if (buf != few)
		free(buf);
	return ret;
}

int
facl_write(int fd, enum facl_kind kind, const struct facl *a, struct fail *f)
{
	struct posix_acl_xattr_header *head;
	struct posix_acl_xattr_entry *e;
	const char *path = fd_path(fd);
	size_t len = sizeof(*head) + a->n * sizeof(*e), i;
	int ret;

	if (a->n == 0) {
		if (removexattr(path, attr[kind]) < 0 && errno != ENODATA)
			return fail_errno(f, "its ACL");
		return 0;
	}
	head = mem_need(malloc(len));
	head->a_version = htole32(POSIX_ACL_XATTR_VERSION);
	e = (void *)(head + 1);
	for (i = 0; i < a->n; i++) {
		e[i].e_tag = htole16(a->v[i].tag);
		e[i].e_perm = htole16(a->v[i].perm);
		e[i].e_id = htole32(ACL_UNDEFINED_ID);
		if (a->v[i].tag == ACL_USER || a->v[i].tag == ACL_GROUP)
			e[i].e_id = htole32(a->v[i].id);
	}
	ret = setxattr(path, attr[kind], head, len, 0);
	free(head);
	return ret < 0 ? fail_errno(f, "its ACL") : 0;
}

static bool
ace_same(const struct ace *a, const struct ace *b)
{
	return a->tag == b->tag && a->perm == b->perm && a->id == b->id;
}

bool
facl_same(const struct facl *a, const struct facl *b)
{
	size_t i;

	if (a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++)
		if (!ace_same(&a->v[i], &b->v[i]))
			return false;
	return true;
}

struct facl
facl_copy(const struct facl *from)
{
	struct facl a = facl_new(from->n);

	if (from->n > 0)
		memcpy(a.v, from->v, from->n * sizeof(*a.v));
	return a;
}

struct ace *
facl_find(const struct facl *a, uint16_t tag, uint32_t id)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		if (a->v[i].tag == tag && a->v[i].id == id)
			return &a->v[i];
	return NULL;
}

void
facl_remove(struct facl *a, const struct ace *e)
{
	size_t i = (size_t)(e - a->v);

	memmove(&a->v[i], &a->v[i + 1], (a->n - i - 1) * sizeof(*a->v));
	a->n--;
}

struct ace *
facl_insert(struct facl *a, uint16_t tag, uint32_t id, uint16_t perm)
{
	size_t i = 0;

	/* tags are numbered in the order that the kernel asks for */
	while (i < a->n &&
	       (a->v[i].tag < tag || (a->v[i].tag == tag && a->v[i].id < id)))
		i++;
	if (a->v == NULL || a->n % ROOM == ROOM - 1)
		a->v = mem_need(
		    reallocarray(a->v, a->n + 1 + ROOM, sizeof(*a->v)));
	memmove(&a->v[i + 1], &a->v[i], (a->n - i) * sizeof(*a->v));
	a->n++;
	a->v[i] = (struct ace){tag, perm, id};
	return &a->v[i];
}

void
perm_text(unsigned perm, char out[4])
{
	out[0] = perm & ACL_READ ? 'r' : '-';
	out[1] = perm & ACL_WRITE ? 'w' : '-';
	out[2] = perm & ACL_EXECUTE ? 'x' : '-';
	out[3] = '\0';
}

static const struct {
	char letter;
	uint16_t tag, named; /* without an id, and with one; 0: never so */
} tags[] = {
    {'u', ACL_USER_OBJ, ACL_USER},
    {'g', ACL_GROUP_OBJ, ACL_GROUP},
    {'m', ACL_MASK, 0},
    {'o', ACL_OTHER, 0},
};

#define TAGS (sizeof(tags) / sizeof(tags[0]))

#define ENTRY_TEXT 20 /* the longest entry's, and what follows it */

char *
facl_text(const struct facl *a)
{
	char *text = mem_need(malloc(a->n * ENTRY_TEXT + 2)), *p = text,
	     perm[4];
	const struct ace *e;
	size_t t;

	strcpy(text, "-");
	for (e = a->v; e < a->v + a->n; e++) {
		perm_text(e->perm, perm);
		if (e > a->v)
			*p++ = ',';
		for (t = 0; t < TAGS - 1; t++)
			if (e->tag == tags[t].tag || e->tag == tags[t].named)
				break;
		p += e->tag == tags[t].named
			 ? sprintf(p, "%c:%u:%s", tags[t].letter, e->id, perm)
			 : sprintf(p, "%c::%s", tags[t].letter, perm);
	}
	return text;
}

/* One entry; where it ends, or NULL. */
static const char *
parse_entry(const char *s, struct ace *e)
{
	char *end, perm[4];
	bool named;
	size_t t;
	unsigned i;

	for (t = 0; t < TAGS && s[0] != tags[t].letter; t++)
		;
	if (t == TAGS || s[1] != ':')
		return NULL;
	named = s[2] >= '0' && s[2] <= '9';
	e->tag = named ? tags[t].named : tags[t].tag;
	e->id = named ? (uint32_t)strtoul(s + 2, &end, 10) : 0;
	s = named ? end : s + 2;
	if (e->tag == 0 || *s++ != ':')
		return NULL;
	for (e->perm = 0, i = 0; i < 3; i++)
		if (s[i] == "rwx"[i])
			e->perm |= 4u >> i;
	perm_text(e->perm, perm);
	return strncmp(s, perm, 3) == 0 ? s + 3 : NULL;
}

int
facl_parse(const char *s, struct facl *a)
{
	const char *p;
	size_t n = 1;

	*a = (struct facl){NULL, 0};
	if (strcmp(s, "-") == 0)
		return 0;
	for (p = s; *p != '\0'; p++)
		n += *p == ',';
	*a = facl_new(n);
	for (a->n = 0; a->n < n; a->n++) {
		if ((s = parse_entry(s, &a->v[a->n])) == NULL)
			return -1;
		if (*s != (a->n + 1 < n ? ',' : '\0'))
			return -1;
		s++;
	}
	return 0;
}
