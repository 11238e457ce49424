/*
 * The verb app, and what opens a file or an address in an instance.
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app.h"
#include "cli.h"
#include "exec.h"
#include "icon.h"
#include "session.h"
#include "text.h"
#include "verbs.h"

int
app_ask(const struct rec *r, const char *verb, const char *operand, jv *answer,
    struct fail *f)
{
	char *out = NULL, *said = NULL;
	int status, ret = -1;

	if (!text_utf8(operand, strlen(operand)))
		return fail_set(f, FAIL_DATA, "%s: not UTF-8", operand);
	status = exec_login(r, "app.py",
	    JV_ARRAY(jv_string(verb), jv_string(operand)), &out, &said, f);
	if (status == EXEC_NO_HANDLER)
		fail_set(f, FAIL_NO, "%s", said != NULL ? said : operand);
	else if (status > 0)
		exec_failed(status, said != NULL ? said : "", f);
	else if (status == 0) {
		if (out == NULL || rec_parse(out, strlen(out), answer, f) < 0)
			fail_set(f, FAIL_PROTOCOL,
			    "the instance's answer about "
			    "its programs is no JSON");
		else if (jv_get_kind(*answer) == JV_KIND_OBJECT)
			ret = 0;
		else {
			jv_free(*answer);
			fail_set(f, FAIL_PROTOCOL,
			    "the instance's answer about "
			    "its programs is no object");
		}
	}
	free(out);
	free(said);
	return ret;
}

/* Are these strings, as a program's arguments can be? */
static bool
is_command(jv v)
{
	bool ok =
	    jv_get_kind(v) == JV_KIND_ARRAY && jv_array_length(jv_copy(v)) > 0;
	int i, n = ok ? jv_array_length(jv_copy(v)) : 0;
	jv word;

	for (i = 0; ok && i < n; i++) {
		word = jv_array_get(jv_copy(v), i);
		ok = jv_get_kind(word) == JV_KIND_STRING &&
		     strlen(jv_string_value(word)) ==
			 (size_t)jv_string_length_bytes(jv_copy(word));
		jv_free(word);
	}
	return ok;
}

int
app_command(
    const struct rec *r, const char *operand, jv *command, struct fail *f)
{
	jv answer;

	if (app_ask(r, "open", operand, &answer, f) < 0)
		return -1;
	*command = obj_get(answer, "command");
	jv_free(answer);
	if (is_command(*command))
		return 0;
	jv_free(*command);
	return fail_set(
	    f, FAIL_PROTOCOL, "the instance's answer is no command");
}

/* A picture that can't be one goes, so that nobody gets to see it. */
static jv
without_bad_icon(jv answer)
{
	char *clean;
	const char *icon = obj_str(answer, "icon");

	if (icon == NULL)
		return jv_object_delete(answer, jv_string("icon"));
	clean = icon_clean(icon);
	if (clean == NULL)
		return jv_object_delete(answer, jv_string("icon"));
	answer = jv_object_set(answer, jv_string("icon"), jv_string(clean));
	free(clean);
	return answer;
}

int
verb_app(int argc, char **argv)
{
	struct recs r;
	struct fail f;
	size_t i;
	jv answer;

	cli_getopt(argc, argv, "");
	if (argc - optind != 1)
		cli_usage();
	session_read(&r, false);
	cli_refuse_failed(&r);
	for (i = 0; i < r.n; i++) {
		if (rec_true(&r.v[i], "dry_run"))
			continue;
		if (app_ask(&r.v[i], "entry", argv[optind], &answer, &f) < 0)
			cli_die(&f, obj_str(r.v[i].v, "instance"));
		rec_set(&r.v[i], "app", without_bad_icon(answer));
	}
	cli_write(&r);
	return 0;
}
