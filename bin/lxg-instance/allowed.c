/*
 * What the project forbids is read before anything is made: the engine says
 * so when half of it is there. SPDX-License-Identifier: ISC
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "dirs.h"
#include "instance.h"
#include "text.h"

#define DISK  "restricted.devices.disk"
#define PATHS DISK ".paths"

const char *
allowed_client(struct lxd *l)
{
	return strcmp(lxd_kind(l), "incus") == 0 ? "incus" : "lxc";
}

/* Is the path one of a comma-separated list, or below one? */
static bool
is_below(const char *path, const char *list)
{
	for (const char *s = list; *s != '\0'; s += *s == ',') {
		size_t len = strcspn(s, ",");

		if (len > 0 && strncmp(path, s, len) == 0 &&
		    (path[len] == '\0' || path[len] == '/' ||
			s[len - 1] == '/'))
			return true;
		s += len;
	}
	return false;
}

/* The folders that are shared are disks from a path of the host. */
static int
allows_disks(struct lxd *l, jv config, struct fail *f)
{
	const char *disk = obj_str(config, DISK),
		   *paths = obj_str(config, PATHS);
	char *home;
	int ret = 0;

	if (disk == NULL || strcmp(disk, "allow") != 0)
		return fail_set(f, FAIL_CONFIG,
		    "the project %s has " DISK "=%s, and lxg shares folders; "
		    "its administrator allows it by: %s project set %s " DISK
		    "=allow",
		    lxd_project(l), disk != NULL ? disk : "managed",
		    allowed_client(l), lxd_project(l));
	if (paths == NULL || *paths == '\0')
		return 0;
	if ((home = dirs_home(f)) == NULL)
		return -1;
	if (!is_below(home, paths))
		ret = fail_set(f, FAIL_CONFIG,
		    "the project %s has " PATHS "=%s, and lxg shares folders "
		    "below %s; LXG_HOME says where else",
		    lxd_project(l), paths, home);
	free(home);
	return ret;
}

/*
 * Is the project a restricted one? Then its *config is owned by the caller. Who
 * may not read it is told by the engine what is forbidden.
 */
static bool
is_restricted(struct lxd *l, jv *config)
{
	char *path = text_fmt("/1.0/projects/%s", lxd_project(l));
	const char *restricted;
	struct fail hidden;
	bool is = false;
	jv v;

	if (lxd_get(l, path, &v, NULL, &hidden) == 0) {
		*config = obj_get(v, "config");
		restricted = obj_str(*config, "restricted");
		is = restricted != NULL && strcmp(restricted, "true") == 0;
		if (!is)
			jv_free(*config);
		jv_free(v);
	}
	free(path);
	return is;
}

bool
allowed_restricted(struct lxd *l)
{
	jv config;
	bool is = is_restricted(l, &config);

	if (is)
		jv_free(config);
	return is;
}

int
allowed_by_project(struct lxd *l, struct fail *f)
{
	int ret = 0;
	jv config;

	/* with a remote nothing is shared */
	if (lxd_remote(l) == NULL && is_restricted(l, &config)) {
		ret = allows_disks(l, config, f);
		jv_free(config);
	}
	return ret;
}

bool
allowed_idmap(struct lxd *l)
{
	const char *lowlevel;
	bool may = true;
	jv config;

	if (is_restricted(l, &config)) {
		lowlevel = obj_str(config, "restricted.containers.lowlevel");
		may = lowlevel != NULL && strcmp(lowlevel, "allow") == 0;
		jv_free(config);
	}
	return may;
}

/*
 * Does the restriction (owned) leave something alone? Else FAIL_CONFIG, with
 * what it is set to, or is where it is not set.
 */
static int
allows(struct lxd *l, jv project, const char *profile, const char *what,
    char *key, const char *unset, struct fail *f)
{
	const char *value = obj_str(project, key);
	int ret = 0;

	/* of system calls, "full" lets through more than "allow" */
	if (value == NULL ||
	    (strcmp(value, "allow") != 0 && strcmp(value, "full") != 0))
		ret = fail_set(f, FAIL_CONFIG,
		    "the profile %s has %s, and the project %s has %s=%s; its "
		    "administrator allows it by: %s project set %s %s=allow",
		    profile, what, lxd_project(l), key,
		    value != NULL ? value : unset, allowed_client(l),
		    lxd_project(l), key);
	free(key);
	return ret;
}

