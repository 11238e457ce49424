/*
 * Names that the engine takes. SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "name.h"

#define ALPHA "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGIT "0123456789"

int
name_check(const char *name, struct fail *f)
{
	size_t len = strlen(name);

	if (len == 0 || len > 63)
		return fail_set(
		    f, FAIL_DATA, "%s: a name has 1 to 63 characters", name);
	if (strspn(name, ALPHA DIGIT "-") != len)
		return fail_set(f, FAIL_DATA,
		    "%s: a name has only ASCII letters, digits and dashes",
		    name);
	if (strspn(name, ALPHA) == 0)
		return fail_set(
		    f, FAIL_DATA, "%s: a name begins with a letter", name);
	if (name[len - 1] == '-')
		return fail_set(
		    f, FAIL_DATA, "%s: a name does not end with a dash", name);
	return 0;
}

int
name_check_project(const char *name, struct fail *f)
{
	size_t len = strlen(name);

	if (len == 0 || len > 63 || strspn(name, ALPHA DIGIT "-_.") != len ||
	    name[0] == '-' || name[0] == '.')
		return fail_set(f, FAIL_DATA, "%s: not a project's name", name);
	return 0;
}
