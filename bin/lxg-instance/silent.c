/*
 * What is known of an instance on a member of a cluster that does not answer:
 * the engine lists it without its config. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "here.h"
#include "http.h"
#include "instance.h"
#include "text.h"

bool
silent_is(jv instance)
{
	jv config = obj_get(instance, "config");
	bool is = jv_get_kind(config) != JV_KIND_OBJECT &&
		  here_location(instance) != NULL;

	jv_free(config);
	return is;
}

/* Is the instance one of those that use the profile (both borrowed)? */
static bool
uses(jv profile, const char *instance, const char *project)
{
	jv users = obj_get(profile, "used_by");
	char *escaped = http_escape(project);
	char *path = text_fmt("/1.0/instances/%s", instance);
	char *full = text_fmt("%s?project=%s", path, escaped);
	bool does = false, plain = strcmp(project, "default") == 0;

	if (jv_get_kind(users) == JV_KIND_ARRAY)
		jv_array_foreach (users, i, user) {
			const char *s = jv_get_kind(user) == JV_KIND_STRING
					    ? jv_string_value(user)
					    : "";

			does = does || (plain && strcmp(s, path) == 0) ||
			       strcmp(s, full) == 0;
			jv_free(user);
		}
	jv_free(users);
	free(escaped);
	free(path);
	free(full);
	return does;
}

/* Was the profile (borrowed) put by lxg? */
static bool
is_ours(jv profile)
{
	jv config = obj_get(profile, "config");
	bool is = obj_str(config, "user.lxg.put") != NULL;

	jv_free(config);
	return is;
}

char *
silent_profile(struct lxd *l, jv instance, jv *profiles)
{
	const char *name = obj_str(instance, "name"), *s;
	struct fail ignored;
	char *found = NULL;

	if (jv_get_kind(*profiles) != JV_KIND_ARRAY) {
		jv_free(*profiles);
		*profiles = jv_array();
		if (lxd_get(l, "/1.0/profiles?recursion=1", profiles, NULL,
			&ignored) < 0 ||
		    jv_get_kind(*profiles) != JV_KIND_ARRAY || name == NULL)
			return NULL;
	}
	jv_array_foreach (*profiles, i, profile) {
		s = obj_str(profile, "name");
		if (found == NULL && s != NULL && is_ours(profile) &&
		    uses(profile, name, lxd_project(l)))
			found = text_fmt("%s", s);
		jv_free(profile);
	}
	return found;
}

void
silent_why(jv instance, struct fail *f)
{
	fail_set(f, FAIL_UNAVAILABLE, "is on %s, which does not answer",
	    here_location(instance));
}
