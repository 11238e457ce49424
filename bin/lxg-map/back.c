/*
 * A copy's way back. The container owns the folder that the copy lies in and
 * may put anything in its place, at any time: so what is there is opened once,
 * without following links and without waiting, judged by that descriptor, and
 * snapshotted before it is compared with anything.
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sysexits.h>
#include <unistd.h>

#include "aside.h"
#include "cli.h"
#include "copy.h"
#include "data.h"
#include "dirs.h"
#include "manifest.h"
#include "origin.h"
#include "sig.h"
#include "take.h"
#include "text.h"

#define TRIES 5 /* of a copy that changes while it is taken */

/* One copy on its way back. */
struct back {
	struct lxd *lxd;
	struct rec *manifest;
	char *name, *snapshot; /* of the manifest; a file's name beside it */
	int manifests, copies; /* folders; copies: -1 where it is not there */
	const char *file;      /* the copy's name in its folder */
};

static void
say(const struct back *b, const char *what)
{
	char *object = text_fmt("%s: %s", take_object(b->manifest),
	    obj_str(b->manifest->v, "origin"));
	struct fail f;

	fail_set(&f, 0, "%s", what);
	cli_warn(&f, object);
	free(object);
}

static int
save(struct back *b, const char *state, const char *hash, struct fail *f)
{
	rec_set_str(b->manifest, "state", state);
	if (hash != NULL)
		rec_set_str(b->manifest, "sha256", hash);
	return manifest_write(b->manifests, b->name, b->manifest, f);
}

/*
 * O_PATH of what has the copy's name now, a link itself and not where it leads;
 * 1 where nothing has.
 */
static int
find(const struct back *b, int *fd, struct stat *st, struct fail *f)
{
	struct open_how how = {.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
	    .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};

	*fd = (int)syscall(SYS_openat2, b->copies, b->file, &how, sizeof(how));
	if (*fd < 0 && errno == ENOENT)
		return 1;
	if (*fd < 0 || fstat(*fd, st) < 0)
		return fail_errno(f, "%s", b->file);
	if (S_ISREG(st->st_mode))
		return 0;
	close(*fd);
	return fail_set(f, EX_DATAERR,
	    "%s: the copy is no regular file now; -D gives it up", b->file);
}

static int
open_snapshot(const struct back *b, int flags, struct fail *f)
{
	int fd = openat(
	    b->manifests, b->snapshot, flags | O_NOFOLLOW | O_CLOEXEC, 0600);

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
	const char *path = rec_str(b->manifest, "path", f);
	uint32_t uid, gid;
	int status;
	jv argv;

	if (path == NULL || rec_id(b->manifest, "uid", &uid, f) < 0 ||
	    rec_id(b->manifest, "gid", &gid, f) < 0)
		return -1;
	argv = JV_ARRAY(jv_string("chmod"), jv_string("o+r"), jv_string(path));
	return lxd_exec(b->lxd, take_object(b->manifest), argv, uid, gid,
	    &status, NULL, NULL, f);
}

