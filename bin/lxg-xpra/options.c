/*
 * The one table of xpra's options, and the policy that picks rows of it.
 * SPDX-License-Identifier: ISC
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dirs.h"
#include "options.h"
#include "policy.h"
#include "rec.h"
#include "text.h"

#define TABLE "xpra.options"

char *
options_data(const char *name, struct fail *f)
{
	char *dir = dirs_data(f), *path, *text = NULL;
	size_t size = 0;
	FILE *fp;

	if (dir == NULL)
		return NULL;
	path = text_fmt("%s/%s", dir, name);
	fp = fopen(path, "re");
	if (fp == NULL || getdelim(&text, &size, '\0', fp) < 0) {
		fail_errno(f, "%s", path);
		free(text);
		text = NULL;
	}
	if (fp != NULL)
		fclose(fp);
	free(path);
	free(dir);
	return text;
}

static jv
row(const char *side, int low, int high, const char *option)
{
	return JV_ARRAY(jv_string(side), jv_number(low), jv_number(high),
	    jv_string(option));
}

jv
options_add(jv rows, const char *side, const char *option)
{
	return jv_array_append(rows, row(side, 0, 99, option));
}

/* "always", or key=value. */
static bool
holds(jv config, char *policy)
{
	char *value = strchr(policy, '=');
	const char *is;

	if (value == NULL)
		return strcmp(policy, "always") == 0;
	*value++ = '\0';
	is = policy_get(config, policy);
	return is != NULL && strcmp(is, value) == 0;
}

/* side, low-high, policy and option, a tab between. */
static int
add_line(jv config, char *line, jv *rows, struct fail *f)
{
	char *column[4], *end;
	int i, low, high;

	for (i = 0; i < 4; i++)
		if ((column[i] = strsep(&line, "\t")) == NULL)
			break;
	if (i < 4 || sscanf(column[1], "%d-%d", &low, &high) != 2)
		return fail_set(f, FAIL_CONFIG, "%s: no row: %s", TABLE,
		    column[0] ? column[0] : "");
	end = column[3];
	if (holds(config, column[2]))
		*rows = jv_array_append(*rows, row(column[0], low, high, end));
	return 0;
}

int
options_rows(jv config, jv *rows, struct fail *f)
{
	char *text, *rest, *line;
	int ret = 0;

	if (policy_check(config, f) < 0)
		return -1;
	if ((text = options_data(TABLE, f)) == NULL)
		return -1;
	*rows = jv_array();
	rest = text;
	while (ret == 0 && (line = strsep(&rest, "\n")) != NULL)
		if (*line != '\0' && *line != '#')
			ret = add_line(config, line, rows, f);
	free(text);
	if (ret < 0)
		jv_free(*rows);
	return ret;
}
