/*
 * Kernel events of the shared folders. SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "watch.h"

#define TOP    (IN_CREATE | IN_MOVED_TO | IN_ONLYDIR)
#define FOLDER (TOP | IN_MODIFY | IN_CLOSE_WRITE | IN_DELETE_SELF)

/* By descriptor: a folder of that name may be another one by now. */
static int
add(int fd, int folder, unsigned mask)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", folder);
	return inotify_add_watch(fd, path, mask);
}

int
watch_top(struct watch *w, int xpra, struct fail *f)
{
	w->status = false;
	w->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	w->top = w->fd < 0 ? -1 : add(w->fd, xpra, TOP);
	if (w->top < 0)
		return fail_errno(f, "inotify");
	return 0;
}

void
watch_forget_top(struct watch *w)
{
	if (w->top >= 0)
		inotify_rm_watch(w->fd, w->top);
	w->top = -1;
}

void
watch_folder(struct watch *w, int folder)
{
	add(w->fd, folder, FOLDER);
}

/* The status comes with a rename, the supervisor's end closes its lock. */
static bool
matters(const struct inotify_event *e)
{
	if (e->mask & (IN_Q_OVERFLOW | IN_DELETE_SELF | IN_IGNORED))
		return true;
	return e->len > 0 && (strncmp(e->name, "status", 6) == 0 ||
				 strcmp(e->name, "lock") == 0);
}

void
watch_read(struct watch *w)
{
	char data[16384] __attribute__((aligned(8)));
	const struct inotify_event *e;
	ssize_t n = read(w->fd, data, sizeof(data)), at;

	for (at = 0; at < n; at += (ssize_t)(sizeof(*e) + e->len)) {
		e = (const void *)(data + at);
		w->status = w->status || matters(e);
	}
}
