/*
 * An instance from nothing to its login user. Each step can be the first one
 * of a later call, so that a create that was cut off is finished by the next.
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "here.h"
#include "inst.h"
#include "instance.h"
#include "sig.h"
#include "state.h"
#include "text.h"

void
create_unplug(jv all, jv *devices)
{
	if (jv_get_kind(all) != JV_KIND_OBJECT)
		return;
	jv_object_foreach (all, name, device) {
		const char *type = obj_str(device, "type");

		if (type != NULL && strcmp(type, "nic") == 0)
			*devices = jv_object_set(*devices, jv_copy(name),
			    obj_put(jv_object(), "type", "none"));
		jv_free(name);
		jv_free(device);
	}
}

/*
 * A profile has to be there and usable: the engine says so too late, or with
 * no code.
 */
static int
look_at_profile(struct lxd *l, const char *profile, bool no_network,
    jv *devices, struct fail *f)
{
	char *path = text_fmt("/1.0/profiles/%s", profile);
	jv v, all;
	int ret;

	ret = lxd_get(l, path, &v, NULL, f);
	free(path);
	if (ret < 0 && f->kind == FAIL_NO)
		fail_set(f, FAIL_NO, "no profile %s here", profile);
	if (ret < 0)
		return -1;
	ret = allowed_by_profile(l, profile, v, no_network, f);
	if (ret < 0) {
		jv_free(v);
		return -1;
	}
	all = no_network ? obj_get(v, "devices") : jv_null();
	create_unplug(all, devices);
	jv_free(all);
	jv_free(v);
	return 0;
}

/* What user.lxg.network says of it. */
static const char *
network(const struct wish *w)
{
	if (w->no_network)
		return "off";
	return w->installs ? "install" : "on";
}

/* The root disk and the network are those of "default". */
static jv
profiles(const char *name)
{
	if (strcmp(name, "default") == 0)
		return JV_ARRAY(jv_string(name));
	return JV_ARRAY(jv_string("default"), jv_string(name));
}

static int
make(struct lxd *l, const struct wish *w, struct rec *made, jv *instance,
    struct fail *f)
{
	jv config = jv_object(), devices = jv_object(), source, body;
	int ret;

	ret = allowed_by_project(l, f);
	if (ret == 0)
		ret =
		    look_at_profile(l, w->profile, w->no_network, &devices, f);
	if (ret == 0 && strcmp(w->profile, "default") != 0)
		ret = look_at_profile(l, "default", w->no_network, &devices, f);
	if (ret == 0)
		ret = image_source(l, w->image, &source, f);
	if (ret < 0) {
		jv_free(config);
		jv_free(devices);
		return -1;
	}
	config = obj_put(config, CREATE_CALL, w->call);
	config = obj_put(config, "user.lxg.profile", w->profile);
	config = obj_put(config, "user.lxg.image", w->image);
	config = obj_put(config, "user.lxg.network", network(w));
	if (w->brief)
		config = obj_put(config, INST_TRY, w->image);
	/* its host files are looked at by lxg before each start */
	config = obj_put(config, "boot.autostart", "false");
	body = obj_put(jv_object(), "name", w->name);
	body = obj_put(body, "type", "container");
	body = jv_object_set(body, jv_string("ephemeral"), jv_bool(w->brief));
	body = jv_object_set(body, jv_string("profiles"), profiles(w->profile));
	body = jv_object_set(body, jv_string("config"), config);
	body = jv_object_set(body, jv_string("devices"), devices);
	body = jv_object_set(body, jv_string("source"), source);
	ret = placed_make(l, w->name, body, made, instance, f);
	if (ret < 0)
		allowed_count(l, f);
	return ret;
}

static int
differs(jv config, const char *key, const char *what, const char *wanted,
    struct fail *f)
{
	const char *has = obj_str(config, key);

	if (has == NULL)
		return fail_set(
		    f, FAIL_CREATE, "exists already, and was not made by lxg");
	if (strcmp(has, wanted) == 0)
		return 0;
	return fail_set(f, FAIL_CREATE,
	    "exists already with another %s: %s, not %s", what, has, wanted);
}

/* What is there has to be what is asked for. */
static int
check_same(jv instance, const struct wish *w, struct fail *f)
{
	jv config = obj_get(instance, "config");
	int ret;

	ret = differs(config, "user.lxg.profile", "profile", w->profile, f);
	if (ret == 0)
		ret = differs(config, "user.lxg.image", "image", w->image, f);
	if (ret == 0)
		ret = differs(
		    config, "user.lxg.network", "network", network(w), f);
	jv_free(config);
	return ret;
}

/* The uid that the instance's config names; -1: it names none. */
static int
wanted_uid(jv instance, int64_t *uid, struct fail *f)
{
	jv config = obj_get(instance, "expanded_config");
	const char *s = obj_str(config, "user.lxg.uid");
	uint32_t id;
	int ret = 0;

	*uid = -1;
	if (s != NULL && inst_id(config, "user.lxg.uid", &id))
		*uid = id;
	else if (s != NULL)
		ret = fail_set(f, FAIL_CONFIG,
		    "user.lxg.uid: %s: not the number of a user", s);
	jv_free(config);
	return ret;
}

/*
 * Written last: an instance that has user.lxg.user is complete, and has no
 * network any more where that was for its installation.
 */
