/*
 * attach, the monitor: finds and verifies the session's socket, hands it to the
 * client, does what that may ask for, passes the program's output on, and ends
 * with the first of program, client and user. It reads no byte of xpra's. One
 * loop on poll(2): each wait is for an event. SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "attach.h"
#include "cli.h"
#include "clock.h"
#include "died.h"
#include "engine.h"
#include "far.h"
#include "here.h"
#include "inst.h"
#include "policy.h"
#include "session.h"
#include "shared.h"
#include "sig.h"
#include "text.h"
#include "verbs.h"

#define START_MS 45000 /* for the server's socket to appear */
#define BUSY_MS	 100   /* no event tells that it has less to do */
#define END_MS	 10000 /* for the supervisor to end, once it is over */

static int
wait_ms(long long deadline)
{
	long long left = deadline - clock_ms();

	return deadline == 0 ? -1 : left > 0 ? (int)left : 0;
}

/*
 * Whose the session's socket may be: the instance's, or ours where it stands
 * for another machine's.
 */
static int
learn_map(struct attach *a, jv instance, struct fail *f)
{
	if (!far_is(a->rec))
		return idmap_of(instance, &a->map, f);
	if (idmap_check_config(instance, f) < 0)
		return -1;
	a->map.n = 1;
	a->map.v[0] = (struct idmap_range){
	    .is_uid = true, .host = (uint32_t)geteuid(), .count = 1};
	return 0;
}

/* The instance as it is now: its map and its policy. */
static int
learn(struct attach *a, char *const *options, int n, struct fail *f)
{
	const char *name = rec_str(a->rec, "instance", f);
	struct lxd *l = engine_of(a->rec, f);
	jv fresh, instance, config;
	int ret;

	if (name == NULL || l == NULL ||
	    inst_get(l, name, &fresh, &instance, NULL, f) < 0)
		return -1;
	config = obj_get(instance, "expanded_config");
	ret = here_check_member(l, instance, f);
	if (ret == 0)
		ret = learn_map(a, instance, f);
	if (ret == 0)
		ret = choice_make(&a->choice, a->rec, config, options, n, f);
	a->config = config;
	jv_free(instance);
	jv_free(fresh);
	return ret;
}

/* The server's end, or the display's, or its own? */
static void
client_ended(struct attach *a, struct fail *f)
{
	int status = client_reap(&a->client);
	struct fail ignored;

	asked_read(&a->asked, a->client.control, &ignored);
	if (a->client.served && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		attach_look_at_end(a);
		a->over = true;
		if (a->end == GOING && a->deadline == 0)
			a->deadline = clock_ms() + END_MS;
		return;
	}
	client_why(&a->client, status, &a->asked, &a->runtime, f);
	a->end = FAILED;
	if (!a->client.served)
		attach_cannot_show(a);
}

static void
timed_out(struct attach *a, struct fail *f)
{
	a->end = FAILED;
	if (!a->over) {
		fail_set(f, FAIL_AGAIN,
		    "session %s: no display server within %d seconds; lxg logs "
		    "-s %s %s shows what it said",
		    a->id, START_MS / 1000, a->id,
		    obj_str(a->rec->v, "instance"));
		return;
	}
	warnx("%s: %s; the program goes on", obj_str(a->rec->v, "instance"),
	    a->asked.why[0] != '\0'
		? a->asked.why
		: "the display server has closed the connection");
	a->end = CLIENT_ENDED;
}

enum { SIGNAL, CHILD, SAID, WATCH, OUTPUT, CONTROL, DISPLAY, LINK, TRAY, FDS };

/* The wait until something is to be done though nothing came; -1. */
static int
want(const struct attach *a, struct pollfd p[FDS])
{
	int ms = wait_ms(a->deadline), pause = asked_wait(&a->asked);
	int control = pause < 0 && !a->over ? a->client.control : -1;

	p[SIGNAL] = (struct pollfd){.fd = a->signals, .events = POLLIN};
	p[CHILD] = (struct pollfd){.fd = a->client.pidfd, .events = POLLIN};
	p[SAID] = (struct pollfd){.fd = a->client.said, .events = POLLIN};
	p[WATCH] = (struct pollfd){.fd = a->watch.fd, .events = POLLIN};
	p[OUTPUT] = (struct pollfd){
	    .events = POLLOUT, .fd = output_pending(&a->out) ? a->out.to : -1};
	p[CONTROL] = (struct pollfd){.fd = control, .events = POLLIN};
	p[DISPLAY] = (struct pollfd){.fd = a->display.fd, .events = POLLIN};
	p[LINK] = (struct pollfd){.fd = a->link.fd, .events = POLLIN};
	p[TRAY] = (struct pollfd){.fd = a->asked.tray.fd, .events = POLLIN};
	if (a->busy && (ms < 0 || ms > BUSY_MS))
		ms = BUSY_MS;
	return pause >= 0 && (ms < 0 || ms > pause) ? pause : ms;
}

