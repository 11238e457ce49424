/*
 * The sandbox that the stock client runs in. SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "dirs.h"
#include "filter.h"
#include "options.h"
#include "sandbox.h"
#include "text.h"

#define ARGS_MAX 256
#define FDS_MAX	 8
#define INSIDE	 "/run/lxg" /* where our files are in there */
#define LAUNCHER "client.py"

/*
 * An argument vector that grows, and the descriptors that it names. What it
 * holds is never freed: we exec.
 */
struct args {
	char *v[ARGS_MAX];
	int n;
	int fds[FDS_MAX], nfds;
};

static void
add(struct args *a, const char *s)
{
	if (a->n == ARGS_MAX - 1)
		errx(EX_SOFTWARE, "more arguments than there is room for");
	a->v[a->n++] = text_fmt("%s", s);
	a->v[a->n] = NULL;
}

static void
keep(struct args *a, int fd)
{
	if (a->nfds == FDS_MAX)
		errx(EX_SOFTWARE, "more descriptors than there is room for");
	a->fds[a->nfds++] = fd;
}

static void
add_fd(struct args *a, int fd)
{
	char *number = text_fmt("%d", fd);

	keep(a, fd);
	add(a, number);
	free(number);
}

static void
add_all(struct args *a, const char *const *list)
{
	for (; *list != NULL; list++)
		add(a, *list);
}

static void
add_3(struct args *a, const char *option, const char *x, const char *y)
{
	add(a, option);
	add(a, x);
	add(a, y);
}

static int
in_memory(const char *data, size_t len)
{
	int fd = memfd_create("lxg", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, len) != (ssize_t)len ||
	    lseek(fd, 0, SEEK_SET) != 0)
		err(EX_OSERR, "memory for the sandbox");
	return fd;
}

/* A file in there with this content, and nothing of it on the host's disks. */
static void
add_data(struct args *a, const char *path, const char *data, size_t len)
{
	add(a, "--ro-bind-data");
	add_fd(a, in_memory(data, len));
	add(a, path);
}

static void
add_text(struct args *a, const char *path, const char *text)
{
	add_data(a, path, text, strlen(text));
}

/* /bin and its like are links into /usr, or folders on older systems. */
static void
add_top(struct args *a)
{
	static const char *const tops[] = {
	    "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", NULL};
	struct stat st;
	char target[64];
	ssize_t n;
	int i;

	add_3(a, "--ro-bind", "/usr", "/usr");
	for (i = 0; tops[i] != NULL; i++) {
		if (lstat(tops[i], &st) < 0)
			continue;
		n = readlink(tops[i], target, sizeof(target) - 1);
		if (n > 0) {
			target[n] = '\0';
			add_3(a, "--symlink", target, tops[i]);
		} else
			add_3(a, "--ro-bind", tops[i], tops[i]);
	}
}

/*
 * No --new-session: child() has begun one, and with another of its own the
 * sandbox's init would not be in the group that we can end at once. It has not
 * asked yet, for a moment, to die with its parent.
 */
static const char *const walls[] = {"bwrap", "--unshare-user", "--unshare-pid",
    "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup",
    "--disable-userns", "--die-with-parent", "--cap-drop", "ALL", "--hostname",
    "lxg", "--gid", "1000", "--clearenv", NULL};

/* Memory, so none of it without a limit. */
#define TMPFS "--size", "67108864", "--tmpfs"

static const char *const folders[] = {"--proc", "/proc", "--dev", "/dev", TMPFS,
    "/dev/shm", TMPFS, "/tmp", TMPFS, "/run", "--dir", INSIDE, "--chmod",
    "0700", INSIDE, TMPFS, "/home/lxg", "--chdir", "/home/lxg", "--ro-bind-try",
    "/etc/fonts", "/etc/fonts", "--ro-bind-try", "/etc/ld.so.cache",
    "/etc/ld.so.cache", NULL};

static const char *const environment[][2] = {
    {"HOME", "/home/lxg"},
    {"USER", "lxg"},
    {"PATH", "/usr/bin:/bin"},
    {"LANG", "C.UTF-8"},
    {"XDG_RUNTIME_DIR", INSIDE},
    {"XAUTHORITY", INSIDE "/cookie"},
    {"GDK_BACKEND", "x11"},
    {"NO_AT_BRIDGE", "1"},
    {"PYTHONDONTWRITEBYTECODE", "1"},
    /* nothing of /etc/xpra or of the user's: the options are all of it */
    {"XPRA_SYSTEM_CONF_DIRS", "/nonexistent"},
    {"XPRA_USER_CONF_DIRS", "/nonexistent"},
    {"XPRA_DEFAULT_CONF_DIRS", "/nonexistent"},
    {"XPRA_USE_YAML", "0"},
    /* seconds for the server's hello, on a machine that has much to do */
    {"XPRA_SOCKET_TIMEOUT", "45"},
    {NULL, NULL},
};

static void
add_environment(struct args *a, int display)
{
	char *name = text_fmt(":%d", display);
	int i;

	for (i = 0; environment[i][0] != NULL; i++)
		add_3(a, "--setenv", environment[i][0], environment[i][1]);
	add_3(a, "--setenv", "DISPLAY", name);
	free(name);
}

