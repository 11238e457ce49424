/*
 * Instances as records. SPDX-License-Identifier: ISC
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "here.h"
#include "idmap.h"
#include "inst.h"
#include "name.h"
#include "policy.h"
#include "rec.h"
#include "text.h"

jv
inst_base(const struct lxd *l)
{
	jv r = jv_object();

	r = jv_object_set(r, jv_string("engine"), jv_string(lxd_kind(l)));
	r = jv_object_set(r, jv_string("api"), jv_string(lxd_api(l)));
	if (lxd_remote(l) != NULL)
		r = jv_object_set(
		    r, jv_string("remote"), jv_string(lxd_remote(l)->name));
	return jv_object_set(
	    r, jv_string("project"), jv_string(lxd_project(l)));
}

/* Copies a string of the config under a record's key, where it is there. */
static jv
with(jv rec, const char *key, jv config, const char *from)
{
	const char *s = obj_str(config, from);

	return s == NULL ? rec
			 : jv_object_set(rec, jv_string(key), jv_string(s));
}

static jv
with_color(jv rec, jv config, const char *name)
{
	char *s = policy_color(config, name);

	rec = jv_object_set(rec, jv_string("color"), jv_string(s));
	free(s);
	return rec;
}

bool
inst_id(jv config, const char *key, uint32_t *id)
{
	const char *s = obj_str(config, key);
	unsigned long n;
	char *end;

	if (s == NULL || *s < '0' || *s > '9')
		return false;
	n = strtoul(s, &end, 10);
	if (*end != '\0' || n >= UINT32_MAX)
		return false;
	*id = (uint32_t)n;
	return true;
}

static bool
has_status(jv instance, const char *wanted)
{
	const char *status = obj_str(instance, "status");

	return status != NULL && strcmp(status, wanted) == 0;
}

bool
inst_runs(jv instance)
{
	return has_status(instance, "Running");
}

bool
inst_is_frozen(jv instance)
{
	return has_status(instance, "Frozen");
}

bool
inst_is_stopped(jv instance)
{
	return has_status(instance, "Stopped");
}

/* Where the login user sits on the host. */
static int
add_place(jv *rec, const struct idmap *map, uint32_t uid, uint32_t gid,
    struct fail *f)
{
	uint32_t host_uid, host_gid;

	if (!idmap_host_uid(map, uid, &host_uid) ||
	    !idmap_host_gid(map, gid, &host_gid))
		return fail_set(f, FAIL_CONFIG,
		    "its id map has no place for its login user");
	*rec = jv_object_set(*rec, jv_string("host_uid"), jv_number(host_uid));
	*rec = jv_object_set(*rec, jv_string("host_gid"), jv_number(host_gid));
	return 0;
}

/* The login user; of a remote's, the ids outside are none of this host. */
static int
add_user(jv *rec, bool here, jv instance, jv config, struct fail *f)
{
	struct idmap map;
	uint32_t uid, gid;

	if ((here ? idmap_of(instance, &map, f)
		  : idmap_check_config(instance, f)) < 0)
		return -1;
	if (!inst_id(config, "user.lxg.uid", &uid) ||
	    !inst_id(config, "user.lxg.gid", &gid))
		return 0; /* create has not got that far */
	if (here && add_place(rec, &map, uid, gid, f) < 0)
		return -1;
	*rec = with(*rec, "user", config, "user.lxg.user");
	*rec = with(*rec, "home", config, "user.lxg.home");
	*rec = jv_object_set(*rec, jv_string("uid"), jv_number(uid));
	*rec = jv_object_set(*rec, jv_string("gid"), jv_number(gid));
	return 0;
}

int
inst_record(const struct lxd *l, jv instance, jv *out, struct fail *f)
{
	jv config = obj_get(instance, "config");
	const char *name = obj_str(instance, "name");
	const char *status = obj_str(instance, "status");
	jv all = obj_get(instance, "expanded_config");
	jv rec = inst_base(l);
	int ret;

	if (name == NULL || status == NULL ||
	    jv_get_kind(config) != JV_KIND_OBJECT)
		ret = fail_set(
		    f, FAIL_PROTOCOL, "the engine's answer is no instance");
	else if (inst_is_copy(instance))
		ret = fail_set(f, FAIL_CONFIG,
		    "is a copy of another instance, with the ids and devices "
		    "of that one: lxg adopt %s gives it its own, lxg delete %s "
		    "leaves that one's files alone",
		    name, name);
	else {
		rec = with(rec, "instance", instance, "name");
		rec = with(rec, "uuid", config, "volatile.uuid");
		rec = with(rec, "status", instance, "status");
		rec = with(rec, "profile", config, "user.lxg.profile");
		rec = with(rec, "program", all, "user.lxg.command");
		rec = with(rec, "try", config, INST_TRY);
		rec = with_color(rec, all, name);
		if (here_location(instance) != NULL)
			rec = with(rec, "location", instance, "location");
		ret =
		    add_user(&rec, lxd_remote(l) == NULL, instance, config, f);
	}
	jv_free(config);
	jv_free(all);
	if (ret == 0)
		*out = rec;
	else
		jv_free(rec);
	return ret;
}

static bool
is_instance(jv v, const char *name)
{
	const char *has = obj_str(v, "name");
	jv config = obj_get(v, "config");
	bool is = has != NULL && strcmp(has, name) == 0 &&
		  obj_str(v, "status") != NULL &&
		  jv_get_kind(config) == JV_KIND_OBJECT;

	jv_free(config);
	return is;
}

int
inst_fetch(
    struct lxd *l, const char *name, jv *instance, char *etag, struct fail *f)
{
	char *path = text_fmt("/1.0/instances/%s", name);
	int ret;
	jv v;

	ret = lxd_get(l, path, &v, etag, f);
	free(path);
	if (ret < 0) {
		here_tell_silent(l, name, f);
		return -1;
	}
	if (is_instance(v, name)) {
		*instance = v;
		return 0;
	}
	jv_free(v);
	return fail_set(f, FAIL_PROTOCOL, "the engine's answer is no instance");
}

int
inst_get(struct lxd *l, const char *name, jv *rec, jv *instance, char *etag,
    struct fail *f)
{
	int ret;
	jv v;

	if (name_check(name, f) < 0 || inst_fetch(l, name, &v, etag, f) < 0)
		return -1;
	if ((ret = inst_record(l, v, rec, f)) == 0 && instance != NULL)
		*instance = jv_copy(v);
	jv_free(v);
	return ret;
}

bool
inst_has_key(jv instance, const char *key)
{
	jv config = obj_get(instance, "config");
	bool has = obj_str(config, key) != NULL;

	jv_free(config);
	return has;
}
