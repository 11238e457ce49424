/*
 * Bounded helpers in many instances at once: all are asked for, and then what
 * each of them said, without a wait in between. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "http_row.h"
#include "lxd_priv.h"
#include "mem.h"
#include "rec.h"
#include "text.h"

#define AT_ONCE 32 /* so many begin together on the other machine */

/* Where the engines keep what is printed; each knows one of them. */
static const char *const folders[] = {"logs/exec-output", "logs"};
static const char *const streams[] = {"stdout", "stderr"};

#define FOLDERS (sizeof(folders) / sizeof(*folders))
#define STREAMS (sizeof(streams) / sizeof(*streams))
#define OUTPUTS (FOLDERS * STREAMS)
#define ASKED	(1 + 2 * OUTPUTS) /* of each: its end; to get; to remove */

/* The last LXD_OUTPUT_MAX bytes, for what those inside print may have no end;
 * the first of a file that is empty are an error, after which LXD hangs up. */
static const char *const some[] = {"Range: bytes=-1048576", NULL};
static const char *const json[] = {"Content-Type: application/json", NULL};

/* One of those that begin together. */
struct one {
	struct lxd_run *run;
	char *operation; /* its path, owned; NULL: it has failed */
};

static void
failed(struct one *o, const struct fail *why)
{
	o->run->status = -1;
	o->run->why = *why;
	free(o->operation);
	o->operation = NULL;
}

/* The name of the operation, as it is part of a file's; owned. */
static char *
id_of(const char *operation)
{
	const char *s = strchr(operation + 1, '/');
	size_t n;

	s = s != NULL ? strchr(s + 1, '/') : NULL;
	s = s != NULL ? s + 1 : "";
	n = strspn(s, "-0123456789abcdefghijklmnopqrstuvwxyz");
	return text_fmt("%.*s", (int)n, s);
}

static void
take_operation(struct lxd *l, struct one *o, const struct http_answer *a)
{
	struct fail f;
	const char *s;
	jv v;

	if (lxd_understand(l, a, &v, &f) < 0) {
		if (f.kind == FAIL_PERM)
			lxd_distrusted(l, &f);
		failed(o, &f);
		return;
	}
	s = obj_str(v, "operation");
	if (lxd_is_operation(s))
		o->operation = text_fmt("%s", s);
	else {
		fail_set(&f, FAIL_PROTOCOL, "%s: an answer names no operation",
		    l->api);
		failed(o, &f);
	}
	jv_free(v);
}

/* Asks for them; -1 where no answer came. */
static int
begin_all(struct lxd *l, struct http_row *row, struct one *o, size_t n,
    struct fail *f)
{
	struct http_request r[AT_ONCE] = {{0}};
	struct http_answer a[AT_ONCE] = {{0}};
	jv text[AT_ONCE];
	char *path;
	int ret;
	size_t i;

	for (i = 0; i < n; i++) {
		path = text_fmt("/1.0/instances/%s/exec", o[i].run->instance);
		text[i] =
		    jv_dump_string(lxd_exec_body(jv_copy(o[i].run->argv),
				       o[i].run->uid, o[i].run->gid, true),
			0);
		r[i] = (struct http_request){.method = "POST",
		    .path = lxd_path(l, path),
		    .headers = json,
		    .body = jv_string_value(text[i]),
		    .len = (size_t)jv_string_length_bytes(jv_copy(text[i]))};
		free(path);
	}
	ret = http_row_do(row, r, n, lxd_patience(), LXD_OUTPUT_MAX, a, f);
	for (i = 0; i < n; i++) {
		if (ret == 0)
			take_operation(l, &o[i], &a[i]);
		free(a[i].body);
		free((char *)r[i].path);
		jv_free(text[i]);
	}
	return ret;
}

