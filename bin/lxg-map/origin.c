/*
 * The user's own file, of which a copy is lent. SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "ident.h"
#include "map.h"
#include "origin.h"
#include "text.h"

static int
planned(const struct rec *r, struct ident *id, struct fail *f)
{
	struct rec origin = {jv_object(), r->line};
	static const char *const keys[] = {
	    "origin_dev", "origin_ino", "origin_handle"};
	const char *s;
	size_t i;
	int ret;

	for (i = 0; i < 3; i++)
		if ((s = obj_str(r->v, keys[i])) != NULL)
			rec_set_str(&origin, keys[i] + strlen("origin_"), s);
	ret = ident_from_rec(&origin, id, f);
	jv_free(origin.v);
	return ret;
}

int
origin_open(const struct rec *r, struct fail *f)
{
	const char *path = rec_str(r, "origin", f);
	struct ident want, have;
	struct stat st;
	int fd;

	if (path == NULL || planned(r, &want, f) < 0)
		return -1;
	if ((fd = look_open(path, O_PATH | O_NOFOLLOW)) < 0)
		return fail_errno(f, "%s", path);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    ident_fd(fd, &have, f) < 0 || !ident_same(&want, &have)) {
		close(fd);
		return fail_set(f, FAIL_AGAIN,
		    "%s: another file than the one planned", path);
	}
	return fd;
}

void
origin_system(int fd, char *id, size_t size)
{
	struct statvfs st;

	id[0] = '\0';
	if (fstatvfs(fd, &st) == 0 && st.f_fsid != 0)
		snprintf(id, size, "%lu", st.f_fsid);
}

static bool
same_system(const struct rec *r, const char *system, int dir)
{
	const char *dev = obj_str(r->v, "origin_dev");
	struct ident have;
	struct fail ignored;
	char id[24];

	origin_system(dir, id, sizeof(id));
	return (*system != '\0' && strcmp(system, id) == 0) ||
	       (dev != NULL && ident_fd(dir, &have, &ignored) == 0 &&
		   strcmp(dev, have.dev) == 0);
}

int
origin_reachable(const struct rec *r, const char *system, struct fail *f)
{
	const char *origin = rec_str(r, "origin", f);
	bool same;
	int dir;

	if (origin == NULL)
		return -1;
	dir =
	    look_open(dirname(text_fmt("%s", origin)), O_RDONLY | O_DIRECTORY);
	if (dir < 0)
		return fail_errno(f, "%s: its folder", origin);
	same = same_system(r, system, dir);
	close(dir);
	return same ? 0
		    : fail_set(f, FAIL_AGAIN,
			  "%s: its folder is on another file system now; is "
			  "the right one mounted?",
			  origin);
}
