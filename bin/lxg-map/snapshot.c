/*
 * What a container has left in a copy's place. It owns the folder and may put
 * anything there, at any time: so what is there is opened once, without
 * following links and without waiting, judged by that descriptor, and
 * snapshotted before it is compared with anything. SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "back.h"
#include "far.h"
#include "inside.h"

int
snapshot_open(const struct back *b, int flags, struct fail *f)
{
	int fd = openat(
	    b->snapshots, b->snapshot, flags | O_NOFOLLOW | O_CLOEXEC, 0600);

	return fd < 0 ? fail_errno(f, "%s", b->snapshot) : fd;
}

/*
 * A program that made its file for itself alone has closed it to the host user.
 * Its owner inside may open it up, and nobody else gets to it, since the folder
 * above is the host user's. What the exec did is seen when the file is opened.
 */
static int
open_up(const struct back *b, struct fail *f)
{
	const char *path = rec_str(&b->record, "path", f);

	return path == NULL ? -1
			    : inside_run(b->lxd, &b->record, false,
				  JV_ARRAY(jv_string("chmod"), jv_string("o+r"),
				      jv_string(path)),
				  f);
}

/* Opens what is at an O_PATH descriptor, by the way of its owner if need be. */
static int
open_copy(const struct back *b, int path, struct fail *f)
{
	struct fail why;
	int fd = data_reopen(path, O_RDONLY);

	if (fd >= 0 || errno != EACCES)
		return fd < 0 ? fail_errno(f, "%s", b->file) : fd;
	if (open_up(b, &why) < 0)
		return fail_set(f, why.kind,
		    "%s: closed to you by a program, and the instance won't "
		    "open it: %s",
		    b->file, why.text);
	fd = data_reopen(path, O_RDONLY);
	return fd < 0 ? fail_errno(f, "%s", b->file) : fd;
}

/* st: what it was when the reading began. */
static int
take_content(
    const struct back *b, int path, struct stat *st, int to, struct fail *f)
{
	int from = open_copy(b, path, f), ret;

	if (from < 0)
		return -1;
	ret = fstat(from, st) < 0 ? fail_errno(f, "%s", b->file)
				  : data_clone(from, to, f);
	close(from);
	return ret;
}

/* What has the copy's name, a link itself and not where it leads. */
static int
take_here(const struct back *b, struct stat *st, int to, struct fail *f)
{
	struct open_how how = {.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
	    .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
	int path =
	    (int)syscall(SYS_openat2, b->copies, b->file, &how, sizeof(how));
	int ret = 2;

	if (path < 0)
		return errno == ENOENT ? 1 : fail_errno(f, "%s", b->file);
	if (fstat(path, st) < 0)
		ret = fail_errno(f, "%s", b->file);
	else if (S_ISREG(st->st_mode))
		ret = take_content(b, path, st, to, f);
	close(path);
	return ret;
}

int
snapshot_take(
    const struct back *b, struct stat *st, char hash[HASH_LEN], struct fail *f)
{
	int to = snapshot_open(b, O_RDWR | O_CREAT | O_TRUNC, f), ret;

	if (to < 0)
		return -1;
	ret = b->far ? far_get(b, to, f) : take_here(b, st, to, f);
	if (ret == 0)
		ret = data_hash(to, hash, f);
	if (ret == 0 && (fsync(to) < 0 || fsync(b->snapshots) < 0))
		ret = fail_errno(f, "%s", b->snapshot);
	close(to);
	return ret;
}
