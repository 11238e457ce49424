/*
 * Devices removed: one request a batch, conditional on what was there (ETag),
 * again where it has changed. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "device_priv.h"
#include "dirs.h"
#include "inst.h"
#include "lock.h"
#include "patience.h"
#include "text.h"

jv
device_all(jv instance)
{
	jv devices = obj_get(instance, "devices");

	if (jv_get_kind(devices) == JV_KIND_OBJECT)
		return devices;
	jv_free(devices);
	return jv_object();
}

/*
 * PUT and not PATCH: it can take devices away too, and is an operation, which
 * may last (65 ms a device).
 */
int
device_put(
    struct lxd *l, jv instance, jv devices, const char *etag, struct fail *f)
{
	char *url = text_fmt("/1.0/instances/%s", obj_str(instance, "name"));
	jv body =
	    jv_object_set(jv_copy(instance), jv_string("devices"), devices);
	int ret = lxd_send(l, "PUT", url, body, etag, NULL, f);

	free(url);
	return ret;
}

void
device_take_less(size_t *limit, size_t n, const struct fail *f)
{
	if (strstr(f->text, LXD_TOO_MUCH) != NULL)
		*limit = (n < *limit ? n : *limit) / 4 + 1;
}

/*
 * Deletes the named devices (an object, borrowed), as many as one request may
 * take. Returns 1 where that was not all of them.
 */
static int
without(jv *devices, jv names, size_t limit)
{
	jv keys = jv_keys(jv_copy(names));
	int more = 0;

	jv_array_foreach (keys, i, name) {
		if (!jv_object_has(jv_copy(*devices), jv_copy(name)))
			jv_free(name);
		else if (limit == 0) {
			more = 1;
			jv_free(name);
		} else {
			*devices = jv_object_delete(*devices, name);
			limit--;
		}
	}
	jv_free(keys);
	return more;
}

/*
 * Notes in *absent which of the named devices (all borrowed) a running instance
 * had no device of at the first look. Later looks change nothing: by then the
 * devices that are gone are those that this call has removed itself.
 */
static void
note_absent(jv instance, jv names, jv devices, jv *absent)
{
	if (absent == NULL || jv_get_kind(*absent) == JV_KIND_OBJECT)
		return;
	*absent = jv_object();
	if (!inst_runs(instance))
		return;
	jv_object_foreach (names, name, config) {
		if (jv_get_kind(config) != JV_KIND_OBJECT ||
		    jv_object_has(jv_copy(devices), jv_copy(name))) {
			jv_free(name);
			jv_free(config);
		} else
			*absent = jv_object_set(*absent, name, config);
	}
}

/*
 * Asks the engine for an instance without some of the named devices, unless it
 * has none of them. Returns 1 where so many were named that some are left to
 * another request.
 */
static int
send_remove(struct lxd *l, const struct rec *r, jv names, size_t limit,
    jv *absent, struct fail *f)
{
	char etag[LXD_ETAG];
	jv instance, devices, left;
	int ret, more;

	ret = inst_fetch(l, obj_str(r->v, "instance"), &instance, etag, f);
	if (ret < 0)
		return f->kind == FAIL_NO ? 0 : -1;
	devices = device_all(instance);
	left = jv_copy(devices);
	more = without(&left, names, limit);
	if (!device_same_instance(r, instance))
		more = 0;
	else {
		note_absent(instance, names, devices, absent);
		if (jv_object_length(jv_copy(left)) <
		    jv_object_length(jv_copy(devices)))
			ret = device_put(l, instance, jv_copy(left), etag, f);
	}
	jv_free(left);
	jv_free(devices);
	jv_free(instance);
	return ret < 0 ? -1 : more;
}

static int
remove_noting(
    struct lxd *l, const struct rec *r, jv names, jv *absent, struct fail *f)
{
	struct patience p = patience_begin();
	size_t n = (size_t)jv_object_length(jv_copy(names)), limit = n;
	int ret;

	do {
		ret = send_remove(l, r, names, limit, absent, f);
		if (ret < 0)
			device_take_less(&limit, n, f);
	} while (ret > 0 || (ret < 0 && patience_again(&p, f)));
	return ret;
}

int
device_remove_names(
    struct lxd *l, const struct rec *r, jv names, struct fail *f)
{
	return remove_noting(l, r, names, NULL, f);
}

/*
 * The device's config (consumed), with a source that does not exist, in a
 * folder where nobody but the user could make it exist.
 */
static jv
decoy(const char *folder, jv name, jv config)
{
	char *none = text_fmt("%s/%s", folder, jv_string_value(name));

	config = jv_object_set(config, jv_string("source"), jv_string(none));
	free(none);
	return config;
}

int
device_clear(struct lxd *l, const struct rec *r, jv wanted, struct fail *f)
{
	char etag[LXD_ETAG];
	jv instance, devices;
	char *folder = dirs_state(f);
	int ret = 0;

	if (folder == NULL ||
	    inst_fetch(l, obj_str(r->v, "instance"), &instance, etag, f) < 0) {
		free(folder);
		return -1;
	}
	devices = device_all(instance);
	jv_object_foreach (wanted, name, config) {
		/* what has its path by now is not to be unmounted, and what
		 * can't have been mounted would stay */
		if (jv_object_has(jv_copy(devices), jv_copy(name)) ||
		    device_has_path(instance, obj_str(config, "path")) ||
		    !device_mountable(
			jv_string_value(name), obj_str(config, "path")))
			jv_free(config);
		else
			devices = jv_object_set(devices, jv_copy(name),
			    decoy(folder, name, config));
		jv_free(name);
	}
	free(folder);
	ret = device_put(l, instance, devices, etag, f);
	jv_free(instance);
	return device_remove_names(l, r, wanted, f) < 0 ? -1 : ret;
}

int
device_take_back(struct lxd *l, const struct rec *r, jv added, struct fail *f)
{
	struct lock lock;
	int ret;

	if ((ret = lock_take(r, &lock, f)) == 0) {
		ret = device_remove_names(l, r, added, f);
		lock_drop(&lock);
	}
	jv_free(added);
	return ret;
}

/* A device's name, with its config where the record has all that it needs. */
static int
add_name(jv *names, const struct rec *r, struct fail *f)
{
	const char *name = rec_str(r, "device", f);
	const char *source = obj_str(r->v, "source");
	struct fail ignored;
	jv config;

	if (name == NULL)
		return -1;
	if (source == NULL || *source != '/' || obj_str(r->v, "path") == NULL ||
	    device_to_config(r, &config, &ignored) < 0)
		config = jv_true();
	*names = jv_object_set(*names, jv_string(name), config);
	return 0;
}

int
device_remove(struct lxd *l, const struct batch *b, struct fail *f)
{
	jv names = jv_object(), absent = jv_null();
	struct fail ignored;
	size_t i;
	int ret = 0;

	for (i = 0; i < b->n && ret == 0; i++)
		ret = add_name(&names, b->v[i], f);
	if (ret == 0)
		ret = remove_noting(l, b->v[0], names, &absent, f);
	if (ret == 0 && jv_get_kind(absent) == JV_KIND_OBJECT &&
	    jv_object_length(jv_copy(absent)) > 0)
		device_clear(l, b->v[0], absent, &ignored);
	jv_free(absent);
	jv_free(names);
	return ret;
}
