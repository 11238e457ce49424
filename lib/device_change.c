/*
 * Devices added and removed: one request a batch, conditional on what was
 * there (ETag), again where it has changed. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "device.h"
#include "ident.h"
#include "inst.h"
#include "lock.h"
#include "patience.h"
#include "sig.h"
#include "text.h"

/* The paths inside that a profile's or the instance's own devices are at. */
static jv
taken_paths(jv instance)
{
	jv devices = obj_get(instance, "expanded_devices"), taken = jv_object();
	const char *path;

	if (jv_get_kind(devices) == JV_KIND_OBJECT)
		jv_object_foreach (devices, name, config) {
			if ((path = obj_str(config, "path")) != NULL)
				taken = jv_object_set(
				    taken, jv_string(path), jv_true());
			jv_free(name);
			jv_free(config);
		}
	jv_free(devices);
	return taken;
}

/* What of the asked is otherwise in what is there? NULL: nothing. */
static const char *
difference(const struct rec *want, const struct rec *have)
{
	static const char *const same[] = {"source", "perm", "mode", "mount"};
	struct ident a, b;
	const char *s, *t;
	struct fail f;
	size_t i;

	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		s = obj_str(want->v, same[i]);
		t = obj_str(have->v, same[i]);
		if ((s == NULL) != (t == NULL) || (s && strcmp(s, t) != 0))
			return same[i];
	}
	if (rec_true(want, "readonly") != rec_true(have, "readonly"))
		return "readonly";
	if (ident_from_rec(want, &a, &f) < 0 ||
	    ident_from_rec(have, &b, &f) < 0 || !ident_same(&a, &b))
		return "inode";
	return NULL;
}

/* One attempt at an add: what the engine has, and what it shall get. */
struct attempt {
	const struct batch *batch;
	device_place_fn *place;
	char etag[LXD_ETAG];
	jv instance, taken;
	jv add, sent; /* devices by name: this time's, and all times' */
	size_t limit; /* of one request */
	bool more;    /* that had no room in it */
};

/* A device of this name is there: 1, and its path goes to the record. */
static int
already(struct attempt *a, struct rec *r, const char *name, struct fail *f)
{
	jv devices = obj_get(a->instance, "devices");
	jv config = obj_get(devices, name);
	struct rec have = {jv_object(), 0};
	const char *differs, *path;
	int ret = 0;

	if (jv_get_kind(config) == JV_KIND_OBJECT) {
		device_from_config(&have, name, config);
		path = obj_str(have.v, "path");
		ret = 1;
		if ((differs = difference(r, &have)) != NULL || path == NULL)
			ret = fail_set(f, EX_CANTCREAT,
			    "%s: there already with another %s",
			    obj_str(r->v, "source"),
			    differs ? differs : "path");
		else
			rec_set_str(r, "path", path);
	}
	jv_free(have.v);
	jv_free(config);
	jv_free(devices);
	return ret;
}

static int
plan_one(struct attempt *a, struct rec *r, struct fail *f)
{
	const char *name = rec_str(r, "device", f);
	jv config;
	int ret;

	if (name == NULL || rec_str(r, "source", f) == NULL ||
	    rec_str(r, "path", f) == NULL || rec_str(r, "perm", f) == NULL)
		return -1;
	if ((ret = already(a, r, name, f)) != 0)
		return ret < 0 ? -1 : 0;
	/* named twice in one batch: the first has decided */
	config = obj_get(a->add, name);
	if (jv_get_kind(config) == JV_KIND_OBJECT) {
		rec_set_str(r, "path", obj_str(config, "path"));
		jv_free(config);
		return 0;
	}
	jv_free(config);
	if (a->place(r, &a->taken, f) < 0 ||
	    device_to_config(r, &config, f) < 0)
		return -1;
	a->add = jv_object_set(a->add, jv_string(name), config);
	return 0;
}

