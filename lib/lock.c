/*
 * One step at a time on an instance. SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dirs.h"
#include "lock.h"
#include "remote.h"
#include "text.h"

/* A file name for the instance: no slash in it, and none like another's. */
static char *
lock_name(const struct rec *r, struct fail *f)
{
	const char *engine, *project, *instance;
	const char *api = obj_str(r->v, "api");
	char *s, *p;

	/* of this host, however its socket is spelled; or another machine's */
	if ((engine = rec_str(r, "engine", f)) == NULL ||
	    (project = rec_str(r, "project", f)) == NULL ||
	    (instance = rec_str(r, "instance", f)) == NULL)
		return NULL;
	s = text_fmt(
	    "%s:%s:%s", remote_is_url(api) ? api : engine, project, instance);
	for (p = s; *p != '\0'; p++)
		if (*p == '/')
			*p = '+';
	return s;
}

/* Opens and locks the file; 1 where its holder has removed it meanwhile. */
static int
try_take(struct lock *l, struct fail *f)
{
	struct stat st;

	l->fd = openat(
	    l->dir, l->name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (l->fd < 0)
		return fail_errno(f, "lock %s", l->name);
	if (flock(l->fd, LOCK_EX) < 0) {
		fail_errno(f, "lock %s", l->name);
		if (errno == EINTR)
			f->kind = FAIL_INTERRUPTED;
	} else if (fstat(l->fd, &st) < 0)
		fail_errno(f, "lock %s", l->name);
	else if (st.st_nlink > 0)
		return 0;
	else {
		close(l->fd);
		return 1;
	}
	close(l->fd);
	return -1;
}

int
lock_take(const struct rec *r, struct lock *l, struct fail *f)
{
	int ret;

	l->dir = -1;
	if ((l->name = lock_name(r, f)) == NULL)
		return -1;
	if ((l->dir = dirs_open_state("locks", f)) < 0) {
		free(l->name);
		return -1;
	}
	while ((ret = try_take(l, f)) == 1)
		;
	if (ret < 0) {
		close(l->dir);
		free(l->name);
	}
	return ret;
}

/* The file goes with the lock, so that nothing is left of a deleted instance.
 */
void
lock_drop(struct lock *l)
{
	unlinkat(l->dir, l->name, 0);
	close(l->fd);
	close(l->dir);
	free(l->name);
}
