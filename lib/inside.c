/*
 * Helpers run inside for what the host user can't do.
 * SPDX-License-Identifier: ISC
 */
#include "inside.h"

int
inside_run(
    struct lxd *l, const struct rec *r, bool able, jv argv, struct fail *f)
{
	const char *caps = "+chown,+dac_override,+fowner";
	const char *name = rec_str(r, "instance", f);
	uint32_t uid, gid;
	int status;
	jv as = jv_array();

	if (name == NULL || rec_ids(r, &uid, &gid, f) < 0) {
		jv_free(argv);
		jv_free(as);
		return -1;
	}
	if (able) {
		as = JV_ARRAY(jv_string("setpriv"), jv_string("--inh-caps"),
		    jv_string(caps), jv_string("--ambient-caps"),
		    jv_string(caps), jv_string("--clear-groups"));
		as = jv_array_append(as, jv_string_fmt("--reuid=%u", uid));
		as = jv_array_append(as, jv_string_fmt("--regid=%u", gid));
		uid = gid = 0;
	}
	argv = jv_array_concat(as, argv);
	return lxd_exec(l, name, argv, uid, gid, &status, NULL, NULL, f);
}