bool
device_same_instance(const struct rec *r, jv instance)
{
	jv config = obj_get(instance, "config");
	const char *want = obj_str(r->v, "uuid");
	const char *have = obj_str(config, "volatile.uuid");
	bool same = want == NULL || (have != NULL && strcmp(want, have) == 0);

	jv_free(config);
	return same;
}

static int
plan_all(struct attempt *a, struct fail *f)
{
	size_t i;

	for (i = 0; i < a->batch->n; i++) {
		if (!device_same_instance(a->batch->v[i], a->instance))
			return fail_set(
			    f, EX_NO, "the instance is another one now");
		if (plan_one(a, a->batch->v[i], f) < 0)
			return -1;
	}
	return 0;
}

static void
attempt_free(struct attempt *a)
{
	jv_free(a->instance);
	jv_free(a->taken);
	jv_free(a->add);
	a->instance = a->taken = jv_null();
	a->add = jv_object();
	a->more = false;
}

static int
prepare(struct lxd *l, struct attempt *a, struct fail *f)
{
	jv inst;

	/* refuses an id map that is not one to lend anything to */
	if (inst_get(l, obj_str(a->batch->v[0]->v, "instance"), &inst,
		&a->instance, a->etag, f) < 0)
		return -1;
	jv_free(inst);
	a->taken = taken_paths(a->instance);
	return plan_all(a, f);
}

/*
 * The instance with other devices (consumed). PUT and not PATCH: it can take
 * devices away too, and is an operation, which may last (65 ms a device).
 */
static int
put_devices(
    struct lxd *l, jv instance, jv devices, const char *etag, struct fail *f)
{
	char *url = text_fmt("/1.0/instances/%s", obj_str(instance, "name"));
	jv body =
	    jv_object_set(jv_copy(instance), jv_string("devices"), devices);
	int ret = lxd_send(l, "PUT", url, body, etag, NULL, f);

	free(url);
	return ret;
}

static int
send_add(struct lxd *l, struct attempt *a, struct fail *f)
{
	jv devices;

	if (jv_object_length(jv_copy(a->add)) == 0)
		return 0;
	devices = obj_get(a->instance, "devices");
	if (jv_get_kind(devices) != JV_KIND_OBJECT) {
		jv_free(devices);
		devices = jv_object();
	}
	devices = jv_object_merge(devices, jv_copy(a->add));
	a->sent = jv_object_merge(a->sent, jv_copy(a->add));
	return put_devices(l, a->instance, devices, a->etag, f);
}

/* A request was too much: the next ones are smaller. */
static void
take_less(size_t *limit, size_t n, const struct fail *f)
{
	if (strstr(f->text, LXD_TOO_MUCH) != NULL)
		*limit = (n < *limit ? n : *limit) / 4 + 1;
}

/* Deletes those named (an object, borrowed), up to the limit; 1: not all. */
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

/* Sent only where it is fewer then; 1 where some are left to another time. */
static int
send_remove(
    struct lxd *l, const struct rec *r, jv names, size_t limit, struct fail *f)
{
	char etag[LXD_ETAG];
	jv instance, devices, left;
	int ret, more;

	ret = inst_fetch(l, obj_str(r->v, "instance"), &instance, etag, f);
	if (ret < 0)
		return f->code == EX_NO ? 0 : -1;
	devices = obj_get(instance, "devices");
	if (jv_get_kind(devices) != JV_KIND_OBJECT) {
		jv_free(devices);
		devices = jv_object();
	}
	left = jv_copy(devices);
	more = without(&left, names, limit);
	if (device_same_instance(r, instance) &&
	    jv_object_length(jv_copy(left)) <
		jv_object_length(jv_copy(devices)))
		ret = put_devices(l, instance, jv_copy(left), etag, f);
	else
		more = 0;
	jv_free(left);
	jv_free(devices);
	jv_free(instance);
	return ret < 0 ? -1 : more;
}

