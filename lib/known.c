/*
 * Whom the host knows. SPDX-License-Identifier: ISC
 */
#include <grp.h>
#include <pwd.h>
#include <string.h>

#include "known.h"
#include "mem.h"

static struct known *
known_add(struct known *k, size_t n, const char *name, bool user, uint32_t uid,
    uint32_t gid)
{
	k = mem_grow(k, n, sizeof(*k));
	k[n] = (struct known){mem_need(strdup(name)), user, uid, gid};
	return k;
}

const struct known *
known_all(size_t *count)
{
	static struct known *k;
	static size_t n;
	const struct passwd *p;
	const struct group *g;

	if (k == NULL) {
		setpwent();
		for (; (p = getpwent()) != NULL; n++)
			k = known_add(
			    k, n, p->pw_name, true, p->pw_uid, p->pw_gid);
		endpwent();
		setgrent();
		for (; (g = getgrent()) != NULL; n++)
			k = known_add(k, n, g->gr_name, false, 0, g->gr_gid);
		endgrent();
	}
	*count = n;
	return k;
}
