/*
 * Files of an instance, through the engine. SPDX-License-Identifier: ISC
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lxd_priv.h"
#include "rec.h"
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
helper_ended(const struct fail *f, int *tries)
{
	return f->kind == FAIL_SYSTEM &&
	       strstr(f->text, "forkfile.sock") != NULL && --*tries > 0;
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
	while (ret < 0 && helper_ended(f, &tries));
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

int
lxd_file_send(struct lxd *l, const char *instance, const char *path, FILE *from,
    int uid, int gid, int mode, struct fail *f)
{
	struct http_request r = {.from = from, .long_one = true};
	int ret, tries = 3;

	do {
		rewind(from);
		ret = put(l, instance, path, "file", r, uid, gid, mode, f);
	} while (ret < 0 && helper_ended(f, &tries));
	return ret;
}

static int
fetch_once(struct lxd *l, const char *instance, const char *path, FILE *to,
    size_t max, struct fail *f)
{
	char *where = files_path(instance, path);
	struct http_request r = {.method = "GET",
	    .path = where,
	    .to = to,
	    .max = max,
	    .long_one = true};
	struct http_answer a = {0};
	int ret = lxd_raw(l, &r, &a, f);

	free(where);
	if (a.too_long || (ret == 0 && a.status < 400))
		ret = !http_is_plain(&a) ? 1 : a.too_long ? 2 : ret;
	else if (ret == 0)
		ret = lxd_refused(&a, f);
	free(a.body);
	return ret;
}

int
lxd_file_fetch(struct lxd *l, const char *instance, const char *path, FILE *to,
    size_t max, struct fail *f)
{
	int ret, tries = 3;

	do
		ret = fetch_once(l, instance, path, to, max, f);
	while (ret < 0 && helper_ended(f, &tries));
	return ret;
}

static jv
folder_names(jv answer)
{
	jv list = obj_get(answer, "metadata"), names = jv_object();

	if (jv_get_kind(list) == JV_KIND_ARRAY) {
		jv_array_foreach (list, i, name) {
			if (jv_get_kind(name) == JV_KIND_STRING)
				names = jv_object_set(names, name, jv_true());
			else
				jv_free(name);
		}
	}
	jv_free(list);
	return names;
}

static int
list_once(struct lxd *l, const char *instance, const char *path, jv *names,
    struct fail *f)
{
	struct http_request r = {.method = "GET"};
	char *where = files_path(instance, path);
	struct http_answer a = {0};
	int ret;
	jv v;

	r.path = where;
	ret = lxd_raw(l, &r, &a, f);
	free(where);
	if (ret == 0 && a.status >= 400)
		ret = lxd_refused(&a, f);
	else if (ret == 0 && strcmp(a.type, "directory") != 0)
		ret = fail_set(f, FAIL_DATA, "%s: not a folder", path);
	if (ret == 0 && (ret = lxd_understand(l, &a, &v, f)) == 0) {
		*names = folder_names(v);
		jv_free(v);
	}
	free(a.body);
	return ret;
}

int
lxd_file_list(struct lxd *l, const char *instance, const char *path, jv *names,
    struct fail *f)
{
	int ret, tries = 3;

	do
		ret = list_once(l, instance, path, names, f);
	while (ret < 0 && helper_ended(f, &tries));
	return ret;
}

int
lxd_file_remove(
    struct lxd *l, const char *instance, const char *path, struct fail *f)
{
	struct http_request r = {.method = "DELETE"};
	char *where = files_path(instance, path);
	int ret, tries = 3;

	r.path = where;
	do
		ret = simple(l, &r, f);
	while (ret < 0 && helper_ended(f, &tries));
	free(where);
	return ret;
}
