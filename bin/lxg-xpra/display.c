/*
 * The host's X display, and the cookie that opens it.
 * SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "display.h"
#include "sig.h"
#include "text.h"

#define QUERY_MAX    4096
#define CLIENT_MAX   10 /* seconds */
#define AUTH_MAX     (1u << 20)
#define FAMILY_LOCAL 256
#define FAMILY_WILD  65535
#define COOKIE_NAME  "MIT-MAGIC-COOKIE-1"

/* ":N", "unix:N", either with a screen behind it. */
static int
parse_number(const char *s, int *number)
{
	unsigned n;
	int end = 0;

	if (strncmp(s, "unix:", 5) == 0)
		s += 4;
	if (sscanf(s, ":%u%n", &n, &end) != 1 || n > 65535 ||
	    (s[end] != '\0' && s[end] != '.'))
		return -1;
	*number = (int)n;
	return 0;
}

static int
find_socket(struct display *d, struct fail *f)
{
	const char *s = getenv("DISPLAY");
	struct stat st;

	if (s == NULL || *s == '\0')
		return fail_set(f, EX_CONFIG,
		    "DISPLAY is not set: there is no X display on this host "
		    "to show windows on");
	if (parse_number(s, &d->number) < 0)
		return fail_set(f, EX_CONFIG,
		    "DISPLAY is %s: only a display of this host will do (:N), "
		    "the client's sandbox has no network",
		    s);
	d->socket = text_fmt("/tmp/.X11-unix/X%d", d->number);
	if (stat(d->socket, &st) < 0 || !S_ISSOCK(st.st_mode))
		return fail_set(f, EX_CONFIG,
		    "DISPLAY is %s, but %s is not there: is the X server "
		    "running?",
		    s, d->socket);
	return 0;
}

/* A counted string of Xauthority: two bytes of length, big endian. */
struct field {
	const unsigned char *data;
	size_t len;
};

static bool
next_field(const unsigned char **at, const unsigned char *end, struct field *v)
{
	if (end - *at < 2)
		return false;
	v->len = (size_t)((*at)[0] << 8 | (*at)[1]);
	v->data = *at + 2;
	if ((size_t)(end - v->data) < v->len)
		return false;
	*at = v->data + v->len;
	return true;
}

static bool
is_text(const struct field *v, const char *s)
{
	return v->len == strlen(s) && memcmp(v->data, s, v->len) == 0;
}

static void
put_field(FILE *fp, const void *data, size_t len)
{
	fputc((int)(len >> 8 & 0xff), fp);
	fputc((int)(len & 0xff), fp);
	fwrite(data, 1, len, fp);
}

/* An entry for this display on any host: the sandbox has another name. */
static void
make_cookie(struct display *d, const struct field *secret)
{
	FILE *fp;

	free(d->cookie);
	d->cookie = NULL;
	fp = open_memstream(&d->cookie, &d->cookie_len);
	if (fp == NULL)
		return;
	fwrite("\xff\xff", 1, 2, fp);
	put_field(fp, "", 0);
	put_field(fp, "", 0);
	put_field(fp, COOKIE_NAME, strlen(COOKIE_NAME));
	put_field(fp, secret->data, secret->len);
	fclose(fp);
}

/* As libXau picks: the first entry for this host and number. */
static void
pick_cookie(struct display *d, const unsigned char *at, size_t size)
{
	const unsigned char *end = at + size;
	struct field address, number, name, secret;
	char host[256] = "", want[16];

	gethostname(host, sizeof(host) - 1);
	snprintf(want, sizeof(want), "%d", d->number);
	while (end - at > 2) {
		int family = at[0] << 8 | at[1];

		at += 2;
		if (!next_field(&at, end, &address) ||
		    !next_field(&at, end, &number) ||
		    !next_field(&at, end, &name) ||
		    !next_field(&at, end, &secret))
			return;
		if ((family == FAMILY_WILD ||
			(family == FAMILY_LOCAL && is_text(&address, host))) &&
		    (number.len == 0 || is_text(&number, want)) &&
		    is_text(&name, COOKIE_NAME)) {
			make_cookie(d, &secret);
			return;
		}
	}
}

/* Without a file, or an entry in it, the X server may still let us in. */
static void
read_cookie(struct display *d, const char *path)
{
	unsigned char *data = malloc(AUTH_MAX);
	FILE *fp = data != NULL ? fopen(path, "re") : NULL;

	if (fp != NULL) {
		pick_cookie(d, data, fread(data, 1, AUTH_MAX, fp));
		fclose(fp);
	}
	free(data);
}

int
display_open(struct display *d, struct fail *f)
{
	const char *path = getenv("XAUTHORITY"), *home = getenv("HOME");
	char *otherwise;

	memset(d, 0, sizeof(*d));
	if (find_socket(d, f) < 0)
		return -1;
	otherwise = text_fmt("%s/.Xauthority", home != NULL ? home : "");
	read_cookie(d, path != NULL && *path != '\0' ? path : otherwise);
	free(otherwise);
	return 0;
}

/*
 * A client of the X server, which may never answer: signals that are blocked
 * for us end it, as do our own end and some time.
 */
static void
begin_client(pid_t parent)
{
	int null = open("/dev/null", O_RDWR);
	sigset_t none;

	dup2(null, 1);
	dup2(null, 2);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(126);
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	alarm(CLIENT_MAX);
}

/* The folder is ours, and so is its lock: what is locked in it is stale. */
static int
run_xauth(int number, const char *file)
{
	char *name = text_fmt(":%d", number);
	pid_t parent = getpid(), pid = fork();
	int status = -1;

	if (pid == 0) {
		begin_client(parent);
		execlp("xauth", "xauth", "-i", "-q", "-f", file, "generate",
		    name, ".", "untrusted", "timeout", "0", (char *)NULL);
		_exit(127);
	}
	free(name);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

int
display_untrusted(struct display *d, const char *dir, struct fail *f)
{
	char *file = text_fmt("%s/cookie", dir);
	int status;

	unlink(file);
	free(d->cookie);
	d->cookie = NULL;
	if (sig_pending()) { /* it has ended the client before this one */
		free(file);
		return fail_set(f, EX_TEMPFAIL, "interrupted");
	}
	status = run_xauth(d->number, file);
	if (status == 0)
		read_cookie(d, file);
	unlink(file);
	free(file);
	if (d->cookie != NULL)
		return 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return fail_set(
		    f, EX_CONFIG, "xauth is not installed on this host");
	return fail_set(f, EX_CONFIG,
	    "the X server gives no untrusted cookie (xauth generate); "
	    "user.lxg.x11=trusted does without it");
}

char *
display_keyboard(const struct display *d)
{
	char *name = text_fmt(":%d", d->number), *text;
	int out[2];
	size_t len = 0;
	ssize_t n;
	pid_t parent = getpid(), pid = -1;

	if ((text = calloc(1, QUERY_MAX + 1)) == NULL)
		errx(EX_OSERR, "out of memory");
	if (pipe2(out, O_CLOEXEC) == 0 && (pid = fork()) == 0) {
		begin_client(parent);
		dup2(out[1], 1);
		execlp("setxkbmap", "setxkbmap", "-display", name, "-query",
		    (char *)NULL);
		_exit(127);
	}
	free(name);
	if (pid < 0)
		return text;
	close(out[1]);
	while ((n = read(out[0], text + len, QUERY_MAX - len)) > 0)
		len += (size_t)n;
	close(out[0]);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return text;
}

void
display_close(struct display *d)
{
	free(d->socket);
	free(d->cookie);
}
