/*
 * What is on this host, and what is on another. SPDX-License-Identifier: ISC
 */
#include <stdbool.h>
#include <string.h>

#include "engine.h"
#include "here.h"
#include "lxd_priv.h"
#include "text.h"

const char *
here_location(jv instance)
{
	const char *s = obj_str(instance, "location");

	/* the engines' word for no cluster */
	return s == NULL || *s == '\0' || strcmp(s, "none") == 0 ? NULL : s;
}

int
here_member(struct lxd *l, const char **name, struct fail *f)
{
	jv v, env, clustered;
	const char *s;

	if (!l->member_asked) {
		if (lxd_get(l, "/1.0", &v, NULL, f) < 0)
			return -1;
		env = obj_get(v, "environment");
		clustered = obj_get(env, "server_clustered");
		s = obj_str(env, "server_name");
		if (jv_get_kind(clustered) == JV_KIND_TRUE && s != NULL)
			l->member = text_fmt("%s", s);
		l->member_asked = true;
		jv_free(clustered);
		jv_free(env);
		jv_free(v);
	}
	*name = l->member;
	return 0;
}

int
here_check_engine(const struct lxd *l, struct fail *f)
{
	const struct remote *r = lxd_remote(l);

	return r == NULL ? 0 : remote_away(r->name, f);
}

int
here_check(struct lxd *l, jv instance, struct fail *f)
{
	return here_check_engine(l, f) < 0 ? -1
					   : here_check_member(l, instance, f);
}

int
here_check_member(struct lxd *l, jv instance, struct fail *f)
{
	const char *at = here_location(instance), *here;

	/* whom one asks in a cluster elsewhere is all the same */
	if (at == NULL || lxd_remote(l) != NULL)
		return 0;
	if (here_member(l, &here, f) < 0)
		return -1;
	if (here == NULL)
		return fail_set(f, FAIL_PROTOCOL,
		    "is on %s, and the engine does not say which member of its "
		    "cluster it is itself",
		    at);
	if (strcmp(at, here) == 0)
		return 0;
	return fail_set(f, FAIL_CONFIG, "is on %s, not on this host", at);
}

int
here_check_record(const struct rec *r, struct fail *f)
{
	struct lxd *l;

	if (remote_check_record(r, f) < 0)
		return -1;
	if (here_location(r->v) == NULL)
		return 0;
	if ((l = engine_of(r, f)) == NULL)
		return -1;
	return here_check(l, r->v, f);
}

/* Is it this one of a list's, and does nobody answer where it is? */
static bool
is_silent(jv instance, const char *name, const char *here)
{
	const char *s = obj_str(instance, "name"),
		   *at = here_location(instance),
		   *status = obj_str(instance, "status");

	return s != NULL && strcmp(s, name) == 0 && at != NULL &&
	       (here == NULL || strcmp(at, here) != 0) && status != NULL &&
	       strcmp(status, "Error") == 0;
}

void
here_tell_silent(struct lxd *l, const char *name, struct fail *f)
{
	struct fail was = *f, ignored;
	const char *here;
	jv all;

	if (f->kind != FAIL_SYSTEM || here_member(l, &here, &ignored) < 0 ||
	    here == NULL ||
	    lxd_get(l, "/1.0/instances?recursion=1", &all, NULL, &ignored) < 0)
		return;
	if (jv_get_kind(all) == JV_KIND_ARRAY)
		jv_array_foreach (all, i, instance) {
			if (is_silent(instance, name, here))
				fail_set(f, FAIL_UNAVAILABLE,
				    "is on %s, which does not answer (%s)",
				    here_location(instance), was.text);
			jv_free(instance);
		}
	jv_free(all);
}