/* What the client says and asks for; one that talks nonsense is ended. */
static void
hear_client(struct attach *a, const struct pollfd p[FDS], struct fail *f)
{
	struct tray_heard click;

	if (p[SAID].revents != 0)
		client_listen(&a->client);
	if (p[TRAY].revents != 0 && asked_click(&a->asked, &click))
		client_click(&a->client, &click);
	if (p[CONTROL].revents != 0 && a->end == GOING &&
	    asked_read(&a->asked, a->client.control, f) < 0)
		a->end = FAILED;
	if (p[CHILD].revents != 0 && a->end == GOING)
		client_ended(a, f);
}

/* Is that what a way that breaks is like, and not what the instance says? */
static bool
is_unheard(const struct fail *f)
{
	return f->kind == FAIL_UNAVAILABLE || f->kind == FAIL_AGAIN;
}

/* What has ended has ended, though that was the last thing to be heard. */
static void
hear_link(struct attach *a, struct fail *f)
{
	struct fail why;

	if (link_read(&a->link, &why) == 0)
		return;
	if (a->folder >= 0)
		attach_look_at_end(a);
	if (a->end == PROGRAM_ENDED)
		return;
	*f = why;
	a->end = FAILED;
	a->broken = is_unheard(f);
	if (!a->client.served)
		attach_cannot_show(a);
}

static void
step(struct attach *a, struct fail *f)
{
	struct pollfd p[FDS];
	int n = want(a, p);

	n = poll(p, FDS, n);
	if (n == 0 && a->deadline != 0 && wait_ms(a->deadline) == 0)
		timed_out(a, f);
	else if (n == 0 && a->busy && attach_look(a, f) < 0)
		a->end = FAILED;
	if (n <= 0)
		return;
	if (p[OUTPUT].revents != 0)
		output_step(&a->out);
	/* first, for the session's lock is let go of with its process */
	if ((p[LINK].revents | p[WATCH].revents) != 0 && a->link.fd >= 0)
		hear_link(a, f);
	if (p[WATCH].revents != 0 && a->end == GOING) {
		watch_read(&a->watch);
		if (attach_look(a, f) < 0)
			a->end = FAILED;
	}
	if (p[DISPLAY].revents != 0 && a->end == GOING &&
	    attach_look_at_display(a, f) < 0)
		a->end = FAILED;
	hear_client(a, p, f);
	if (p[SIGNAL].revents != 0 && a->end == GOING)
		a->end = DETACHED;
}