/* What is asked of one that began: ASKED requests, whose paths are owned. */
static void
ask_end(struct lxd *l, const struct one *o, struct http_request *r)
{
	char *id = id_of(o->operation), *path;
	size_t i;

	path = lxd_wait_path(o->operation, lxd_patience());
	*r++ =
	    (struct http_request){.method = "GET", .path = lxd_path(l, path)};
	free(path);
	for (i = 0; i < 2 * OUTPUTS; i++) {
		path = text_fmt("/1.0/instances/%s/%s/exec_%s.%s",
		    o->run->instance, folders[i / STREAMS % FOLDERS], id,
		    streams[i % STREAMS]);
		*r++ = (struct http_request){
		    .method = i < OUTPUTS ? "GET" : "DELETE",
		    .headers = i < OUTPUTS ? some : NULL,
		    .path = lxd_path(l, path)};
		free(path);
	}
	free(id);
}

/* What it printed there, consumed; NULL where neither folder has that. */
static char *
take_stream(struct http_answer *a, size_t stream)
{
	size_t i;
	char *s;

	for (i = 0; i < FOLDERS; i++, stream += STREAMS)
		if (a[stream].status == 200 || a[stream].status == 206) {
			s = a[stream].body;
			a[stream].body = NULL;
			return s;
		}
	return NULL;
}

/* As it was answered, or once more where the files are nowhere that we know. */
static int
take_end(
    struct lxd *l, struct lxd_run *run, struct http_answer *a, struct fail *f)
{
	jv v, op;
	int ret;

	if (lxd_understand(l, a, &v, f) < 0)
		return -1;
	op = obj_get(v, "metadata");
	jv_free(v);
	ret = lxd_operation_end(op, f);
	v = obj_get(op, "metadata");
	jv_free(op);
	if (ret == 0) {
		run->out = take_stream(a + 1, 0);
		run->err = take_stream(a + 1, 1);
		if (run->out != NULL && run->err != NULL)
			ret =
			    lxd_exec_results(l, v, &run->status, NULL, NULL, f);
		else {
			free(run->out);
			free(run->err);
			run->out = run->err = NULL;
			ret = lxd_exec_results(
			    l, v, &run->status, &run->out, &run->err, f);
		}
	}
	jv_free(v);
	return ret;
}

static int
end_all(struct lxd *l, struct http_row *row, struct one *o, size_t n,
    struct fail *f)
{
	struct http_request *r = mem_need(calloc(n * ASKED, sizeof(*r)));
	struct http_answer *a = mem_need(calloc(n * ASKED, sizeof(*a)));
	size_t i, k = 0;
	struct fail why;
	int ret = 0;

	for (i = 0; i < n; i++)
		if (o[i].operation != NULL)
			ask_end(l, &o[i], r + ASKED * k++);
	if (k > 0)
		ret = http_row_do(row, r, ASKED * k, 10 + lxd_patience(),
		    LXD_OUTPUT_MAX, a, f);
	for (i = k = 0; ret == 0 && i < n; i++)
		if (o[i].operation != NULL &&
		    take_end(l, o[i].run, a + ASKED * k++, &why) < 0)
			failed(&o[i], &why);
	for (i = 0; i < n * ASKED; i++) {
		free((char *)r[i].path);
		free(a[i].body);
	}
	free(r);
	free(a);
	return ret;
}

void
lxd_exec_each(struct lxd *l, struct lxd_run *run, size_t n)
{
	struct one o[AT_ONCE];
	struct http_row *row;
	struct fail f;
	size_t i, k;
	int ret;

	if (n == 0)
		return;
	row = http_row_open(l->http, &f);
	ret = row != NULL ? 0 : -1;
	for (; n > 0; run += k, n -= k) {
		k = n < AT_ONCE ? n : AT_ONCE;
		for (i = 0; i < k; i++) {
			run[i].out = run[i].err = NULL;
			o[i] = (struct one){.run = &run[i]};
		}
		if (ret == 0)
			ret = begin_all(l, row, o, k, &f);
		if (ret == 0)
			ret = end_all(l, row, o, k, &f);
		for (i = 0; i < k; i++) {
			if (ret < 0)
				failed(&o[i], &f);
			free(o[i].operation);
		}
	}
	http_row_close(row);
}
