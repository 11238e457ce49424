/*
 * Bounded helpers run in an instance. record-output needs no WebSocket, and
 * has no cap of its own: so it is not for programs that print without end.
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "lxd_priv.h"
#include "rec.h"
#include "text.h"

/*
 * The recorded output at a path that the engine gave; then it is removed, or
 * only that where text is NULL.
 */
static int
take_output(struct lxd *l, const char *path, char **text, struct fail *f)
{
	struct http_request r = {
	    .method = "GET", .path = path, .max = LXD_OUTPUT_MAX};
	struct http_answer a = {0};
	struct fail ignored;
	int ret = 0;

	if (text != NULL) {
		ret = lxd_raw(l, &r, &a, f);
		if (ret == 0 && a.status >= 400)
			ret = lxd_refused(&a, f);
		if (ret == 0)
			*text = a.body;
		else
			free(a.body);
	}
	r.method = "DELETE";
	if (lxd_raw(l, &r, &a, &ignored) == 0)
		free(a.body);
	return ret;
}

static int
take_stream(
    struct lxd *l, jv output, const char *fd, char **text, struct fail *f)
{
	const char *path = obj_str(output, fd);

	if (path == NULL || strncmp(path, "/1.0/", 5) != 0 ||
	    strpbrk(path, "?#%\r\n ") != NULL)
		return fail_set(
		    f, FAIL_PROTOCOL, "the engine recorded no output");
	return take_output(l, path, text, f);
}

int
lxd_exec_results(
    struct lxd *l, jv op, int *status, char **out, char **err, struct fail *f)
{
	jv ret = obj_get(op, "return"), output = obj_get(op, "output");
	char *text[2] = {NULL, NULL};
	int bad = 0;

	if (jv_get_kind(ret) != JV_KIND_NUMBER)
		bad = fail_set(
		    f, FAIL_PROTOCOL, "the engine gave no exit status");
	else
		*status = (int)jv_number_value(ret);
	if (bad == 0 && (out != NULL || err != NULL)) {
		bad = take_stream(
		    l, output, "1", out != NULL ? &text[0] : NULL, f);
		if (bad == 0)
			bad = take_stream(l, output, "2",
			    err != NULL && *status != 0 ? &text[1] : NULL, f);
	}
	if (bad == 0 && out != NULL)
		*out = text[0];
	else
		free(text[0]);
	if (bad == 0 && err != NULL)
		*err = text[1];
	else
		free(text[1]);
	jv_free(ret);
	jv_free(output);
	return bad;
}

jv
lxd_exec_body(jv argv, uint32_t uid, uint32_t gid, bool record)
{
	jv body = obj_set(jv_object(), "command", argv);

	body = obj_set(body, "interactive", jv_false());
	body = obj_set(body, "wait-for-websocket", jv_false());
	body = obj_set(body, "record-output", jv_bool(record));
	body = obj_set(body, "user", jv_number(uid));
	return obj_set(body, "group", jv_number(gid));
}

int
lxd_exec(struct lxd *l, const char *instance, jv argv, uint32_t uid,
    uint32_t gid, int *status, char **out, char **err, struct fail *f)
{
	char *path = text_fmt("/1.0/instances/%s/exec", instance);
	jv body = lxd_exec_body(argv, uid, gid, out != NULL || err != NULL);
	int ret;
	jv op;

	/* the instance decides how long it takes, and may want it to be long */
	l->limit = 2 * lxd_patience();
	ret = lxd_send(l, "POST", path, body, NULL, &op, f);
	l->limit = 0;
	free(path);
	if (ret < 0)
		return -1;
	ret = lxd_exec_results(l, op, status, out, err, f);
	jv_free(op);
	return ret;
}
