/*
 * attach: verifies and relays the session's socket, runs the client in its
 * sandbox, passes the program's output on, and ends with the first of program,
 * client and user. One loop on poll(2): each wait is for an event.
 * SPDX-License-Identifier: ISC
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
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "client.h"
#include "engine.h"
#include "idmap.h"
#include "inst.h"
#include "output.h"
#include "relay.h"
#include "runtime.h"
#include "session.h"
#include "shared.h"
#include "sig.h"
#include "sound.h"
#include "text.h"
#include "verbs.h"
#include "watch.h"

#define OPTIONS_MAX 64
#define START_MS    45000 /* for the server's socket to appear */
#define BUSY_MS	    100	  /* no event tells that it has less to do */
#define END_MS	    10000 /* for the supervisor to end, once it is over */

enum end {
	GOING,
	PROGRAM_ENDED, /* and its exit status is known */
	SESSION_ENDED, /* without one: killed, stopped, or the server died */
	CLIENT_ENDED,
	DETACHED, /* by a signal */
	FAILED
};

struct attach {
	struct rec *rec;
	const char *id;
	struct idmap map;
	struct client_choice choice;
	int xpra, folder, signals;
	struct watch watch;
	struct runtime runtime;
	struct client client;
	struct relay relay;
	struct output out;
	struct sound sound;
	jv config;	    /* the instance's */
	long long deadline; /* ms; 0: none */
	bool busy;	    /* the server has too many who wait for it */
	enum end end;
};

static long long
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static int
wait_ms(long long deadline)
{
	long long left = deadline - now_ms();

	return deadline == 0 ? -1 : left > 0 ? (int)left : 0;
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
	ret = idmap_of(instance, &a->map, f);
	if (ret == 0)
		ret = client_choose(&a->choice, a->rec, config, options, n, f);
	a->config = config;
	jv_free(instance);
	jv_free(fresh);
	return ret;
}

/* Has the session ended? Then a->end says how. */
static void
look_at_end(struct attach *a)
{
	int status = shared_number(a->folder, "status", 255);

	if (status >= 0) {
		rec_set(a->rec, "exit_status", jv_number(status));
		a->end = PROGRAM_ENDED;
	} else if (!shared_alive(a->folder)) {
		status = shared_number(a->folder, "status", 255);
		if (status >= 0)
			rec_set(a->rec, "exit_status", jv_number(status));
		a->end = status >= 0 ? PROGRAM_ENDED : SESSION_ENDED;
	}
}

static void
look_for_folder(struct attach *a)
{
	a->folder = shared_folder(a->xpra, a->id);
	if (a->folder < 0)
		return;
	watch_folder(&a->watch, a->folder);
	output_open(&a->out, a->folder, "output");
	look_at_end(a);
}

