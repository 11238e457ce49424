/*
 * What the project forbids is read before anything is made: the engine says
 * so when half of it is there. SPDX-License-Identifier: ISC
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "dirs.h"
#include "instance.h"
#include "text.h"

#define DISK  "restricted.devices.disk"
#define PATHS DISK ".paths"

/* The engine's own client, for what is told to type. */
static const char *
client(struct lxd *l)
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
		return fail_set(f, EX_CONFIG,
		    "the project %s has " DISK "=%s, and lxg shares folders; "
		    "its administrator allows it by: %s project set %s " DISK
		    "=allow",
		    lxd_project(l), disk != NULL ? disk : "managed", client(l),
		    lxd_project(l));
	if (paths == NULL || *paths == '\0')
		return 0;
	if ((home = dirs_home(f)) == NULL)
		return -1;
	if (!is_below(home, paths))
		ret = fail_set(f, EX_CONFIG,
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

int
allowed_by_project(struct lxd *l, struct fail *f)
{
	int ret = 0;
	jv config;

	if (is_restricted(l, &config)) {
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

int
allowed_by_profile(
    struct lxd *l, const char *profile, jv config, struct fail *f)
{
	const char *raw = obj_str(config, "raw.idmap");

	if (raw == NULL || *raw == '\0')
		return 0;
	return fail_set(f, EX_CONFIG,
	    "the profile %s has a raw.idmap, which makes a user inside one of "
	    "the host; lxg does without: %s profile unset %s raw.idmap%s%s",
	    profile, client(l), profile,
	    strcmp(lxd_project(l), "default") == 0 ? "" : " --project ",
	    strcmp(lxd_project(l), "default") == 0 ? "" : lxd_project(l));
}