/* Opens what is at an O_PATH descriptor, by the way of its owner if need be. */
static int
open_copy(const struct back *b, int path, struct fail *f)
{
	struct fail why;
	char proc[64];
	int fd;

	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", path);
	fd = open(proc, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0 || errno != EACCES)
		return fd < 0 ? fail_errno(f, "%s", b->file) : fd;
	if (open_up(b, &why) < 0)
		return fail_set(f, why.code,
		    "%s: closed to you by a program, and the instance won't "
		    "open it: %s",
		    b->file, why.text);
	fd = open(proc, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return fd < 0 ? fail_errno(f, "%s", b->file) : fd;
}

/* st: what it was when the reading began. */
static int
take_content(
    const struct back *b, int path, struct stat *st, int to, struct fail *f)
{
	off_t max = data_max(f);
	int from, ret;

	if (max < 0 || (from = open_copy(b, path, f)) < 0)
		return -1;
	ret = fstat(from, st) < 0 ? fail_errno(f, "%s", b->file)
				  : data_clone(from, to, max, f);
	close(from);
	return ret;
}

/* 1: there is no copy. st: what it was when the snapshot was begun. */
static int
take_snapshot(
    const struct back *b, struct stat *st, char hash[HASH_LEN], struct fail *f)
{
	int path, to, ret = find(b, &path, st, f);

	if (ret != 0)
		return ret;
	to = open_snapshot(b, O_RDWR | O_CREAT | O_TRUNC, f);
	if (to < 0)
		ret = -1;
	else {
		ret = take_content(b, path, st, to, f);
		if (ret == 0)
			ret = data_hash(to, hash, f);
		if (ret == 0 && (fsync(to) < 0 || fsync(b->manifests) < 0))
			ret = fail_errno(f, "%s", b->snapshot);
		close(to);
	}
	close(path);
	return ret;
}

/* Of what was just opened (consumed), if it was. */
static int
hash_closing(int fd, char hash[HASH_LEN], struct fail *f)
{
	int ret = fd < 0 ? -1 : data_hash(fd, hash, f);

	if (fd >= 0)
		close(fd);
	return ret;
}

static int
hash_snapshot(const struct back *b, char hash[HASH_LEN], struct fail *f)
{
	return hash_closing(open_snapshot(b, O_RDONLY, f), hash, f);
}

/* Opens what an O_PATH descriptor is of, for its content. */
static int
open_original(int origin, int flags, struct fail *f)
{
	char proc[64];
	int fd;

	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", origin);
	fd = open(proc, flags | O_NONBLOCK | O_CLOEXEC);
	return fd < 0 ? fail_errno(f, "the original") : fd;
}

static int
hash_original(int origin, char hash[HASH_LEN], struct fail *f)
{
	return hash_closing(open_original(origin, O_RDONLY, f), hash, f);
}

/* The snapshot over what is there first, and cut to length at the end. */
static int
overwrite(struct back *b, int from, int to, struct fail *f)
{
	struct stat st;

	if (fstat(from, &st) < 0)
		return fail_errno(f, "%s", b->snapshot);
	/* a disk that gets full in the middle would leave the original torn */
	if (data_reserve(to, st.st_size, f) < 0)
		return -1;
	manifest_begin(b->manifest, "writing");
	if (manifest_write(b->manifests, b->name, b->manifest, f) < 0 ||
	    data_overwrite(from, to, f) < 0)
		return -1;
	if (ftruncate(to, st.st_size) < 0 || fsync(to) < 0)
		return fail_errno(f, "writing back");
	return 0;
}

/*
 * The snapshot into the original's inode. From the first byte to the last fsync
 * the manifest says "writing", so that a crash in between is made good from the
 * snapshot.
 */
static int
write_original(struct back *b, int origin, const char *hash, struct fail *f)
{
	int from, to = open_original(origin, O_WRONLY, f), ret;

	if (to < 0)
		return -1;
	sig_hold(true); /* which would leave the original torn */
	if ((from = open_snapshot(b, O_RDONLY, f)) < 0)
		ret = -1;
	else {
		ret = overwrite(b, from, to, f);
		close(from);
	}
	close(to);
	if (ret == 0) {
		say(b, "written back");
		ret = save(b, "lent", hash, f);
	}
	sig_hold(false);
	return ret;
}

static void
tell_kept(struct back *b, const char *what, char *path)
{
	char *text = text_fmt("%s is %s", what, path);

	say(b, text);
	free(text);
	rec_set_str(b->manifest, "conflict", path);
	free(path);
}

/* What a descriptor has goes beside the original, and is told of. */
static int
keep(struct back *b, int fd, const char *hash, const char *what, struct fail *f)
{
	char *path;

	if (origin_keep_both(b->manifest, fd, hash, &path, f) < 0)
		return -1;
	tell_kept(b, what, path);
	return 0;
}

/* The same where there is no room beside it, or the user can't write there. */
static int
keep_apart(
    struct back *b, int fd, const char *hash, const char *what, struct fail *f)
{
	char *state = dirs_state(f), *folder, *path;
	int dir, ret = -1;

	if (state == NULL)
		return -1;
	folder = text_fmt("%s/kept", state);
	if ((dir = dirs_open(folder, f)) >= 0) {
		ret = origin_keep_in(
		    folder, dir, b->manifest, fd, hash, &path, f);
		close(dir);
	}
	if (ret == 0)
		tell_kept(b, what, path);
	free(folder);
	free(state);
	return ret;
}

static int
keep_both(struct back *b, const char *hash, const char *why, struct fail *f)
{
	int snapshot = open_snapshot(b, O_RDONLY, f), ret;
	char *what;

	if (snapshot < 0)
		return -1;
	what = text_fmt("%s; the instance's version", why);
	ret = keep(b, snapshot, hash, what, f);
	free(what);
	close(snapshot);
	return ret < 0 ? -1 : save(b, "lent", hash, f);
}

/* There is none to write into; f: why. */
static int
no_original(struct back *b, const char *hash, struct fail *f)
{
	const char *why = f->code == EX_NO ? "it is gone" : "another file now";

	if ((f->code != EX_NO && f->code != EX_TEMPFAIL) ||
	    origin_reachable(b->manifest, f) < 0)
		return -1;
	return keep_both(b, hash, why, f);
}

static int
keep_original(struct back *b, int origin, const char *hash, struct fail *f)
{
	const char *what = "written in part, or changed since; what was in it";
	int fd = open_original(origin, O_RDONLY, f), ret;

	if (fd < 0)
		return -1;
	ret = keep(b, fd, hash, what, f);
	if (ret < 0)
		ret = keep_apart(b, fd, hash, what, f);
	close(fd);
	return ret;
}

/* Is the original as it was when both sides were last the same? */
static int
untouched(const struct back *b, int origin, struct fail *f)
{
	const char *lent = rec_str(b->manifest, "sha256", f);
	char hash[HASH_LEN];

	if (lent == NULL || hash_original(origin, hash, f) < 0)
		return -1;
	return strcmp(hash, lent) == 0;
}

/* A changed copy: into the original, or beside it. */
static int
settle(struct back *b, const char *hash, struct fail *f)
{
	int origin, ret;

	if (rec_true(b->manifest, "readonly")) {
		say(b, "changed inside, where it was lent for reading only; "
		       "the changes are dropped");
		return save(b, "lent", hash, f);
	}
	if ((origin = origin_open(b->manifest, f)) < 0)
		return no_original(b, hash, f);
	if ((ret = untouched(b, origin, f)) == 0)
		ret = keep_both(b, hash, "changed on both sides", f);
	else if (ret > 0)
		ret = write_original(b, origin, hash, f);
	close(origin);
	return ret;
}

static int
aside_of(const struct back *b, struct aside *a, struct fail *f)
{
	a->copies = b->copies;
	a->file = b->file;
	a->device = rec_str(b->manifest, "device", f);
	return a->device != NULL ? 0 : -1;
}

/* 0: done with it; 1: it changed meanwhile. */
static int
take_once(struct back *b, const struct aside *a, struct fail *f)
{
	const char *lent = rec_str(b->manifest, "sha256", f);
	char hash[HASH_LEN];
	struct stat st;
	int ret;

	if (lent == NULL)
		return -1;
	if ((ret = take_snapshot(b, &st, hash, f)) > 0) {
		say(b, "the copy is gone; the file stays as it is");
		return 0;
	}
	if (ret == 0 && strcmp(hash, lent) != 0)
		ret = settle(b, hash, f);
	return ret < 0 ? -1 : aside_remove(a, &st, f);
}

/*
 * What was cut short goes on; with -D only where it had begun indeed. A torn
 * original can't be told from one that the user has changed since, so either is
 * kept.
 */
static int
go_on(struct back *b, int origin, const char *hash, bool drop, struct fail *f)
{
	const char *lent = rec_str(b->manifest, "sha256", f);
	char now[HASH_LEN];

	if (lent == NULL || hash_original(origin, now, f) < 0)
		return -1;
	if (strcmp(now, lent) == 0) {
		if (drop)
			return save(b, "lent", NULL, f);
	} else if (strcmp(now, hash) != 0 &&
		   keep_original(b, origin, now, f) < 0)
		return -1;
	return write_original(b, origin, hash, f);
}

static int
resume(struct back *b, bool drop, struct fail *f)
{
	char hash[HASH_LEN];
	int origin, ret;

	if (hash_snapshot(b, hash, f) < 0)
		return -1;
	if ((origin = origin_open(b->manifest, f)) < 0)
		return no_original(b, hash, f);
	ret = go_on(b, origin, hash, drop, f);
	close(origin);
	return ret;
}

static int
discard(const struct back *b, struct fail *f)
{
	if (b->copies < 0 || unlinkat(b->copies, b->file, 0) == 0 ||
	    errno == ENOENT)
		return 0;
	if ((errno == EISDIR || errno == EPERM) &&
	    unlinkat(b->copies, b->file, AT_REMOVEDIR) == 0)
		return 0;
	return fail_errno(f, "%s", b->file);
}

static int
take(struct back *b, bool drop, struct fail *f)
{
	const char *state = rec_str(b->manifest, "state", f);
	struct aside a;
	int i, ret;

	if (state == NULL || aside_of(b, &a, f) < 0 ||
	    (b->copies >= 0 && aside_restore(&a, f) < 0))
		return -1;
	/* begun and never told of: nobody can have changed it */
	if (strcmp(state, "lending") == 0)
		return discard(b, f);
	/* first, lest a torn original be all that is left */
	if (strcmp(state, "writing") == 0 && resume(b, drop, f) < 0)
		return -1;
	if (drop)
		return discard(b, f);
	if (b->copies < 0)
		return fail_set(f, EX_TEMPFAIL,
		    "%s: its folder is not there, or another instance's; on a "
		    "disk that isn't?",
		    obj_str(b->manifest->v, "source"));
	for (i = 0; i < TRIES; i++)
		if ((ret = take_once(b, &a, f)) <= 0)
			return ret;
	return fail_set(
	    f, EX_TEMPFAIL, "%s: changes while it is taken back", b->file);
}

/* Is the folder of copies this very instance's? */
static int
same_instance(const struct back *b, struct fail *f)
{
	const char *uuid = obj_str(b->manifest->v, "uuid");
	char have[128];
	int dir = openat(b->copies, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int ret;

	if (dir < 0)
		return fail_errno(f, "the folder of copies");
	ret = dirs_uuid(dir, have, sizeof(have), f);
	close(dir);
	return ret < 0 ? -1 : uuid == NULL || strcmp(have, uuid) == 0;
}

static int
open_back(struct back *b, struct fail *f)
{
	int same;

	if ((b->file = copy_name(b->manifest, f)) == NULL)
		return -1;
	b->copies = copy_folder(b->manifest, f);
	if (b->copies < 0)
		return f->code != EX_NO ? -1 : 0;
	if ((same = same_instance(b, f)) <= 0) {
		close(b->copies);
		b->copies = -1;
	}
	return same < 0 ? -1 : 0;
}

int
copy_take(struct lxd *l, struct rec *r, bool drop, struct fail *f)
{
	struct rec m;
	struct back b = {.lxd = l, .manifest = &m, .copies = -1};
	const char *conflict;
	int ret;

	if ((b.manifests = manifest_open(f)) < 0)
		return -1;
	b.name = manifest_name(r);
	b.snapshot = manifest_snapshot(b.name);
	if ((ret = manifest_read(b.manifests, b.name, &m, f)) < 0)
		ret = f->code == EX_NO ? 0 : -1;
	else {
		if ((ret = open_back(&b, f)) == 0 &&
		    (ret = take(&b, drop, f)) == 0)
			ret = manifest_remove(b.manifests, b.name, f);
		if ((conflict = obj_str(m.v, "conflict")) != NULL)
			rec_set_str(r, "conflict", conflict);
		if (b.copies >= 0)
			close(b.copies);
		jv_free(m.v);
	}
	free(b.name);
	free(b.snapshot);
	close(b.manifests);
	return ret;
}
