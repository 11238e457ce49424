/*
 * One line on a terminal that says how far things are.
 * SPDX-License-Identifier: ISC
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "instance.h"
#include "text.h"

static bool shown;

void
progress_show(const char *fmt, ...)
{
	char line[256];
	va_list ap;

	if (!isatty(STDERR_FILENO))
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	text_clean(line);
	fprintf(stderr, "\r\033[K%s", line);
	shown = true;
}

void
progress_end(void)
{
	if (shown)
		fputs("\r\033[K", stderr);
	shown = false;
}

/* The engines name what they do in keys such as download_progress. */
void
progress_operation(jv operation, void *instance)
{
	static const char suffix[] = "_progress";
	jv metadata = obj_get(operation, "metadata");

	if (jv_get_kind(metadata) == JV_KIND_OBJECT)
		jv_object_foreach (metadata, key, value) {
			const char *k = jv_string_value(key);
			size_t len = strlen(k);

			if (len > sizeof(suffix) &&
			    strcmp(k + len - strlen(suffix), suffix) == 0 &&
			    jv_get_kind(value) == JV_KIND_STRING)
				progress_show("%s: %s", (char *)instance,
				    jv_string_value(value));
			jv_free(key);
			jv_free(value);
		}
	jv_free(metadata);
}
