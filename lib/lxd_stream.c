/*
 * What is too large for memory, or no JSON: images, files, what a program has
 * printed. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "lxd_priv.h"
#include "text.h"

int
lxd_download(struct lxd *l, const char *path, FILE *to, size_t max, char *media,
    struct fail *f)
{
	struct http_request r = {.method = "GET",
	    .path = path,
	    .to = to,
	    .max = max,
	    .long_one = max > LXD_ANSWER_MAX};
	struct http_answer a = {0};
	int ret = lxd_raw(l, &r, &a, f);

	if (ret < 0 && a.too_long && !http_is_plain(&a))
		ret = fail_set(f, FAIL_DATA, "not a regular file");
	else if (ret < 0 && a.too_long)
		ret = fail_set(f, FAIL_DATA, "larger than %zu bytes", r.max);
	else if (ret == 0 && a.status >= 400)
		ret = lxd_refused(&a, f);
	else if (ret == 0 && !http_is_plain(&a))
		ret = fail_set(f, FAIL_DATA, "not a regular file");
	else if (ret == 0)
		memcpy(media, a.media, LXD_MEDIA);
	free(a.body);
	return ret;
}

int
lxd_upload(struct lxd *l, const char *method, const char *path,
    const char *media, FILE *from, jv *answer, struct fail *f)
{
	char *type = text_fmt("Content-Type: %s", media);
	const char *headers[] = {type, NULL};
	struct http_request r = {.method = method,
	    .path = path,
	    .headers = headers,
	    .from = from,
	    .long_one = true};
	struct http_answer a = {0};
	int ret = lxd_raw(l, &r, &a, f);
	jv v;

	if (ret == 0)
		ret = lxd_understand(l, &a, &v, f);
	free(a.body);
	free(type);
	return ret == 0 ? lxd_outcome(l, v, answer, f) : -1;
}
