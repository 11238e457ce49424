/*
 * A copy's way back, as a whole. SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "aside.h"
#include "back.h"
#include "cli.h"
#include "copy.h"
#include "dirs.h"
#include "manifest.h"
#include "take.h"
#include "text.h"
#include "tree.h"

#define TRIES 5 /* of a copy that changes while it is taken */

void
back_say(const struct back *b, const char *what)
{
	char *object = text_fmt("%s: %s", take_object(b->manifest),
	    obj_str(b->manifest->v, "origin"));
	struct fail f;

	fail_set(&f, 0, "%s", what);
	cli_warn(&f, object);
	free(object);
}

int
back_save(struct back *b, const char *state, const char *hash, struct fail *f)
{
	rec_set_str(b->manifest, "state", state);
	if (hash != NULL)
		rec_set_str(b->manifest, "sha256", hash);
	return manifest_write(b->manifests, b->name, b->manifest, f);
}

/* A changed copy: into the original, or beside it. */
static int
settle(struct back *b, const char *hash, struct fail *f)
{
	if (!rec_true(b->manifest, "readonly"))
		return writeback(b, hash, f);
	back_say(b, "changed inside, where it was lent for reading only; the "
		    "changes are dropped");
	return back_save(b, "lent", hash, f);
}

static int
aside_of(const struct back *b, struct aside *a, struct fail *f)
{
	a->copies = b->copies;
	a->file = b->file;
	a->device = rec_str(b->manifest, "device", f);
	return a->device != NULL ? 0 : -1;
}

/*
 * The copy is given up: what is in its place goes, by the host user or by those
 * inside, and is named where neither can remove it. The loan ends either way.
 */
static void
discard(const struct back *b)
{
	const char *path = obj_str(b->manifest->v, "path");
	struct fail ignored;
	bool left = b->copies >= 0 && tree_remove(b->copies, b->file) != 0;
	char *text;
	int able;

	for (able = 0; left && path != NULL && able < 2; able++)
		if (tree_remove_inside(b->lxd, b->manifest, path, true,
			able != 0, &ignored) == 0)
			left = tree_remove(b->copies, b->file) != 0;
	if (!left)
		return;
	text = text_fmt("given up; what is in its place can't be removed: %s",
	    obj_str(b->manifest->v, "source"));
	back_say(b, text);
	free(text);
}

static int
no_file(const struct back *b, bool force, struct fail *f)
{
	if (!force)
		return fail_set(f, EX_DATAERR,
		    "the copy is no regular file now; -f or -D gives it up");
	back_say(b, "the copy is no regular file now; the file stays as it is");
	discard(b);
	return 0;
}

/* 0: done with it; 1: it changed meanwhile. */
static int
take_once(struct back *b, const struct aside *a, bool force, struct fail *f)
{
	const char *lent = rec_str(b->manifest, "sha256", f);
	char hash[HASH_LEN];
	struct stat st;
	int ret;

	if (lent == NULL || (ret = snapshot_take(b, &st, hash, f)) < 0)
		return -1;
	if (ret == 1)
		back_say(b, "the copy is gone; the file stays as it is");
	if (ret > 0)
		return ret == 1 ? 0 : no_file(b, force, f);
	if (strcmp(hash, lent) != 0 && settle(b, hash, f) < 0)
		return -1;
	return aside_remove(a, &st, f);
}

/* What is wanted of a copy: as it is, or without what can't be had, or gone. */
static int
take(struct back *b, const struct taking *t, struct fail *f)
{
	const char *state = rec_str(b->manifest, "state", f);
	struct aside a;
	int i, ret;

	if (state == NULL || aside_of(b, &a, f) < 0)
		return -1;
	if (b->copies >= 0 && aside_restore(&a, f) < 0) {
		if (!t->discard)
			return -1;
		back_say(b, f->text);
	}
	/* begun and never told of: nobody can have changed it */
	if (strcmp(state, "lending") == 0) {
		discard(b);
		return 0;
	}
	/* first, lest a torn original be all that is left */
	if (strcmp(state, "writing") == 0 &&
	    writeback_resume(b, t->discard, f) < 0)
		return -1;
	if (t->discard) {
		discard(b);
		return 0;
	}
	if (b->copies < 0)
		return fail_set(f, EX_TEMPFAIL,
		    "%s: its folder is not there, or another instance's; on a "
		    "disk that isn't?",
		    obj_str(b->manifest->v, "source"));
	for (i = 0; i < TRIES; i++)
		if ((ret = take_once(b, &a, t->force, f)) <= 0)
			return ret;
	return fail_set(f, EX_TEMPFAIL, "changes while it is taken back");
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

static void
name_failed(const struct rec *m, struct fail *f)
{
	const char *origin = obj_str(m->v, "origin");

	if (strstr(f->text, origin) == NULL)
		fail_set(f, f->code, "%s: %s", origin, f->text);
}

int
copy_take(struct lxd *l, struct rec *r, const struct taking *t, struct fail *f)
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
		    (ret = take(&b, t, f)) == 0)
			ret = manifest_remove(b.manifests, b.name, f);
		if (ret < 0)
			name_failed(&m, f);
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
