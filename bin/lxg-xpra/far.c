/*
 * Sessions of an instance that is another machine's.
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "exec.h"
#include "far.h"
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

int
far_list(const struct rec *r, struct recs *out, struct fail *f)
{
	char *text = NULL, *said = NULL;
	const char *is = obj_str(r->v, "status");
	int status, ret = -1;

	/* nobody in there could tell */
	if (is != NULL && strcmp(is, "Running") != 0)
		return 0;
	status = exec_login(
	    r, "far.py", JV_ARRAY(jv_string("list")), &text, &said, f);
	/* where there is no python3 there is no session either */
	if (status == 127)
		ret = 0;
	else if (status > 0)
		exec_failed(status, said != NULL ? said : "", f);
	else if (status == 0)
		ret = take_list(r, text != NULL ? text : "", out, f);
	free(text);
	free(said);
	return ret;
}