/* SIGINT also where a shell started us with &; SIGHUP not below nohup(1). */
static int
catch_signals(void)
{
	struct sigaction hup;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (sigaction(SIGHUP, NULL, &hup) < 0 || hup.sa_handler != SIG_IGN)
		sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Everything that is needed before the first wait. */
static int
begin(struct attach *a, struct fail *f)
{
	a->signals = catch_signals();
	if (sig_caught()) /* before that, while it was waited for */
		a->end = DETACHED;
	if (a->end != GOING)
		return 0;
	if (watch_top(&a->watch, a->xpra, f) < 0 || attach_look(a, f) < 0)
		return -1;
	if (a->folder < 0 &&
	    strcmp(rec_str(a->rec, "state", f), "starting") != 0)
		return fail_set(f, FAIL_NO, "session %s is gone", a->id);
	if (a->end != GOING)
		return 0;
	if (a->server < 0)
		a->deadline = clock_ms() + START_MS;
	return client_there(f) < 0 ? attach_cannot_show(a) : 0;
}

/* The supervisor writes its last files before it lets go of its lock. */
static void
wait_for_supervisor(struct attach *a)
{
	long long deadline = clock_ms() + END_MS;
	struct pollfd p = {.fd = a->watch.fd, .events = POLLIN};

	while (shared_alive(a->folder) && wait_ms(deadline) > 0)
		if (poll(&p, 1, wait_ms(deadline)) > 0)
			watch_read(&a->watch);
}

/* A program that hands over to one of another session shows nothing. */
static void
tell_of_other(struct attach *a)
{
	const char *name = obj_str(a->rec->v, "instance");
	char other[SESSION_LEN + 2];

	if (shared_read(a->folder, "elsewhere", other, sizeof(other)) <= 0)
		return;
	other[strcspn(other, "\n")] = '\0';
	if (session_valid(other))
		warnx("%s: it has ended without a window; session %s runs it, "
		      "too, and may have got what it was to show: "
		      "lxg attach -s %s %s, or lxg run %s COMMAND",
		    name, other, other, name, name);
}

/*
 * A session that is over leaves nothing, but what tells why where nobody knows
 * how its program ended: list shows it, and stop removes it.
 */
static int
clean(struct attach *a, struct fail *f)
{
	wait_for_supervisor(a);
	if (a->end == SESSION_ENDED &&
	    faccessat(a->folder, "lock", F_OK, 0) == 0 &&
	    faccessat(a->folder, "stopped", F_OK, 0) < 0)
		return fail_set(f, FAIL_UNAVAILABLE,
		    "session %s is over, and not by its program's end; lxg "
		    "logs -s %s %s shows what its servers said",
		    a->id, a->id, obj_str(a->rec->v, "instance"));
	if (a->end == SESSION_ENDED)
		return fail_set(
		    f, FAIL_UNAVAILABLE, "session %s was stopped", a->id);
	tell_of_other(a);
	died_note(a->rec, a->folder, &a->runtime);
	if (shared_remove(a->xpra, a->id, f) < 0)
		return -1;
	runtime_remove(a->rec, a->id);
	return 0;
}

static void
stop_unseen(struct attach *a)
{
	struct fail f;

	if (stop_session(a->rec, &f) < 0)
		cli_warn(&f, text_fmt("session %s may be there", a->id));
}

/* It is left to itself; one that nobody has seen is ended. */
static void
leave(struct attach *a, bool failed)
{
	bool waits = a->broken && a->patient;

	if (a->unseen && failed && !waits)
		stop_unseen(a);
	else if (failed && !waits && a->folder >= 0 &&
		 (far_is(a->rec) || shared_alive(a->folder)))
		warnx("session %s goes on without a client", a->id);
	runtime_set_offset(&a->runtime, output_at(&a->out));
	if (!a->broken || a->folder >= 0)
		rec_set_str(a->rec, "state", "live");
}

/* For who attaches once more. */
static void
close_all(struct attach *a)
{
	int fds[] = {a->xpra, a->folder, a->signals, a->watch.fd,
	    a->client.said, a->client.log};
	size_t i;

	display_stop(&a->display);
	for (i = 0; i < sizeof(fds) / sizeof(*fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	jv_free(a->config);
	runtime_drop(&a->runtime);
}

static int
finish(struct attach *a, struct fail *f)
{
	int ret = a->end == FAILED ? -1 : 0;

	sound_stop(&a->sound);
	client_stop(&a->client);
	asked_end(&a->asked);
	if (a->server >= 0)
		close(a->server);
	if (a->folder >= 0 && a->end != DETACHED) /* the next one has it */
		output_finish(&a->out);
	if (a->end == PROGRAM_ENDED || a->end == SESSION_ENDED) {
		rec_set_str(a->rec, "state", "ended");
		ret = clean(a, f);
	} else
		leave(a, ret < 0);
	output_close(&a->out);
	link_stop(&a->link, a->end == PROGRAM_ENDED);
	return ret;
}

/* What stands for a shared folder. */
static int
open_far(struct attach *a, struct fail *f)
{
	jv at = jv_string_fmt("%lld", (long long)runtime_offset(&a->runtime));
	jv audio = jv_string(policy_get(a->config, "audio"));

	a->xpra = link_start(&a->link, a->rec, a->id, "",
	    JV_ARRAY(jv_string("carry"), jv_string(a->id), at, audio), f);
	/* one that has just been started shows itself when it is there */
	if (a->xpra >= 0 &&
	    strcmp(rec_str(a->rec, "state", f), "starting") != 0 &&
	    link_wait(&a->link, f) < 0)
		link_stop(&a->link, false);
	return a->link.fd < 0 ? -1 : 0;
}

/* The way is not there: nothing can be shown. */
static int
no_way(struct attach *a, const struct fail *f)
{
	a->broken = is_unheard(f);
	attach_cannot_show(a);
	if (a->unseen && !(a->broken && a->patient))
		stop_unseen(a);
	return -1;
}

/* All that can be had without a word to the display. */
static int
prepare(struct attach *a, char *const *options, int n, struct fail *f)
{
	const struct rec *r = a->rec;

	if ((a->id = session_of(r, f)) == NULL ||
	    rec_str(r, "state", f) == NULL)
		return -1;
	if (learn(a, options, n, f) < 0) {
		a->broken = far_is(r) && is_unheard(f);
		return -1;
	}
	if ((!far_is(r) && (a->xpra = shared_open(r, f)) < 0) ||
	    runtime_take(r, a->id, &a->runtime, f) < 0)
		return -1;
	if (far_is(r))
		return open_far(a, f) < 0 ? no_way(a, f) : 0;
	runtime_sweep(r, a->xpra);
	return 0;
}

int
attach_once(struct attach *a, struct rec *r, bool patient, char *const *options,
    int n, int to, struct fail *f)
{
	int ret;

	*a = (struct attach){.rec = r,
	    .patient = patient,
	    .xpra = -1,
	    .folder = -1,
	    .signals = -1,
	    .server = -1,
	    .watch = {.fd = -1},
	    .link = {.fd = -1},
	    .runtime = {.dir = -1, .lock = -1},
	    .display = {.fd = -1},
	    .client = {.pidfd = -1, .said = -1, .control = -1, .log = -1},
	    .config = jv_invalid()};
	/* it is looked at while the engine is asked */
	if ((ret = display_watch(&a->display, f)) == 0 &&
	    (ret = prepare(a, options, n, f)) == 0) {
		asked_init(&a->asked, &a->choice, rec_str(r, "instance", f),
		    a->runtime.dir);
		output_init(&a->out, to, runtime_offset(&a->runtime));
		if (begin(a, f) < 0)
			a->end = FAILED;
		while (a->end == GOING)
			step(a, f);
		/* cut short is no failure */
		if (a->end == FAILED && (sig_pending() || sig_caught()))
			a->end = DETACHED;
		ret = finish(a, f);
	}
	close_all(a);
	return ret;
}
