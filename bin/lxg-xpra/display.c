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
#include <unistd.h>

#include "cli.h"
#include "display.h"
#include "pages.h"
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

static bool
say_line(int to, jv o)
{
	jv text = jv_dump_string(o, JV_PRINT_ASCII);
	bool said = dprintf(to, "%s\n", jv_string_value(text)) > 0;

	jv_free(text);
	return said;
}

static void
say_fail(int to, const struct fail *f)
{
	jv o = jv_object_set(
	    jv_object(), jv_string("fail"), jv_number(cli_code(f->kind)));

	say_line(to, jv_object_set(o, jv_string("why"), jv_string(f->text)));
}

static void
watch(int to)
{
	struct host_watch *w;
	struct host h;
	struct fail f;
	struct pollfd p = {.events = POLLIN};
	jv o;
	int news = host_open(&w, &f);

	if (news == 0)
		p.fd = host_fd(w);
	for (; news >= 0; poll(&p, 1, -1)) {
		if ((news = host_read(w, &h, &f)) <= 0)
			continue;
		o = jv_object_set(
		    jv_object(), jv_string("host"), host_json(&h));
		if (!say_line(to, jv_object_set(o, jv_string("security"),
				      jv_bool(host_has_security(w)))))
			_exit(0);
		alarm(0);
		pages_give_back();
	}
	say_fail(to, &f);
}

int
display_watch(struct display *d, struct fail *f)
{
	pid_t parent = getpid();
	int out[2];

	*d = (struct display){.pid = -1, .fd = -1};
	if (pipe2(out, O_CLOEXEC) < 0)
		return fail_errno(f, "pipe");
	d->pid = fork();
	if (d->pid == 0) {
		begin_client(parent);
		dup2(out[1], STDOUT_FILENO);
		closefrom(STDERR_FILENO + 1);
		watch(STDOUT_FILENO);
		_exit(0);
	}
	close(out[1]);
	d->fd = out[0];
	fcntl(d->fd, F_SETFL, O_NONBLOCK);
	return d->pid < 0 ? fail_errno(f, "fork") : 0;
}

/* Consumes. */
static int
take_line(struct display *d, jv o, struct fail *f)
{
	jv host = obj_get(o, "host"), security = obj_get(o, "security"),
	   code = obj_get(o, "fail");
	const char *why = obj_str(o, "why");
	int ret;

	if (jv_get_kind(code) == JV_KIND_NUMBER) {
		ret = fail_set(f, cli_kind((int)jv_number_value(code)), "%s",
		    why != NULL ? why : "");
		jv_free(host);
	} else
		ret = host_parse(host, &d->host, f);
	d->security = jv_get_kind(security) == JV_KIND_TRUE;
	d->known = d->known || ret == 0;
	jv_free(code);
	jv_free(security);
	jv_free(o);
	return ret < 0 ? -1 : 1;
}

static int
lines(struct display *d, struct fail *f)
{
	char *end;
	size_t len;
	int ret = 0;
	jv o;

	while (ret >= 0 && (end = memchr(d->in, '\n', d->have)) != NULL) {
		len = (size_t)(end - d->in);
		ret =
		    rec_parse(d->in, len, &o, f) < 0 ? -1 : take_line(d, o, f);
		d->have -= len + 1;
		memmove(d->in, end + 1, d->have);
	}
	return ret;
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
	if (d->known)
		return fail_set(f, FAIL_UNAVAILABLE, "the X server is gone");
	return fail_set(f, FAIL_CONFIG,
	    "DISPLAY is %.200s: no answer within %d seconds", getenv("DISPLAY"),
	    DISPLAY_MS / 1000);
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
