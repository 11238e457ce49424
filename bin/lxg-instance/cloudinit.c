/*
 * cloud-init's own verdict: /run/cloud-init/result.json, which it writes last,
 * and status.json, which says how far it is. What they hold is the instance's
 * word. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "inst.h"
#include "instance.h"
#include "patience.h"
#include "sig.h"
#include "text.h"

#define STOPPED_ROUNDS 12  /* 3 s */
#define BOOT_ROUNDS    120 /* 30 s, a quarter of a second each */
#define RESULT	       "result.json"
#define STATUS	       "status.json"
#define DISABLED       "/run/cloud-init/disabled"
#define LOG	       "/var/log/cloud-init.log and /var/log/cloud-init-output.log"
#define FILE_MAX_SIZE  (1u << 20)

/*
 * The files lie in the data folder, and /run gets a link to each in this boot;
 * without it the file may be an earlier boot's.
 */
static int
get_file(struct lxd *l, const char *instance, const char *file, char **data,
    size_t *len, struct fail *f)
{
	char *path = text_fmt("/run/cloud-init/%s", file);
	int ret;

	ret = lxd_file_get(l, instance, path, FILE_MAX_SIZE, data, len, f);
	free(path);
	if (ret == 0 || f->kind != FAIL_DATA)
		return ret;
	path = text_fmt("/var/lib/cloud/data/%s", file);
	ret = lxd_file_get(l, instance, path, FILE_MAX_SIZE, data, len, f);
	free(path);
	return ret;
}

/* The object "v1" of a file of cloud-init's, owned; 1 where there is none. */
static int
get_v1(struct lxd *l, const char *instance, const char *file, jv *v1,
    struct fail *f)
{
	char *data;
	size_t len;
	jv v;

	if (get_file(l, instance, file, &data, &len, f) < 0)
		return -1;
	/* being written when we look: not there yet */
	if (rec_parse(data, len, &v, f) < 0) {
		free(data);
		return fail_set(f, FAIL_NO, "%s: not JSON", file);
	}
	free(data);
	*v1 = obj_get(v, "v1");
	jv_free(v);
	if (jv_get_kind(*v1) == JV_KIND_OBJECT)
		return 0;
	jv_free(*v1);
	return fail_set(
	    f, FAIL_PROTOCOL, "cloud-init's %s makes no sense", file);
}

/* Has it begun? */
static bool
show_stage(struct lxd *l, const char *instance)
{
	struct fail ignored;
	const char *stage;
	jv v1;

	if (get_v1(l, instance, STATUS, &v1, &ignored) < 0)
		return false;
	stage = obj_str(v1, "stage");
	progress_show(
	    "%s: cloud-init: %s", instance, stage != NULL ? stage : "waiting");
	jv_free(v1);
	return true;
}

/* The first text of an array, owned by it; NULL where there is none. */
static const char *
first_text(jv array)
{
	const char *s = NULL;
	jv v;

	if (jv_get_kind(array) != JV_KIND_ARRAY)
		return NULL;
	v = jv_array_get(jv_copy(array), 0);
	if (jv_get_kind(v) == JV_KIND_STRING)
		s = jv_string_value(v);
	jv_free(v);
	return s;
}

/* Which stage it was in whose list of errors there is one; or NULL. */
static const char *
failed_stage(jv v1)
{
	static const char *const stages[] = {"init-local", "init",
	    "modules-init", "modules-config", "modules-final"};
	size_t i;

	for (i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
		jv stage = obj_get(v1, stages[i]);
		jv errors = obj_get(stage, "errors");
		bool has = first_text(errors) != NULL;

		jv_free(stage);
		jv_free(errors);
		if (has)
			return stages[i];
	}
	return NULL;
}

static int
judge_result(struct lxd *l, const char *instance, jv result, struct fail *f)
{
	jv errors = obj_get(result, "errors"), v1;
	const char *text = first_text(errors), *stage = NULL;
	struct fail ignored;
	int ret = 0;

	if (text != NULL) {
		if (get_v1(l, instance, STATUS, &v1, &ignored) == 0) {
			stage = failed_stage(v1);
			jv_free(v1);
		}
		/* such as ('scripts_user', RuntimeError(...)): the module */
		ret = fail_set(f, FAIL_PROTOCOL,
		    "cloud-init failed%s%s: %.300s; the instance is left to "
		    "look at, its logs are " LOG,
		    stage != NULL ? " in " : "", stage != NULL ? stage : "",
		    text);
	}
	jv_free(errors);
	return ret;
}

/* Will there never be a verdict? */
static bool
has_none(struct lxd *l, const char *instance)
{
	struct fail f;
	char *data;
	size_t len;

	if (lxd_file_get(l, instance, DISABLED, 4096, &data, &len, &f) == 0) {
		free(data);
		return true;
	}
	if (lxd_file_get(l, instance, "/usr/bin/cloud-init", FILE_MAX_SIZE,
		&data, &len, &f) == 0) {
		free(data);
		return false;
	}
	return f.kind == FAIL_NO;
}

