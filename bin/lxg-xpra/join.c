/*
 * join: another program in a session that is there. Its supervisor runs it;
 * we wait for its status file. SPDX-License-Identifier: ISC
 */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli.h"
#include "exec.h"
#include "far.h"
#include "here.h"
#include "link.h"
#include "output.h"
#include "session.h"
#include "shared.h"
#include "sig.h"
#include "text.h"
#include "verbs.h"
#include "watch.h"

struct joined {
	const char *id;
	char name[SESSION_LEN + 1]; /* of its files in the folder */
	int folder, status;	    /* -1 as long as it runs */
	struct watch watch;
	struct link link; /* to another machine's instance */
	struct output out;
};

static int
ask(const struct rec *r, struct joined *j, jv command, struct fail *f)
{
	int status = exec_join(r,
	    jv_array_concat(JV_ARRAY(jv_string(j->id), jv_string(j->name)),
		jv_copy(command)),
	    f);

	if (status == EXEC_NO_SESSION)
		return fail_set(f, FAIL_NO, "session %s is over", j->id);
	return status > 0 ? exec_failed(status, "", f) : status;
}

/* Waits until something is to be seen, or a signal comes. */
static int
wait_event(struct joined *j, const sigset_t *open, struct fail *f)
{
	struct pollfd p[3];

	j->watch.status = false;
	while (!j->watch.status && !sig_caught()) {
		p[0] = (struct pollfd){j->watch.fd, POLLIN, 0};
		p[1] = (struct pollfd){
		    output_pending(&j->out) ? j->out.to : -1, POLLOUT, 0};
		p[2] = (struct pollfd){j->link.fd, POLLIN, 0};
		if (ppoll(p, 3, NULL, open) <= 0)
			continue;
		if (p[1].revents != 0)
			output_step(&j->out);
		if (p[0].revents != 0)
			watch_read(&j->watch);
		else if (p[2].revents != 0 && link_read(&j->link, f) < 0)
			return -1;
	}
	return 0;
}

/*
 * Passes the program's output on until its status is there, the session is
 * over, or a signal comes.
 */
static int
follow(struct joined *j, struct fail *f)
{
	char *output = text_fmt("output.%s", j->name);
	char *status = text_fmt("status.%s", j->name);
	sigset_t open;
	int ret = 0;

	sigprocmask(SIG_BLOCK, NULL, &open);
	sig_hold(true); /* ppoll(2) alone lets them through */
	output_open(&j->out, j->folder, output);
	while ((j->status = shared_number(j->folder, status, 255)) < 0 &&
	       shared_alive(j->folder) && !sig_caught() && ret == 0)
		ret = wait_event(j, &open, f);
	sig_hold(false);
	if (j->status < 0) /* a supervisor that ends writes it last */
		j->status = shared_number(j->folder, status, 255);
	output_finish(&j->out);
	output_close(&j->out);
	if (j->status >= 0) {
		unlinkat(j->folder, status, 0);
		unlinkat(j->folder, output, 0);
	}
	free(output);
	free(status);
	if (j->status < 0 && j->link.fd >= 0 && ret == 0)
		ret = link_read(&j->link, f);
	if (j->status < 0 && !sig_caught() && ret == 0)
		ret = fail_set(
		    f, FAIL_UNAVAILABLE, "session %s ended meanwhile", j->id);
	return ret;
}

/* The folder that is shared, or what stands for it. */
static int
open_joined(struct joined *j, const struct rec *r, struct fail *f)
{
	char *suffix;
	int xpra;

	if (!far_is(r))
		return shared_open(r, f);
	suffix = text_fmt(".%s", j->name);
	xpra = link_start(&j->link, r, j->id, suffix,
	    JV_ARRAY(jv_string("follow"), jv_string(j->id), jv_string(j->name)),
	    f);
	free(suffix);
	if (xpra >= 0 && link_wait(&j->link, f) < 0)
		link_stop(&j->link, false);
	return j->link.fd < 0 ? -1 : xpra;
}

static int
join(struct rec *r, jv command, int to, struct fail *f)
{
	struct joined j = {
	    .id = session_of(r, f), .status = -1, .link = {.fd = -1}};
	int xpra, ret = -1;

	session_new(j.name);
	if (j.id == NULL || (!far_is(r) && here_check_record(r, f) < 0) ||
	    (xpra = open_joined(&j, r, f)) < 0)
		return -1;
	output_init(&j.out, to, 0);
	if ((j.folder = shared_folder(xpra, j.id)) < 0)
		fail_set(f, FAIL_NO, "session %s is gone", j.id);
	else if (watch_top(&j.watch, j.folder, f) == 0) {
		watch_folder(&j.watch, j.folder);
		ret = ask(r, &j, command, f);
		if (ret == 0)
			ret = follow(&j, f);
		close(j.watch.fd);
		close(j.folder);
	}
	close(xpra);
	link_stop(&j.link, j.status >= 0);
	if (ret == 0 && j.status >= 0)
		rec_set(r, "exit_status", jv_number(j.status));
	return ret;
}

int
verb_join(int argc, char **argv)
{
	int c, to = -1;
	bool as_program = false;
	struct recs r;
	struct fail f;
	size_t i;
	jv command;

	while ((c = cli_getopt(argc, argv, "eO:")) != -1)
		if (c == 'e')
			as_program = true;
		else
			to = output_descriptor(optarg);
	if (optind == argc)
		cli_usage();
	if (exec_command(argv + optind, &command, &f) < 0)
		cli_die(&f, NULL);
	if (as_program) {
		cli_as_program();
		to = STDOUT_FILENO;
	}
	session_read(&r, true);
	sig_catch();
	for (i = 0; i < r.n; i++)
		if (!rec_failed(&r.v[i]) && !rec_true(&r.v[i], "dry_run") &&
		    join(&r.v[i], command, to, &f) < 0 &&
		    !(as_program && f.kind == FAIL_INTERRUPTED))
			cli_die(&f, obj_str(r.v[i].v, "instance"));
	if (as_program && sig_caught())
		sig_die(sig_caught());
	if (as_program)
		session_exit(&r);
	cli_write(&r);
	return 0;
}
