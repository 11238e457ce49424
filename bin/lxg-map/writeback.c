/*
 * The way of a copy's content into the original, which the user may write to at
 * any moment. A lease keeps everybody else from opening the file meanwhile;
 * where there is none, for a reader here or a file system that knows no
 * such thing, what is written over is kept until it is known to be what was
 * lent. SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "back.h"
#include "cli.h"
#include "lent.h"
#include "origin.h"
#include "sig.h"
#include "text.h"

/* One who waits for a lease gets the file after 45 s all the same. */
#define LEASE_SIZE (256ll << 20)

/* The original, open for both. */
struct original {
	int fd;
	bool leased, written; /* by us; by somebody else */
	char hash[HASH_LEN];  /* of what was in it */
	struct stat st;	      /* when that was */
};

/* Of an O_PATH descriptor; errno says why it can't be written. */
static int
open_original(int path, struct original *o)
{
	/* the kernel gives no lease to read to who has a writer beside */
	o->written = data_lease(path, F_RDLCK) == EAGAIN;
	/* who opens it from here on waits for us */
	if ((o->fd = data_reopen(path, O_RDWR)) < 0)
		return -1;
	o->leased = fcntl(o->fd, F_SETLEASE, F_WRLCK) == 0;
	return 0;
}

/* Has nobody written to it since? */
static bool
still(const struct original *o)
{
	struct stat st;

	return fstat(o->fd, &st) == 0 && st.st_size == o->st.st_size &&
	       data_same_time(&st.st_mtim, &o->st.st_mtim) &&
	       data_same_time(&st.st_ctim, &o->st.st_ctim);
}

/* What is in it; 0: that can't be told, since it is being written. */
static int
look_at_original(struct original *o, struct fail *f)
{
	if (fstat(o->fd, &o->st) < 0)
		return fail_errno(f, "the original");
	if (data_hash(o->fd, o->hash, f) < 0)
		return -1;
	return still(o);
}

/* 0: somebody writes to it, and nothing was begun. */
static int
begin_writing(struct back *b, struct original *o, off_t size, struct fail *f)
{
	if (!still(o))
		return 0;
	/* a disk that gets full in the middle would leave the original torn */
	if (data_reserve(o->fd, size, f) < 0)
		return -1;
	/* room is no change of the content */
	if (fstat(o->fd, &o->st) < 0)
		return fail_errno(f, "the original");
	if (back_save(b, COPY_WRITING, NULL, f) < 0)
		return -1;
	return still(o) ? 1 : back_save(b, COPY_LENT, NULL, f);
}

/* Each block that is written over is kept, and looked at in the end. */
static int
swap(struct back *b, struct original *o, int from, struct fail *f)
{
	int before = lent_unnamed(b->copy.name, f), ret;
	char hash[HASH_LEN];

	if (before < 0)
		return -1;
	ret = data_swap(from, o->fd, before, hash, f);
	if (ret == 0 && strcmp(hash, o->hash) != 0)
		ret = keep_file(b, before, hash,
		    "changed while it was written back; what was in it", f);
	close(before);
	return ret;
}

/* Is it the snapshot, and has nobody been able to write to it? */
static int
intact(const struct original *o, const char *hash, struct fail *f)
{
	char now[HASH_LEN];

	if (o->leased && fcntl(o->fd, F_GETLEASE) == F_WRLCK)
		return 1;
	return data_hash(o->fd, now, f) < 0 ? -1 : strcmp(now, hash) == 0;
}

static int
overwrite(struct back *b, struct original *o, int from, const char *hash,
    off_t size, struct fail *f)
{
	int ret;

	if (lseek(o->fd, 0, SEEK_SET) < 0)
		return fail_errno(f, "writing back");
	if (o->leased && o->st.st_size <= LEASE_SIZE && size <= LEASE_SIZE)
		ret = data_copy(from, o->fd, f);
	else
		ret = swap(b, o, from, f);
	if (ret < 0)
		return -1;
	if (ftruncate(o->fd, size) < 0 || fsync(o->fd) < 0)
		return fail_errno(f, "writing back");
	if ((ret = intact(o, hash, f)) < 0)
		return -1;
	cli_say(b->what, "written back");
	return ret > 0 ? back_save(b, COPY_LENT, hash, f)
		       : keep_snapshot(
			     b, hash, "changed while it was written back", f);
}