long
cloudinit_patience(struct fail *f)
{
	return patience_seconds("LXG_WAIT", 1800, f);
}

/*
 * An instance that has stopped meanwhile gives no verdict either. A busy engine
 * may say that of one that runs, for a moment: so it has to say it for some
 * rounds.
 */
static int
check_running(struct lxd *l, const char *instance, unsigned *stopped,
    bool *done, struct fail *f)
{
	int ret = 0;
	jv v;

	if (inst_fetch(l, instance, &v, NULL, f) < 0)
		return -1;
	if (inst_is_stopped(v))
		++*stopped;
	else
		*stopped = 0;
	*done = *stopped > STOPPED_ROUNDS;
	if (*done)
		ret = fail_set(f, FAIL_AGAIN,
		    "it is no longer running and cloud-init gave no verdict");
	jv_free(v);
	return ret;
}

/* What it was given and will not look at. */
static void
warn_unused(const char *name, jv instance)
{
	jv config = obj_get(instance, "expanded_config");

	if (obj_str(config, "cloud-init.user-data") != NULL ||
	    obj_str(config, "user.user-data") != NULL) {
		progress_end();
		cli_say(name,
		    "its image has no cloud-init, or has it disabled: nothing "
		    "comes of the user-data");
	}
	jv_free(config);
}

/* A wait for one boot's verdict. */
struct wait {
	struct lxd *l;
	const char *name;
	jv instance; /* borrowed */
	long patience;
	unsigned round, stopped;
	bool done;
};

/* One look; done where no other is needed: a verdict, or never one. */
static int
look_once(struct wait *w, struct fail *f)
{
	jv result;

	if (get_v1(w->l, w->name, RESULT, &result, f) == 0) {
		w->done = true;
		progress_end();
		return judge_result(w->l, w->name, result, f);
	}
	if (f->kind != FAIL_NO)
		return -1;
	if (w->round == 0 && has_none(w->l, w->name)) {
		warn_unused(w->name, w->instance);
		w->done = true;
		return 0;
	}
	if (w->round % 4 == 0 && !show_stage(w->l, w->name) &&
	    w->round == BOOT_ROUNDS)
		boot_explain(w->l, w->name, BOOT_ROUNDS / 4);
	if (w->round % 20 == 19 || w->stopped > 0)
		return check_running(w->l, w->name, &w->stopped, &w->done, f);
	return 0;
}

/*
 * The engine has no event for a file inside, so we look four times a second;
 * the whole of a create waits for minutes, or for the 2 s of an image that has
 * everything.
 */
static int
wait_once(struct wait *w, time_t until, bool *keep, struct fail *f)
{
	static const struct timespec pause = {0, 250000000};
	int ret;

	w->done = false;
	w->stopped = 0;
	for (w->round = 0;; w->round++) {
		ret = look_once(w, f);
		*keep = w->done;
		if (ret < 0 || w->done)
			break;
		if (sig_caught())
			return fail_set(f, FAIL_INTERRUPTED, "interrupted");
		if (patience_now() > until) {
			*keep = true;
			boot_explain(w->l, w->name, w->patience);
			return fail_set(f, FAIL_AGAIN,
			    "cloud-init gave no verdict in %ld s (LXG_WAIT); "
			    "its logs are " LOG,
			    w->patience);
		}
		nanosleep(&pause, NULL);
	}
	progress_end();
	return ret;
}

/*
 * User-data that stops it, as a command or a script does, stops it once: what
 * has begun in one boot is not begun again in the next.
 */
static int
wait_for_verdict(struct wait *w, time_t until, bool *keep, struct fail *f)
{
	int ret = wait_once(w, until, keep, f);
	bool started;

	if (ret == 0 || w->stopped <= STOPPED_ROUNDS)
		return ret;
	progress_show("%s: its user-data has stopped it", w->name);
	if (power_start(w->l, w->name, &started, f) < 0)
		return -1;
	return wait_once(w, until, keep, f);
}

int
cloudinit_wait(
    struct lxd *l, const char *name, jv instance, bool *keep, struct fail *f)
{
	struct wait w = {.l = l, .name = name, .instance = instance};
	time_t until;
	int64_t pid;
	bool again;

	if ((w.patience = cloudinit_patience(f)) < 0)
		return -1;
	until = patience_now() + w.patience;
	pid = boot_pid(l, name);
	if (wait_for_verdict(&w, until, keep, f) < 0 ||
	    boot_again(l, name, pid, &again, f) < 0)
		return -1;
	return again ? wait_once(&w, until, keep, f) : 0;
}
