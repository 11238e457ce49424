/*
 * Which image a new instance is made from. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "http.h"
#include "instance.h"
#include "text.h"

/* The simplestreams servers that the engines' own clients know by name. */
static const struct streams {
	const char *prefix, *engine, *server;
} streams[] = {
    {"images:", "lxd", "https://images.lxd.canonical.com"},
    {"images:", "incus", "https://images.linuxcontainers.org"},
    {"ubuntu:", NULL, "https://cloud-images.ubuntu.com/releases"},
    {"ubuntu-daily:", NULL, "https://cloud-images.ubuntu.com/daily"},
};

static jv
remote_source(const struct streams *r, const char *alias)
{
	jv s = obj_put(jv_object(), "type", "image");

	s = obj_put(s, "mode", "pull");
	s = obj_put(s, "protocol", "simplestreams");
	s = obj_put(s, "server", r->server);
	return obj_put(s, "alias", alias);
}

/* An alias' target or the full form of a fingerprint's beginning; owned. */
static char *
local_fingerprint(struct lxd *l, const char *image, struct fail *f)
{
	char *e = http_escape(image), *path, *found = NULL;
	const char *s;
	jv v;
	int ret;

	path = text_fmt("/1.0/images/aliases/%s", e);
	ret = lxd_get(l, path, &v, NULL, f);
	free(path);
	if (ret < 0 && f->kind == FAIL_NO) {
		path = text_fmt("/1.0/images/%s", e);
		ret = lxd_get(l, path, &v, NULL, f);
		free(path);
		s = "fingerprint";
	} else
		s = "target";
	free(e);
	if (ret < 0)
		return NULL;
	if (obj_str(v, s) != NULL)
		found = text_fmt("%s", obj_str(v, s));
	else
		fail_set(f, FAIL_PROTOCOL, "the engine's answer is no image");
	jv_free(v);
	return found;
}

int
image_source(struct lxd *l, const char *image, jv *source, struct fail *f)
{
	const struct streams *r;
	char *fingerprint;
	size_t i, len;

	for (i = 0; i < sizeof(streams) / sizeof(streams[0]); i++) {
		r = &streams[i];
		len = strlen(r->prefix);
		if (strncmp(image, r->prefix, len) == 0 &&
		    (r->engine == NULL ||
			strcmp(r->engine, lxd_kind(l)) == 0)) {
			*source = remote_source(r, image + len);
			return 0;
		}
	}
	if (strchr(image, ':') != NULL)
		return fail_set(f, FAIL_NO,
		    "%s: not a remote that lxg knows: images:, ubuntu:, "
		    "ubuntu-daily:",
		    image);
	if ((fingerprint = local_fingerprint(l, image, f)) == NULL)
		return f->kind != FAIL_NO
			   ? -1
			   : fail_set(f, FAIL_NO,
				 "%s: no such image here; lxg image builds one",
				 image);
	*source = obj_put(jv_object(), "type", "image");
	*source = obj_put(*source, "fingerprint", fingerprint);
	free(fingerprint);
	return 0;
}
