/*
 * A copy's way back, as a whole. SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "back.h"
#include "cli.h"
#include "dirs.h"
#include "far.h"
#include "lent.h"
#include "take.h"
#include "text.h"
#include "tree.h"

#define TRIES 5 /* of a copy that changes while it is taken */
#define GONE  "the copy is gone; the file stays as it is"

int
back_save(
    struct back *b, enum copy_state state, const char *hash, struct fail *f)
{
	if (hash != NULL)
		b->copy.sha256 = text_fmt("%s", hash);
	return lent_save(b->state, &b->copy, &b->record, state, f);
}

int
back_unlink(int dir, const char *name, struct fail *f)
{
	if (unlinkat(dir, name, 0) < 0 && errno != ENOENT)
		return fail_errno(f, "%s", name);
	return 0;
}

/* A changed copy: into the original, or beside it. */
static int
settle(struct back *b, const char *hash, struct fail *f)
{
	if (!rec_true(&b->record, "readonly"))
		return writeback(b, hash, f);
	cli_say(b->what,
	    "changed inside, where it was lent for reading only; the "
	    "changes are dropped");
	return back_save(b, COPY_LENT, hash, f);
}

/* By the host user, whatever it is; false: something is left. */
static bool
remove_any(const struct back *b)
{
	struct fail ignored;

	return b->far ? far_remove(b, &ignored) == 0
		      : tree_remove(b->copies, b->file) == 0;
}

/*
 * The copy is given up: what is in its place goes, by those inside where the
 * host user can't, and is named where nobody can. The loan ends either way.
 */
static void
discard(struct back *b)
{
	const char *path = obj_str(b->record.v, "path");
	struct fail ignored;
	int able, gone = b->far ? far_look(b, &ignored) : b->copies < 0;
	bool left = gone < 0 || (gone == 0 && !remove_any(b));

	if (gone == 0 && path != NULL && b->runs)
		for (able = 0; left && able < 2; able++)
			if (tree_remove_inside(b->lxd, &b->record, path, true,
				able != 0, &ignored) == 0)
				left = !remove_any(b);
	if (left)
		cli_say(b->what,
		    "given up; what is in its place can't be removed: %s",
		    b->copy.source);
}

/* Nothing was got of it, as snapshot_take() has it: it ends all the same. */
static int
without(struct back *b, int what, struct fail *f)
{
	if (what == 1)
		cli_say(b->what, GONE);
	if (what < 2)
		return what < 0 ? -1 : 0;
	if (!b->how->force)
		return fail_set(f, FAIL_DATA,
		    "the copy is no regular file now; -f or -D gives it up");
	cli_say(b->what,
	    "the copy is no regular file now; the file stays as it is");
	discard(b);
	return 0;
}

/*
 * 0: done with it; 1: it changed meanwhile. One on another machine is got only
 * where those inside don't say that it is unchanged, and removed by them if it
 * still is what was got; or else by the engine, which nothing runs beside then,
 * or nothing that helps.
 */
static int
take_once(struct back *b, struct fail *f)
{
	int is = b->far ? far_end(b, f) : FAR_UNKNOWN, ret;
	char hash[HASH_LEN];
	struct stat st;
	bool same;

	if (is < 0 || is == FAR_DONE)
		return is;
	ret = is == FAR_GONE	  ? 1
	      : is == FAR_NO_FILE ? 2
				  : snapshot_take(b, &st, hash, f);
	if (ret != 0)
		return without(b, ret, f);
	same = strcmp(hash, b->copy.sha256) == 0;
	if (!same && settle(b, hash, f) < 0)
		return -1;
	if (!b->far)
		return aside_remove(b, &st, f);
	return same || is == FAR_UNKNOWN ? far_remove(b, f) : 1;
}

/* Is its instance there? 1: no, and the copy is given up. */
static int
reach(struct back *b, struct fail *f)
{
	int ret = far_look(b, f);

	if (ret <= 0)
		return ret;
	if (!b->how->force)
		return fail_set(f, FAIL_AGAIN,
		    "%s: its instance is not there by that name; -D gives the "
		    "copy up",
		    b->copy.source);
	cli_say(b->what, GONE);
	return 1;
}

/*
 * Of one that was never told of goes what we made, and nothing that has taken
 * its name. A way that is cut is no end, for what is there in part is known by
 * the row.
 */
