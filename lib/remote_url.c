/*
 * What is known of a remote by its address alone. It is apart so that what asks
 * no engine is not linked with all that does. SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "remote.h"

bool
remote_is_url(const char *s)
{
	return s != NULL &&
	       strncmp(s, REMOTE_SCHEME, strlen(REMOTE_SCHEME)) == 0;
}

bool
remote_is_choice(const char *s)
{
	size_t len = strlen(s);

	return remote_is_url(s) ||
	       (len > 1 && s[len - 1] == ':' && *s != '/' && *s != '.');
}

int
remote_away(const char *remote, struct fail *f)
{
	return fail_set(f, FAIL_CONFIG,
	    "is on the remote %s: no file or folder of this host's can be "
	    "shared with it or lent to it; lxg map -c lends it copies",
	    remote);
}

int
remote_check_record(const struct rec *r, struct fail *f)
{
	const char *api = obj_str(r->v, "api"), *name = obj_str(r->v, "remote");

	return remote_is_url(api) ? remote_away(name != NULL ? name : api, f)
				  : 0;
}
