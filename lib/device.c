/*
 * The disk devices that lxg gives to instances.
 * SPDX-License-Identifier: ISC
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device.h"
#include "engine.h"
#include "ident.h"
#include "inst.h"
#include "owned.h"
#include "text.h"

/*
 * Both engines leave a device's "user." keys alone, so what lxg knows of it
 * lies with it, and goes with it. Names in the record, and in the config.
 */
static const struct {
	const char *rec, *config;
} keys[] = {
    {"source", "source"},
    {"path", "path"},
    {"perm", "user.lxg.perm"},
    {"mode", "user.lxg.mode"},
    {"mount", "user.lxg.mount"},
    {"dev", "user.lxg.dev"},
    {"ino", "user.lxg.ino"},
    {"handle", "user.lxg.handle"},
};
#define NKEYS (sizeof(keys) / sizeof(keys[0]))

#define NAME_LEN 255 /* bytes that a file system takes */

/* FNV-1a; a clash would be told, since device_add() compares the sources. */
static uint64_t
hash(uint64_t h, const char *s)
{
	do {
		h = (h ^ (unsigned char)*s) * UINT64_C(1099511628211);
	} while (*s++ != '\0');
	return h;
}

char *
device_name(const char *kind, const char *what)
{
	uint64_t h = hash(UINT64_C(14695981039346656037), kind);

	return text_fmt("lxg-%016" PRIx64, hash(h, what));
}

int
device_source(const struct rec *r, struct fail *f)
{
	const char *source = rec_str(r, "source", f);
	struct ident want, have;
	int fd;

	if (source == NULL || ident_from_rec(r, &want, f) < 0)
		return -1;
	if ((fd = owned_open(source, f)) < 0)
		return -1;
	if (ident_fd(fd, &have, f) < 0) {
		close(fd);
		return -1;
	}
	if (!ident_same(&want, &have)) {
		close(fd);
		return fail_set(f, FAIL_AGAIN,
		    "%s: another file than the one planned", source);
	}
	return fd;
}

int
device_to_config(const struct rec *r, jv *config, struct fail *f)
{
	jv c = JV_OBJECT(jv_string("type"), jv_string("disk"),
	    jv_string("required"), jv_string("false"));
	const char *s;
	size_t i;

	for (i = 0; i < NKEYS; i++) {
		if (rec_opt_str(r, keys[i].rec, &s, f) < 0) {
			jv_free(c);
			return -1;
		}
		if (s != NULL)
			c = jv_object_set(
			    c, jv_string(keys[i].config), jv_string(s));
	}
	if (rec_true(r, "readonly"))
		c = jv_object_set(c, jv_string("readonly"), jv_string("true"));
	*config = c;
	return 0;
}

void
device_from_config(struct rec *r, const char *name, jv config)
{
	const char *s;
	size_t i;

	rec_set_str(r, "device", name);
	rec_set_str(r, "type", "disk");
	for (i = 0; i < NKEYS; i++)
		if ((s = obj_str(config, keys[i].config)) != NULL)
			rec_set_str(r, keys[i].rec, s);
	s = obj_str(config, "readonly");
	rec_set(r, "readonly",
	    jv_bool(s != NULL && (!strcmp(s, "true") || !strcmp(s, "1"))));
}

/* Is it one of ours? Only they say what was lent. */
static bool
is_ours(const char *name, jv config)
{
	return strncmp(name, "lxg-", 4) == 0 &&
	       obj_str(config, "user.lxg.perm") != NULL &&
	       obj_str(config, "source") != NULL;
}

void
device_list(const struct rec *inst, jv instance, struct recs *out)
{
	jv devices = obj_get(instance, "devices"), names, config;

	if (jv_get_kind(devices) != JV_KIND_OBJECT) {
		jv_free(devices);
		return;
	}
	names = jv_keys(jv_copy(devices));
	jv_array_foreach (names, i, name) {
		config = jv_object_get(jv_copy(devices), jv_copy(name));
		if (is_ours(jv_string_value(name), config)) {
			recs_add(out, jv_copy(inst->v));
			device_from_config(
			    &out->v[out->n - 1], jv_string_value(name), config);
		}
		jv_free(config);
		jv_free(name);
	}
	jv_free(names);
	jv_free(devices);
}

bool
device_has_path(jv instance, const char *path)
{
	jv devices = obj_get(instance, "expanded_devices");
	bool has = false;
	const char *s;

	if (jv_get_kind(devices) != JV_KIND_OBJECT) {
		jv_free(devices);
		return true; /* can't tell */
	}
	jv_object_foreach (devices, name, config) {
		s = obj_str(config, "path");
		has = has || (s != NULL && strcmp(s, path) == 0);
		jv_free(name);
		jv_free(config);
	}
	jv_free(devices);
	return has;
}

/* Of both engines: a slash becomes a hyphen, and a hyphen two. */
static size_t
encoded(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += *s == '-' ? 2 : 1;
	return n;
}

bool
device_mountable(const char *name, const char *path)
{
	return strlen("disk..") + encoded(name) + encoded(path + 1) <= NAME_LEN;
}

static const char *
source_state(const struct rec *r)
{
	struct fail f;
	int fd = device_source(r, &f);

	if (fd >= 0) {
		close(fd);
		return "same";
	}
	return f.kind == FAIL_NO     ? "gone"
	       : f.kind == FAIL_PERM ? "unsafe"
				     : "other";
}

int
device_fetch(const struct rec *inst, struct recs *out, struct fail *f)
{
	const char *name = rec_str(inst, "instance", f);
	struct lxd *l;
	size_t i = out->n;
	jv v;

	if (name == NULL || (l = engine_of(inst, f)) == NULL ||
	    inst_fetch(l, name, &v, NULL, f) < 0)
		return -1;
	device_list(inst, v, out);
	for (; i < out->n; i++)
		rec_set_str(
		    &out->v[i], "source_state", source_state(&out->v[i]));
	jv_free(v);
	return 0;
}
