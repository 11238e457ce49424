/*
 * A program in an instance, over the engine's exec. What is said of its
 * WebSockets is in the "REST API" pages of both engines.
 * SPDX-License-Identifier: ISC
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "channel.h"
#include "lxd_priv.h"
#include "rec.h"
#include "text.h"

static const char *const names[CHANNELS] = {"0", "1", "2", "control"};

/* What goes into a path as it is, so that it leads nowhere else. */
static bool
is_secret(const char *s)
{
	for (; isalnum((unsigned char)*s) || *s == '-'; s++)
		;
	return *s == '\0';
}

/* From the operation's metadata (borrowed). */
static int
take_paths(jv operation, struct channel *c, struct fail *f)
{
	const char *id = obj_str(operation, "id"), *secret;
	jv meta = obj_get(operation, "metadata");
	jv fds = obj_get(meta, "fds");
	int i, ret = 0;

	for (i = 0; ret == 0 && i < CHANNELS; i++) {
		secret = obj_str(fds, names[i]);
		if (id == NULL || secret == NULL || !is_secret(id) ||
		    !is_secret(secret))
			ret = fail_set(f, FAIL_PROTOCOL,
			    "the engine gave no WebSocket for a program");
		else
			c->path[i] = text_fmt("/1.0/operations/%s/websocket"
					      "?secret=%s",
			    id, secret);
	}
	jv_free(fds);
	jv_free(meta);
	return ret;
}

static jv
exec_request(jv argv, uint32_t uid, uint32_t gid)
{
	jv body = jv_object();

	body = obj_set(body, "command", argv);
	body = obj_set(body, "interactive", jv_false());
	body = obj_set(body, "wait-for-websocket", jv_true());
	body = obj_set(body, "user", jv_number(uid));
	return obj_set(body, "group", jv_number(gid));
}

int
channel_ask(struct lxd *l, const char *instance, jv argv, uint32_t uid,
    uint32_t gid, struct channel *c, struct fail *f)
{
	char *path = text_fmt("/1.0/instances/%s/exec", instance);
	jv text = jv_dump_string(exec_request(argv, uid, gid), 0), v, operation;
	const char *headers[] = {"Content-Type: application/json", NULL};
	struct http_request r = {.method = "POST",
	    .path = path,
	    .headers = headers,
	    .body = jv_string_value(text),
	    .len = (size_t)jv_string_length_bytes(jv_copy(text))};
	struct http_answer a = {0};
	int ret;

	*c = (struct channel){.path = {NULL}};
	ret = lxd_raw(l, &r, &a, f);
	if (ret == 0)
		ret = lxd_understand(l, &a, &v, f);
	if (ret == 0) {
		operation = obj_get(v, "metadata");
		ret = take_paths(operation, c, f);
		jv_free(operation);
		jv_free(v);
	}
	if (ret < 0)
		channel_close(c);
	free(a.body);
	jv_free(text);
	free(path);
	return ret;
}

int
channel_connect(struct lxd *l, struct channel *c, struct fail *f)
{
	int i;

	/* what ends it is first, so that nothing begins that can't be ended */
	for (i = CHANNELS - 1; i >= 0; i--)
		if ((c->ws[i] = ws_open(l->http, c->path[i], f)) == NULL)
			return -1;
	return 0;
}

void
channel_close(struct channel *c)
{
	int i;

	for (i = 0; i < CHANNELS; i++) {
		ws_close(c->ws[i]);
		free(c->path[i]);
		c->ws[i] = NULL;
		c->path[i] = NULL;
	}
}
