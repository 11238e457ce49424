/*
 * The REST API of LXD and Incus: answers, errors, operations. Facts are from
 * the engines' "REST API" pages (doc/rest-api.md of both).
 * SPDX-License-Identifier: ISC
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "http.h"
#include "lxd.h"
#include "lxd_priv.h"
#include "mem.h"
#include "patience.h"
#include "rec.h"
#include "sig.h"
#include "text.h"

#define OPERATIONS "/1.0/operations/"
#define TIMEOUT	   60

long
lxd_patience(void)
{
	struct fail f;
	long n = patience_seconds("LXG_TIMEOUT", TIMEOUT, &f);

	return n > 0 ? n : TIMEOUT;
}

struct lxd *
lxd_open(const char *api, const char *project, struct fail *f)
{
	struct lxd *l;

	if (patience_seconds("LXG_TIMEOUT", TIMEOUT, f) < 0)
		return NULL;
	l = mem_need(calloc(1, sizeof(*l)));
	if ((l->http = http_open(api, f)) == NULL) {
		free(l);
		return NULL;
	}
	l->api = text_fmt("%s", api);
	l->project = text_fmt("%s", project);
	if (lxd_learn_kind(l, f) < 0) {
		lxd_close(l);
		return NULL;
	}
	return l;
}

void
lxd_close(struct lxd *l)
{
	if (l == NULL)
		return;
	http_close(l->http);
	remote_free(l->remote);
	free(l->api);
	free(l->project);
	free(l->member);
	free(l);
}

const char *
lxd_kind(const struct lxd *l)
{
	return l->kind;
}

const char *
lxd_api(const struct lxd *l)
{
	return l->api;
}

const char *
lxd_project(const struct lxd *l)
{
	return l->project;
}

void
lxd_on_progress(struct lxd *l, void (*fn)(jv, void *), void *arg)
{
	l->progress = fn;
	l->progress_arg = arg;
}

/* The kind of failure that an HTTP status stands for. */
static enum fail_kind
kind_of(long status)
{
	switch (status) {
	case 400:
		return FAIL_DATA;
	case 401:
	case 403:
		return FAIL_PERM;
	case 404:
		return FAIL_NO;
	case 409:
		return FAIL_CREATE;
	case 412:
	case 423:
	case 503:
		return FAIL_AGAIN;
	default:
		return status >= 400 && status < 600 ? FAIL_SYSTEM
						     : FAIL_PROTOCOL;
	}
}

char *
lxd_path(const struct lxd *l, const char *path)
{
	char *project = http_escape(l->project), *full;

	/* the engines refuse a project beside all-projects, and an operation's
	 * path may name its own */
	full = *project == '\0' || strstr(path, "all-projects=") != NULL ||
		       (strncmp(path, OPERATIONS, strlen(OPERATIONS)) == 0 &&
			   strstr(path, "project=") != NULL)
		   ? text_fmt("%s", path)
		   : text_fmt("%s%cproject=%s", path,
			 strchr(path, '?') != NULL ? '&' : '?', project);
	free(project);
	return full;
}

int
lxd_raw(struct lxd *l, struct http_request *r, struct http_answer *a,
    struct fail *f)
{
	const char *path = r->path;
	char *full = lxd_path(l, path);
	int ret;

	r->path = full;
	if (r->timeout == 0)
		r->timeout = lxd_patience();
	if (r->max == 0)
		r->max = LXD_ANSWER_MAX;
	ret = http_do(l->http, r, a, f);
	r->path = path;
	free(full);
	return ret;
}

/* The engines have no code for: another operation is under way; too much. */
static bool
worth_another_try(const char *text)
{
	/* an instance that takes its time to stop is not the engine's doing */
	return strstr(text, "busy running") != NULL ||
	       (strstr(text, LXD_TOO_MUCH) != NULL &&
		   strstr(text, "Failed shutting down") == NULL);
}

/* An error answer's code: Incus has sent a 200 before an operation fails. */
static long
status_of(const struct http_answer *a, jv v)
{
	jv code = obj_get(v, "error_code");
	double n =
	    jv_get_kind(code) == JV_KIND_NUMBER ? jv_number_value(code) : 0;

	jv_free(code);
	return a->status < 400 && n >= 400 && n < 600 ? (long)n : a->status;
}

int
lxd_refused(const struct http_answer *a, struct fail *f)
{
	struct fail why;
	const char *text;
	jv v;

	if (rec_parse(a->body, a->len, &v, &why) == 0) {
		text = obj_str(v, "error");
		if (text == NULL || *text == '\0')
			text = "the engine says no more";
		fail_set(f,
		    worth_another_try(text) ? FAIL_AGAIN
					    : kind_of(status_of(a, v)),
		    "%s", text);
		jv_free(v);
		return -1;
	}
	return fail_set(f,
	    a->status >= 400 ? kind_of(a->status) : FAIL_PROTOCOL,
	    "the engine answered %ld and no JSON", a->status);
}

