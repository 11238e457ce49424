/*
 * A copy's way back, as a whole. SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aside.h"
#include "back.h"
#include "cli.h"
#include "copy.h"
#include "dirs.h"
#include "far.h"
#include "lent.h"
#include "take.h"
#include "text.h"
#include "tree.h"

#define TRIES 5 /* of a copy that changes while it is taken */
#define GONE  "the copy is gone; the file stays as it is"

void
back_say(const struct back *b, const char *what)
{
	char *object =
	    text_fmt("%s: %s", take_object(&b->record), b->copy.origin);
	struct fail f;

	fail_set(&f, FAIL_NONE, "%s", what);
	cli_warn(&f, object);
	free(object);
}

/* Of the record, what the state has by itself is not in its text. */
int
back_save(
    struct back *b, enum copy_state state, const char *hash, struct fail *f)
{
	jv_free(b->text);
	b->text = jv_dump_string(
	    jv_object_delete(jv_copy(b->record.v), jv_string("origin_fs")), 0);
	b->copy.record = jv_string_value(b->text);
	if (hash != NULL)
		strlcpy(b->hash, hash, sizeof(b->hash));
	b->copy.sha256 = b->hash;
	lent_begin(&b->copy, state);
	return state_copy_put(b->state, &b->copy, f);
}

/* A changed copy: into the original, or beside it. */
static int
settle(struct back *b, const char *hash, struct fail *f)
{
	if (!rec_true(&b->record, "readonly"))
		return writeback(b, hash, f);
	back_say(b, "changed inside, where it was lent for reading only; the "
		    "changes are dropped");
	return back_save(b, COPY_LENT, hash, f);
}

/* By the host user, or by those inside; is something left? */
static bool
discard_here(const struct back *b)
{
	const char *path = obj_str(b->record.v, "path");
	struct fail ignored;
	bool left = b->copies >= 0 && tree_remove(b->copies, b->file) != 0;
	int able;

	for (able = 0; left && path != NULL && able < 2; able++)
		if (tree_remove_inside(b->lxd, &b->record, path, true,
			able != 0, &ignored) == 0)
			left = tree_remove(b->copies, b->file) != 0;
	return left;
}

/*
 * The copy is given up: what is in its place goes, and is named where nobody
 * can remove it. The loan ends either way.
 */
static void
discard(struct back *b)
{
	char *text;

	if (!(b->far ? far_discard(b) : discard_here(b)))
		return;
	text = text_fmt("given up; what is in its place can't be removed: %s",
	    b->copy.source);
	back_say(b, text);
	free(text);
}

static int
no_file(struct back *b, bool force, struct fail *f)
{
	if (!force)
		return fail_set(f, FAIL_DATA,
		    "the copy is no regular file now; -f or -D gives it up");
	back_say(b, "the copy is no regular file now; the file stays as it is");
	discard(b);
	return 0;
}

/* 0: done with it; 1: it changed meanwhile. */
static int
take_once(struct back *b, const struct aside *a, bool force, struct fail *f)
{
	char hash[HASH_LEN];
	struct stat st;
	int ret = snapshot_take(b, &st, hash, f);

	if (ret < 0)
		return -1;
	if (ret == 1)
		back_say(b, GONE);
	if (ret > 0)
		return ret == 1 ? 0 : no_file(b, force, f);
	if (strcmp(hash, b->hash) != 0 && settle(b, hash, f) < 0)
		return -1;
	return aside_remove(a, &st, f);
}

/*
 * The same of one on another machine. It is got only where those inside don't
 * say that it is unchanged, and removed by them if it still is what was got; or
 * else by the engine, which nothing runs beside then, or nothing that helps.
 */
static int
take_far(struct back *b, bool force, struct fail *f)
{
	char hash[HASH_LEN];
	int is = far_end(b, f), ret;
	bool same;

	if (is < 0)
		return -1;
	ret = is == FAR_NO_FILE ? 2 : is == FAR_GONE;
	if (is >= FAR_CHANGED && (ret = far_fetch(b, hash, f)) == 0) {
		same = strcmp(hash, b->hash) == 0;
		if (!same && settle(b, hash, f) < 0)
			return -1;
		return same || is == FAR_UNKNOWN ? far_remove(b, f) : 1;
	}
	if (ret == 1)
		back_say(b, GONE);
	return ret < 2 ? (ret < 0 ? -1 : 0) : no_file(b, force, f);
}

/* Is its instance there? 1: no, and the copy is given up. */
static int
reach(struct back *b, bool force, struct fail *f)
{
	int ret = far_look(b, f);

	if (ret <= 0)
		return ret;
	if (!force)
		return fail_set(f, FAIL_AGAIN,
		    "%s: its instance is not there by that name; -D gives the "
		    "copy up",
		    b->copy.source);
	back_say(b, GONE);
	return 1;
}

/* A way that is cut is no end, for what is there in part is known by the row.
 */
static int
end_begun(struct back *b, const struct taking *t, struct fail *f)
{
	int ret = 0;

	if (!b->far || t->discard)
		discard(b);
	else if ((ret = reach(b, t->force, f)) == 0)
		ret = far_remove(b, f);
	return ret < 0 ? -1 : 0;
}

