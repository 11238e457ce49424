/*
 * Where lxg keeps things on the host. SPDX-License-Identifier: ISC
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dirs.h"
#include "name.h"
#include "text.h"

/* A variable's value where it is an absolute path; XDG ignores others. */
static const char *
absolute(const char *variable)
{
	const char *s = getenv(variable);

	return s != NULL && s[0] == '/' ? s : NULL;
}

static char *
below_home(const char *variable, const char *otherwise, struct fail *f)
{
	const char *base = absolute(variable), *home = absolute("HOME");

	if (base != NULL)
		return text_fmt("%s/lxg", base);
	if (home == NULL) {
		fail_set(f, FAIL_CONFIG, "HOME is not set");
		return NULL;
	}
	return text_fmt("%s/%s/lxg", home, otherwise);
}

char *
dirs_state(struct fail *f)
{
	return below_home("XDG_STATE_HOME", ".local/state", f);
}

char *
dirs_home(struct fail *f)
{
	const char *s = absolute("LXG_HOME");

	return s != NULL ? text_fmt("%s", s)
			 : below_home("XDG_DATA_HOME", ".local/share", f);
}

char *
dirs_runtime(struct fail *f)
{
	const char *s = absolute("XDG_RUNTIME_DIR");

	if (s == NULL) {
		fail_set(f, FAIL_CONFIG,
		    "XDG_RUNTIME_DIR is not set; a login session sets it");
		return NULL;
	}
	return text_fmt("%s/lxg", s);
}

/* Where an instance's folders are. */
static char *
path_of(const char *engine, const char *project, const char *instance,
    struct fail *f)
{
	char *home, *s;

	if (strcmp(engine, "lxd") != 0 && strcmp(engine, "incus") != 0) {
		fail_set(f, FAIL_DATA, "%s: not an engine", engine);
		return NULL;
	}
	if (name_check_project(project, f) < 0 || name_check(instance, f) < 0 ||
	    (home = dirs_home(f)) == NULL)
		return NULL;
	s = text_fmt("%s/%s/%s/%s", home, engine, project, instance);
	free(home);
	return s;
}

/* Was this folder made for the uuid? */
static bool
is_made_for(const char *path, const char *uuid)
{
	int dir = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct fail ignored;
	char has[64] = "";

	if (dir < 0)
		return false;
	if (dirs_uuid(dir, has, sizeof(has), &ignored) < 0)
		has[0] = '\0';
	close(dir);
	return strcmp(has, uuid) == 0;
}

/* The folder in there that was made for the uuid, owned; or NULL. */
static char *
search(const char *above, const char *uuid)
{
	DIR *d = opendir(above);
	struct dirent *e;
	char *path = NULL;

	while (d != NULL && path == NULL && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		path = text_fmt("%s/%s", above, e->d_name);
		if (!is_made_for(path, uuid)) {
			free(path);
			path = NULL;
		}
	}
	if (d != NULL)
		closedir(d);
	return path;
}

char *
dirs_of(const char *engine, const char *project, const char *instance,
    const char *uuid, struct fail *f)
{
	char *path = path_of(engine, project, instance, f), *above, *has;

	if (path == NULL || uuid == NULL || *uuid == '\0' ||
	    is_made_for(path, uuid))
		return path;
	above = text_fmt("%.*s", (int)(strrchr(path, '/') - path), path);
	has = search(above, uuid);
	free(above);
	if (has == NULL)
		return path;
	free(path);
	return has;
}

char *
dirs_data(struct fail *f)
{
	const char *s = absolute("LXG_DATADIR");
	char *exe, *path;

	if (s != NULL)
		return text_fmt("%s", s);
	if ((exe = realpath("/proc/self/exe", NULL)) == NULL) {
		fail_errno(f, "/proc/self/exe");
		return NULL;
	}
	path = text_fmt("%s/share/lxg", dirname(dirname(exe)));
	free(exe);
	return path;
}

static int
check_own(int fd, const char *path, struct fail *f)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return fail_errno(f, "%s", path);
	if (st.st_uid != geteuid())
		return fail_set(f, FAIL_PERM, "%s: not yours", path);
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return fail_set(
		    f, FAIL_PERM, "%s: others may write here", path);
	return 0;
}

/* mkdir -p with 0700 for what is new. */
static int
make_all(const char *path, struct fail *f)
{
	char *copy = text_fmt("%s", path), *p = copy;
	int ret = 0;

	do {
		p = strchr(p + 1, '/');
		if (p != NULL)
			*p = '\0';
		if (mkdir(copy, 0700) < 0 && errno != EEXIST)
			ret = fail_errno(f, "%s", copy);
		if (p != NULL)
			*p = '/';
	} while (p != NULL && ret == 0);
	free(copy);
	return ret;
}

int
dirs_open(const char *path, struct fail *f)
{
	int fd;

	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) {
		if (make_all(path, f) < 0)
			return -1;
		fd =
		    open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	}
	if (fd < 0)
		return fail_errno(f, "%s", path);
	if (check_own(fd, path, f) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

int
dirs_open_state(const char *name, struct fail *f)
{
	char *state = dirs_state(f), *path;
	int fd;

	if (state == NULL)
		return -1;
	path = text_fmt("%s/%s", state, name);
	fd = dirs_open(path, f);
	free(path);
	free(state);
	return fd;
}

int
dirs_uuid(int dir, char *buf, size_t size, struct fail *f)
{
	int fd = openat(dir, "uuid", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	ssize_t n;

	buf[0] = '\0';
	if (fd < 0)
		return errno == ENOENT ? 0 : fail_errno(f, "uuid");
	n = read(fd, buf, size - 1);
	close(fd);
	if (n < 0)
		return fail_errno(f, "uuid");
	buf[n] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	return 0;
}
