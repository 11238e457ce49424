/*
 * Files of an instance, through the engine. SPDX-License-Identifier: ISC
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lxd_priv.h"
#include "text.h"

static char *
files_path(const char *instance, const char *path)
{
	char *e = http_escape(path);
	char *s = text_fmt("/1.0/instances/%s/files?path=%s", instance, e);

	free(e);
	return s;
}

/*
 * The engine's helper for an instance's files ends when nobody asks it, and a
 * request may meet one that is just ending.
 */
static bool
helper_ended(const struct fail *f)
{
	return f->kind == FAIL_SYSTEM &&
	       strstr(f->text, "forkfile.sock") != NULL;
}

static int
get_once(struct lxd *l, const char *instance, const char *path, size_t max,
    char **data, size_t *len, struct fail *f)
{
	struct http_request r = {.method = "GET", .max = max};
	char *where = files_path(instance, path);
	struct http_answer a = {0};
	int ret;

	r.path = where;
	ret = lxd_raw(l, &r, &a, f);
	free(where);
	if (ret < 0)
		return a.too_long ? fail_set(f, FAIL_DATA,
					"%s: larger than %zu bytes", path, max)
				  : -1;
	if (a.status >= 400)
		ret = lxd_refused(&a, f);
	else if (a.type[0] == '\0')
		ret = fail_set(
		    f, FAIL_PROTOCOL, "%s: the answer is no file", path);
	else if (strcmp(a.type, "file") != 0)
		ret = fail_set(f, FAIL_DATA, "%s: not a regular file", path);
	if (ret < 0) {
		free(a.body);
		return -1;
	}
	*data = a.body;
	*len = a.len;
	return 0;
}

int
lxd_file_get(struct lxd *l, const char *instance, const char *path, size_t max,
    char **data, size_t *len, struct fail *f)
{
	int ret, tries = 3;

	do
		ret = get_once(l, instance, path, max, data, len, f);
	while (ret < 0 && helper_ended(f) && --tries > 0);
	return ret;
}

/* A request whose answer is only whether it was done. */
static int
simple(struct lxd *l, struct http_request *r, struct fail *f)
{
	struct http_answer a = {0};
	int ret = lxd_raw(l, r, &a, f);

	if (ret == 0 && a.status >= 400)
		ret = lxd_refused(&a, f);
	free(a.body);
	return ret;
}

/* What goes to a path: a file with its content, or a directory. */
static int
put(struct lxd *l, const char *instance, const char *path, const char *type,
    struct http_request r, int uid, int gid, int mode, struct fail *f)
{
	const char *name = strcmp(l->kind, "incus") == 0 ? "Incus" : "LXD";
	char *where = files_path(instance, path);
	char *u = text_fmt("X-%s-uid: %d", name, uid);
	char *g = text_fmt("X-%s-gid: %d", name, gid);
	char *m = text_fmt("X-%s-mode: %04o", name, (unsigned)mode & 07777);
	char *t = text_fmt("X-%s-type: %s", name, type);
	const char *headers[] = {"Content-Type: application/octet-stream", t, u,
	    g, mode >= 0 ? m : NULL, NULL};
	int ret;

	r.method = "POST";
	r.path = where;
	r.headers = headers;
	ret = simple(l, &r, f);
	free(where);
	free(u);
	free(g);
	free(m);
	free(t);
	return ret;
}

int
lxd_file_put(struct lxd *l, const char *instance, const char *path,
    const char *data, size_t len, int uid, int gid, int mode, struct fail *f)
{
	struct http_request r = {.body = data, .len = len};

	return put(l, instance, path, "file", r, uid, gid, mode, f);
}

int
lxd_file_mkdir(struct lxd *l, const char *instance, const char *path, int uid,
    int gid, int mode, struct fail *f)
{
	struct http_request r = {.body = "", .len = 0};

	return put(l, instance, path, "directory", r, uid, gid, mode, f);
}
