/*
 * The verb attach; and where the way to another machine's session breaks, once
 * more, as soon as there is one again. SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <poll.h>
#include <signal.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "attach.h"
#include "cli.h"
#include "engine.h"
#include "output.h"
#include "session.h"
#include "sig.h"
#include "verbs.h"

#define OPTIONS_MAX 64
#define PAUSE_MAX   8 /* seconds between two tries */

/*
 * They are caught from now on, and no more held for a descriptor; SIGINT and
 * SIGTERM where they were ignored, too, as attach has it.
 */
static void
let_signals_in(void)
{
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	sig_catch();
	sig_hold(true);
	sig_hold(false);
}

/* False: a signal came. */
static bool
sleep_seconds(int n)
{
	struct timespec t = {.tv_sec = n};
	sigset_t open;

	sigprocmask(SIG_BLOCK, NULL, &open);
	sig_hold(true); /* ppoll(2) alone lets them through */
	if (!sig_caught())
		ppoll(NULL, 0, &t, &open);
	sig_hold(false);
	return !sig_caught();
}

static int
attach(struct rec *r, bool patient, char *const *options, int n, int to,
    struct fail *f)
{
	struct attach a;
	bool told = false;
	int ret, pause = 1;

	while ((ret = attach_once(&a, r, patient, options, n, to, f)) < 0 &&
	       patient && a.broken) {
		if (a.client.served)
			pause = 1;
		if (!told || a.client.served)
			warnx("%s: %s; waits for it, until Ctrl-C",
			    obj_str(r->v, "instance"), f->text);
		told = true;
		let_signals_in();
		if (!sleep_seconds(pause))
			return 0;
		pause = pause < PAUSE_MAX ? pause * 2 : PAUSE_MAX;
		engine_close_all(); /* what is kept of it is of before */
	}
	return sig_caught() ? 0 : ret;
}

int
verb_attach(int argc, char **argv)
{
	char *options[OPTIONS_MAX];
	int c, n = 0, to = -1;
	bool as_program = false, patient = false;
	struct recs in;
	struct fail f;

	while ((c = cli_getopt(argc, argv, "eo:O:w")) != -1)
		if (c == 'e')
			as_program = true;
		else if (c == 'w')
			patient = true;
		else if (c == 'O')
			to = output_descriptor(optarg);
		else if (n == OPTIONS_MAX)
			errx(EX_USAGE, "more than %d options", OPTIONS_MAX);
		else if (choice_check(options[n++] = optarg, &f) < 0)
			cli_die(&f, NULL);
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
	    attach(&in.v[0], patient, options, n, to, &f) < 0)
		cli_die(&f, obj_str(in.v[0].v, "instance"));
	if (as_program)
		session_exit(&in);
	cli_write(&in);
	return 0;
}
