/*
 * Nics that leave open what they are connected to.
 * SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "nic.h"
#include "rec.h"
#include "text.h"

/* A nic that leaves open what it is connected to. */
static bool
is_open_nic(jv device)
{
	const char *type = obj_str(device, "type");

	return type != NULL && strcmp(type, "nic") == 0 &&
	       obj_str(device, "network") == NULL &&
	       obj_str(device, "parent") == NULL &&
	       obj_str(device, "nictype") == NULL;
}

/* The first such device, its name owned; NULL where there is none. */
static char *
open_nic(jv devices)
{
	char *name = NULL;

	jv_object_foreach (devices, k, v) {
		if (name == NULL && is_open_nic(v))
			name = text_fmt("%s", jv_string_value(k));
		jv_free(k);
		jv_free(v);
	}
	return name;
}

/*
 * Addresses are filtered by what the engine's own DHCP server gave out: on a
 * bridge that is not the engine's there is none, and the engine refuses.
 */
static jv
without_filters(jv nic, const char *name)
{
	static const char *const keys[] = {
	    "security.ipv4_filtering", "security.ipv6_filtering"};
	bool had = false;
	size_t i;

	if (obj_str(nic, "network") != NULL)
		return nic;
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		had = had || obj_str(nic, keys[i]) != NULL;
		nic = jv_object_delete(nic, jv_string(keys[i]));
	}
	if (had)
		warnx("%s: its network is not the engine's own: an instance "
		      "can take other IP addresses than its own",
		    name);
	return nic;
}

/*
 * Each nic of the default profile, with the open nic's keys on top, under its
 * own name: an instance has both profiles, and a nic that kept another name
 * would be a second one without the open nic's restrictions. What the body
 * names itself stays. Consumes all but from.
 */
static jv
take_nics(jv devices, jv from, jv nic)
{
	jv_object_foreach (from, k, v) {
		const char *type = obj_str(v, "type");

		if (type != NULL && strcmp(type, "nic") == 0 &&
		    !is_open_nic(v) &&
		    !jv_object_has(jv_copy(devices), jv_copy(k))) {
			v = without_filters(jv_object_merge(v, jv_copy(nic)),
			    jv_string_value(k));
			devices = jv_object_set(devices, k, v);
		} else {
			jv_free(k);
			jv_free(v);
		}
	}
	jv_free(nic);
	return devices;
}

/* The devices of the project's default profile, owned. */
static int
default_devices(struct lxd *l, jv *devices, struct fail *f)
{
	jv profile;

	if (lxd_get(l, "/1.0/profiles/default", &profile, NULL, f) < 0)
		return -1;
	*devices = obj_get(profile, "devices");
	jv_free(profile);
	if (jv_get_kind(*devices) == JV_KIND_OBJECT)
		return 0;
	jv_free(*devices);
	return fail_set(f, FAIL_PROTOCOL, "the default profile has no devices");
}

int
nic_connect(struct lxd *l, jv *body, struct fail *f)
{
	jv devices = obj_get(*body, "devices"), from, nic;
	char *name = open_nic(devices);
	int ret = 0;

	if (name != NULL && (ret = default_devices(l, &from, f)) == 0) {
		while (name != NULL) {
			nic = obj_get(devices, name);
			devices = jv_object_delete(devices, jv_string(name));
			devices = take_nics(devices, from, nic);
			free(name);
			name = open_nic(devices);
		}
		jv_free(from);
		*body = jv_object_set(
		    *body, jv_string("devices"), jv_copy(devices));
	}
	free(name);
	jv_free(devices);
	return ret;
}
