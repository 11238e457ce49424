/*
 * The policy keys, user.lxg.*: what an instance may do with the host's display.
 * SPDX-License-Identifier: ISC
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>

#include "policy.h"
#include "rec.h"
#include "text.h"

#define TITLE_MAX 256

static const char *const switches[] = {"off", "on", NULL};
static const char *const ways[] = {"off", "in", "out", "both", NULL};
static const char *const sounds[] = {"off", "out", "both", NULL};
static const char *const cookies[] = {"trusted", "untrusted", NULL};

const struct policy policy_keys[] = {
    {"clipboard", ways},
    {"audio", sounds},
    {"notifications", switches},
    {"bell", switches},
    {"tray", switches},
    {"printing", switches},
    {"files", switches},
    {"urls", switches},
    {"prestart", switches},
    {"x11", cookies},
    {"color", NULL},
    {"title", NULL},
    {NULL, NULL},
};

/* No policy: what create and put know of their own work. */
static const char *const own_keys[] = {"user", "uid", "gid", "home", "image",
    "network", "profile", "put", "create", "uuid", NULL};

/* Keys that were, and open nothing any more: profiles may still have them. */
static const char *const gone_keys[] = {"webcam", "opengl", "mmap", NULL};

static const struct policy *
find(const char *name)
{
	const struct policy *p;

	for (p = policy_keys; p->name != NULL; p++)
		if (strcmp(p->name, name) == 0)
			return p;
	return NULL;
}

static bool
listed(const char *const *list, const char *s)
{
	for (; *list != NULL; list++)
		if (strcmp(*list, s) == 0)
			return true;
	return false;
}

int
policy_unknown(const char *key, struct fail *f)
{
	char *all = text_fmt("%s", ""), *more;
	const struct policy *p;

	for (p = policy_keys; p->name != NULL; p++) {
		more = text_fmt("%s%s%s", all, *all ? ", " : "", p->name);
		free(all);
		all = more;
	}
	fail_set(
	    f, EX_CONFIG, "%s: no such policy key; there are %s", key, all);
	free(all);
	return -1;
}

/* "off, in, out, both", owned. */
static char *
join(const char *const *list)
{
	char *all = text_fmt("%s", *list), *more;

	while (*++list != NULL) {
		more = text_fmt("%s, %s", all, *list);
		free(all);
		all = more;
	}
	return all;
}

static bool
is_color(const char *s)
{
	return s[0] == '#' && strspn(s + 1, "0123456789abcdefABCDEF") == 6 &&
	       s[7] == '\0';
}

/* A window's title: short, and nothing in it that a terminal would obey. */
static bool
is_title(const char *s)
{
	char *cleaned = text_fmt("%s", s);
	bool same;

	text_clean(cleaned);
	same = strcmp(cleaned, s) == 0;
	free(cleaned);
	return same && *s != '\0' && strlen(s) <= TITLE_MAX;
}

bool
policy_gone(const char *name)
{
	return listed(gone_keys, name);
}

static int
check_value(
    const struct policy *p, const char *key, const char *value, struct fail *f)
{
	char *all;

	if (p->values != NULL && !listed(p->values, value)) {
		all = join(p->values);
		fail_set(f, EX_CONFIG, "%s: %s is none of %s", key, value, all);
		free(all);
		return -1;
	}
	if (strcmp(p->name, "color") == 0 && !is_color(value))
		return fail_set(f, EX_CONFIG,
		    "%s: %s is not a colour, as #rrggbb", key, value);
	if (strcmp(p->name, "title") == 0 && !is_title(value))
		return fail_set(f, EX_CONFIG,
		    "%s: a title has 1 to %d bytes and no control characters",
		    key, TITLE_MAX);
	return 0;
}

/*
 * A prefix in other letters is held to be ours as well: what its author meant
 * to forbid must not stay open.
 */
static int
check_key(const char *key, const char *value, struct fail *f)
{
	const size_t len = strlen(POLICY_PREFIX);
	const struct policy *p;

	if (strncasecmp(key, POLICY_PREFIX, len) != 0)
		return 0;
	if (strncmp(key, POLICY_PREFIX, len) == 0) {
		if (listed(own_keys, key + len) || policy_gone(key + len))
			return 0;
		if ((p = find(key + len)) != NULL)
			return check_value(p, key, value, f);
	}
	return policy_unknown(key, f);
}

int
policy_check(jv config, struct fail *f)
{
	const char *value;
	int ret = 0;

	if (jv_get_kind(config) != JV_KIND_OBJECT)
		return fail_set(
		    f, EX_PROTOCOL, "the engine's answer has no config");
	jv_object_keys_foreach (config, k) {
		if (ret == 0) {
			value = obj_str(config, jv_string_value(k));
			ret = check_key(
			    jv_string_value(k), value ? value : "", f);
		}
		jv_free(k);
	}
	return ret;
}

const char *
policy_get(jv config, const char *name)
{
	const struct policy *p = find(name);
	char *key = text_fmt("%s%s", POLICY_PREFIX, name);
	const char *s = obj_str(config, key);

	free(key);
	if (s != NULL || p == NULL || p->values == NULL)
		return s;
	return p->values[0];
}