static void
add_user(struct args *a, uid_t uid)
{
	char *number = text_fmt("%u", uid);
	char *line = text_fmt("lxg:x:%u:1000::/home/lxg:/bin/sh\n", uid);

	add(a, "--uid");
	add(a, number);
	add_text(a, "/etc/passwd", line);
	free(line);
	free(number);
}

static int
add_filter(struct args *a, struct fail *f)
{
	int fd = filter_open(f);

	if (fd < 0)
		return -1;
	add(a, "--seccomp");
	add_fd(a, fd);
	return 0;
}

/* By its text: where it lies may name the user, and mounts can be read. */
static int
add_launcher(struct args *a, struct fail *f)
{
	char *text = options_data(LAUNCHER, f);

	if (text == NULL)
		return -1;
	add_text(a, INSIDE "/" LAUNCHER, text);
	free(text);
	return 0;
}

/*
 * All that was said to bubblewrap goes by a descriptor: it is the sandbox's
 * init, whose arguments can be read in there, and ours name the host's folders.
 */
static void
hide(struct args *a)
{
	char *text;
	size_t len;
	FILE *fp = open_memstream(&text, &len);
	int i;

	if (fp == NULL)
		err(EX_OSERR, "arguments");
	for (i = 1; i < a->n; i++)
		fwrite(a->v[i], 1, strlen(a->v[i]) + 1, fp);
	if (fclose(fp) != 0)
		err(EX_OSERR, "arguments");
	a->n = 1;
	add(a, "--args");
	add_fd(a, in_memory(text, len));
	free(text);
}

static int
build(const struct sandbox *s, struct args *a, struct fail *f)
{
	add_all(a, walls);
	add_top(a);
	add_all(a, folders);
	add_user(a, s->uid);
	add_text(a, "/etc/group", "lxg:x:1000:\n");
	if (s->display->cookie != NULL)
		add_data(a, INSIDE "/cookie", s->display->cookie,
		    s->display->cookie_len);
	add_3(a, "--ro-bind", s->display->socket, s->display->socket);
	add_3(a, "--ro-bind", s->relay, INSIDE "/relay");
	if (add_launcher(a, f) < 0)
		return -1;
	add_environment(a, s->display->number);
	add_all(a, s->openings);
	if (add_filter(a, f) < 0)
		return -1;
	add_3(a, "--remount-ro", "/", "--remount-ro");
	add(a, "/dev");
	hide(a);
	add_3(a, "--", "/usr/bin/python3", "-I");
	add_3(a, INSIDE "/" LAUNCHER, INSIDE "/relay", s->spec);
	return 0;
}

/* Only the client has it: a browser that it starts is the user's own. */
static void
give_cookie(const struct display *d, struct args *a)
{
	int fd = in_memory(d->cookie, d->cookie_len);
	char *path = text_fmt("/proc/self/fd/%d", fd);

	keep(a, fd);
	setenv("XAUTHORITY", path, 1);
	free(path);
}

/*
 * The client as the user runs it, at the user's word, but for the launcher and
 * the cookie. The relay's own path may be longer than a socket's address.
 */
static int
build_weak(const struct sandbox *s, struct args *a, struct fail *f)
{
	char *data = dirs_data(f), *launcher, *relay;
	int i;

	if (data == NULL)
		return -1;
	launcher = text_fmt("%s/" LAUNCHER, data);
	relay = text_fmt("/proc/self/fd/%d/relay", s->folder);
	if (s->display->cookie != NULL)
		give_cookie(s->display, a);
	for (i = 0; environment[i][0] != NULL; i++)
		if (strncmp(environment[i][0], "XPRA_", 5) == 0)
			setenv(environment[i][0], environment[i][1], 1);
	add_3(a, "/usr/bin/python3", "-I", launcher);
	keep(a, s->folder);
	add(a, relay);
	add(a, s->spec);
	free(relay);
	free(launcher);
	free(data);
	return 0;
}

/* What the caller left open is nobody's in there. */
static void
keep_only(const int *fds, int n, int more)
{
	int i;

	if (close_range(3, ~0u, CLOSE_RANGE_CLOEXEC) < 0)
		_exit(126);
	for (i = 0; i < n; i++)
		fcntl(fds[i], F_SETFD, 0);
	if (more >= 0)
		fcntl(more, F_SETFD, 0);
}

static void
child(const struct sandbox *s, const struct args *a, pid_t parent)
{
	int null = open("/dev/null", O_RDONLY);
	sigset_t none;

	setsid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	dup2(null, 0);
	dup2(s->log, 1);
	dup2(s->log, 2);
	keep_only(a->fds, a->nfds, s->keep);
	execvp(a->v[0], a->v);
	dprintf(2, "lxg: no %s: %s\n", a->v[0], strerror(errno));
	_exit(127);
}

pid_t
sandbox_start(const struct sandbox *s, struct fail *f)
{
	struct args a = {.n = 0, .nfds = 0};
	pid_t pid, parent = getpid();

	if ((s->weak ? build_weak(s, &a, f) : build(s, &a, f)) < 0)
		return -1;
	pid = fork();
	if (pid < 0)
		return fail_errno(f, "fork");
	if (pid == 0)
		child(s, &a, parent);
	return pid;
}