int
lxd_understand(
    struct lxd *l, const struct http_answer *a, jv *v, struct fail *f)
{
	struct fail why;
	const char *type;

	if (a->status >= 400)
		return lxd_refused(a, f);
	if (rec_parse(a->body, a->len, v, &why) < 0)
		return fail_set(
		    f, FAIL_PROTOCOL, "%s: the answer is %s", l->api, why.text);
	type = obj_str(*v, "type");
	if (type != NULL && strcmp(type, "error") != 0)
		return 0;
	jv_free(*v);
	return type != NULL
		   ? lxd_refused(a, f)
		   : fail_set(f, FAIL_PROTOCOL,
			 "%s: the answer is none of the API's", l->api);
}

/*
 * One request and its answer as JSON. body may be NULL. The engine may hold the
 * answer back for so many seconds.
 */
static int
exchange(struct lxd *l, const char *method, const char *path, const char *body,
    const char *etag, long held, struct http_answer *a, jv *v, struct fail *f)
{
	char *match = etag != NULL ? text_fmt("If-Match: %s", etag) : NULL;
	const char *headers[] = {"Content-Type: application/json", match, NULL};
	struct http_request r = {.method = method,
	    .path = path,
	    .headers = headers,
	    .body = body,
	    .len = body != NULL ? strlen(body) : 0,
	    .timeout = lxd_patience() + held};
	int ret = lxd_raw(l, &r, a, f);

	if (ret == 0 && (ret = lxd_understand(l, a, v, f)) < 0 &&
	    f->kind == FAIL_PERM)
		lxd_distrusted(l, f);
	free(match);
	return ret;
}

static int
get_held(struct lxd *l, const char *path, long held, jv *answer, char *etag,
    struct fail *f)
{
	struct http_answer a = {0};
	int ret;
	jv v;

	ret = exchange(l, "GET", path, NULL, NULL, held, &a, &v, f);
	if (ret == 0) {
		*answer = obj_get(v, "metadata");
		if (etag != NULL)
			memcpy(etag, a.etag, LXD_ETAG);
		jv_free(v);
		if (!jv_is_valid(*answer)) {
			jv_free(*answer);
			ret = fail_set(f, FAIL_PROTOCOL,
			    "%s: the answer has no metadata", l->api);
		}
	}
	free(a.body);
	return ret;
}

char *
lxd_wait_path(const char *path, long seconds)
{
	size_t len = strcspn(path, "?");

	return text_fmt("%.*s/wait%s%ctimeout=%ld", (int)len, path, path + len,
	    path[len] == '?' ? '&' : '?', seconds);
}

/* An operation, when it is over or after so many seconds. */
static int
get_waiting(
    struct lxd *l, const char *path, long seconds, jv *answer, struct fail *f)
{
	char *wait = lxd_wait_path(path, seconds);
	int ret = get_held(l, wait, seconds, answer, NULL, f);

	/* Incus has an error for the time that is over */
	if (ret < 0 && strstr(f->text, LXD_TOO_MUCH) != NULL)
		ret = get_held(l, path, 0, answer, NULL, f);
	free(wait);
	return ret;
}

int
lxd_get(struct lxd *l, const char *path, jv *answer, char *etag, struct fail *f)
{
	struct patience p = patience_begin();
	int ret;

	do
		ret = get_held(l, path, 0, answer, etag, f);
	while (ret < 0 && patience_again(&p, f));
	return ret;
}

/*
 * Is it a path of an operation, and nothing that leads elsewhere? In a cluster
 * it may have a query, with its project.
 */
bool
lxd_is_operation(const char *s)
{
	if (s == NULL || strncmp(s, OPERATIONS, strlen(OPERATIONS)) != 0)
		return false;
	for (s += strlen(OPERATIONS); isalnum((unsigned char)*s) || *s == '-';
	     s++)
		;
	if (*s == '?')
		for (s++; isalnum((unsigned char)*s) ||
			  (*s != '\0' && strchr("-_.~%+=&", *s) != NULL);
		     s++)
			;
	return *s == '\0';
}

/*
 * What a finished operation says: 0 success, else its error. Status codes 103
 * running, 200 success, 400 failure, 401 cancelled.
 */
int
lxd_operation_end(jv op, struct fail *f)
{
	jv code = obj_get(op, "status_code");
	double n =
	    jv_get_kind(code) == JV_KIND_NUMBER ? jv_number_value(code) : 0;
	const char *text = obj_str(op, "err");

	jv_free(code);
	if (n == 200)
		return 0;
	if (n >= 100 && n < 200)
		return fail_set(f, FAIL_AGAIN,
		    "the operation has stood still for too long");
	if (n < 400)
		return fail_set(
		    f, FAIL_PROTOCOL, "an operation ended without a status");
	if (text == NULL || *text == '\0')
		text = "the operation failed";
	return fail_set(f,
	    n == 401 || worth_another_try(text) ? FAIL_AGAIN : FAIL_SYSTEM,
	    "%s", text);
}