/* As it is by now; or without what can't be had. */
static int
take_there(struct back *b, const struct aside *a, bool force, struct fail *f)
{
	int i, ret = b->far ? reach(b, force, f) : 0;

	if (ret != 0)
		return ret < 0 ? -1 : 0;
	for (i = 0; i < TRIES; i++)
		if ((ret = b->far ? take_far(b, force, f)
				  : take_once(b, a, force, f)) <= 0)
			return ret;
	return fail_set(f, FAIL_AGAIN, "changes while it is taken back");
}

/* What is wanted of a copy: as it is, or without what can't be had, or gone. */
static int
take_found(struct back *b, const struct taking *t, struct fail *f)
{
	const struct aside a = {b->copies, b->file, b->copy.by.device};

	if (b->copies >= 0 && aside_restore(&a, f) < 0) {
		if (!t->discard)
			return -1;
		back_say(b, f->text);
	}
	/* begun and never told of: nobody can have changed it */
	if (b->copy.state == COPY_LENDING)
		return end_begun(b, t, f);
	/* first, lest a torn original be all that is left */
	if (b->copy.state == COPY_WRITING &&
	    writeback_resume(b, t->discard, f) < 0)
		return -1;
	if (t->discard) {
		discard(b);
		return 0;
	}
	if (!b->far && b->copies < 0)
		return fail_set(f, FAIL_AGAIN,
		    "%s: its folder is not there, or another instance's; on a "
		    "disk that isn't?",
		    b->copy.source);
	return take_there(b, &a, t->force, f);
}

/* Is the folder of copies this very instance's? */
static int
same_instance(const struct back *b, struct fail *f)
{
	int dir = openat(b->copies, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const char *uuid = b->copy.by.uuid;
	char have[128];
	int ret;

	if (dir < 0)
		return fail_errno(f, "the folder of copies");
	ret = dirs_uuid(dir, have, sizeof(have), f);
	close(dir);
	return ret < 0 ? -1 : *uuid == '\0' || strcmp(have, uuid) == 0;
}

static int
open_copies(struct back *b, struct fail *f)
{
	int same;

	if ((b->file = copy_name(&b->record, f)) == NULL)
		return -1;
	b->copies = copy_folder(&b->record, f);
	if (b->copies < 0)
		return f->kind != FAIL_NO ? -1 : 0;
	if ((same = same_instance(b, f)) <= 0) {
		close(b->copies);
		b->copies = -1;
	}
	return same < 0 ? -1 : 0;
}

static int
open_back(struct back *b, struct fail *f)
{
	if (!holder_here(&b->copy.by))
		return fail_set(f, FAIL_AGAIN, "lent on another machine, %s",
		    b->copy.by.host);
	b->record.v = lent_parse(&b->copy);
	if (b->copy.origin_fs[0] != '\0')
		rec_set_str(&b->record, "origin_fs", b->copy.origin_fs);
	strlcpy(b->hash, b->copy.sha256, sizeof(b->hash));
	b->snapshot = text_fmt("%s.snapshot", b->copy.name);
	if ((b->snapshots = lent_snapshots(f)) < 0)
		return -1;
	b->far = is_far(&b->record);
	return b->far ? 0 : open_copies(b, f);
}

static void
close_back(struct back *b)
{
	if (b->copies >= 0)
		close(b->copies);
	if (b->snapshots >= 0)
		close(b->snapshots);
	free(b->snapshot);
	jv_free(b->record.v);
	jv_free(b->text);
}

/* The row goes last, so that a crash leaves no snapshot that nobody knows. */
static int
forget(struct back *b, struct fail *f)
{
	if (unlinkat(b->snapshots, b->snapshot, 0) < 0 && errno != ENOENT)
		return fail_errno(f, "%s", b->snapshot);
	return state_copy_drop(b->state, b->copy.id, f);
}

static int
name_failed(const struct back *b, struct fail *f)
{
	if (strstr(f->text, b->copy.origin) == NULL)
		fail_set(f, f->kind, "%s: %s", b->copy.origin, f->text);
	return -1;
}

int
copy_take(struct lxd *l, struct state *s, struct rec *r, const struct taking *t,
    struct fail *f)
{
	struct back b = {.lxd = l,
	    .state = s,
	    .copies = -1,
	    .snapshots = -1,
	    .instance = take_object(r)};
	const char *conflict;
	struct holder by;
	int ret;

	b.record.v = b.text = jv_null();
	if (holder_of(r, &by, f) < 0 ||
	    (ret = state_copy(s, &by, &b.copy, f)) < 0)
		return -1;
	if (ret == 0)
		return 0; /* taken back before */
	if (open_back(&b, f) < 0 || take_found(&b, t, f) < 0 ||
	    forget(&b, f) < 0)
		ret = name_failed(&b, f);
	else
		ret = 0;
	if ((conflict = obj_str(b.record.v, "conflict")) != NULL)
		rec_set_str(r, "conflict", conflict);
	close_back(&b);
	return ret;
}
