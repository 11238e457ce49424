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

static bool
helper_ended(const struct fail *f)
{
	return f->kind == FAIL_SYSTEM &&
	       strstr(f->text, "forkfile.sock") != NULL;
}

/*
 * Makes a request for a path of an instance; an answer that refuses is a
 * failure. The engine's helper for files ends when nobody asks it, and a
 * request may meet one that is just ending: then it is made again.
 */
static int
ask_files(struct lxd *l, const char *instance, const char *path,
    struct http_request r, struct http_answer *a, struct fail *f)
{
	char *where = files_path(instance, path);
	int ret, tries = 3;

	r.path = where;
	do {
		free(a->body);
		*a = (struct http_answer){0};
		if (r.from != NULL)
			rewind(r.from);
		ret = lxd_raw(l, &r, a, f);
		if (ret == 0 && a->status >= 400)
			ret = lxd_refused(a, f);
	} while (ret < 0 && helper_ended(f) && --tries > 0);
	free(where);
	return ret;
}

/* A request whose answer is only whether it was done. */
static int
simple(struct lxd *l, const char *instance, const char *path,
    struct http_request r, struct fail *f)
{
	struct http_answer a = {0};
	int ret = ask_files(l, instance, path, r, &a, f);

	free(a.body);
	return ret;
}

int
lxd_file_get(struct lxd *l, const char *instance, const char *path, size_t max,
    char **data, size_t *len, struct fail *f)
{
	struct http_request r = {.method = "GET", .max = max};
	struct http_answer a = {0};
	int ret = ask_files(l, instance, path, r, &a, f);

	if (a.too_long)
		ret = fail_set(
		    f, FAIL_DATA, "%s: larger than %zu bytes", path, max);
	else if (ret == 0 && a.type[0] == '\0')
		ret = fail_set(
		    f, FAIL_PROTOCOL, "%s: the answer is no file", path);
	else if (ret == 0 && strcmp(a.type, "file") != 0)
		ret = fail_set(f, FAIL_DATA, "%s: not a regular file", path);
	if (ret < 0) {
		free(a.body);
		return -1;
	}
	*data = a.body;
	*len = a.len;
	return 0;
}

/* What goes to a path: a file with its content, or a directory. */
static int
put(struct lxd *l, const char *instance, const char *path, const char *type,
    struct http_request r, int uid, int gid, int mode, struct fail *f)
{
	const char *name = strcmp(l->kind, "incus") == 0 ? "Incus" : "LXD";
	char *u = text_fmt("X-%s-uid: %d", name, uid);
	char *g = text_fmt("X-%s-gid: %d", name, gid);
	char *m = text_fmt("X-%s-mode: %04o", name, (unsigned)mode & 07777);
	char *t = text_fmt("X-%s-type: %s", name, type);
	const char *headers[] = {"Content-Type: application/octet-stream", t, u,
	    g, mode >= 0 ? m : NULL, NULL};
	int ret;

	r.method = "POST";
	r.headers = headers;
	ret = simple(l, instance, path, r, f);
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

	return put(l, instance, path, "file", r, uid, gid, mode, f);
}

int
lxd_file_fetch(struct lxd *l, const char *instance, const char *path, FILE *to,
    size_t max, struct fail *f)
{
	struct http_request r = {
	    .method = "GET", .to = to, .max = max, .long_one = true};
	struct http_answer a = {0};
	int ret = ask_files(l, instance, path, r, &a, f);

	if (a.too_long || ret == 0)
		ret = !http_is_plain(&a) ? 1 : a.too_long ? 2 : 0;
	free(a.body);
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

int
lxd_file_list(struct lxd *l, const char *instance, const char *path, jv *names,
    struct fail *f)
{
	struct http_request r = {.method = "GET"};
	struct http_answer a = {0};
	int ret = ask_files(l, instance, path, r, &a, f);
	jv v;

	if (ret == 0 && strcmp(a.type, "directory") != 0)
		ret = fail_set(f, FAIL_DATA, "%s: not a folder", path);
	if (ret == 0 && (ret = lxd_understand(l, &a, &v, f)) == 0) {
		*names = folder_names(v);
		jv_free(v);
	}
	free(a.body);
	return ret;
}

int
lxd_file_remove(
    struct lxd *l, const char *instance, const char *path, struct fail *f)
{
	struct http_request r = {.method = "DELETE"};

	return simple(l, instance, path, r, f);
}
