/*
 * Helpers in the instance. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "exec.h"
#include "options.h"
#include "text.h"

/* One program of several files: each uses what stands in those before it. */
static char *
joined(const char *const *parts, size_t n, struct fail *f)
{
	char *all = text_fmt("%s", ""), *part, *longer;
	size_t i;

	for (i = 0; i < n; i++) {
		if ((part = options_data(parts[i], f)) == NULL) {
			free(all);
			return NULL;
		}
		longer = text_fmt("%s%s", all, part);
		free(part);
		free(all);
		all = longer;
	}
	return all;
}

char *
exec_session(struct fail *f)
{
	static const char *const parts[] = {
	    "display.py", "sound.py", "input.py", "server.py", "session.py"};

	return joined(parts, sizeof(parts) / sizeof(*parts), f);
}

/*
 * The text (consumed) is an argument itself, so that no file of the instance's
 * can take its place, and no shell sees any of the arguments.
 */
static jv
python(char *text, jv args)
{
	jv argv;

	if (text == NULL) {
		jv_free(args);
		return jv_invalid();
	}
	argv = JV_ARRAY(jv_string("python3"), jv_string("-I"), jv_string("-c"),
	    jv_string(text));
	free(text);
	return jv_array_concat(argv, args);
}

jv
exec_python(const char *helper, jv args, struct fail *f)
{
	return python(options_data(helper, f), args);
}

jv
exec_far(jv args, struct fail *f)
{
	static const char *const parts[] = {"sessions.py", "far.py"};

	return python(joined(parts, sizeof(parts) / sizeof(*parts), f), args);
}

/* A line's end is no part of what it says. */
static void
chomp(char *s)
{
	size_t n = strlen(s);

	while (n > 0 && s[n - 1] == '\n')
		s[--n] = '\0';
}

static int
run(const struct rec *r, jv argv, uint32_t uid, uint32_t gid, char **out,
    char **err, struct fail *f)
{
	const char *instance = rec_str(r, "instance", f);
	struct lxd *l = engine_of(r, f);
	int status = -1;

	if (instance == NULL || l == NULL || !jv_is_valid(argv)) {
		jv_free(argv);
		return -1;
	}
	if (lxd_exec(l, instance, argv, uid, gid, &status, out, err, f) < 0)
		return -1;
	if (err != NULL && *err != NULL)
		chomp(*err);
	if (status < 0)
		return fail_set(
		    f, FAIL_PROTOCOL, "the helper's status is %d", status);
	return status;
}

int
exec_root(const struct rec *r, jv args, char **err, struct fail *f)
{
	return run(r, exec_python(EXEC_HELPER, args, f), 0, 0, NULL, err, f);
}

int
exec_login(const struct rec *r, const char *helper, jv args, char **out,
    char **err, struct fail *f)
{
	uint32_t uid, gid;

	if (rec_ids(r, &uid, &gid, f) < 0) {
		jv_free(args);
		return -1;
	}
	return run(r, exec_python(helper, args, f), uid, gid, out, err, f);
}

int
exec_join(const struct rec *r, jv args, struct fail *f)
{
	return exec_login(r, "join.py", args, NULL, NULL, f);
}

int
exec_command(char **argv, jv *command, struct fail *f)
{
	char **p;

	for (p = argv; *p != NULL; p++)
		if (!text_utf8(*p, strlen(*p)))
			return fail_set(f, FAIL_DATA,
			    "%s: not UTF-8, which the engine can't pass on",
			    *p);
	*command = jv_array();
	for (p = argv; *p != NULL; p++)
		*command = jv_array_append(*command, jv_string(*p));
	return 0;
}

int
exec_failed(int status, const char *said, struct fail *f)
{
	switch (status) {
	case 0:
		return 0;
	case EXEC_NO_XPRA:
	case EXEC_NO_PIL:
	case EXEC_NO_FOLDER:
		return fail_set(f, FAIL_CONFIG, "%s", said);
	case EXEC_NO_PROGRAM:
		return fail_set(f, FAIL_NO_PROGRAM, "%s", said);
	case EXEC_NOT_EXECUTABLE:
		return fail_set(f, FAIL_NOT_RUN, "%s", said);
	case 127:
		return fail_set(f, FAIL_CONFIG,
		    "python3 is not installed in the instance, and xpra needs "
		    "it");
	}
	return fail_set(f, FAIL_SYSTEM,
	    "the helper in the instance failed (%d): %s", status,
	    *said ? said : "it said nothing");
}
