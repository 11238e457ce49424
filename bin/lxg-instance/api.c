/*
 * One request to the engine as it stands, for scripts.
 * SPDX-License-Identifier: ISC
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "instance.h"

static bool
is_method(const char *s)
{
	static const char *const methods[] = {
	    "GET", "POST", "PUT", "PATCH", "DELETE"};
	const size_t n = sizeof(methods) / sizeof(methods[0]);
	size_t i = 0;

	while (i < n && strcmp(s, methods[i]) != 0)
		i++;
	return i < n;
}

int
api_check(const struct request *r, struct fail *f)
{
	const char *p = r->path, *m = r->media != NULL ? r->media : "";

	if (!is_method(r->method))
		return fail_set(f, FAIL_USAGE,
		    "%s: a method is GET, POST, PUT, PATCH or DELETE",
		    r->method);
	/* what is behind a # is not sent, and that would be the project */
	while (isascii((unsigned char)*p) && isgraph((unsigned char)*p) &&
	       *p != '#')
		p++;
	if (*p != '\0' || strncmp(r->path, "/1.0", 4) != 0)
		return fail_set(
		    f, FAIL_USAGE, "a path begins with /1.0, and is escaped");
	while (isascii((unsigned char)*m) && isprint((unsigned char)*m))
		m++;
	if (*m != '\0' || (r->media != NULL && *r->media == '\0'))
		return fail_set(f, FAIL_USAGE, "-t: no media type");
	if ((r->out == NULL && r->max != 0) ||
	    (r->media != NULL && r->file == NULL))
		return fail_set(f, FAIL_USAGE, "-m is of -o, and -t of a file");
	if (strcmp(r->method, "GET") == 0 ? r->file != NULL : r->out != NULL)
		return fail_set(
		    f, FAIL_USAGE, "GET alone has -o, and no file of a body");
	return 0;
}

/* The file's JSON, or nothing for NULL. Owned. */
static int
read_body(FILE *fp, const char *file, jv *body, struct fail *f)
{
	char *text = NULL;
	size_t size = 0;
	ssize_t len;
	int ret;

	*body = jv_invalid();
	if (fp == NULL)
		return 0;
	/* JSON has no NUL in it */
	len = getdelim(&text, &size, '\0', fp);
	if (ferror(fp))
		ret = fail_errno(f, "%s", file);
	else
		ret = rec_parse(
		    len < 0 ? "" : text, len < 0 ? 0 : (size_t)len, body, f);
	free(text);
	return ret;
}

static int
change(struct lxd *l, const struct request *r, jv *answer, struct fail *f)
{
	FILE *fp = NULL;
	int ret;
	jv body;

	if (r->file != NULL && strcmp(r->file, "-") == 0)
		fp = stdin;
	else if (r->file != NULL && (fp = fopen(r->file, "re")) == NULL)
		return fail_errno(f, "%s", r->file);
	if (r->media != NULL)
		ret =
		    lxd_upload(l, r->method, r->path, r->media, fp, answer, f);
	else if ((ret = read_body(fp, r->file, &body, f)) == 0)
		ret = lxd_send(l, r->method, r->path, body, NULL, answer, f);
	if (fp != NULL && fp != stdin)
		fclose(fp);
	return ret;
}

static int
save(struct lxd *l, const struct request *r, jv *answer, struct fail *f)
{
	bool plain = strcmp(r->out, "-") == 0;
	char media[LXD_MEDIA];
	FILE *fp = plain ? stdout : fopen(r->out, "we");
	int ret;

	if (fp == NULL)
		return fail_errno(f, "%s", r->out);
	ret = lxd_download(l, r->path, fp, r->max, media, f);
	if ((plain ? fflush(fp) : fclose(fp)) != 0 && ret == 0)
		ret = fail_set(f, FAIL_IO, "%s: %s",
		    plain ? "standard output" : r->out, strerror(errno));
	*answer = ret < 0 || plain ? jv_invalid() : jv_string(media);
	return ret;
}

int
api_request(struct lxd *l, const struct request *r, jv *answer, struct fail *f)
{
	if (r->out != NULL)
		return save(l, r, answer, f);
	if (strcmp(r->method, "GET") == 0)
		return lxd_get(l, r->path, answer, NULL, f);
	return change(l, r, answer, f);
}
