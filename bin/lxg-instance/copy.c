/*
 * An instance for one program: the engine's own copy on write of another one.
 * Nothing that is lent to that one is ever a device of it.
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "here.h"
#include "inst.h"
#include "instance.h"
#include "target.h"
#include "text.h"

/* What takes the place of devices of the other one. Owned. */
static jv
devices_of(jv instance, bool no_network)
{
	jv all = obj_get(instance, "devices"), devices = jv_object();

	if (jv_get_kind(all) == JV_KIND_OBJECT)
		jv_object_foreach (all, name, device) {
			if (strncmp(jv_string_value(name), "lxg-", 4) == 0)
				devices = jv_object_set(devices, jv_copy(name),
				    obj_put(jv_object(), "type", "none"));
			jv_free(name);
			jv_free(device);
		}
	jv_free(all);
	all = no_network ? obj_get(instance, "expanded_devices") : jv_null();
	create_unplug(all, &devices);
	jv_free(all);
	return devices;
}

/* What it has beside the other's own config. Owned. */
static jv
config_of(jv instance, const char *call, bool no_network)
{
	jv config = obj_get(instance, "config"), own = jv_object();
	const char *uuid = obj_str(config, "volatile.uuid");

	own = obj_put(own, INST_TRY, obj_str(instance, "name"));
	own = obj_put(own, CREATE_CALL, call);
	/* until it is adopted, it is known as a copy by this */
	own = obj_put(own, INST_UUID, uuid != NULL ? uuid : "unknown");
	/* all that cloud-init would do is done in there */
	own = obj_put(own, "environment.KERNEL_CMDLINE", "cloud-init=disabled");
	if (no_network)
		own = obj_put(own, "user.lxg.network", "off");
	jv_free(config);
	return own;
}

static int
make(struct lxd *l, jv instance, const char *name, const char *call,
    bool no_network, struct rec *made, struct fail *f)
{
	jv body = obj_put(jv_object(), "name", name), source, copy;

	source = obj_put(jv_object(), "type", "copy");
	source = obj_put(source, "source", obj_str(instance, "name"));
	source = jv_object_set(source, jv_string("instance_only"), jv_true());
	body = jv_object_set(body, jv_string("source"), source);
	body = jv_object_set(body, jv_string("ephemeral"), jv_true());
	body = jv_object_set(
	    body, jv_string("profiles"), obj_get(instance, "profiles"));
	body = jv_object_set(
	    body, jv_string("config"), config_of(instance, call, no_network));
	body = jv_object_set(
	    body, jv_string("devices"), devices_of(instance, no_network));
	if (placed_make(l, name, body, made, &copy, f) < 0)
		return -1;
	jv_free(copy);
	return 0;
}

int
copy_instance(struct lxd *l, const char *from, bool no_network,
    struct rec *made, bool *undo, jv *rec, struct fail *f)
{
	const char *name = obj_str(made->v, "instance");
	char call[17];
	jv instance;
	int ret;

	*undo = false;
	if (inst_get(l, from, rec, &instance, NULL, f) < 0)
		return -1;
	ret = target_use(&(struct rec){*rec, 0}, f);
	jv_free(*rec);
	if (ret < 0) {
		jv_free(instance);
		return -1;
	}
	/* from another member an engine takes the files over, and no config */
	if (here_check_member(l, instance, f) < 0) {
		jv_free(instance);
		return -1;
	}
	if (!inst_has_key(instance, "user.lxg.user")) {
		jv_free(instance);
		return fail_set(
		    f, FAIL_CONFIG, "is not yet created to its end");
	}
	snprintf(call, sizeof(call), "%08x%08x", arc4random(), arc4random());
	rec_set_str(made, CREATE_CALL, call);
	*undo = true;
	ret = make(l, instance, name, call, no_network, made, f);
	jv_free(instance);
	if (ret < 0 || adopt_instance(l, name, false, f) < 0)
		return -1;
	return inst_get(l, name, rec, NULL, NULL, f);
}
