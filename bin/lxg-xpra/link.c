/*
 * A session's way over the engine's exec. It ends with whoever started it, and
 * the program in the instance ends with it, for the engine kills that where the
 * control WebSocket is gone. SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "carry.h"
#include "channel.h"
#include "clock.h"
#include "dirs.h"
#include "engine.h"
#include "exec.h"
#include "link.h"
#include "shared.h"
#include "sig.h"
#include "text.h"

#define END_MS 5000 /* for its last words to the instance */

/*
 * What the process is, once it has let go of all that was ours. It removes what
 * it made when nobody looks at that any more, whatever has become of them.
 */
static void
link_process(const struct link *k, struct lxd *l, struct channel *c,
    const char *id, const char *suffix, int top, int to)
{
	int null = open("/dev/null", O_RDWR), keep[2], i;
	struct fail f;
	sigset_t none;

	prctl(PR_SET_NAME, "lxg-link");
	setsid(); /* what a terminal sends is for who asked us */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_IGN);
	keep[0] = fcntl(top, F_DUPFD, 16);
	keep[1] = fcntl(to, F_DUPFD, 16);
	for (i = 0; i <= STDERR_FILENO; i++)
		dup2(null, i);
	dup2(keep[0], 3);
	dup2(keep[1], 4);
	closefrom(5);
	fcntl(3, F_SETFD, FD_CLOEXEC);
	fcntl(4, F_SETFD, FD_CLOEXEC);
	if (carry(l, c, id, suffix, 3, 4, &f) < 0)
		send(4, &f, sizeof(f), MSG_NOSIGNAL);
	while (recv(4, &f, 1, 0) > 0)
		;
	shared_empty(3);
	rmdir(k->path);
	_exit(0);
}

static int
fork_process(struct link *k, struct lxd *l, struct channel *c, const char *id,
    const char *suffix, int top, struct fail *f)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return fail_errno(f, "socketpair");
	if ((k->pid = fork()) == 0)
		link_process(k, l, c, id, suffix, top, pair[1]);
	close(pair[1]);
	k->fd = pair[0];
	return k->pid < 0 ? fail_errno(f, "fork") : 0;
}

/* A folder that is ours alone. */
static int
make_folder(struct link *k, struct fail *f)
{
	char *above = dirs_runtime(f);
	int fd;

	if (above == NULL)
		return -1;
	if ((fd = dirs_open(above, f)) < 0) {
		free(above);
		return -1;
	}
	close(fd);
	k->path = text_fmt("%s/far-XXXXXX", above);
	free(above);
	if (mkdtemp(k->path) == NULL) {
		fail_errno(f, "%s", k->path);
		free(k->path);
		k->path = NULL;
		return -1;
	}
	return dirs_open(k->path, f);
}

static int
ask_engine(const struct rec *r, struct lxd **l, jv args, struct channel *c,
    struct fail *f)
{
	const char *instance = rec_str(r, "instance", f);
	uint32_t uid, gid;
	jv argv;

	if (instance == NULL || rec_ids(r, &uid, &gid, f) < 0 ||
	    (*l = engine_of(r, f)) == NULL) {
		jv_free(args);
		return -1;
	}
	argv = exec_far(args, f);
	if (!jv_is_valid(argv)) {
		jv_free(argv);
		return -1;
	}
	return channel_ask(*l, instance, argv, uid, gid, c, f);
}

int
link_start(struct link *k, const struct rec *r, const char *id,
    const char *suffix, jv args, struct fail *f)
{
	struct channel c;
	struct lxd *l;
	int top;

	*k = (struct link){.fd = -1};
	if (ask_engine(r, &l, args, &c, f) < 0)
		return -1;
	top = make_folder(k, f);
	if (top >= 0 && fork_process(k, l, &c, id, suffix, top, f) < 0) {
		close(top);
		top = -1;
	}
	channel_close(&c);
	if (top < 0)
		link_stop(k, false);
	return top;
}

int
link_read(struct link *k, struct fail *f)
{
	ssize_t n = recv(k->fd, f, sizeof(*f), MSG_DONTWAIT);

	if (n == (ssize_t)sizeof(*f))
		return -1;
	if (n > 0 || (n < 0 && errno == EAGAIN))
		return 0;
	return fail_set(
	    f, FAIL_BUG, "the process that carries the session has ended");
}

int
link_wait(struct link *k, struct fail *f)
{
	struct pollfd p = {.fd = k->fd, .events = POLLIN};
	sigset_t open;

	sigprocmask(SIG_BLOCK, NULL, &open);
	sig_hold(true); /* ppoll(2) alone lets them through */
	while (!sig_caught() && ppoll(&p, 1, NULL, &open) <= 0)
		;
	sig_hold(false);
	return sig_caught() ? fail_set(f, FAIL_INTERRUPTED, "interrupted")
			    : link_read(k, f);
}

/* A signal makes the wait for its end no shorter. */
static void
end_process(const struct link *k, bool seen)
{
	long long left, deadline = clock_ms() + END_MS;
	struct pollfd p = {.fd = k->fd, .events = 0};
	int n = 0;

	if (seen)
		send(k->fd, "", 1, MSG_NOSIGNAL);
	shutdown(k->fd, SHUT_WR);
	while (n <= 0 && (left = deadline - clock_ms()) > 0)
		n = poll(&p, 1, (int)left);
	close(k->fd);
	if (k->pid <= 0) /* there never was one */
		return;
	if (n <= 0)
		kill(k->pid, SIGKILL);
	while (waitpid(k->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

void
link_stop(struct link *k, bool seen)
{
	struct fail ignored;
	int top;

	if (k->fd >= 0)
		end_process(k, seen);
	if (k->path != NULL && (top = dirs_open(k->path, &ignored)) >= 0) {
		shared_empty(top);
		close(top);
		rmdir(k->path);
	}
	free(k->path);
	*k = (struct link){.fd = -1};
}