/* The socket is there when it listens; refused means that its server died. */
static int
look_for_server(struct attach *a, struct fail *f)
{
	char *name = text_fmt("%s.sock", a->id);
	bool there = faccessat(a->xpra, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	struct fail why;

	if (there)
		a->relay.server = shared_connect(a->xpra, name, &a->map, f);
	free(name);
	if (!there)
		return 0;
	a->busy = a->relay.server < 0 && f->code == EX_TEMPFAIL;
	if (a->relay.server < 0)
		return a->busy ? 0 : -1;
	a->deadline = 0;
	watch_forget_top(&a->watch);
	if (sound_start(&a->sound, a->folder, &a->map, a->config,
		obj_str(a->rec->v, "instance"), &why) < 0)
		cli_warn(&why, obj_str(a->rec->v, "instance"));
	return 0;
}

static int
look(struct attach *a, struct fail *f)
{
	if (a->folder < 0)
		look_for_folder(a);
	else if (a->watch.status)
		look_at_end(a);
	a->watch.status = false;
	if (a->end != GOING || a->folder < 0 || a->relay.server >= 0)
		return 0;
	return look_for_server(a, f);
}

static void
client_ended(struct attach *a, struct fail *f)
{
	int status = client_reap(&a->client);

	if (a->relay.server < 0 || a->relay.client < 0) {
		client_why(&a->client, &a->runtime, f);
		a->end = FAILED;
		return;
	}
	look_at_end(a);
	/* where the server was the first to go, the session may follow */
	if (a->end != GOING || a->relay.state == RELAY_SERVER_GONE)
		return;
	a->end = CLIENT_ENDED;
	if (status != 0)
		warnx("%s: the client ended by itself, the program goes on; "
		      "what it said is in %s/log",
		    obj_str(a->rec->v, "instance"), a->runtime.path);
}

/* The server's end of the relay closed: the program's end, or its own? */
static void
relay_ended(struct attach *a)
{
	look_at_end(a);
	if (a->end == GOING && a->deadline == 0)
		a->deadline = now_ms() + END_MS;
}

static void
timed_out(struct attach *a, struct fail *f)
{
	a->end = FAILED;
	if (a->relay.server < 0)
		fail_set(f, EX_TEMPFAIL,
		    "session %s: no display server within %d seconds; what it "
		    "said is in %s/log of the instance's xpra folder",
		    a->id, START_MS / 1000, a->id);
	else if (a->client.pidfd >= 0)
		fail_set(f, EX_TEMPFAIL,
		    "session %s: its display server closed the connection",
		    a->id);
	else {
		warnx("%s: the display server closed the connection, the "
		      "program goes on",
		    obj_str(a->rec->v, "instance"));
		a->end = CLIENT_ENDED;
	}
}

enum { SIGNAL, CHILD, SAID, WATCH, OUTPUT, RELAY, FDS = RELAY + RELAY_FDS };

static void
want(const struct attach *a, struct pollfd p[FDS])
{
	p[SIGNAL] = (struct pollfd){.fd = a->signals, .events = POLLIN};
	p[CHILD] = (struct pollfd){.fd = a->client.pidfd, .events = POLLIN};
	p[SAID] = (struct pollfd){.fd = a->client.said, .events = POLLIN};
	p[WATCH] = (struct pollfd){.fd = a->watch.fd, .events = POLLIN};
	p[OUTPUT] = (struct pollfd){
	    .events = POLLOUT, .fd = output_pending(&a->out) ? a->out.to : -1};
	relay_want(&a->relay, p + RELAY);
}

static void
step(struct attach *a, struct fail *f)
{
	struct pollfd p[FDS];
	int n, ms = wait_ms(a->deadline);

	want(a, p);
	n = poll(p, FDS, a->busy && ms > BUSY_MS ? BUSY_MS : ms);
	if (n == 0 && (!a->busy || ms == 0))
		timed_out(a, f);
	else if (n == 0 && look(a, f) < 0)
		a->end = FAILED;
	if (n <= 0)
		return;
	relay_do(&a->relay, p + RELAY);
	if (p[SAID].revents != 0)
		client_listen(&a->client);
	if (p[OUTPUT].revents != 0)
		output_step(&a->out);
	if (p[WATCH].revents != 0) {
		watch_read(&a->watch);
		if (look(a, f) < 0)
			a->end = FAILED;
	}
	if (a->relay.state == RELAY_SERVER_GONE && a->end == GOING)
		relay_ended(a);
	if (p[CHILD].revents != 0 && a->end == GOING)
		client_ended(a, f);
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
	int listener;

	a->signals = catch_signals();
	if (watch_top(&a->watch, a->xpra, f) < 0 || look(a, f) < 0)
		return -1;
	if (a->folder < 0 &&
	    strcmp(rec_str(a->rec, "state", f), "starting") != 0)
		return fail_set(f, EX_NO, "session %s is gone", a->id);
	if (a->end != GOING)
		return 0;
	if ((listener = runtime_listen(&a->runtime, f)) < 0)
		return -1;
	a->relay.listener = listener;
	if (a->relay.server < 0)
		a->deadline = now_ms() + START_MS;
	return client_start(&a->client, &a->choice, a->rec, &a->runtime, f);
}

/* The supervisor writes its last files before it lets go of its lock. */
static void
wait_for_supervisor(struct attach *a)
{
	long long deadline = now_ms() + END_MS;
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
		return fail_set(f, EX_UNAVAILABLE,
		    "session %s is over, and not by its program's end; what "
		    "its servers said is in %s/log of the xpra folder",
		    a->id, a->id);
	if (a->end == SESSION_ENDED)
		return fail_set(
		    f, EX_UNAVAILABLE, "session %s was stopped", a->id);
	tell_of_other(a);
	if (shared_remove(a->xpra, a->id, f) < 0)
		return -1;
	runtime_remove(a->rec, a->id);
	return 0;
}

static int
finish(struct attach *a, struct fail *f)
{
	int ret = a->end == FAILED ? -1 : 0;

	sound_stop(&a->sound);
	client_stop(&a->client);
	if (a->folder >= 0 && a->end != DETACHED) /* the next one has it */
		output_finish(&a->out);
	if (a->end == PROGRAM_ENDED || a->end == SESSION_ENDED) {
		rec_set_str(a->rec, "state", "ended");
		ret = clean(a, f);
	} else {
		if (ret < 0 && a->folder >= 0 && shared_alive(a->folder))
			warnx("session %s goes on without a client", a->id);
		runtime_set_offset(&a->runtime, output_at(&a->out));
		rec_set_str(a->rec, "state", "live");
	}
	output_close(&a->out);
	return ret;
}

static int
attach(struct rec *r, char *const *options, int n, int to, bool weak,
    struct fail *f)
{
	struct attach a = {.rec = r,
	    .folder = -1,
	    .watch = {.fd = -1},
	    .client = {.pidfd = -1,
		.said = -1,
		.opening = {.bus = -1, .filter = -1, .urls = -1}}};
	int ret = -1;

	if ((a.id = session_of(r, f)) == NULL ||
	    rec_str(r, "state", f) == NULL || learn(&a, options, n, f) < 0 ||
	    (a.xpra = shared_open(r, f)) < 0 ||
	    runtime_take(r, a.id, &a.runtime, f) < 0)
		return -1;
	a.choice.weak = weak;
	runtime_sweep(r, a.xpra);
	relay_init(&a.relay, -1);
	output_init(&a.out, to, runtime_offset(&a.runtime));
	if (begin(&a, f) < 0) /* what a signal has cut short is no failure */
		a.end = sig_pending() ? DETACHED : FAILED;
	while (a.end == GOING)
		step(&a, f);
	ret = finish(&a, f);
	jv_free(a.config);
	relay_free(&a.relay);
	runtime_drop(&a.runtime);
	return ret;
}

int
verb_attach(int argc, char **argv)
{
	char *options[OPTIONS_MAX];
	int c, n = 0, to = -1;
	bool weak = false, as_program = false;
	struct recs in;
	struct fail f;

	while ((c = cli_getopt(argc, argv, "eo:O:W")) != -1)
		if (c == 'W')
			weak = true;
		else if (c == 'e')
			as_program = true;
		else if (c == 'O')
			to = output_descriptor(optarg);
		else if (n < OPTIONS_MAX)
			options[n++] = optarg;
		else
			errx(EX_USAGE, "more than %d options", OPTIONS_MAX);
	cli_no_operands(argc);
	if (as_program) {
		cli_as_program();
		to = STDOUT_FILENO;
	}
	session_read(&in, true);
	if (in.n > 1)
		errx(EX_USAGE,
		    "%zu sessions, and one at a time can be attached", in.n);
	if (in.n == 1 && !rec_failed(&in.v[0]) &&
	    !rec_true(&in.v[0], "dry_run") &&
	    attach(&in.v[0], options, n, to, weak, &f) < 0)
		cli_die(&f, obj_str(in.v[0].v, "instance"));
	if (as_program)
		session_exit(&in);
	cli_write(&in);
	return 0;
}
