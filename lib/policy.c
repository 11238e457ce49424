/*
 * The policy keys, user.lxg.*: what an instance may do with the host's display.
 * SPDX-License-Identifier: ISC
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "policy.h"
#include "rec.h"
#include "text.h"

#define LINE_LEN 256

/* A value of any form, as is_color() and is_title() have it. */
#define FREE "*"
/* A key that there was, and one that create and put write of their own work. */
#define GONE "gone"
#define OWN  "own"

/* Lines of share/lxg/policy: a key's first one has its default. */
static const struct row {
	const char *key, *value;
} rows[] = {
#include "policy_rows.h"
    {NULL, NULL},
};

/* The first row of a key, or NULL. */
static const struct row *
find_key(const char *key)
{
	const struct row *r;

	for (r = rows; r->key != NULL; r++)
		if (strcmp(r->key, key) == 0)
			return r;
	return NULL;
}

static bool
is(const struct row *r, const char *value)
{
	return r != NULL && strcmp(r->value, value) == 0;
}

bool
policy_gone(const char *name)
{
	return is(find_key(name), GONE);
}

bool
policy_known(const char *name)
{
	const struct row *r = find_key(name);

	return r != NULL && !is(r, GONE) && !is(r, OWN);
}

/* Consumes list; "off, in, out, both", owned. */
static char *
longer(char *list, const char *word)
{
	char *all = text_fmt("%s%s%s", list, *list ? ", " : "", word);

	free(list);
	return all;
}

int
policy_unknown(const char *key, struct fail *f)
{
	char *all = text_fmt("%s", "");
	const struct row *r;

	for (r = rows; r->key != NULL; r++)
		if (r == find_key(r->key) && policy_known(r->key))
			all = longer(all, r->key);
	fail_set(
	    f, FAIL_CONFIG, "%s: no such policy key; there are %s", key, all);
	free(all);
	return -1;
}

static bool
is_color(const char *s)
{
	return s[0] == '#' && strspn(s + 1, "0123456789abcdefABCDEF") == 6 &&
	       s[7] == '\0';
}

/* A title, a command: short, and nothing in it that a terminal would obey. */
static bool
is_line(const char *s)
{
	char *cleaned = text_fmt("%s", s);
	bool same;

	text_clean(cleaned);
	same = strcmp(cleaned, s) == 0;
	free(cleaned);
	return same && *s != '\0' && strlen(s) <= LINE_LEN;
}

/* One of the values that the key, whose first row this is, may have? */
static int
check_listed(
    const struct row *r, const char *key, const char *value, struct fail *f)
{
	const char *name = r->key;
	char *all = text_fmt("%s", "");

	for (; r->key != NULL && strcmp(r->key, name) == 0; r++) {
		if (is(r, value)) {
			free(all);
			return 0;
		}
		all = longer(all, r->value);
	}
	fail_set(f, FAIL_CONFIG, "%s: %s is none of %s", key, value, all);
	free(all);
	return -1;
}

static int
check_value(
    const struct row *r, const char *key, const char *value, struct fail *f)
{
	if (!is(r, FREE))
		return check_listed(r, key, value, f);
	if (strcmp(r->key, "color") == 0 && !is_color(value))
		return fail_set(f, FAIL_CONFIG,
		    "%s: %s is not a colour, as #rrggbb", key, value);
	if (strcmp(r->key, "color") != 0 && !is_line(value))
		return fail_set(f, FAIL_CONFIG,
		    "%s: a %s has 1 to %d bytes and no control characters", key,
		    r->key, LINE_LEN);
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
	const struct row *r;

	if (strncasecmp(key, POLICY_PREFIX, len) != 0)
		return 0;
	if (strncmp(key, POLICY_PREFIX, len) == 0) {
		r = find_key(key + len);
		if (is(r, OWN) || is(r, GONE))
			return 0;
		if (r != NULL)
			return check_value(r, key, value, f);
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
		    f, FAIL_PROTOCOL, "the engine's answer has no config");
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
	const struct row *r = find_key(name);
	char *key = text_fmt("%s%s", POLICY_PREFIX, name);
	const char *s = obj_str(config, key);

	free(key);
	if (s != NULL || r == NULL || is(r, FREE))
		return s;
	return r->value;
}

/* One part of a saturated colour; hue goes around in 1536 steps. */
static int
part(int hue, int n)
{
	int k = (n * 256 + hue) % 1536;
	int low = k < 1024 - k ? k : 1024 - k;

	if (low > 256)
		low = 256;
	return 230 - (low > 0 ? low * 195 / 256 : 0);
}

/*
 * The colour that a name has, the same on each host: FNV-1a, and a finalizer,
 * without which names that differ in their last letter look alike. Owned.
 */
static char *
color_of(const char *name)
{
	uint32_t hash = 2166136261u;
	int hue;

	for (; *name != '\0'; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619u;
	hash = (hash ^ hash >> 16) * 0x7feb352du;
	hash = (hash ^ hash >> 15) * 0x846ca68bu;
	hue = (int)((hash ^ hash >> 16) % 1536);
	return text_fmt(
	    "#%02x%02x%02x", part(hue, 5), part(hue, 3), part(hue, 1));
}

char *
policy_color(jv config, const char *instance)
{
	const char *s = policy_get(config, "color");

	return s != NULL ? text_fmt("%s", s) : color_of(instance);
}