/* Which restriction a key of a profile falls under, or NULL. */
static const char *
restriction_of(const char *key, const char *value)
{
	static const struct {
		const char *key, *restriction;
		bool is_switch;
	} known[] = {
	    {"security.nesting", "nesting", true},
	    {"security.privileged", "privilege", true},
	    {"security.syscalls.intercept.", "interception", true},
	    {"linux.kernel_modules", "lowlevel", false},
	    {"raw.", "lowlevel", false},
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strncmp(key, known[i].key, strlen(known[i].key)) == 0 &&
		    *value != '\0' &&
		    (!known[i].is_switch || strcmp(value, "true") == 0))
			return known[i].restriction;
	return NULL;
}

static int
allows_keys(
    struct lxd *l, jv project, const char *profile, jv config, struct fail *f)
{
	int ret = 0;

	jv_object_foreach (config, k, v) {
		const char *key = jv_string_value(k),
			   *value = jv_get_kind(v) == JV_KIND_STRING
					? jv_string_value(v)
					: "",
			   *restriction = restriction_of(key, value);

		if (ret == 0 && restriction != NULL)
			ret = allows(l, project, profile, key,
			    text_fmt("restricted.containers.%s", restriction),
			    "block", f);
		jv_free(k);
		jv_free(v);
	}
	return ret;
}

/* Of a disk that is no folder of the host, and of a nic, they are "managed". */
static int
allows_devices(struct lxd *l, jv project, const char *profile, jv devices,
    bool no_network, struct fail *f)
{
	int ret = 0;

	jv_object_foreach (devices, name, device) {
		const char *type = obj_str(device, "type");
		bool is_disk = type != NULL && strcmp(type, "disk") == 0,
		     is_nic = type != NULL && strcmp(type, "nic") == 0;
		bool managed =
		    type == NULL || strcmp(type, "none") == 0 ||
		    (is_disk && obj_str(device, "pool")) ||
		    (is_nic && (no_network || obj_str(device, "network")));

		if (ret == 0 && !managed) {
			char *what = text_fmt(
			    "the device %s (%s)", jv_string_value(name), type);

			ret = allows(l, project, profile, what,
			    text_fmt("restricted.devices.%s", type),
			    is_disk || is_nic ? "managed" : "block", f);
			free(what);
		}
		jv_free(name);
		jv_free(device);
	}
	return ret;
}

static int
allows_idmap(struct lxd *l, const char *profile, jv config, struct fail *f)
{
	const char *raw = obj_str(config, "raw.idmap");
	bool plain = strcmp(lxd_project(l), "default") == 0;

	if (raw == NULL || *raw == '\0')
		return 0;
	return fail_set(f, FAIL_CONFIG,
	    "the profile %s has a raw.idmap, which makes a user inside one of "
	    "the host; lxg does without: %s profile unset %s raw.idmap%s%s",
	    profile, allowed_client(l), profile, plain ? "" : " --project ",
	    plain ? "" : lxd_project(l));
}

int
allowed_by_profile(
    struct lxd *l, const char *profile, jv v, bool no_network, struct fail *f)
{
	jv config = obj_get(v, "config"), devices = obj_get(v, "devices");
	int ret = allows_idmap(l, profile, config, f);
	jv project;

	if (ret == 0 && is_restricted(l, &project)) {
		if (jv_get_kind(config) == JV_KIND_OBJECT)
			ret = allows_keys(l, project, profile, config, f);
		if (ret == 0 && jv_get_kind(devices) == JV_KIND_OBJECT)
			ret = allows_devices(
			    l, project, profile, devices, no_network, f);
		jv_free(project);
	}
	jv_free(config);
	jv_free(devices);
	return ret;
}

int
allowed_here(struct lxd *l, struct fail *f)
{
	int ret = allowed_by_project(l, f);
	jv v;

	if (ret < 0 ||
	    (ret = lxd_get(l, "/1.0/profiles/default", &v, NULL, f)) < 0)
		return ret;
	ret = allowed_by_profile(l, "default", v, false, f);
	jv_free(v);
	return ret;
}

/* The engine counts, and says so before it has made anything. */
void
allowed_count(struct lxd *l, struct fail *f)
{
	struct fail was = *f;

	if (strstr(was.text, "Reached maximum number of instances") != NULL)
		fail_set(f, FAIL_CONFIG,
		    "%s; its administrator allows more by: %s project set %s "
		    "limits.%s=NUMBER",
		    was.text, allowed_client(l), lxd_project(l),
		    strstr(was.text, "of type") ? "containers" : "instances");
	else if (strstr(was.text, "has no \"limits.") != NULL)
		fail_set(f, FAIL_CONFIG,
		    "%s; the project %s has a limit for all, and wants that "
		    "key "
		    "in the config of each: lxg create -b FILE",
		    was.text, lxd_project(l));
}
