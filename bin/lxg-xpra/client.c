/*
 * lxg-client as a process. SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"
#include "client.h"
#include "rec.h"
#include "sig.h"
#include "text.h"

#define PROGRAM "lxg-client"
#define LOG_MAX (1 << 20)
#define WHY_MAX 4096
#define ROUNDS	16   /* a pipe's worth; then others have their turn */
#define STOP_MS 2000 /* for its last words to the server */

enum { CONTROL = 3, COOKIE }; /* descriptors of the client's */

char *
client_program(struct fail *f)
{
	char *exe = realpath("/proc/self/exe", NULL), *path;

	if (exe == NULL) {
		fail_errno(f, "/proc/self/exe");
		return NULL;
	}
	path = text_fmt("%s/" PROGRAM, dirname(exe));
	free(exe);
	return path;
}

int
client_there(struct fail *f)
{
	char *path = client_program(f);
	int ret = 0;

	if (path == NULL)
		return -1;
	if (access(path, X_OK) < 0)
		ret = fail_set(f, FAIL_CONFIG,
		    "%s: %s: the client is not installed", path,
		    strerror(errno));
	free(path);
	return ret;
}

/* "NAME=VALUE", owned. */
static char *
authority(int cookie)
{
	const char *path = getenv("XAUTHORITY"), *home = getenv("HOME");

	if (cookie >= 0)
		return text_fmt("XAUTHORITY=/proc/self/fd/%d", COOKIE);
	if (path != NULL && *path != '\0')
		return text_fmt("XAUTHORITY=%s", path);
	return text_fmt("XAUTHORITY=%s/.Xauthority", home != NULL ? home : "");
}

/*
 * A copy of fd with a number above those that the client's descriptors will
 * have, so that putting one in its place closes none of the others.
 */
static int
aside(int fd)
{
	return fcntl(fd, F_DUPFD_CLOEXEC, COOKIE + 1);
}

static void
child(char *const *argv, char *const *env, int control, int cookie, int said,
    pid_t parent)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	setsid();
	sig_child(parent);
	signal(SIGHUP, SIG_DFL);
	control = aside(control);
	cookie = cookie >= 0 ? aside(cookie) : -1;
	dup2(null, 0);
	dup2(said, 1);
	dup2(said, 2);
	dup2(control, CONTROL);
	if (cookie >= 0)
		dup2(cookie, COOKIE);
	closefrom(COOKIE + (cookie >= 0));
	execve(argv[0], argv, env);
	dprintf(2, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

static pid_t
spawn(const struct choice *choice, int control, int cookie, int said,
    struct fail *f)
{
	char *argv[CHOICE_ARGS + 4], *path = client_program(f);
	char *env[] = {
	    text_fmt("DISPLAY=%s", getenv("DISPLAY")), authority(cookie), NULL};
	pid_t parent = getpid(), pid;
	int n = 0, i;

	if (path == NULL)
		return -1;
	argv[n++] = path;
	argv[n++] = (char *)(uintptr_t) "-C";
	argv[n++] = text_fmt("%d", CONTROL);
	for (i = 0; i < choice->n; i++)
		argv[n++] = (char *)(uintptr_t)choice->args[i];
	argv[n] = NULL;
	if ((pid = fork()) == 0)
		child(argv, env, control, cookie, said, parent);
	free(argv[2]);
	free(path);
	free(env[0]);
	free(env[1]);
	return pid < 0 ? fail_errno(f, "fork") : pid;
}

static int
launch(
    struct client *c, const struct choice *choice, int cookie, struct fail *f)
{
	int said[2], pair[2];

	if (pipe2(said, O_CLOEXEC) < 0)
		return fail_errno(f, "pipe");
	c->said = said[0];
	fcntl(said[0], F_SETFL, O_NONBLOCK);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
		close(said[1]);
		return fail_errno(f, "socketpair");
	}
	c->control = pair[0];
	c->pid = spawn(choice, pair[1], cookie, said[1], f);
	close(said[1]);
	close(pair[1]);
	if (c->pid < 0)
		return -1;
	c->pidfd = pidfd_open(c->pid, 0);
	return c->pidfd < 0 ? fail_errno(f, "pidfd_open") : 0;
}

int
client_start(struct client *c, const struct choice *choice,
    const struct display *d, const struct runtime *t, struct fail *f)
{
	int cookie = -1, ret;

	if ((c->log = runtime_log(t, f)) < 0)
		return -1;
	if (choice->untrusted && (cookie = display_cookie(t->path, f)) < 0)
		return -1;
	ret = launch(c, choice, cookie, f);
	if (cookie >= 0)
		close(cookie);
	if (ret == 0)
		client_host(c, &d->host);
	return ret;
}

/*
 * Sends a message, with a descriptor unless fd is -1. Returns 0 or -errno; it
 * doesn't wait where a client that reads nothing has left no room.
 */