static int
end_begun(struct back *b, struct fail *f)
{
	struct stat st;
	int ret = 0;

	if (b->how->discard)
		discard(b);
	else if (b->far) {
		if ((ret = reach(b, f)) == 0)
			ret = far_remove(b, f);
	} else if (b->copies >= 0 &&
		   fstatat(b->copies, b->file, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		   S_ISREG(st.st_mode) && st.st_uid == geteuid())
		ret = back_unlink(b->copies, b->file, f);
	return ret < 0 ? -1 : 0;
}

/* As it is by now; or without what can't be had. */
static int
take_there(struct back *b, struct fail *f)
{
	int i, ret = b->far ? reach(b, f) : 0;

	if (ret != 0)
		return ret < 0 ? -1 : 0;
	for (i = 0; i < TRIES; i++)
		if ((ret = take_once(b, f)) <= 0)
			return ret;
	return fail_set(f, FAIL_AGAIN, "changes while it is taken back");
}

/* What is wanted of a copy: as it is, or without what can't be had, or gone. */
static int
take_found(struct back *b, struct fail *f)
{
	if (b->copies >= 0 && aside_restore(b, f) < 0) {
		if (!b->how->discard)
			return -1;
		cli_say(b->what, "%s", f->text);
	}
	if (b->copy.state == COPY_LENDING)
		return end_begun(b, f);
	/* first, lest a torn original be all that is left */
	if (b->copy.state == COPY_WRITING && writeback_resume(b, f) < 0)
		return -1;
	if (b->how->discard) {
		discard(b);
		return 0;
	}
	if (!b->far && b->copies < 0)
		return fail_set(f, FAIL_AGAIN,
		    "%s: its folder is not there, or another instance's; on a "
		    "disk that isn't?",
		    b->copy.source);
	return take_there(b, f);
}

static void
close_folders(struct back *b)
{
	if (b->copies >= 0)
		close(b->copies);
	if (b->above >= 0)
		close(b->above);
	b->copies = b->above = -1;
}

/* The folder of copies, unless it is another instance's. */
static int
open_copies(struct back *b, struct fail *f)
{
	const char *uuid = b->copy.by.uuid;
	char have[128];

	if ((b->file = copy_name(&b->record, f)) == NULL)
		return -1;
	b->aside = text_fmt(".taken-%s", b->copy.by.device);
	if ((b->copies = copy_folder(&b->record, f)) < 0)
		return f->kind != FAIL_NO ? -1 : 0;
	b->above = openat(b->copies, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (b->above < 0)
		return fail_errno(f, "the folder above the copies");
	if (dirs_uuid(b->above, have, sizeof(have), f) < 0)
		return -1;
	if (*uuid != '\0' && strcmp(have, uuid) != 0)
		close_folders(b);
	return 0;
}

static int
open_back(struct back *b, struct fail *f)
{
	if (!holder_here(&b->copy.by))
		return fail_set(f, FAIL_AGAIN, "lent on another machine, %s",
		    b->copy.by.host);
	b->record.v = obj_put(lent_parse(&b->copy), "instance", b->instance);
	b->what = text_fmt("%s: %s", b->instance, b->copy.origin);
	b->snapshot = text_fmt("%s.snapshot", b->copy.name);
	if ((b->snapshots = lent_snapshots(f)) < 0)
		return -1;
	b->far = is_far(&b->record);
	return b->far ? far_begin(b, f) : open_copies(b, f);
}

/* The row goes last, so that a crash leaves no snapshot that nobody knows. */
static int
forget(struct back *b, struct fail *f)
{
	if (back_unlink(b->snapshots, b->snapshot, f) < 0)
		return -1;
	return state_copy_drop(b->state, b->copy.id, f);
}

int
copy_take(struct lxd *l, struct state *s, struct rec *r, const struct taking *t,
    struct fail *f)
{
	struct back b = {.lxd = l,
	    .state = s,
	    .how = t,
	    .record = {jv_null(), 0},
	    .snapshots = -1,
	    .copies = -1,
	    .above = -1,
	    .instance = take_object(r),
	    .runs = true};
	const char *conflict;
	struct holder by;
	int ret;

	if (holder_of(r, &by, f) < 0 ||
	    (ret = state_copy(s, &by, &b.copy, f)) < 0)
		return -1;
	if (ret == 0)
		return 0; /* taken back before */
	ret = 0;
	if (open_back(&b, f) < 0 || take_found(&b, f) < 0 || forget(&b, f) < 0)
		ret = lent_fail(b.copy.origin, f);
	if ((conflict = obj_str(b.record.v, "conflict")) != NULL)
		rec_set_str(r, "conflict", conflict);
	close_folders(&b);
	if (b.snapshots >= 0)
		close(b.snapshots);
	return ret;
}
