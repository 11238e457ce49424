/*
 * The host's X display, and the cookie that opens it to a client that isn't
 * trusted. SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "cli.h"
#include "client.h"
#include "display.h"
#include "rec.h"
#include "sig.h"
#include "text.h"

#define AUTH_MAX (64u << 10)

/*
 * A client of the X server: signals that are caught or blocked for us end it,
 * as do our own end and, in the beginning, some time.
 */
static void
begin_client(pid_t parent)
{
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	sig_child(parent);
	alarm(DISPLAY_MS / 1000);
}

/* Its words are told in place of the display's where there is none. */
static void
run_client(char *path, int said)
{
	char *argv[] = {path, (char *)(uintptr_t) "-w", NULL};

	dup2(said, STDOUT_FILENO);
	dup2(said, STDERR_FILENO);
	closefrom(STDERR_FILENO + 1);
	execv(path, argv);
	dprintf(STDERR_FILENO, "%s: %s\n", path, strerror(errno));
	_exit(EX_CONFIG);
}

int
display_watch(struct display *d, struct fail *f)
{
	pid_t parent = getpid();
	char *path;
	int out[2];

	*d = (struct display){.pid = -1, .fd = -1};
	if ((path = client_program(f)) == NULL)
		return -1;
	if (pipe2(out, O_CLOEXEC) < 0) {
		free(path);
		return fail_errno(f, "pipe");
	}
	d->pid = fork();
	if (d->pid == 0) {
		begin_client(parent);
		run_client(path, out[1]);
	}
	free(path);
	close(out[1]);
	d->fd = out[0];
	fcntl(d->fd, F_SETFL, O_NONBLOCK);
	return d->pid < 0 ? fail_errno(f, "fork") : 0;
}

static int
take_line(struct display *d, size_t len, struct fail *f)
{
	jv o, security;
	int ret;

	if (*d->in != '{') { /* why there is none, behind the program's name */
		snprintf(d->why, sizeof(d->why), "%.*s", (int)len, d->in);
		return 0;
	}
	if (rec_parse(d->in, len, &o, f) < 0)
		return -1;
	security = obj_get(o, "security");
	d->security = jv_get_kind(security) == JV_KIND_TRUE;
	jv_free(security);
	ret = host_parse(o, &d->host, f);
	d->known = d->known || ret == 0;
	return ret < 0 ? -1 : 1;
}

static int
lines(struct display *d, struct fail *f)
{
	char *end;
	int ret = 0;

	while (ret >= 0 && (end = memchr(d->in, '\n', d->have)) != NULL) {
		ret = take_line(d, (size_t)(end - d->in), f);
		d->have -= (size_t)(end - d->in) + 1;
		memmove(d->in, end + 1, d->have);
	}
	return ret;
}

/* How it has ended. */
static int
lost(struct display *d, struct fail *f)
{
	const char *why = strstr(d->why, ": ");
	int status = 0;

	if (d->have == sizeof(d->in)) /* a line without an end */
		kill(d->pid, SIGKILL);
	while (waitpid(d->pid, &status, 0) < 0 && errno == EINTR)
		;
	d->pid = -1;
	if (d->known)
		return fail_set(f, FAIL_UNAVAILABLE, "the X server is gone");
	if (WIFEXITED(status) && why != NULL)
		return fail_set(
		    f, cli_kind(WEXITSTATUS(status)), "%s", why + 2);
	return fail_set(f, FAIL_CONFIG,
	    "DISPLAY is %.200s: no answer within %d seconds", getenv("DISPLAY"),
	    DISPLAY_MS / 1000);
}

int
display_read(struct display *d, struct fail *f)
{
	ssize_t n = read(d->fd, d->in + d->have, sizeof(d->in) - d->have);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n > 0) {
		d->have += (size_t)n;
		return lines(d, f);
	}
	return lost(d, f);
}

void
display_stop(struct display *d)
{
	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
	if (d->pid <= 0)
		return;
	kill(d->pid, SIGKILL);
	while (waitpid(d->pid, NULL, 0) < 0 && errno == EINTR)
		;
	d->pid = -1;
}

int
display_judge(const struct display *d, bool untrusted, struct fail *f)
{
	if (!untrusted || d->security)
		return 0;
	return fail_set(f, FAIL_CONFIG,
	    "this X server has no SECURITY extension (Xwayland often has "
	    "none), "
	    "which user.lxg.x11=untrusted needs; with x11=trusted a client "
	    "that "
	    "was taken over could read and type into your other windows: "
	    "lxg-security(7)");
}

int
display_look(struct host *h, bool untrusted, struct fail *f)
{
	struct display d;
	struct pollfd p = {.events = POLLIN};
	int ret;

	if ((ret = display_watch(&d, f)) == 0) {
		p.fd = d.fd;
		while (ret == 0)
			if (poll(&p, 1, -1) > 0)
				ret = display_read(&d, f);
			else if (sig_caught())
				ret = fail_set(
				    f, FAIL_INTERRUPTED, "interrupted");
	}
	display_stop(&d);
	if (ret < 0)
		return -1;
	*h = d.host;
	return display_judge(&d, untrusted, f);
}

/* The folder is ours, and so is its lock: what is locked in it is stale. */
static int
run_xauth(const char *file)
{
	pid_t parent = getpid(), pid = fork();
	int status = -1, null;

	if (pid == 0) {
		begin_client(parent);
		null = open("/dev/null", O_RDWR);
		dup2(null, 1);
		dup2(null, 2);
		execlp("xauth", "xauth", "-i", "-q", "-f", file, "generate",
		    getenv("DISPLAY"), ".", "untrusted", "timeout", "0",
		    (char *)NULL);
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

/* The file's content, in memory; -1 where it is empty. */
static int
in_memory(const char *file)
{
	char data[AUTH_MAX];
	int from = open(file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), to = -1;
	ssize_t n = from < 0 ? -1 : read(from, data, sizeof(data));

	if (from >= 0)
		close(from);
	if (n > 0)
		to = memfd_create("cookie", MFD_CLOEXEC);
	if (to >= 0 && write(to, data, (size_t)n) != n) {
		close(to);
		to = -1;
	}
	explicit_bzero(data, sizeof(data));
	return to;
}

int
display_cookie(const char *dir, struct fail *f)
{
	char *file = text_fmt("%s/cookie", dir);
	int status, fd = -1;

	unlink(file);
	if (sig_pending()) { /* it has ended the client before this one */
		free(file);
		return fail_set(f, FAIL_INTERRUPTED, "interrupted");
	}
	status = run_xauth(file);
	if (status == 0)
		fd = in_memory(file);
	unlink(file);
	free(file);
	if (fd >= 0)
		return fd;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return fail_set(
		    f, FAIL_CONFIG, "xauth is not installed on this host");
	return fail_set(f, FAIL_CONFIG,
	    "the X server gives no untrusted cookie (xauth generate); "
	    "user.lxg.x11=trusted does without it");
}
