/*
 * A name that is not there is often a slip: what there is says which.
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>

#include "instance.h"
#include "policy.h"
#include "text.h"

#define MOST 8 /* a line's worth */

/* The names of lxg's own among these (borrowed), "" for none; owned. */
static char *
names_of(jv instances)
{
	char *list = text_fmt("%s", "");
	int n = 0;

	jv_array_foreach (instances, i, instance) {
		const char *name = obj_str(instance, "name");
		jv config = obj_get(instance, "config");
		char *longer;

		if (name != NULL &&
		    obj_str(config, POLICY_PREFIX "profile") != NULL &&
		    n++ <= MOST) {
			longer = text_fmt("%s%s%s", list, *list ? ", " : "",
			    n > MOST ? "..." : name);
			free(list);
			list = longer;
		}
		jv_free(config);
		jv_free(instance);
	}
	return list;
}

void
others_tell(struct lxd *l, struct fail *f)
{
	struct fail why, was = *f;
	char *list;
	jv v;

	if (f->kind != FAIL_NO ||
	    lxd_get(l, "/1.0/instances?recursion=1", &v, NULL, &why) < 0)
		return;
	if (jv_get_kind(v) == JV_KIND_ARRAY) {
		list = names_of(v);
		if (*list != '\0')
			fail_set(
			    f, was.kind, "%s; there are %s", was.text, list);
		free(list);
	}
	jv_free(v);
}