static int
remember(struct lxd *l, const struct wish *w, jv instance,
    const struct login *u, struct fail *f)
{
	jv all = obj_get(instance, "expanded_devices");
	jv body = jv_object(), devices = jv_object();
	jv old = obj_get(instance, "config");
	const char *uuid = obj_str(old, "volatile.uuid");
	char *path = text_fmt("/1.0/instances/%s", w->name);
	char *uid = text_fmt("%u", u->uid), *gid = text_fmt("%u", u->gid);
	jv config = jv_object();
	int ret;

	config = obj_put(config, "user.lxg.user", u->user);
	config = obj_put(config, "user.lxg.home", u->home);
	config = obj_put(config, "user.lxg.uid", uid);
	config = obj_put(config, "user.lxg.gid", gid);
	config = obj_put(config, CREATE_CALL, "");
	if (uuid != NULL)
		config = obj_put(config, INST_UUID, uuid);
	jv_free(old);
	body = jv_object_set(body, jv_string("config"), config);
	if (w->installs) {
		create_unplug(all, &devices);
		body =
		    jv_object_set(body, jv_string("devices"), jv_copy(devices));
	}
	jv_free(all);
	jv_free(devices);
	/* it may have restarted itself until now */
	ret = state_note(&(struct intent){.id = 0}, f);
	if (ret == 0)
		ret = lxd_send(l, "PATCH", path, body, NULL, NULL, f);
	else
		jv_free(body);
	free(path);
	free(uid);
	free(gid);
	return ret;
}

static int
learn_login(struct lxd *l, const struct wish *w, jv instance, int64_t uid,
    bool *undo, struct fail *f)
{
	struct login u;
	int ret;

	ret = login_find(l, w->name, uid, &u, f);
	/* what took minutes to make is worth a look */
	if (ret < 0 && f->kind == FAIL_CONFIG)
		*undo = false;
	if (ret == 0 && w->keys != NULL)
		ret =
		    login_install_keys(l, w->name, &u, w->keys, w->keys_len, f);
	if (ret == 0)
		ret = remember(l, w, instance, &u, f);
	login_free(&u);
	return ret;
}

/* Before it boots: a user of the image's own would do. */
static int
look_for_user(struct lxd *l, const struct wish *w, int64_t uid, struct fail *f)
{
	struct login u;

	if (!w->nobody)
		return 0;
	if (login_find(l, w->name, uid, &u, f) == 0)
		login_free(&u);
	else if (f->kind == FAIL_CONFIG)
		return fail_set(f, FAIL_CONFIG,
		    "its user-data makes no user to log in as, and its image "
		    "has none: users: [default] is enough");
	return 0;
}

/* From an instance that exists to one with a login user. */
static int
complete(struct lxd *l, const struct wish *w, jv instance, bool *undo,
    struct fail *f)
{
	bool started, keep;
	int64_t uid;

	if (wanted_uid(instance, &uid, f) < 0 ||
	    look_for_user(l, w, uid, f) < 0)
		return -1;
	if (!inst_has_key(instance, lxd_remote(l) == NULL
					? "security.idmap.base"
					: "security.idmap.isolated") &&
	    slot_give(l, w->name, f) < 0)
		return -1;
	/* judges the id map before anything runs on it */
	if (power_start(l, w->name, &started, f) < 0)
		return -1;
	progress_show("%s: started", w->name);
	if (cloudinit_wait(l, w->name, instance, &keep, f) < 0) {
		*undo = *undo && !keep;
		return -1;
	}
	return learn_login(l, w, instance, uid, undo, f);
}

void
create_know(struct rec *made, jv instance)
{
	jv config = obj_get(instance, "config");
	const char *uuid = obj_str(config, "volatile.uuid");

	if (uuid != NULL)
		rec_set_str(made, "uuid", uuid);
	jv_free(config);
}

int
create_lock(struct lxd *l, const char *name, struct lock *lock, struct fail *f)
{
	struct rec r = {.v = inst_base(l)};
	/* a colon is in no instance's name: no step waits for a create */
	char *id = text_fmt("%s:create", name);
	int ret;

	rec_set_str(&r, "instance", id);
	ret = lock_take(&r, lock, f);
	free(id);
	jv_free(r.v);
	return ret;
}

/* Before it is made what it is to be known by, and then what it is. */
static int
note_made(
    const struct lxd *l, const struct wish *w, const char *uuid, struct fail *f)
{
	struct intent i = {.call = w->call};

	i.by.engine = lxd_api(l);
	i.by.project = lxd_project(l);
	i.by.uuid = uuid;
	return state_note(&i, f);
}

int
create_instance(struct lxd *l, const struct wish *w, struct rec *made,
    bool *undo, jv *rec, struct fail *f)
{
	bool started, mine = false;
	jv instance;
	int ret;

	*undo = false;
	ret = inst_fetch(l, w->name, &instance, NULL, f);
	if (ret < 0 && f->kind == FAIL_NO) {
		/* from here on there may be something to take back */
		*undo = true;
		rec_set_str(made, CREATE_CALL, w->call);
		if (note_made(l, w, NULL, f) < 0 ||
		    make(l, w, made, &instance, f) < 0)
			return -1;
		mine = true;
		if (note_made(l, w, obj_str(made->v, "uuid"), f) < 0) {
			jv_free(instance);
			return -1;
		}
	} else if (ret < 0)
		return -1;
	else if (here_check_member(l, instance, f) < 0 ||
		 check_same(instance, w, f) < 0) {
		jv_free(instance);
		return -1;
	}
	ret = inst_has_key(instance, "user.lxg.user")
		  ? power_start(l, w->name, &started, f)
		  : complete(l, w, instance, undo, f);
	jv_free(instance);
	progress_end();
	/* who interrupts it wants nothing of it, however far it has come */
	if (ret < 0 && mine && sig_caught())
		*undo = true;
	return ret < 0 ? -1 : inst_get(l, w->name, rec, NULL, NULL, f);
}
