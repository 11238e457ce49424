/*
 * Which project is meant, and whether one is let into it.
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http.h"
#include "lxd_priv.h"
#include "project.h"
#include "rec.h"
#include "text.h"

#define ALL "/1.0/projects"

/* Is the project one of these (borrowed), as the API writes them? */
static bool
is_among(jv all, const char *project)
{
	char *escaped = http_escape(project);
	const char *name;
	bool is = false;

	jv_array_foreach (all, i, v) {
		name =
		    jv_get_kind(v) == JV_KIND_STRING ? jv_string_value(v) : "";
		if (strncmp(name, ALL "/", sizeof(ALL)) == 0) {
			name += sizeof(ALL);
			is = is || strcmp(name, project) == 0 ||
			     strcmp(name, escaped) == 0;
		}
		jv_free(v);
	}
	free(escaped);
	return is;
}

/* What a user may use who is no administrator, for a message; owned. */
static char *
names_of(jv all)
{
	char *list = text_fmt("%s", "");

	jv_array_foreach (all, i, v) {
		const char *name =
		    jv_get_kind(v) == JV_KIND_STRING ? jv_string_value(v) : "";
		const char *base = strrchr(name, '/');
		char *longer = text_fmt("%s%s%s", list, *list ? ", " : "",
		    base != NULL ? base + 1 : name);

		free(list);
		list = longer;
		jv_free(v);
	}
	return list;
}

static int
not_there(struct lxd *l, jv all, struct fail *f)
{
	char *names = names_of(all);
	enum fail_kind kind = is_among(all, "default") ? FAIL_NO : FAIL_PERM;

	fail_set(f, kind, "%s has no project %s, or not for you%s%s",
	    lxd_kind(l), lxd_project(l),
	    kind == FAIL_NO ? "" : "; those that are: ",
	    kind == FAIL_NO ? "" : names);
	free(names);
	return -1;
}

/* The project is the user's own, where that is one of these (borrowed). */
static bool
take_own(struct lxd *l, jv all)
{
	char *own = text_fmt("user-%ju", (uintmax_t)getuid());

	if (!is_among(all, own)) {
		free(own);
		return false;
	}
	free(l->project);
	l->project = own;
	return true;
}

int
project_find(struct lxd *l, const char *wanted, struct fail *f)
{
	int ret = 0;
	jv all;

	/* who may ask nothing is told by what is not allowed then */
	if (lxd_get(l, ALL, &all, NULL, f) < 0)
		return f->kind == FAIL_NO || f->kind == FAIL_PERM ? 0 : -1;
	if (jv_get_kind(all) == JV_KIND_ARRAY &&
	    jv_array_length(jv_copy(all)) > 0 &&
	    !is_among(all, lxd_project(l)) &&
	    (wanted != NULL || !take_own(l, all)))
		ret = not_there(l, all, f);
	jv_free(all);
	return ret;
}
