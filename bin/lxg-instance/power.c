/*
 * Starting, stopping and deleting. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "device.h"
#include "here.h"
#include "instance.h"
#include "inst.h"
#include "patience.h"
#include "sig.h"
#include "state.h"
#include "text.h"

#define STOP_SECONDS 30

static int
set_state(struct lxd *l, const char *name, const char *action, bool force,
    struct fail *f)
{
	char *path = text_fmt("/1.0/instances/%s/state", name);
	jv body = jv_object();
	int ret;

	body = jv_object_set(body, jv_string("action"), jv_string(action));
	body = jv_object_set(body, jv_string("force"), jv_bool(force));
	body =
	    jv_object_set(body, jv_string("timeout"), jv_number(STOP_SECONDS));
	ret = lxd_send(l, "PUT", path, body, NULL, NULL, f);
	free(path);
	return ret;
}

/* Did others start it meanwhile, or was only the answer lost? */
static bool
runs_by_now(struct lxd *l, const char *name)
{
	struct fail ignored;
	jv instance;
	bool runs;

	if (sig_caught() || inst_fetch(l, name, &instance, NULL, &ignored) < 0)
		return false;
	runs = inst_runs(instance);
	jv_free(instance);
	return runs;
}

/* One that is paused goes on; there is nothing new for it to mount. */
static int
thaw(struct lxd *l, const char *name, jv instance, struct fail *f)
{
	if (!inst_is_frozen(instance))
		return 0;
	return set_state(l, name, "unfreeze", false, f);
}

/*
 * One that a user of the remote's made there has files of that machine, which
 * are looked at before each start.
 */
static int
shares_nothing(const struct rec *rec, jv instance, struct fail *f)
{
	struct recs all = {NULL, 0};
	size_t n;

	device_list(rec, instance, &all);
	n = all.n;
	recs_free(&all);
	return n == 0 ? 0
		      : fail_set(f, FAIL_CONFIG,
			    "shares files of the machine that it is on, for "
			    "which lxg looks there: start it there");
}

static int
start_stopped(struct lxd *l, const struct rec *rec, jv instance, bool *started,
    struct fail *f)
{
	const char *name = obj_str(instance, "name");
	int ret;

	ret = lxd_remote(l) != NULL ? shares_nothing(rec, instance, f)
				    : adopt_old(l, name, instance, f);
	if (ret == 0 && lxd_remote(l) == NULL)
		ret = agree(l, rec, instance, f);
	if (ret < 0 || state_note(&(struct intent){.id = 0}, f) < 0)
		return -1;
	ret = set_state(l, name, "start", false, f);
	*started = lxd_may_be_done(l);
	if (ret == 0)
		ret = state_note(&(struct intent){.id = 0}, f);
	if (ret < 0 && runs_by_now(l, name)) {
		*started = false;
		ret = 0;
	}
	return ret;
}

static int
start_once(struct lxd *l, const char *name, bool *started, struct fail *f)
{
	struct rec rec = {.line = 0};
	jv instance;
	int ret;

	*started = false;
	if (inst_get(l, name, &rec.v, &instance, NULL, f) < 0)
		return -1;
	ret = here_check_member(l, instance, f);
	if (ret == 0)
		ret = inst_is_stopped(instance)
			  ? start_stopped(l, &rec, instance, started, f)
			  : thaw(l, name, instance, f);
	jv_free(rec.v);
	jv_free(instance);
	return ret;
}

int
power_start(struct lxd *l, const char *name, bool *started, struct fail *f)
{
	struct patience p = patience_begin();
	int ret;

	do
		ret = start_once(l, name, started, f);
	while (ret < 0 && patience_again(&p, f));
	return ret;
}

/*
 * The instance that a record means, as the engine has it (owned); false, and
 * *f is 1, where it is gone: another one of that name is not it.
 */
static bool
find(struct lxd *l, const struct rec *r, jv *instance, struct fail *f)
{
	const char *name, *uuid, *call, *has, *by;
	jv config;
	int ret = 0;

	if ((name = rec_str(r, "instance", f)) == NULL ||
	    rec_opt_str(r, "uuid", &uuid, f) < 0 ||
	    rec_opt_str(r, CREATE_CALL, &call, f) < 0 ||
	    inst_fetch(l, name, instance, NULL, f) < 0)
		return false;
	config = obj_get(*instance, "config");
	has = obj_str(config, "volatile.uuid");
	by = obj_str(config, CREATE_CALL);
	if (uuid != NULL && has != NULL
		? strcmp(uuid, has) != 0
		: call != NULL && (by == NULL || strcmp(call, by) != 0))
		ret =
		    fail_set(f, FAIL_NO, "another instance has that name now");
	jv_free(config);
	if (ret < 0)
		jv_free(*instance);
	return ret == 0;
}

/* A step's one try; *again where others were at it. Borrows the instance. */
typedef int step_fn(struct lxd *, const char *name, jv instance, bool force,
    bool *again, struct fail *);

static int
stop_found(struct lxd *l, const char *name, jv instance, bool force,
    bool *again, struct fail *f)
{
	char *why;

	/* what is to end by itself has to run */
	if (!force && thaw(l, name, instance, f) < 0)
		return -1;
	if (inst_is_stopped(instance) ||
	    set_state(l, name, "stop", force, f) == 0)
		return 0;
	*again = f->kind == FAIL_AGAIN;
	if (!force && f->kind == FAIL_SYSTEM) {
		why = text_fmt("%s", f->text);
		fail_set(f, FAIL_AGAIN, "%s; stop -f stops it hard", why);
		free(why);
	}
	return -1;
}

static int
delete_found(struct lxd *l, const char *name, jv instance, bool force,
    bool *again, struct fail *f)
{
	char *path;
	int ret;

	if (!inst_has_key(instance, "user.lxg.profile"))
		return fail_set(f, FAIL_PERM, "was not made by lxg");
	if (!inst_is_stopped(instance) && !force)
		return fail_set(
		    f, FAIL_AGAIN, "is running; stop it first, or say -f");
	if (stop_found(l, name, instance, true, again, f) < 0)
		return -1;
	path = text_fmt("/1.0/instances/%s", name);
	ret = lxd_send(l, "DELETE", path, jv_invalid(), NULL, NULL, f);
	free(path);
	*again = ret < 0 && f->kind == FAIL_AGAIN;
	/* one for one program went when it stopped */
	return ret < 0 && f->kind == FAIL_NO ? 0 : ret;
}

/* Each try begins with a look: what it waited for may have done the work. */
static int
take(struct lxd *l, const struct rec *r, bool force, step_fn *step,
    struct fail *f)
{
	struct patience p = patience_begin();
	bool again;
	jv instance;
	int ret;

	do {
		again = false;
		if (!find(l, r, &instance, f))
			return f->kind == FAIL_NO ? 0 : -1;
		ret = step(
		    l, obj_str(r->v, "instance"), instance, force, &again, f);
		jv_free(instance);
	} while (ret < 0 && again && patience_again(&p, f));
	return ret;
}

int
power_stop(struct lxd *l, const struct rec *r, bool force, struct fail *f)
{
	return take(l, r, force, stop_found, f);
}

int
power_delete(struct lxd *l, const struct rec *r, bool force, struct fail *f)
{
	return take(l, r, force, delete_found, f);
}