static int
remove_names(struct lxd *l, const struct rec *r, jv names, struct fail *f)
{
	struct patience p = patience_begin();
	size_t n = (size_t)jv_object_length(jv_copy(names)), limit = n;
	int ret;

	do {
		ret = send_remove(l, r, names, limit, f);
		if (ret < 0)
			take_less(&limit, n, f);
	} while (ret > 0 || (ret < 0 && patience_again(&p, f)));
	return ret;
}

static int
check_sources(const struct batch *b, struct fail *f)
{
	size_t i;
	int fd;

	for (i = 0; i < b->n; i++) {
		if ((fd = device_source(b->v[i], f)) < 0)
			return -1;
		close(fd);
	}
	return sig_caught() ? fail_set(f, EX_TEMPFAIL, "interrupted") : 0;
}

/* Whether or not the engine has come to it, what was added goes. */
static int
take_back(struct lxd *l, struct attempt *a, struct fail *f)
{
	int signo = sig_caught();
	struct fail why;

	if (jv_object_length(jv_copy(a->sent)) == 0)
		return -1;
	sig_forget();
	if (remove_names(l, a->batch->v[0], a->sent, &why) < 0)
		fail_set(
		    f, f->code, "%s; taking it back: %s", f->text, why.text);
	if (signo != 0)
		sig_again(signo);
	return -1;
}

/* A conflict is tried again; a file that is another one now is not. */
static int
attempt_all(struct lxd *l, struct attempt *a, bool dry, struct fail *f)
{
	struct patience p = patience_begin();
	int ret;

	do {
		attempt_free(a);
		if (prepare(l, a, f) < 0)
			return -1;
		if (dry)
			return 0;
		if (check_sources(a->batch, f) < 0)
			return -1;
		if ((ret = send_add(l, a, f)) < 0)
			take_less(&a->limit, a->batch->n, f);
	} while (ret < 0 ? patience_again(&p, f) : a->more);
	return ret;
}

static int
add_locked(struct lxd *l, struct attempt *a, bool dry, struct fail *f)
{
	int ret = attempt_all(l, a, dry, f);

	/* the path may have been turned elsewhere while the engine followed it
	 */
	if (ret == 0 && !dry)
		ret = check_sources(a->batch, f);
	return ret < 0 ? take_back(l, a, f) : 0;
}

int
device_add(struct lxd *l, const struct batch *b, device_place_fn *place,
    bool dry, jv *added, struct fail *f)
{
	struct attempt a = {.batch = b, .place = place, .limit = b->n};
	struct lock lock;
	int ret;

	a.instance = a.taken = jv_null();
	a.add = jv_object();
	a.sent = jv_object();
	if (dry)
		ret = add_locked(l, &a, true, f);
	else if ((ret = lock_take(b->v[0], &lock, f)) == 0) {
		ret = add_locked(l, &a, false, f);
		lock_drop(&lock);
	}
	if (ret == 0)
		*added = a.sent;
	else
		jv_free(a.sent);
	attempt_free(&a);
	jv_free(a.add);
	return ret;
}

int
device_take_back(struct lxd *l, const struct rec *r, jv added, struct fail *f)
{
	struct lock lock;
	int ret;

	if ((ret = lock_take(r, &lock, f)) == 0) {
		ret = remove_names(l, r, added, f);
		lock_drop(&lock);
	}
	jv_free(added);
	return ret;
}

int
device_remove(struct lxd *l, const struct batch *b, struct fail *f)
{
	jv names = jv_object();
	const char *name;
	size_t i;
	int ret;

	for (i = 0; i < b->n; i++) {
		if ((name = rec_str(b->v[i], "device", f)) == NULL) {
			jv_free(names);
			return -1;
		}
		names = jv_object_set(names, jv_string(name), jv_true());
	}
	ret = remove_names(l, b->v[0], names, f);
	jv_free(names);
	return ret;
}
