/*
 * Base profiles. SPDX-License-Identifier: ISC
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base.h"
#include "dirs.h"
#include "body.h"
#include "file.h"
#include "policy.h"
#include "rec.h"
#include "text.h"

#define BASE_MAX (1u << 20)

static const struct {
	const char *lxd, *incus;
} renamed[] = {
    {"security.devlxd", "security.guestapi"},
    {"security.devlxd.images", "security.guestapi.images"},
};

/* And LXD's name for one of Incus's. */
static const char *
lxd_key(const char *key)
{
	size_t i;

	for (i = 0; i < sizeof(renamed) / sizeof(renamed[0]); i++)
		if (strcmp(renamed[i].incus, key) == 0)
			return renamed[i].lxd;
	return key;
}

const char *
base_incus_key(const char *key)
{
	size_t i;

	for (i = 0; i < sizeof(renamed) / sizeof(renamed[0]); i++)
		if (strcmp(renamed[i].lxd, key) == 0)
			return renamed[i].incus;
	return key;
}

static bool
ends(const char *s, const char *with)
{
	size_t n = strlen(s), m = strlen(with);

	return n > m && strcmp(s + n - m, with) == 0;
}

/* Where the base lies, owned; NULL for neither a preset nor a file. */
static char *
find(const char *base, struct fail *f)
{
	char *data, *path;

	if (strchr(base, '/') || ends(base, ".yaml") || ends(base, ".yml") ||
	    ends(base, ".json"))
		return text_fmt("%s", base);
	if ((data = dirs_data(f)) == NULL)
		return NULL;
	path = text_fmt("%s/profiles/%s.yaml", data, base);
	if (access(path, F_OK) < 0 && access(base, F_OK) == 0) {
		free(path);
		path = text_fmt("%s", base);
	} else if (access(path, F_OK) < 0) {
		fail_set(f, FAIL_NO,
		    "%s: neither a preset in %s/profiles "
		    "nor a file",
		    base, data);
		free(path);
		path = NULL;
	}
	free(data);
	return path;
}

/*
 * JSON is YAML, but for the characters that it writes as two escapes: those
 * are undone, where libyaml has found fault with a text.
 */
static int
parse(const char *s, size_t len, jv *body, struct fail *f)
{
	yaml_document_t d;
	struct fail ignored;
	int ret;
	jv v;

	if (doc_load(s, len, &d, f) < 0) {
		if (s[strspn(s, " \t\r\n")] != '{' ||
		    rec_parse(s, len, &v, &ignored) < 0)
			return -1;
		v = jv_dump_string(v, 0);
		ret = doc_load(jv_string_value(v),
		    (size_t)jv_string_length_bytes(jv_copy(v)), &d, f);
		jv_free(v);
		if (ret < 0)
			return -1;
	}
	ret = body_of(&d, body, f);
	yaml_document_delete(&d);
	return ret;
}

/* What is empty is unset, to the engine: it would not store it. Consumes. */
static jv
without_empty(jv config)
{
	jv all = jv_object();

	jv_object_foreach (config, k, v) {
		if (jv_string_length_bytes(jv_copy(v)) > 0)
			all = jv_object_set(all, k, v);
		else {
			jv_free(k);
			jv_free(v);
		}
	}
	jv_free(config);
	return all;
}

static int
to_lxd_names(jv *config, struct fail *f)
{
	const char *lxd, *incus, *value;
	size_t i;

	for (i = 0; i < sizeof(renamed) / sizeof(renamed[0]); i++) {
		lxd = renamed[i].lxd;
		incus = renamed[i].incus;
		if ((value = obj_str(*config, incus)) == NULL)
			continue;
		if (obj_str(*config, lxd) != NULL)
			return fail_set(f, FAIL_DATA,
			    "%s and %s are the same key", lxd, incus);
		*config =
		    jv_object_set(*config, jv_string(lxd), jv_string(value));
		*config = jv_object_delete(*config, jv_string(incus));
	}
	return 0;
}

static int
tidy(jv *body, struct fail *f)
{
	jv config = without_empty(obj_get(*body, "config"));
	jv all = obj_get(*body, "devices"), devices = jv_object();
	int ret = to_lxd_names(&config, f);

	/* a fingerprint is made anew */
	config = jv_object_delete(config, jv_string(POLICY_PREFIX "put"));
	jv_object_foreach (all, k, v) {
		devices = jv_object_set(devices, k, without_empty(v));
	}
	jv_free(all);
	*body = jv_object_set(*body, jv_string("config"), config);
	*body = jv_object_set(*body, jv_string("devices"), devices);
	return ret;
}

int
base_read(const char *base, jv *body, struct fail *f)
{
	char *path = find(base, f), *s = NULL;
	struct fail why;
	size_t len;
	int ret;

	if (path == NULL)
		return -1;
	if ((ret = file_read(path, BASE_MAX, &s, &len, &why)) == 0 &&
	    (ret = parse(s, len, body, &why)) == 0 &&
	    (ret = tidy(body, &why)) < 0)
		jv_free(*body);
	if (ret < 0)
		fail_set(f, why.kind, "%s: %s", path, why.text);
	free(s);
	free(path);
	return ret;
}

/* Sets or, where value is empty, takes away; consumes and returns map. */
static jv
assign(jv map, const char *key, const char *value)
{
	return *value ? jv_object_set(map, jv_string(key), jv_string(value))
		      : jv_object_delete(map, jv_string(key));
}

/* NAME.KEY, or NAME alone with no value; consumes and returns devices. */
static jv
set_device(jv devices, char *name, const char *value)
{
	char *key = strchr(name, '.');
	jv device;

	if (key == NULL)
		return jv_object_delete(devices, jv_string(name));
	*key++ = '\0';
	device = obj_get(devices, name);
	if (!jv_is_valid(device)) {
		jv_free(device);
		device = jv_object();
	}
	return jv_object_set(
	    devices, jv_string(name), assign(device, key, value));
}

/* The part of a device's key behind "devices.": "" of neither side. */
static bool
is_device_key(const char *s, const char *value)
{
	const char *dot = strchr(s, '.');

	if (dot == NULL)
		return *s != '\0' && *value == '\0';
	return dot != s && dot[1] != '\0';
}

int
base_set(jv *body, const char *assignment, struct fail *f)
{
	const size_t len = strlen("devices.");
	const char *eq = strchr(assignment, '=');
	char *key;
	jv map;

	if (!text_utf8(assignment, strlen(assignment)))
		return fail_set(f, FAIL_DATA, "%s: not UTF-8", assignment);
	if (eq == NULL || eq == assignment)
		return fail_set(f, FAIL_USAGE, "%s: not KEY=VALUE", assignment);
	key = text_fmt("%.*s", (int)(eq - assignment), assignment);
	if (strncmp(key, "devices.", len) != 0) {
		map = assign(obj_get(*body, "config"), lxd_key(key), eq + 1);
		*body = jv_object_set(*body, jv_string("config"), map);
	} else if (is_device_key(key + len, eq + 1)) {
		map = set_device(obj_get(*body, "devices"), key + len, eq + 1);
		*body = jv_object_set(*body, jv_string("devices"), map);
	} else {
		free(key);
		return fail_set(f, FAIL_USAGE, "%s: not devices.NAME.KEY=VALUE",
		    assignment);
	}
	free(key);
	return 0;
}