static int
tell(struct client *c, jv o, int fd)
{
	jv text = jv_dump_string(o, JV_PRINT_ASCII);
	char *line = text_fmt("%s\n", jv_string_value(text));
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} u = {.head = {.cmsg_level = SOL_SOCKET,
		   .cmsg_type = SCM_RIGHTS,
		   .cmsg_len = CMSG_LEN(sizeof(int))}};
	struct iovec v = {.iov_base = line, .iov_len = strlen(line)};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
	ssize_t n;

	if (fd >= 0) {
		memcpy(CMSG_DATA(&u.head), &fd, sizeof(fd));
		m.msg_control = &u;
		m.msg_controllen = sizeof(u);
	}
	n = sendmsg(c->control, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
	n = n == (ssize_t)v.iov_len ? 0 : n < 0 ? -errno : -EAGAIN;
	free(line);
	jv_free(text);
	return (int)n;
}

void
client_host(struct client *c, const struct host *h)
{
	tell(
	    c, jv_object_set(jv_object(), jv_string("host"), host_json(h)), -1);
}

void
client_click(struct client *c, const struct tray_heard *h)
{
	jv o = obj_set(jv_object(), "click", jv_number(h->id));

	o = obj_set(o, "button", jv_number(h->button));
	o = obj_set(o, "x", jv_number(h->x));
	tell(c, obj_set(o, "y", jv_number(h->y)), -1);
}

int
client_serve(struct client *c, int server, const char *version, struct fail *f)
{
	jv o =
	    jv_object_set(jv_object(), jv_string("server"), jv_string(version));
	int e = tell(c, o, server);

	if (e == -EPIPE || e == -ECONNRESET)
		return 0; /* it has ended, and its status tells why */
	if (e < 0)
		return fail_set(
		    f, FAIL_UNAVAILABLE, "the client hears nothing");
	c->served = true;
	return 0;
}

/* The log begins anew with what is at its end. */
static void
shorten(struct client *c)
{
	char tail[WHY_MAX];
	ssize_t n = pread(c->log, tail, WHY_MAX, c->logged - WHY_MAX);

	if (ftruncate(c->log, 0) < 0 || n < 0)
		n = 0;
	c->logged = pwrite(c->log, tail, (size_t)n, 0) == n ? n : 0;
}

void
client_listen(struct client *c)
{
	char data[4096];
	int rounds = ROUNDS;
	ssize_t n = -1;

	while (rounds-- > 0 && (n = read(c->said, data, sizeof(data))) > 0) {
		if (c->logged >= LOG_MAX)
			shorten(c);
		if (pwrite(c->log, data, (size_t)n, c->logged) == n)
			c->logged += n;
	}
	if (n == 0) {
		close(c->said);
		c->said = -1;
	}
}

int
client_reap(struct client *c)
{
	int status = 0;

	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		;
	close(c->pidfd);
	c->pidfd = -1;
	if (c->said >= 0)
		client_listen(c);
	return status;
}

/*
 * Asks the client to end, which tells the server that it leaves, and kills it
 * where it takes too long, as one does whose display answers nothing.
 */
void
client_stop(struct client *c)
{
	struct pollfd p = {.fd = c->pidfd, .events = POLLIN};

	if (c->pidfd >= 0) {
		kill(c->pid, SIGTERM);
		if (poll(&p, 1, STOP_MS) <= 0)
			kill(c->pid, SIGKILL);
		client_reap(c);
	}
	if (c->control >= 0)
		close(c->control);
	c->control = -1;
}

/* The last line that isn't empty. */
static char *
last_line(char *text)
{
	char *line = text, *next, *last = text;

	while ((next = strsep(&line, "\n")) != NULL)
		if (*next != '\0')
			last = next;
	return last;
}

/*
 * What kind of failure is the client's exit status. A client that was taken
 * over can choose that, but only among the failures that a client can have.
 */
static enum fail_kind
exit_kind(int status)
{
	enum fail_kind kind =
	    WIFEXITED(status) ? cli_kind(WEXITSTATUS(status)) : FAIL_NONE;

	switch (kind) {
	case FAIL_USAGE:
	case FAIL_SYSTEM:
	case FAIL_PROTOCOL:
	case FAIL_CONFIG:
		/* a code of no kind is given as one of the system's */
		return WEXITSTATUS(status) == cli_code(kind) ? kind
							     : FAIL_UNAVAILABLE;
	default:
		return FAIL_UNAVAILABLE;
	}
}

int
client_why(struct client *c, int status, const struct asked *a,
    const struct runtime *t, struct fail *f)
{
	char text[WHY_MAX + 1];
	off_t at = c->logged > WHY_MAX ? c->logged - WHY_MAX : 0;
	ssize_t n = pread(c->log, text, WHY_MAX, at);

	text[n > 0 ? n : 0] = '\0';
	if (a->why[0] != '\0')
		return fail_set(f, exit_kind(status), "%s", a->why);
	if (WIFSIGNALED(status))
		return fail_set(f, FAIL_UNAVAILABLE,
		    "the client was ended by signal %d%s", WTERMSIG(status),
		    WTERMSIG(status) == SIGSYS
			? ", for a system call that its lock forbids"
			: "");
	return fail_set(f, exit_kind(status),
	    "the client ended (%.200s); what it said is in %s/log",
	    *last_line(text) != '\0' ? last_line(text) : "it said nothing",
	    t->path);
}
