/*
 * Policy keys set on an instance itself, over its profile's.
 * SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "instance.h"
#include "policy.h"
#include "text.h"

/* KEY=VALUE, with or without the prefix, into the config. */
static int
add_setting(jv *config, const char *setting, struct fail *f)
{
	const char *value = strchr(setting, '=');
	size_t prefix = strlen(POLICY_PREFIX);
	char *name, *key;
	int ret = 0;

	if (value == NULL)
		return fail_set(f, FAIL_USAGE, "%s: not KEY=VALUE", setting);
	if (!text_utf8(setting, strlen(setting)))
		return fail_set(f, FAIL_DATA, "%s: not UTF-8", setting);
	if (strncmp(setting, POLICY_PREFIX, prefix) == 0)
		setting += prefix;
	name = strndup(setting, (size_t)(value - setting));
	key = text_fmt("%s%s", POLICY_PREFIX, name);
	if (policy_gone(name))
		warnx("%s: has no effect any more", name);
	else if (!policy_known(name))
		ret = policy_unknown(name, f);
	else
		*config = jv_object_set(
		    *config, jv_string(key), jv_string(value + 1));
	free(name);
	free(key);
	return ret;
}

/* An empty value takes a key away, and is none that policy_check() knows. */
static int
check_config(jv config, struct fail *f)
{
	jv given = jv_object();
	int ret;

	jv_object_foreach (config, key, value) {
		if (*jv_string_value(value) != '\0')
			given =
			    jv_object_set(given, jv_copy(key), jv_copy(value));
		jv_free(key);
		jv_free(value);
	}
	ret = policy_check(given, f);
	jv_free(given);
	return ret;
}

int
set_parse(char **settings, jv *policy, struct fail *f)
{
	int ret = 0;

	*policy = jv_object();
	for (; ret == 0 && *settings != NULL; settings++)
		ret = add_setting(policy, *settings, f);
	if (ret == 0)
		ret = check_config(*policy, f);
	if (ret < 0)
		jv_free(*policy);
	return ret;
}

int
set_policy(struct lxd *l, const char *name, jv policy, struct fail *f)
{
	char *path = text_fmt("/1.0/instances/%s", name);
	jv body = jv_object_set(jv_object(), jv_string("config"), policy);
	int ret = lxd_send(l, "PATCH", path, body, NULL, NULL, f);

	free(path);
	return ret;
}
