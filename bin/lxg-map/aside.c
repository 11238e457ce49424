/*
 * A copy's end. What is inside may put another file in its place at any time,
 * one that was saved by renaming just now: so it is moved to where nothing in
 * there reaches, and looked at once more before it is removed.
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "back.h"
#include "tree.h"

static bool
same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	       a->st_size == b->st_size &&
	       data_same_time(&a->st_mtim, &b->st_mtim);
}

/*
 * Back, where nothing is: -1 and EEXIST where something is. Some file systems
 * (NFS, older OpenZFS) can't rename so, but link; a folder, which can't be
 * linked, takes the place of no file, and of no folder with something in it.
 */
static int
move_back(const struct back *b)
{
	struct stat st;

	if (renameat2(
		b->above, b->aside, b->copies, b->file, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	if (linkat(b->above, b->aside, b->copies, b->file, 0) == 0)
		return unlinkat(b->above, b->aside, 0);
	if (errno == EEXIST || errno == ENOENT)
		return -1;
	if (fstatat(b->copies, b->file, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		errno = EEXIST;
		return -1;
	}
	return renameat(b->above, b->aside, b->copies, b->file);
}

/* What has been saved anew meanwhile is what counts. */
int
aside_restore(const struct back *b, struct fail *f)
{
	if (move_back(b) == 0 || errno == ENOENT)
		return 0;
	if (errno == EEXIST &&
	    (tree_remove(b->above, b->aside) == 0 ||
		renameat(b->above, b->aside, b->copies, b->aside) == 0))
		return 0;
	return fail_errno(f, "%s", b->aside);
}

int
aside_remove(const struct back *b, const struct stat *taken, struct fail *f)
{
	struct stat st;

	if (fstatat(b->copies, b->file, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : fail_errno(f, "%s", b->file);
	/* a renaming is seen in its ctime, so only in its place it has that */
	if (!same(&st, taken) || !data_same_time(&st.st_ctim, &taken->st_ctim))
		return 1;
	if (renameat(b->copies, b->file, b->above, b->aside) < 0) {
		if (errno == EXDEV) /* it is a mount of its own */
			return back_unlink(b->copies, b->file, f);
		return errno == ENOENT ? 0 : fail_errno(f, "%s", b->file);
	}
	if (fstatat(b->above, b->aside, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    same(&st, taken))
		return back_unlink(b->above, b->aside, f);
	/* it is another one */
	return aside_restore(b, f) < 0 ? -1 : 1;
}
