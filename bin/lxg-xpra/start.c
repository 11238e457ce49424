/*
 * The verbs start, list and stop.
 * SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "app.h"
#include "cli.h"
#include "client.h"
#include "display.h"
#include "engine.h"
#include "exec.h"
#include "far.h"
#include "here.h"
#include "host.h"
#include "idmap.h"
#include "inst.h"
#include "options.h"
#include "patience.h"
#include "policy.h"
#include "runtime.h"
#include "session.h"
#include "shared.h"
#include "sig.h"
#include "ssh.h"
#include "standby.h"
#include "table.h"
#include "text.h"
#include "verbs.h"

#define FROZEN                                                                 \
	"frozen, as lxc pause does it: lxc start, or incus resume, thaws it"

static bool shown; /* -d: nothing is started that can't be shown here */

/* What a session is started with. */
struct plan {
	jv table;   /* rows of the policy, JSON text */
	jv host;    /* what is known of the host's display, too */
	bool ahead; /* a display server may stand by, of this map */
	struct idmap map;
};

/*
 * Size, resolution and keyboard of the host's display, so that the program
 * finds them. Where there is none, from cron say, the session has defaults, or
 * is none (-d): an attach would find that out when the program runs already.
 */
static int
host_facts(jv config, jv *said, struct fail *f)
{
	bool untrusted = strcmp(policy_get(config, "x11"), "untrusted") == 0;
	struct host h;
	int ret = display_look(&h, shown && untrusted, f);

	if (shown && (ret < 0 || client_there(f) < 0))
		return -1;
	*said = jv_dump_string(ret < 0 ? jv_object() : host_json(&h), 0);
	return 0;
}

static int
make_plan(
    struct plan *p, const struct rec *r, jv instance, jv config, struct fail *f)
{
	struct fail ignored;
	jv rows;

	if (options_rows(config, &rows, f) < 0)
		return -1;
	if (host_facts(config, &p->host, f) < 0) {
		jv_free(rows);
		return -1;
	}
	if (far_is(r)) /* its folder in there is its own */
		rows = options_add(rows, "far", "");
	p->ahead = strcmp(policy_get(config, "prestart"), "on") == 0;
	if (p->ahead && standby_row(&rows, f) < 0) {
		jv_free(rows);
		return -1;
	}
	p->table = jv_dump_string(rows, 0);
	/* from here nobody asks what stands by there, but the helper does */
	p->ahead = p->ahead && !far_is(r) &&
		   idmap_of(instance, &p->map, &ignored) == 0;
	return 0;
}

/* Fails where the instance can't have a session now; else makes the plan. */
static int
judge(const struct rec *r, struct plan *p, struct fail *f)
{
	const char *name = rec_str(r, "instance", f);
	struct lxd *l = engine_of(r, f);
	int ret = -1, xpra;
	jv fresh, instance, config;

	if (name == NULL || l == NULL ||
	    inst_get(l, name, &fresh, &instance, NULL, f) < 0)
		return -1;
	config = obj_get(instance, "expanded_config");
	if (here_check_member(l, instance, f) < 0)
		ret = -1;
	else if (inst_is_frozen(instance))
		fail_set(f, FAIL_CONFIG, "%s", FROZEN);
	else if (!inst_runs(instance))
		fail_set(
		    f, FAIL_NO, "not running: lxg-instance start does that");
	else if (far_is(r))
		ret = make_plan(p, r, instance, config, f);
	else if ((xpra = shared_open(r, f)) >= 0) {
		close(xpra);
		ret = make_plan(p, r, instance, config, f);
	}
	jv_free(config);
	jv_free(instance);
	jv_free(fresh);
	return ret;
}

typedef int control(const struct rec *, jv args, char **, struct fail *);

/* What -t names: the engine's exec, as root; or SSH, as the login user. */
static control *
control_of(const char *name)
{
	if (strcmp(name, "exec") == 0)
		return exec_root;
	if (strcmp(name, "ssh") == 0)
		return ssh_user;
	errx(EX_USAGE, "-t %s: neither exec nor ssh", name);
}

static int
start_unit(const struct rec *r, const char *id, const struct plan *p,
    jv command, control *run, struct fail *f)
{
	char *said = NULL, *session = exec_session(f);
	uint32_t uid;
	int status;
	jv args;

	if (session == NULL || rec_id(r, "uid", &uid, f) < 0) {
		free(session);
		jv_free(command);
		return -1;
	}
	args = JV_ARRAY(jv_string("start"), jv_string(id),
	    jv_string_fmt("%u", uid), jv_copy(p->table), jv_copy(p->host),
	    jv_string(session));
	free(session);
	status = run(r, jv_array_concat(args, command), &said, f);
	if (status > 0)
		status = exec_failed(status, said ? said : "", f);
	free(said);
	return status;
}

