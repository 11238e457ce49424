/*
 * A copy that the engine made of an instance of lxg's: it has the other one's
 * devices, and sits on its ids. It is known as a copy until the last step, so
 * that one that was cut off is finished by the next.
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "here.h"
#include "inst.h"
#include "instance.h"
#include "patience.h"
#include "text.h"

/* Its devices, but for those that lend what is the other's. Owned. */
static jv
own_devices(jv instance)
{
	jv devices = obj_get(instance, "devices"), own = jv_object();

	if (jv_get_kind(devices) == JV_KIND_OBJECT)
		jv_object_foreach (devices, name, device) {
			if (strncmp(jv_string_value(name), "lxg-", 4) == 0) {
				jv_free(name);
				jv_free(device);
			} else
				own = jv_object_set(own, name, device);
		}
	jv_free(devices);
	return own;
}

/* Its config, but for the other's place on the host. Owned. */
static jv
own_config(jv instance)
{
	jv config = obj_get(instance, "config");

	config = jv_object_delete(config, jv_string("security.idmap.base"));
	config = jv_object_delete(config, jv_string(CREATE_CALL));
	return jv_object_set(
	    config, jv_string("boot.autostart"), jv_string("false"));
}

static int
shed(struct lxd *l, const char *name, struct fail *f)
{
	char *path = text_fmt("/1.0/instances/%s", name), etag[LXD_ETAG];
	struct patience p = patience_begin();
	jv instance;
	int ret;

	do {
		ret = inst_fetch(l, name, &instance, etag, f);
		if (ret == 0) {
			instance = jv_object_set(instance, jv_string("devices"),
			    own_devices(instance));
			instance = jv_object_set(instance, jv_string("config"),
			    own_config(instance));
			ret = lxd_send(l, "PUT", path, instance, etag, NULL, f);
		}
	} while (ret < 0 && patience_again(&p, f));
	free(path);
	return ret;
}

/* Writes down that the instance (borrowed) is lxg's own by its uuid. */
static int
claim(struct lxd *l, const char *name, jv instance, struct fail *f)
{
	char *path = text_fmt("/1.0/instances/%s", name);
	jv config = obj_get(instance, "config"), own;
	int ret;

	own = jv_object_set(jv_object(), jv_string(INST_UUID),
	    jv_string(obj_str(config, "volatile.uuid")));
	ret = lxd_send(l, "PATCH", path,
	    jv_object_set(jv_object(), jv_string("config"), own), NULL, NULL,
	    f);
	jv_free(config);
	free(path);
	return ret;
}

int
adopt_old(struct lxd *l, const char *name, jv instance, struct fail *f)
{
	char *made = inst_made_as(instance);
	bool old = made != NULL && !inst_has_key(instance, INST_UUID) &&
		   inst_has_key(instance, "volatile.uuid");

	free(made);
	return old ? claim(l, name, instance, f) : 0;
}

static int
adopt(struct lxd *l, const char *name, jv instance, bool force, struct fail *f)
{
	struct rec r = {inst_base(l), 0};
	int ret = 0;

	rec_set_str(&r, "instance", name);
	if (!inst_is_stopped(instance))
		ret = force ? power_stop(l, &r, true, f)
			    : fail_set(f, FAIL_AGAIN,
				  "is running; stop it first, or say -f");
	jv_free(r.v);
	if (ret < 0 || shed(l, name, f) < 0 || slot_give(l, name, f) < 0)
		return -1;
	/* from here on it is no copy any more */
	return claim(l, name, instance, f);
}

int
adopt_instance(struct lxd *l, const char *name, bool force, struct fail *f)
{
	jv instance;
	int ret = 0;

	if (inst_fetch(l, name, &instance, NULL, f) < 0)
		return -1;
	if (!inst_has_key(instance, "user.lxg.user"))
		ret = fail_set(f, FAIL_PERM, "was not made by lxg");
	else if ((ret = here_check_member(l, instance, f)) == 0 &&
		 inst_is_copy(instance))
		ret = adopt(l, name, instance, force, f);
	jv_free(instance);
	return ret;
}
