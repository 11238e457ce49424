/*
 * Sessions of an instance that is another machine's.
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "exec.h"
#include "far.h"
#include "mem.h"
#include "remote.h"
#include "runtime.h"
#include "session.h"

bool
far_is(const struct rec *r)
{
	return remote_is_url(obj_str(r->v, "api"));
}

/* A whole number of the instance's up to max, else -1. */
static int
number_of(jv said, const char *key, double max)
{
	jv v = obj_get(said, key);
	double n = jv_get_kind(v) == JV_KIND_NUMBER ? jv_number_value(v) : -1;

	jv_free(v);
	return n >= 0 && n <= max && n == (int)n ? (int)n : -1;
}

/* The instance's own word for it, where that is one. */
static const char *
state_of(jv said)
{
	static const char *const known[] = {"starting", "live"};
	const char *s = obj_str(said, "state");
	size_t i;

	for (i = 0; s != NULL && i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(s, known[i]) == 0)
			return known[i];
	return "ended";
}

static void
add_session(const struct rec *instance, jv said, struct recs *out)
{
	struct rec r = {.v = jv_copy(instance->v), .line = instance->line};
	int status = number_of(said, "exit_status", 255);
	int display = number_of(said, "display", 65535);
	int since = number_of(said, "since", 0x7fffffff);
	const char *id = obj_str(said, "session");

	rec_set_str(&r, "session", id);
	rec_set_str(&r, "state", state_of(said));
	rec_set(&r, "command", session_command(obj_get(said, "command")));
	if (display >= 0)
		rec_set(&r, "display", jv_string_fmt(":%d", display));
	if (status >= 0)
		rec_set(&r, "exit_status", jv_number(status));
	if (since >= 0)
		rec_set(&r, "since", jv_number(since));
	rec_set(&r, "attached", jv_bool(runtime_attached(&r, id)));
	recs_add(out, r.v);
}

/* What the helper has said, as JSON. */
static int
take_list(
    const struct rec *r, const char *text, struct recs *out, struct fail *f)
{
	struct fail why;
	jv v, list, said;
	const char *id;
	int i, n;

	if (rec_parse(text, strlen(text), &v, &why) < 0)
		return fail_set(f, FAIL_PROTOCOL,
		    "the instance's answer about its sessions is %s", why.text);
	list = obj_get(v, "sessions");
	n = jv_get_kind(list) == JV_KIND_ARRAY ? jv_array_length(jv_copy(list))
					       : 0;
	for (i = 0; i < n && i < SESSIONS_MAX; i++) {
		said = jv_array_get(jv_copy(list), i);
		id = obj_str(said, "session");
		if (id != NULL && session_valid(id))
			add_session(r, said, out);
		jv_free(said);
	}
	jv_free(list);
	jv_free(v);
	return n <= SESSIONS_MAX
		   ? 0
		   : fail_set(f, FAIL_AGAIN, "%d sessions: too many", n);
}

/* Of what was run in there; consumes what it printed. */
static void
heed(struct lxd_run *run, struct far_answer *a)
{
	if (run->status < 0) {
		a->failed = true;
		a->why = run->why;
		return;
	}
	/* where there is no python3 there is no session either */
	if (run->status != 0 && run->status != 127) {
		a->failed = true;
		exec_failed(
		    run->status, run->err != NULL ? run->err : "", &a->why);
	} else if (run->status == 0) {
		a->text = run->out;
		run->out = NULL;
	}
	free(run->out);
	free(run->err);
}

/* What is to be run for the record; false: nothing is, or it can't be. */
static bool
prepare(const struct rec *r, struct lxd_run *run, struct lxd **l,
    struct far_answer *a)
{
	const char *is = obj_str(r->v, "status");

	/* one that does not run, or whose create is not over, has none */
	if (rec_failed(r) || !far_is(r) || !rec_has(r, "uid") ||
	    (is != NULL && strcmp(is, "Running") != 0))
		return false;
	if ((run->instance = rec_str(r, "instance", &a->why)) == NULL ||
	    rec_ids(r, &run->uid, &run->gid, &a->why) < 0 ||
	    (*l = engine_of(r, &a->why)) == NULL)
		a->failed = true;
	return !a->failed;
}

/* Those of one engine, from the first on; their places are of no engine then */
static void
ask_engine(struct lxd **of, const struct recs *in, struct lxd_run *run,
    struct lxd_run *its, struct far_answer *a, size_t first)
{
	struct lxd *l = of[first];
	size_t i, n = 0;

	for (i = first; i < in->n; i++)
		if (of[i] == l)
			its[n++] = run[i];
	lxd_exec_each(l, its, n);
	for (i = first, n = 0; i < in->n; i++)
		if (of[i] == l) {
			heed(&its[n++], &a[i]);
			of[i] = NULL;
		}
}

struct far_answer *
far_ask(const struct recs *in)
{
	struct far_answer *a = mem_need(calloc(in->n + 1, sizeof(*a)));
	struct lxd_run *run = mem_need(calloc(in->n + 1, sizeof(*run)));
	struct lxd_run *its = mem_need(calloc(in->n + 1, sizeof(*its)));
	struct lxd **of = mem_need(calloc(in->n + 1, sizeof(*of)));
	jv argv = jv_invalid();
	size_t i;

	for (i = 0; i < in->n; i++) {
		if (!prepare(&in->v[i], &run[i], &of[i], &a[i]))
			continue;
		if (!jv_is_valid(argv))
			argv = exec_python("sessions.py",
			    JV_ARRAY(jv_string("list")), &a[i].why);
		run[i].argv = argv;
		if (!jv_is_valid(argv)) {
			a[i].failed = true;
			of[i] = NULL;
		}
	}
	for (i = 0; i < in->n; i++)
		if (of[i] != NULL)
			ask_engine(of, in, run, its, a, i);
	jv_free(argv);
	free(run);
	free(its);
	free(of);
	return a;
}

int
far_take(
    const struct rec *r, struct far_answer *a, struct recs *out, struct fail *f)
{
	int ret = 0;

	if (a->failed) {
		*f = a->why;
		return -1;
	}
	if (a->text != NULL)
		ret = take_list(r, a->text, out, f);
	free(a->text);
	a->text = NULL;
	return ret;
}
