/*
 * The xpra folder that the instance shares and can write.
 * SPDX-License-Identifier: ISC
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "dirs.h"
#include "shared.h"
#include "text.h"

#define ENTRIES_MAX 4096 /* of a folder that is removed */
#define DEPTH_MAX   8

static char *
instance_path(const struct rec *r, struct fail *f)
{
	const char *engine = rec_str(r, "engine", f);
	const char *project = rec_str(r, "project", f);
	const char *instance = rec_str(r, "instance", f), *uuid;

	if (engine == NULL || project == NULL || instance == NULL ||
	    rec_opt_str(r, "uuid", &uuid, f) < 0)
		return NULL;
	return dirs_of(engine, project, instance, uuid, f);
}

char *
shared_path(const struct rec *r, struct fail *f)
{
	char *base = instance_path(r, f), *path;

	if (base == NULL)
		return NULL;
	path = text_fmt("%s/xpra", base);
	free(base);
	return path;
}

/* The folder above is the user's alone, and of this very instance. */
static int
check_instance(int dir, const struct rec *r, struct fail *f)
{
	const char *uuid;
	char made_for[64];
	struct stat st;

	if (fstat(dir, &st) < 0)
		return fail_errno(f, "its folder");
	if (st.st_uid != geteuid() || (st.st_mode & 022) != 0)
		return fail_set(
		    f, FAIL_PERM, "its folder is not yours alone to write");
	if (rec_opt_str(r, "uuid", &uuid, f) < 0)
		return -1;
	if (dirs_uuid(dir, made_for, sizeof(made_for), f) < 0)
		return -1;
	if (uuid == NULL || made_for[0] == '\0')
		return 0;
	if (strcmp(made_for, uuid) != 0)
		return fail_set(f, FAIL_CREATE,
		    "its folder was made for another instance (%s)", made_for);
	return 0;
}

int
shared_open(const struct rec *r, struct fail *f)
{
	char *path = instance_path(r, f);
	int above, fd = -1;

	if (path == NULL)
		return -1;
	above = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (above < 0) {
		fail_errno(f, "%s", path);
	} else if (check_instance(above, r, f) == 0) {
		fd = openat(above, "xpra",
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0)
			fail_errno(f, "%s/xpra", path);
	}
	if (above >= 0)
		close(above);
	free(path);
	return fd;
}

int
shared_folder(int xpra, const char *session)
{
	return openat(
	    xpra, session, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int
shared_file(int dir, const char *name)
{
	struct stat st;
	int fd = openat(dir, name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	errno = EINVAL;
	return -1;
}

ssize_t
shared_read(int dir, const char *name, char *text, size_t size)
{
	int fd = shared_file(dir, name);
	size_t len = 0;
	ssize_t n = -1;

	if (fd < 0)
		return -1;
	while (len < size && (n = read(fd, text + len, size - len)) > 0)
		len += (size_t)n;
	close(fd);
	if (n < 0 || len == size) {
		errno = EFBIG;
		return -1;
	}
	text[len] = '\0';
	return (ssize_t)len;
}

int
shared_number(int dir, const char *name, int max)
{
	char text[16];
	const char *why;
	int n;

	if (shared_read(dir, name, text, sizeof(text)) <= 0)
		return -1;
	text[strcspn(text, "\n")] = '\0';
	if (text[strspn(text, "0123456789")] != '\0')
		return -1;
	n = (int)strtonum(text, 0, max, &why);
	return why == NULL ? n : -1;
}

bool
shared_alive(int folder)
{
	struct flock l = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
	int fd = shared_file(folder, "lock");
	bool held;

	if (fd < 0)
		return false;
	held = fcntl(fd, F_OFD_GETLK, &l) == 0 && l.l_type != F_UNLCK;
	close(fd);
	return held;
}

static int
check_peer(int s, const struct idmap *map, struct fail *f)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(s, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return fail_errno(f, "its socket's peer");
	if (!idmap_has_uid(map, peer.uid))
		return fail_set(f, FAIL_PERM,
		    "its socket is held by uid %u, which is not of the "
		    "instance: refused",
		    (unsigned)peer.uid);
	return 0;
}

/* Through /proc, so that what was checked is what is connected to. */
static int
connect_inode(int inode, const struct idmap *map, struct fail *f)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (s < 0)
		return fail_errno(f, "socket");
	snprintf(sun.sun_path, sizeof(sun.sun_path), "/proc/self/fd/%d", inode);
	if (connect(s, (struct sockaddr *)&sun, sizeof(sun)) < 0)
		if (errno == EAGAIN)
			fail_set(f, FAIL_AGAIN,
			    "its server takes no more connections");
		else
			fail_errno(f, "its socket");
	else if (check_peer(s, map, f) == 0)
		return s;
	close(s);
	return -1;
}

int
shared_connect(
    int dir, const char *name, const struct idmap *map, struct fail *f)
{
	int s = -1, inode = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (inode < 0)
		fail_errno(f, "%s", name);
	else if (fstat(inode, &st) < 0 || !S_ISSOCK(st.st_mode))
		fail_set(f, FAIL_PERM, "%s is not a socket: refused", name);
	else
		s = connect_inode(inode, map, f);
	if (inode >= 0)
		close(inode);
	return s;
}

/* Best effort: what is left shows at the end. */
static void
empty_folder(int dir, int depth)
{
	int copy = fcntl(dir, F_DUPFD_CLOEXEC, 0), sub, n = 0;
	DIR *d = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *e;

	while (d != NULL && n++ < ENTRIES_MAX && (e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (unlinkat(dir, e->d_name, 0) == 0 || errno != EISDIR)
			continue;
		sub = depth > 0 ? shared_folder(dir, e->d_name) : -1;
		if (sub >= 0) {
			empty_folder(sub, depth - 1);
			close(sub);
		}
		unlinkat(dir, e->d_name, AT_REMOVEDIR);
	}
	if (d != NULL)
		closedir(d);
}

void
shared_empty(int dir)
{
	empty_folder(dir, DEPTH_MAX);
}

int
shared_remove(int xpra, const char *session, struct fail *f)
{
	char *sock = text_fmt("%s.sock", session);
	int dir = shared_folder(xpra, session), ret = 0;

	unlinkat(xpra, sock, 0);
	free(sock);
	if (dir >= 0) {
		empty_folder(dir, DEPTH_MAX);
		close(dir);
	}
	if (unlinkat(xpra, session, AT_REMOVEDIR) < 0 && errno != ENOENT)
		ret = fail_set(f, FAIL_AGAIN, "%s: its files: %s", session,
		    strerror(errno));
	return ret;
}