/*
 * From the first byte to the last fsync the state says that it is written, so
 * that a crash in between is made good from the snapshot. 0: nothing was begun,
 * for somebody writes to it.
 */
static int
write_original(
    struct back *b, struct original *o, const char *hash, struct fail *f)
{
	int from = snapshot_open(b, O_RDONLY, f), ret = -1;
	struct stat st;

	if (from < 0)
		return -1;
	sig_hold(true); /* which would leave the original torn */
	if (fstat(from, &st) < 0)
		fail_errno(f, "%s", b->snapshot);
	else if ((ret = begin_writing(b, o, st.st_size, f)) > 0)
		ret = overwrite(b, o, from, hash, st.st_size, f) < 0 ? -1 : 1;
	sig_hold(false);
	close(from);
	return ret;
}

/* There is none to write into; f: why. */
static int
no_original(struct back *b, const char *hash, struct fail *f)
{
	const char *why =
	    f->kind == FAIL_NO ? "it is gone" : "another file now";

	if ((f->kind != FAIL_NO && f->kind != FAIL_AGAIN) ||
	    origin_reachable(&b->record, b->copy.origin_fs, f) < 0)
		return -1;
	return keep_snapshot(b, hash, why, f);
}

/* It is not to be written any more: errno says why. */
static int
closed(struct back *b, const char *hash, struct fail *f)
{
	if (errno != EACCES && errno != EPERM && errno != EROFS &&
	    errno != ETXTBSY)
		return fail_errno(f, "the original");
	return keep_snapshot(
	    b, hash, text_fmt("can't be written to: %s", strerror(errno)), f);
}

/* Into what is open, where it is as it was lent. */
static int
settle(struct back *b, struct original *o, const char *hash, struct fail *f)
{
	int ret = look_at_original(o, f);

	if (ret >= 0 && o->written)
		return keep_snapshot(
		    b, hash, "a program here has it open for writing", f);
	if (ret > 0)
		ret = strcmp(o->hash, b->copy.sha256) == 0;
	if (ret > 0)
		ret = write_original(b, o, hash, f);
	return ret != 0 ? ret
			: keep_snapshot(b, hash, "changed on both sides", f);
}

/*
 * What was cut short goes on; of a copy that is discarded only where it had
 * begun indeed. A torn original can't be told from one that the user has
 * changed since, so either is kept.
 */
static int
go_on(struct back *b, struct original *o, const char *hash, struct fail *f)
{
	static const char torn[] =
	    "written in part, or changed since; what was in it";
	int ret;

	if (look_at_original(o, f) < 0)
		return -1;
	if (strcmp(o->hash, b->copy.sha256) == 0) {
		if (b->how->discard)
			return back_save(b, COPY_LENT, NULL, f);
	} else if (strcmp(o->hash, hash) != 0 &&
		   keep_file(b, o->fd, o->hash, torn, f) < 0)
		return -1;
	ret = write_original(b, o, hash, f);
	return ret != 0 ? ret
			: fail_set(f, FAIL_AGAIN, "somebody writes to it");
}

/* The original is opened, and how to go on with it is the caller's. */
static int
with_original(struct back *b, const char *hash,
    int (*how)(struct back *, struct original *, const char *, struct fail *),
    struct fail *f)
{
	int path = origin_open(&b->record, f), ret;
	struct original o;

	if (path < 0)
		return no_original(b, hash, f);
	if (open_original(path, &o) < 0)
		ret = closed(b, hash, f);
	else {
		ret = how(b, &o, hash, f);
		close(o.fd);
	}
	close(path);
	return ret < 0 ? -1 : 0;
}

int
writeback(struct back *b, const char *hash, struct fail *f)
{
	return with_original(b, hash, settle, f);
}

int
writeback_resume(struct back *b, struct fail *f)
{
	int fd = snapshot_open(b, O_RDONLY, f), ret;
	char hash[HASH_LEN];

	if (fd < 0)
		return -1;
	ret = data_hash(fd, hash, f);
	close(fd);
	return ret < 0 ? -1 : with_original(b, hash, go_on, f);
}