static int
stop_inside(const struct rec *r, const char *id, struct fail *f)
{
	struct patience p = patience_begin();
	char *said = NULL;
	uint32_t uid;
	int status;

	if (rec_id(r, "uid", &uid, f) < 0)
		return -1;
	do
		status = exec_root(r,
		    JV_ARRAY(jv_string("stop"), jv_string(id),
			jv_string_fmt("%u", uid)),
		    &said, f);
	while (status < 0 && patience_again(&p, f));
	if (status > 0)
		status = exec_failed(status, said ? said : "", f);
	free(said);
	return status;
}

/*
 * One try at a start. *ahead is cleared where what stands by has broken its
 * promise, so that it isn't asked again; *again where something may be left of
 * this try, so that there must not be another.
 */
static int
try_start(const struct rec *r, const char *id, jv command, control *run,
    bool *ahead, bool *again, struct fail *f)
{
	struct plan p;
	struct fail why;
	int signo, begun = 0;

	*again = true;
	if (judge(r, &p, f) < 0)
		return -1;
	if (p.ahead && *ahead && run == exec_root)
		begun =
		    standby_take(r, &p.map, id, p.table, p.host, command, f);
	*ahead = begun >= 0;
	if (begun == 0 && start_unit(r, id, &p, jv_copy(command), run, f) == 0)
		begun = 1;
	jv_free(p.table);
	jv_free(p.host);
	if (begun == 1)
		return 0;
	/* where only the answer was lost, the session runs: it is ended */
	signo = sig_shield();
	if (stop_inside(r, id, &why) < 0) {
		*again = false;
		if (f->kind == FAIL_AGAIN || f->kind == FAIL_INTERRUPTED ||
		    f->kind == FAIL_UNAVAILABLE)
			cli_warn(&why, text_fmt("session %s may be there", id));
	}
	sig_unshield(signo);
	return -1;
}

/*
 * Tries again where the engine, having too much to do at once, has given up an
 * exec that it had not begun.
 */
static int
start_one(const struct rec *r, jv command, control *run, struct rec *out,
    struct fail *f)
{
	struct patience p = patience_begin();
	char id[SESSION_LEN + 1];
	bool again = true, ahead = true;
	int ret = 0;

	do {
		session_new(id);
		if (!rec_true(r, "dry_run"))
			ret = try_start(r, id, command, run, &ahead, &again, f);
	} while (ret < 0 && again && patience_again(&p, f));
	return ret < 0 ? -1 : session_begin(r, id, jv_copy(command), out, f);
}

/*
 * Returns 1 where the instance runs, and 0 where it is stopped or gone. A
 * frozen one is FAIL_AGAIN: nobody in it can end its sessions before it is
 * thawed.
 */
static int
is_running(const struct rec *r, struct fail *f)
{
	const char *name = rec_str(r, "instance", f);
	struct lxd *l = engine_of(r, f);
	jv fresh, instance;
	int ret;

	if (name == NULL || l == NULL)
		return -1;
	if (inst_get(l, name, &fresh, &instance, NULL, f) < 0)
		return f->kind == FAIL_NO ? 0 : -1;
	ret = inst_runs(instance);
	if (inst_is_frozen(instance))
		ret = fail_set(f, FAIL_AGAIN, "%s", FROZEN);
	jv_free(instance);
	jv_free(fresh);
	return ret;
}

/*
 * Has a helper inside end the session. An instance in which a helper never
 * ended is noted in *mute, and not asked to end its other sessions: each would
 * take as long to be given up.
 */
static int
ask_to_stop(const struct rec *r, const char *id, jv *mute, struct fail *f)
{
	jv name = JV_ARRAY(obj_get(r->v, "api"), obj_get(r->v, "project"),
	    obj_get(r->v, "instance"));
	bool known = jv_equal(jv_copy(name), jv_copy(*mute));
	int ret = known ? fail_set(f, FAIL_AGAIN, "its helper doesn't end")
			: stop_inside(r, id, f);

	if (ret < 0 && f->kind == FAIL_AGAIN && !known) {
		jv_free(*mute);
		*mute = jv_copy(name);
	}
	jv_free(name);
	return ret;
}

/*
 * The helper inside ends the session and removes its files; whatever it has
 * left in the shared folder is then removed from the host's side.
 */
static int
stop_one(struct rec *r, jv *mute, struct fail *f)
{
	const char *id = session_of(r, f);
	int running, xpra, ret = 0;

	if (id == NULL || (running = is_running(r, f)) < 0)
		return -1;
	if (running && ask_to_stop(r, id, mute, f) < 0)
		return -1;
	if (far_is(r))
		;
	else if ((xpra = shared_open(r, f)) >= 0) {
		ret = shared_remove(xpra, id, f);
		close(xpra);
	} else if (f->kind != FAIL_NO)
		return -1;
	if (ret == 0) {
		runtime_remove(r, id);
		rec_set_str(r, "state", "ended");
	}
	return ret;
}

int
stop_session(struct rec *r, struct fail *f)
{
	jv mute = jv_null();
	int ret = stop_one(r, &mute, f);

	jv_free(mute);
	return ret;
}

/*
 * Ends the sessions that this call has started; and, where a signal is why, the
 * program by that signal.
 */