static bool
still_running(jv op)
{
	jv code = obj_get(op, "status_code");
	bool running = jv_get_kind(code) == JV_KIND_NUMBER &&
		       jv_number_value(code) >= 100 &&
		       jv_number_value(code) < 200;

	jv_free(code);
	return running;
}

/* Tells who watches; true where the operation has moved since the last. */
static bool
moved(struct lxd *l, jv op, char last[64])
{
	const char *now = obj_str(op, "updated_at");

	if (l->progress != NULL)
		l->progress(op, l->progress_arg);
	if (now == NULL || strncmp(now, last, 63) == 0)
		return false;
	strncpy(last, now, 63);
	return true;
}

/*
 * After a signal the caller undoes what was begun, which the engine refuses
 * while it is busy with it. A start can't be cancelled, only waited for.
 */
static void
cancel(struct lxd *l, const char *path)
{
	struct http_answer a = {0};
	struct fail ignored;
	int signo = sig_shield();
	struct fail why;
	jv v;

	if (exchange(l, "DELETE", path, NULL, NULL, 0, &a, &v, &ignored) == 0)
		jv_free(v);
	free(a.body);
	if (get_waiting(l, path, 30, &v, &ignored) == 0) {
		l->done = still_running(v) || lxd_operation_end(v, &why) == 0;
		jv_free(v);
	}
	sig_unshield(signo);
}

/* Waits for an operation; *answer is its metadata, owned. */
static int
wait_for(struct lxd *l, const char *path, jv *answer, struct fail *f)
{
	long held = l->progress || lxd_patience() < 10 ? 1 : 10;
	time_t since = patience_now();
	char last[64] = "";
	int ret;
	jv op = jv_null();

	do {
		jv_free(op);
		op = jv_null();
		ret = get_waiting(l, path, held, &op, f);
		if (ret == 0 && moved(l, op, last))
			since = patience_now();
		/* an image is unpacked, say, and nothing is told meanwhile */
		if (ret == 0 &&
		    patience_now() - since >
			(l->limit > 0 ? l->limit : 10 * lxd_patience()))
			ret = fail_set(f, FAIL_AGAIN,
			    "the operation has stood still for too long");
	} while (ret == 0 && still_running(op));
	if (ret < 0 && f->kind == FAIL_NO)
		fail_set(f, FAIL_AGAIN,
		    "the engine has forgotten the operation, as after a "
		    "restart");
	if (ret == 0) {
		ret = lxd_operation_end(op, f);
		l->done = ret == 0;
	} else if (sig_caught())
		cancel(l, path);
	if (answer != NULL)
		*answer = ret == 0 ? obj_get(op, "metadata") : jv_null();
	jv_free(op);
	return ret;
}

/*
 * A change is asked for with signals held back until the engine has said which
 * operation it is: only then can the caller, who will undo it, know when it is
 * over.
 */
static int
exchange_held(struct lxd *l, const char *method, const char *path,
    const char *body, const char *etag, struct http_answer *a, jv *v,
    struct fail *f)
{
	int ret;

	sig_hold(true);
	l->done = sig_caught() == 0;
	if (!l->done)
		ret = fail_set(f, FAIL_INTERRUPTED, "interrupted");
	else
		ret = exchange(l, method, path, body, etag, 0, a, v, f);
	if (ret < 0 && a->status >= 400)
		l->done = false;
	sig_hold(false);
	return ret;
}

bool
lxd_may_be_done(const struct lxd *l)
{
	return l->done;
}

int
lxd_outcome(struct lxd *l, jv v, jv *answer, struct fail *f)
{
	const char *type = obj_str(v, "type"), *op = obj_str(v, "operation");
	int ret = 0;

	if (strcmp(type, "async") != 0) {
		if (answer != NULL)
			*answer = obj_get(v, "metadata");
	} else if (lxd_is_operation(op))
		ret = wait_for(l, op, answer, f);
	else
		ret = fail_set(f, FAIL_PROTOCOL,
		    "%s: an answer names no operation", l->api);
	jv_free(v);
	return ret;
}

int
lxd_send(struct lxd *l, const char *method, const char *path, jv body,
    const char *etag, jv *answer, struct fail *f)
{
	struct http_answer a = {0};
	jv text = jv_is_valid(body) ? jv_dump_string(body, 0) : body;
	int ret;
	jv v;

	ret = exchange_held(l, method, path,
	    jv_is_valid(text) ? jv_string_value(text) : NULL, etag, &a, &v, f);
	free(a.body);
	jv_free(text);
	return ret == 0 ? lxd_outcome(l, v, answer, f) : -1;
}
