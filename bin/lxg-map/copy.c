/*
 * Copies made: in the instance's folder, for the instance's user and the host
 * user alone. SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/acl.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "copy.h"
#include "data.h"
#include "device.h"
#include "ident.h"
#include "inst.h"
#include "lock.h"
#include "manifest.h"
#include "map.h"
#include "origin.h"
#include "owned.h"
#include "take.h"
#include "text.h"

int
copy_folder(const struct rec *r, struct fail *f)
{
	const char *source = rec_str(r, "source", f);
	char *s;
	int path, fd = -1;

	if (source == NULL)
		return -1;
	s = text_fmt("%s", source);
	if ((path = owned_open(dirname(s), f)) >= 0) {
		fd = openat(path, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			fail_errno(f, "%s", source);
		close(path);
	}
	free(s);
	return fd;
}

const char *
copy_name(const struct rec *r, struct fail *f)
{
	const char *source = rec_str(r, "source", f), *name;

	if (source == NULL)
		return NULL;
	name = strrchr(source, '/');
	if (name == NULL || name[1] == '\0' || strcmp(name, "/.") == 0 ||
	    strcmp(name, "/..") == 0) {
		fail_set(f, EX_DATAERR, "line %zu: key \"source\" is no file",
		    r->line);
		return NULL;
	}
	return name + 1;
}

int
copy_folder_of(
    const struct recs *devices, char **source, char **path, struct fail *f)
{
	const char *s;
	size_t i;

	for (i = 0; i < devices->n; i++) {
		s = obj_str(devices->v[i].v, "mount");
		if (s == NULL || strcmp(s, "maps") != 0)
			continue;
		*source = text_fmt("%s", obj_str(devices->v[i].v, "source"));
		*path = text_fmt("%s", obj_str(devices->v[i].v, "path"));
		return 0;
	}
	return fail_set(f, EX_CONFIG,
	    "has no folder for copies; lxg-mount plan maps makes one");
}

/* The folders of a batch: the instance's, by what the engine has, and ours. */
struct folders {
	int copies, manifests;
	char *source, *path; /* of copies: here, and inside */
	jv taken;	     /* names of this batch, and of what was lent */
};

static int
find_folder(
    const struct rec *r, struct lxd *l, struct folders *d, struct fail *f)
{
	struct recs all = {NULL, 0};
	jv rec, instance;
	int ret;

	/* refuses an id map that is not one to lend anything to */
	if (inst_get(l, take_object(r), &rec, &instance, NULL, f) < 0)
		return -1;
	if (!device_same_instance(r, instance))
		ret = fail_set(f, EX_NO, "the instance is another one now");
	else {
		device_list(r, instance, &all);
		ret = copy_folder_of(&all, &d->source, &d->path, f);
	}
	recs_free(&all);
	jv_free(rec);
	jv_free(instance);
	return ret;
}

/*
 * A copy that was renamed or removed inside is still its original's: another
 * one under its name would be written back there.
 */
static int
take_names(struct folders *d, struct fail *f)
{
	size_t len = strlen(d->source), i;
	struct recs all = {NULL, 0};
	const char *s;

	if (manifest_list(NULL, &all, f) < 0)
		return -1;
	for (i = 0; i < all.n; i++) {
		s = obj_str(all.v[i].v, "source");
		if (s != NULL && strncmp(s, d->source, len) == 0)
			d->taken = jv_object_set(
			    d->taken, jv_string(s + len), jv_true());
	}
	recs_free(&all);
	return 0;
}

