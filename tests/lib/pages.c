/*
 * What a program has begun with goes, and comes back where it is needed.
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include <jv.h>

#include "check.h"
#include "pages.h"

static int written = 1;

/* KiB of files that are mapped and in memory. */
static long
resident(void)
{
	char line[256];
	long kib = -1;
	FILE *f = fopen("/proc/self/status", "re");

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, "RssFile:", 8) == 0)
			kib = strtol(line + 8, NULL, 10);
	if (f != NULL)
		fclose(f);
	return kib;
}

int
main(void)
{
	long before, after;
	jv v = jv_parse("{\"kept\": [1, 2, 3]}");

	written++;
	before = resident();
	pages_give_back();
	after = resident();
	CHECK(before > 0 && after > 0 && after < before / 2);
	CHECK(written == 2);
	v = jv_object_get(v, jv_string("kept"));
	CHECK(jv_array_length(v) == 3);
	return check_failed;
}
