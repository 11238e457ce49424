/*
 * Devices added: one request a batch, conditional on what was there (ETag),
 * again where it has changed. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device.h"
#include "device_priv.h"
#include "here.h"
#include "ident.h"
#include "inst.h"
#include "lock.h"
#include "patience.h"
#include "sig.h"

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
	struct fail f;
	size_t i;

	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		if (!rec_same(want, have, same[i]))
			return same[i];
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
	bool cleared; /* of what a killed engine had left */
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
			ret = fail_set(f, FAIL_CREATE,
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
	if (!device_mountable(name, obj_str(r->v, "path")))
		return fail_set(f, FAIL_DATA,
		    "%s: its name is longer than the engine can mount",
		    obj_str(r->v, "source"));
	/* named twice in one batch: the first has decided */
	config = obj_get(a->add, name);
	if (jv_get_kind(config) == JV_KIND_OBJECT) {
		rec_set_str(r, "path", obj_str(config, "path"));
		jv_free(config);
		return 0;
	}
	jv_free(config);
	if ((size_t)jv_object_length(jv_copy(a->add)) >= a->limit) {
		a->more = true;
		return 0;
	}
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
			    f, FAIL_NO, "the instance is another one now");
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
	if (here_check(l, a->instance, f) < 0)
		return -1;
	a->taken = taken_paths(a->instance);
	return plan_all(a, f);
}

static int
send_add(struct lxd *l, struct attempt *a, struct fail *f)
{
	jv devices;

	if (jv_object_length(jv_copy(a->add)) == 0)
		return 0;
	devices = jv_object_merge(device_all(a->instance), jv_copy(a->add));
	a->sent = jv_object_merge(a->sent, jv_copy(a->add));
	return device_put(l, a->instance, devices, a->etag, f);
}

/* Is the way clear now? Then it is worth another try, once. */
static bool
clear_for_add(struct lxd *l, struct attempt *a, const struct fail *f)
{
	struct fail ignored;

	if (a->cleared || strstr(f->text, "device or resource busy") == NULL)
		return false;
	a->cleared = true;
	return device_clear(l, a->batch->v[0], a->add, &ignored) == 0;
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
	return sig_caught() ? fail_set(f, FAIL_INTERRUPTED, "interrupted") : 0;
}

/* Whether or not the engine has come to it, what was added goes. */
static int
take_back(struct lxd *l, struct attempt *a, struct fail *f)
{
	struct fail why;
	int signo;

	if (jv_object_length(jv_copy(a->sent)) == 0)
		return -1;
	signo = sig_shield();
	if (device_remove_names(l, a->batch->v[0], a->sent, &why) < 0)
		fail_set(
		    f, f->kind, "%s; taking it back: %s", f->text, why.text);
	sig_unshield(signo);
	return -1;
}

/* A conflict is tried again; a file that is another one now is not. */
static int
attempt_all(struct lxd *l, struct attempt *a, bool dry, struct fail *f)
{
	struct patience p = patience_begin();
	bool clear;
	int ret;

	do {
		clear = false;
		attempt_free(a);
		if (prepare(l, a, f) < 0)
			return -1;
		if (dry)
			return 0;
		if (check_sources(a->batch, f) < 0)
			return -1;
		if ((ret = send_add(l, a, f)) < 0) {
			device_take_less(&a->limit, a->batch->n, f);
			clear = clear_for_add(l, a, f);
		}
	} while (ret == 0 ? a->more
		 : clear  ? patience_wait(&p)
			  : patience_again(&p, f));
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