static int
open_folders(
    const struct rec *r, struct lxd *l, struct folders *d, struct fail *f)
{
	int path;

	*d = (struct folders){-1, -1, NULL, NULL, jv_object()};
	if (find_folder(r, l, d, f) < 0 ||
	    (path = owned_open(d->source, f)) < 0)
		return -1;
	d->copies = openat(path, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	close(path);
	if (d->copies < 0)
		return fail_errno(f, "%s", d->source);
	if ((d->manifests = manifest_open(f)) < 0)
		return -1;
	return take_names(d, f);
}

static void
close_folders(struct folders *d)
{
	if (d->copies >= 0)
		close(d->copies);
	if (d->manifests >= 0)
		close(d->manifests);
	free(d->source);
	free(d->path);
	jv_free(d->taken);
}

/* A name that no copy has or had, nor the folder. */
static void
choose_name(struct folders *d, struct rec *r)
{
	const char *wanted = strrchr(obj_str(r->v, "path"), '/');
	char *name, *full;
	struct stat st;

	do
		name = place_free(wanted, &d->taken);
	while (fstatat(d->copies, name + 1, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       (free(name), true));
	full = text_fmt("%s%s", d->source, name);
	rec_set_str(r, "source", full);
	free(full);
	full = text_fmt("%s%s", d->path, name);
	rec_set_str(r, "path", full);
	free(full);
	free(name);
}

/* What is lent anew may have its name again. */
static void
forget_name(struct folders *d, const struct rec *have)
{
	const char *source = obj_str(have->v, "source");

	if (source != NULL &&
	    strncmp(source, d->source, strlen(d->source)) == 0)
		d->taken = jv_object_delete(
		    d->taken, jv_string(source + strlen(d->source)));
}

/* Lent, and no longer there: removed or renamed inside. */
static bool
is_lost(const struct folders *d, const struct rec *have)
{
	struct fail ignored;
	const char *name = copy_name(have, &ignored);
	struct stat st;

	return strcmp(obj_str(have->v, "state"), "lent") == 0 && name != NULL &&
	       fstatat(d->copies, name, &st, AT_SYMLINK_NOFOLLOW) < 0 &&
	       errno == ENOENT;
}

/*
 * The container's user and ours, and nobody else, whatever default the folder
 * has.
 */
static int
set_access(int fd, const struct rec *r, struct fail *f)
{
	const char *perm = rec_str(r, "perm", f);
	uint32_t uid;
	char *text;
	acl_t acl;
	int ret = 0;
	bool x, w;

	if (perm == NULL || rec_id(r, "host_uid", &uid, f) < 0)
		return -1;
	w = strchr(perm, 'w') != NULL;
	x = strchr(perm, 'x') != NULL;
	text = text_fmt("u::rw%c,u:%u:r%c%c,g::---,m::r%c%c,o::---",
	    x ? 'x' : '-', uid, w ? 'w' : '-', x ? 'x' : '-', w ? 'w' : '-',
	    x ? 'x' : '-');
	acl = acl_from_text(text);
	free(text);
	if (acl == NULL || acl_set_fd(fd, acl) < 0)
		ret = fail_errno(f, "the copy's ACL");
	if (acl != NULL)
		acl_free(acl);
	return ret;
}

/* The original's content into a file that the container can't open yet. */
static int
fill(int origin, int copy, char hash[HASH_LEN], struct fail *f)
{
	struct timespec times[2];
	char proc[64];
	struct stat st;
	off_t max = data_max(f);
	int from, ret;

	if (max < 0)
		return -1;
	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", origin);
	if ((from = open(proc, O_RDONLY | O_NONBLOCK | O_CLOEXEC)) < 0)
		return fail_errno(f, "the original");
	ret = data_clone(from, copy, max, f);
	if (ret == 0 && fstat(from, &st) == 0) {
		times[0] = st.st_atim;
		times[1] = st.st_mtim;
		futimens(copy, times);
	}
	close(from);
	if (ret == 0 && (ret = data_hash(copy, hash, f)) == 0 &&
	    fsync(copy) < 0)
		ret = fail_errno(f, "the copy");
	return ret;
}

static int
make(struct folders *d, struct rec *r, struct fail *f)
{
	const char *name = copy_name(r, f);
	char hash[HASH_LEN];
	int origin, fd, ret;
	struct ident id = {"", "", ""};

	if (name == NULL || (origin = origin_open(r, f)) < 0)
		return -1;
	fd = openat(d->copies, name,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	ret = fd < 0 ? fail_errno(f, "%s", name) : fill(origin, fd, hash, f);
	if (ret == 0 && (ret = set_access(fd, r, f)) == 0 &&
	    (ret = ident_fd(fd, &id, f)) == 0) {
		ident_to_rec(&id, r);
		origin_note(origin, r);
		rec_set_str(r, "sha256", hash);
	}
	if (fd >= 0)
		close(fd);
	close(origin);
	return ret;
}

/* What was begun is undone: only ever a file of ours in that place. */
static void
unmake(struct folders *d, const struct rec *r)
{
	struct fail f;
	const char *name = copy_name(r, &f);
	struct stat st;

	if (name != NULL &&
	    fstatat(d->copies, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISREG(st.st_mode) && st.st_uid == geteuid())
		unlinkat(d->copies, name, 0);
}

static int
lend(struct folders *d, struct rec *r, const char *manifest, struct fail *f)
{
	struct rec m;
	struct fail why;
	int ret;

	choose_name(d, r);
	m = (struct rec){jv_copy(r->v), r->line};
	manifest_begin(&m, "lending");
	if (manifest_write(d->manifests, manifest, &m, f) < 0)
		ret = -1;
	else if ((ret = make(d, &m, f)) == 0) {
		rec_set_str(&m, "state", "lent");
		ret = manifest_write(d->manifests, manifest, &m, f);
	}
	if (ret < 0) {
		unmake(d, &m);
		manifest_remove(d->manifests, manifest, &why);
	} else {
		jv_free(r->v);
		r->v = manifest_record(&m);
	}
	jv_free(m.v);
	return ret;
}

/* A copy of this file is there: what of it is not as asked? */
static int
already(const struct rec *have, struct rec *r, struct fail *f)
{
	static const char *const keys[] = {
	    "origin", "perm", "origin_ino", "origin_handle"};
	const char *s, *t;
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		s = obj_str(have->v, keys[i]);
		t = obj_str(r->v, keys[i]);
		if ((s == NULL) != (t == NULL) || (s && strcmp(s, t) != 0))
			return fail_set(f, EX_CANTCREAT,
			    "%s: a copy is lent already, with another %s",
			    obj_str(r->v, "origin"), i == 1 ? "perm" : "inode");
	}
	jv_free(r->v);
	r->v = manifest_record(have);
	return 0;
}

static int
give_one(struct folders *d, struct rec *r, bool *made, struct fail *f)
{
	char *name = manifest_name(r);
	struct rec have;
	int ret = manifest_read(d->manifests, name, &have, f);
	bool lost = ret == 0 && is_lost(d, &have);

	*made = false;
	if (ret == 0 && strcmp(obj_str(have.v, "state"), "lending") != 0 &&
	    !lost) {
		ret = already(&have, r, f);
		jv_free(have.v);
	} else {
		if (ret == 0) {
			/* an earlier call that was cut short */
			if (!lost)
				unmake(d, &have);
			forget_name(d, &have);
			jv_free(have.v);
		} else if (f->code != EX_NO && f->code != EX_DATAERR) {
			free(name);
			return -1;
		}
		*made = (ret = lend(d, r, name, f)) == 0;
	}
	free(name);
	return ret;
}

static bool
complete(const struct batch *b, struct fail *f)
{
	size_t i;

	for (i = 0; i < b->n; i++)
		if (rec_str(b->v[i], "device", f) == NULL ||
		    rec_str(b->v[i], "origin", f) == NULL ||
		    rec_str(b->v[i], "path", f) == NULL ||
		    obj_str(b->v[i]->v, "path")[0] != '/')
			return false;
	return true;
}

static void
undo_one(struct folders *d, const struct rec *r)
{
	char *name = manifest_name(r);
	struct fail ignored;

	unmake(d, r);
	manifest_remove(d->manifests, name, &ignored);
	free(name);
}

static int
give_locked(struct lxd *l, const struct batch *b, bool *made, struct fail *f)
{
	struct folders d;
	size_t i;
	int ret = open_folders(b->v[0], l, &d, f) < 0 ? -1 : 0;

	for (i = 0; i < b->n && ret == 0; i++)
		ret = give_one(&d, b->v[i], &made[i], f);
	if (ret < 0)
		for (i = 0; i < b->n; i++)
			if (made[i])
				undo_one(&d, b->v[i]);
	close_folders(&d);
	return ret;
}

int
copy_give(
    struct lxd *l, const struct batch *b, bool dry, bool *made, struct fail *f)
{
	struct lock lock;
	int ret;

	if (!complete(b, f))
		return -1;
	if (dry)
		return 0;
	if (lock_take(b->v[0], &lock, f) < 0)
		return -1;
	ret = give_locked(l, b, made, f);
	lock_drop(&lock);
	return ret;
}

int
copy_undo(
    struct lxd *l, const struct batch *b, const bool *made, struct fail *f)
{
	struct folders d;
	struct lock lock;
	size_t i;
	int ret;

	if (lock_take(b->v[0], &lock, f) < 0)
		return -1;
	if ((ret = open_folders(b->v[0], l, &d, f) < 0 ? -1 : 0) == 0)
		for (i = 0; i < b->n; i++)
			if (made[i])
				undo_one(&d, b->v[i]);
	close_folders(&d);
	lock_drop(&lock);
	return ret;
}
