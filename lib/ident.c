/*
 * Which inode a descriptor is. SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ident.h"

/*
 * name_to_handle_at(2): the type and the bytes, in hex. "" where the file
 * system has no handles, or one that is too long to be worth keeping.
 */
static void
handle_of(int fd, char *hex, size_t size)
{
	union {
		struct file_handle h;
		char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} u;
	static const char digits[] = "0123456789abcdef";
	unsigned i;
	int mount, n;

	hex[0] = '\0';
	u.h.handle_bytes = MAX_HANDLE_SZ;
	if (name_to_handle_at(fd, "", &u.h, &mount, AT_EMPTY_PATH) < 0 ||
	    u.h.handle_bytes * 2 + 9 > size)
		return;
	n = snprintf(hex, size, "%08x", (unsigned)u.h.handle_type);
	for (i = 0; i < u.h.handle_bytes; i++) {
		hex[n++] = digits[u.h.f_handle[i] >> 4];
		hex[n++] = digits[u.h.f_handle[i] & 15];
	}
	hex[n] = '\0';
}

void
ident_stat(int fd, const struct stat *st, struct ident *id)
{
	/* cppcheck-suppress ctuuninitvar ; it is written here */
	snprintf(id->dev, sizeof(id->dev), "%ju", (uintmax_t)st->st_dev);
	snprintf(id->ino, sizeof(id->ino), "%ju", (uintmax_t)st->st_ino);
	handle_of(fd, id->handle, sizeof(id->handle));
}

int
ident_fd(int fd, struct ident *id, struct fail *f)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return fail_errno(f, "fstat");
	ident_stat(fd, &st, id);
	return 0;
}

/*
 * The handle says which inode of its file system it is, and the number which
 * file system, as far as anything does: so a number that differs is forgiven
 * where the handles agree, which for two file systems of one kind they hardly
 * do.
 */
bool
ident_same(const struct ident *a, const struct ident *b)
{
	if (a->handle[0] != '\0' && b->handle[0] != '\0')
		return strcmp(a->handle, b->handle) == 0 &&
		       strcmp(a->ino, b->ino) == 0;
	return strcmp(a->dev, b->dev) == 0 && strcmp(a->ino, b->ino) == 0;
}

void
ident_to_rec(const struct ident *id, struct rec *r)
{
	rec_set_str(r, "dev", id->dev);
	rec_set_str(r, "ino", id->ino);
	if (id->handle[0] != '\0')
		rec_set_str(r, "handle", id->handle);
}

static int
get_digits(
    const struct rec *r, const char *key, char *to, size_t size, struct fail *f)
{
	const char *s = rec_str(r, key, f);

	if (s == NULL)
		return -1;
	if (*s == '\0' || s[strspn(s, "0123456789")] != '\0' ||
	    strlen(s) >= size)
		return fail_set(f, FAIL_DATA,
		    "line %zu: key \"%s\" is not a number in digits", r->line,
		    key);
	snprintf(to, size, "%s", s);
	return 0;
}

int
ident_from_rec(const struct rec *r, struct ident *id, struct fail *f)
{
	const char *s;

	if (get_digits(r, "dev", id->dev, sizeof(id->dev), f) < 0 ||
	    get_digits(r, "ino", id->ino, sizeof(id->ino), f) < 0 ||
	    rec_opt_str(r, "handle", &s, f) < 0)
		return -1;
	id->handle[0] = '\0';
	if (s != NULL && (strlen(s) >= sizeof(id->handle) ||
			     s[strspn(s, "0123456789abcdef")] != '\0'))
		return fail_set(f, FAIL_DATA,
		    "line %zu: key \"handle\" is not hex", r->line);
	if (s != NULL)
		snprintf(id->handle, sizeof(id->handle), "%s", s);
	return 0;
}
