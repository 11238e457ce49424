/*
 * One request to the engine as it stands, for scripts.
 * SPDX-License-Identifier: ISC
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "instance.h"

static int
check(const char *method, const char *path, struct fail *f)
{
	static const char *const methods[] = {
	    "GET", "POST", "PUT", "PATCH", "DELETE"};
	const size_t n = sizeof(methods) / sizeof(methods[0]);
	const char *p = path;
	size_t i = 0;

	while (i < n && strcmp(method, methods[i]) != 0)
		i++;
	if (i == n)
		return fail_set(f, EX_USAGE,
		    "%s: a method is GET, POST, PUT, PATCH or DELETE", method);
	while (isascii((unsigned char)*p) && isgraph((unsigned char)*p))
		p++;
	if (*p != '\0' || strncmp(path, "/1.0", 4) != 0)
		return fail_set(
		    f, EX_USAGE, "a path begins with /1.0, and is escaped");
	return 0;
}

/* The file's JSON, of standard input for "-"; nothing for NULL. Owned. */
static int
read_body(const char *file, jv *body, struct fail *f)
{
	FILE *fp = stdin;
	char *text = NULL;
	size_t size = 0;
	ssize_t len;
	int ret;

	*body = jv_invalid();
	if (file == NULL)
		return 0;
	if (strcmp(file, "-") != 0 && (fp = fopen(file, "re")) == NULL)
		return fail_errno(f, "%s", file);
	/* JSON has no NUL in it */
	len = getdelim(&text, &size, '\0', fp);
	if (ferror(fp))
		ret = fail_errno(f, "%s", file);
	else
		ret = rec_parse(
		    len < 0 ? "" : text, len < 0 ? 0 : (size_t)len, body, f);
	free(text);
	if (fp != stdin)
		fclose(fp);
	return ret;
}

int
api_request(struct lxd *l, const char *method, const char *path,
    const char *file, jv *answer, struct fail *f)
{
	jv body;

	if (check(method, path, f) < 0 || read_body(file, &body, f) < 0)
		return -1;
	if (strcmp(method, "GET") != 0)
		return lxd_send(l, method, path, body, NULL, answer, f);
	jv_free(body);
	return lxd_get(l, path, answer, NULL, f);
}