static void
undo(struct recs *started)
{
	int signo = sig_shield();
	jv mute = jv_null();
	struct fail f;
	size_t i;

	for (i = 0; i < started->n; i++)
		if (!rec_failed(&started->v[i]) &&
		    !rec_true(&started->v[i], "dry_run") &&
		    stop_one(&started->v[i], &mute, &f) < 0)
			cli_warn(&f, "cannot undo");
	jv_free(mute);
	if (signo != 0)
		sig_die(signo);
}

static const char *
object_of(const struct rec *r)
{
	const char *s = obj_str(r->v, "instance");

	return s != NULL ? s : "record";
}

/* Has *command, which is replaced, be what opens the operand in there. */
static int
find_opener(
    const struct rec *r, const char *operand, jv *command, struct fail *f)
{
	jv found;

	if (rec_true(r, "dry_run"))
		return 0;
	if (app_command(r, operand, &found, f) < 0)
		return -1;
	jv_free(*command);
	*command = found;
	return 0;
}

int
verb_start(int argc, char **argv)
{
	struct recs in, out = {0};
	struct rec made;
	struct fail f;
	control *run = exec_root;
	bool opener = false;
	size_t i;
	int c;
	jv command;

	while ((c = cli_getopt(argc, argv, "dmt:")) != -1)
		if (c == 'd')
			shown = true;
		else if (c == 'm')
			opener = true;
		else
			run = control_of(optarg);
	if (optind == argc || (opener && argc - optind != 1))
		cli_usage();
	if (exec_command(argv + optind, &command, &f) < 0)
		cli_die(&f, NULL);
	session_read(&in, false);
	cli_refuse_failed(&in);
	sig_catch();
	for (i = 0; i < in.n; i++) {
		if (run == ssh_user && far_is(&in.v[i])) {
			fail_set(&f, FAIL_CONFIG,
			    "-t ssh: it is another machine's, and reached over "
			    "its engine alone");
			undo(&out);
			cli_die(&f, object_of(&in.v[i]));
		}
		if ((opener && find_opener(
				   &in.v[i], argv[optind], &command, &f) < 0) ||
		    start_one(&in.v[i], command, run, &made, &f) < 0) {
			undo(&out);
			cli_die(&f, object_of(&in.v[i]));
		}
		recs_add(&out, made.v);
	}
	if (cli_hand_over(&out, &f) < 0) {
		undo(&out);
		cli_die(&f, NULL);
	}
	return 0;
}

/* What failed before, as it was told then. */
static void
tell_again(const struct rec *r)
{
	const char *why = obj_str(r->v, "error");
	struct fail f;

	fail_set(&f, FAIL_DATA, "%s", why != NULL ? why : "has failed before");
	cli_warn(&f, object_of(r));
}

/* The instance's sessions. One that can't be asked hides no other's. */
static int
look_at_one(struct rec *r, struct far_answer *far, struct recs *out)
{
	struct fail f;

	if ((far_is(r) ? far_take(r, far, out, &f)
		       : session_list(r, out, &f)) == 0)
		return 0;
	cli_warn(&f, object_of(r));
	rec_error(r, &f);
	return cli_code(f.kind);
}

int
verb_list(int argc, char **argv)
{
	struct recs in, out = {0};
	struct far_answer *far;
	bool table = false;
	struct fail f;
	size_t i, before;
	int ret = 0, code;

	while (cli_getopt(argc, argv, "t") != -1)
		table = true;
	cli_no_operands(argc);
	session_read(&in, false);
	far = far_ask(&in);
	for (i = 0; i < in.n; i++) {
		before = out.n;
		code = 0;
		if (!rec_failed(&in.v[i]))
			code = look_at_one(&in.v[i], &far[i], &out);
		else if (table)
			tell_again(&in.v[i]);
		if (code != 0)
			ret = code;
		if (table ? out.n == before : rec_failed(&in.v[i]))
			recs_add(&out, jv_copy(in.v[i].v));
	}
	free(far);
	if (!table)
		cli_write(&out);
	else if (table_write(&out, &f) < 0)
		cli_die(&f, NULL);
	return ret;
}

int
verb_stop(int argc, char **argv)
{
	jv mute = jv_null();
	struct recs r;
	struct fail f;
	size_t i;
	int ret = 0;

	cli_getopt(argc, argv, "");
	cli_no_operands(argc);
	session_read(&r, true);
	for (i = 0; i < r.n; i++) {
		if (cli_dry_run())
			rec_set(&r.v[i], "dry_run", jv_true());
		if (!rec_failed(&r.v[i]) && !rec_true(&r.v[i], "dry_run") &&
		    stop_one(&r.v[i], &mute, &f) < 0) {
			cli_warn(&f, object_of(&r.v[i]));
			rec_error(&r.v[i], &f);
		}
		if (rec_failed(&r.v[i]))
			ret = EX_TEMPFAIL;
	}
	jv_free(mute);
	cli_write(&r);
	return ret;
}
