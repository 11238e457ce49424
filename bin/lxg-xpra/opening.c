/*
 * What a policy opens of the host. SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "dirs.h"
#include "opening.h"
#include "policy.h"
#include "text.h"
#include "url.h"

#define INSIDE	"/run/lxg"
#define BUS_MS	5000 /* for the D-Bus filter to be ready */
#define BUS	"org.freedesktop.Notifications"
#define AT	"@/org/freedesktop/Notifications"
#define CALL(m) "--call=" BUS "=" m AT
#define WEBCAMS 8
#define MADE_UP 1000

enum {
	NOTIFICATIONS = 2,
	PRINTING = 4,
	FILES = 8,
	URLS = 16,
	WEBCAM = 32,
	OPENGL = 64
};

static const struct {
	const char *key;
	unsigned flag;
} keys[] = {{"notifications", NOTIFICATIONS}, {"printing", PRINTING},
    {"files", FILES}, {"urls", URLS}, {"webcam", WEBCAM}, {"opengl", OPENGL}};

void
opening_choose(struct opening *o, jv config)
{
	size_t i;

	*o = (struct opening){
	    .bus = -1, .filter = -1, .urls = -1, .uid = MADE_UP};
	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (strcmp(policy_get(config, keys[i].key), "off") != 0)
			o->policy |= keys[i].flag;
}

/* Arguments live as long as the process: we are about to start the client. */
static void
add(struct opening *o, const char *option, const char *from, const char *to)
{
	if (o->n > OPENING_ARGS - 4)
		errx(EX_SOFTWARE, "more openings than there is room for");
	o->args[o->n++] = option;
	o->args[o->n++] = text_fmt("%s", from);
	o->args[o->n++] = text_fmt("%s", to);
}

/* The filter lets one service through, and of it what a notification needs. */
static void
run_bus_filter(const char *address, int dir, int ready)
{
	char *fd = text_fmt("--fd=%d", ready);
	char *path = text_fmt("/proc/self/fd/%d/bus", dir);

	int null = open("/dev/null", O_RDWR);

	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	fcntl(dir, F_SETFD, 0);
	fcntl(ready, F_SETFD, 0);
	execlp("xdg-dbus-proxy", "xdg-dbus-proxy", fd, address, path,
	    "--filter", CALL(BUS ".Notify"), CALL(BUS ".CloseNotification"),
	    CALL(BUS ".GetCapabilities"), CALL(BUS ".GetServerInformation"),
	    CALL("org.freedesktop.DBus.Introspectable.Introspect"),
	    "--broadcast=" BUS "=" BUS ".*" AT, (char *)NULL);
	_exit(127);
}

/* It says that it is ready by a byte, and ends when our side is closed. */
static bool
start_bus_filter(struct opening *o, const char *address, int dir)
{
	struct pollfd p;
	int pair[2];
	char byte;

	unlinkat(dir, "bus", 0);
	if (pipe2(pair, O_CLOEXEC) < 0)
		return false;
	o->filter = fork();
	if (o->filter == 0)
		run_bus_filter(address, dir, pair[1]);
	close(pair[1]);
	o->bus = pair[0];
	p = (struct pollfd){.fd = pair[0], .events = POLLIN};
	return poll(&p, 1, BUS_MS) == 1 && read(pair[0], &byte, 1) == 1;
}

static void
open_bus(struct opening *o, const char *name, const struct runtime *t)
{
	const char *address = getenv("DBUS_SESSION_BUS_ADDRESS");
	const char *run = getenv("XDG_RUNTIME_DIR");
	char *usual = text_fmt("unix:path=%s/bus", run != NULL ? run : "");
	char *path = text_fmt("%s/bus", t->path);

	if (address == NULL)
		address = usual;
	if (start_bus_filter(o, address, t->dir)) {
		o->uid = getuid(); /* it says which, and must be believed */
		add(o, "--ro-bind", path, INSIDE "/bus");
		add(o, "--setenv", "DBUS_SESSION_BUS_ADDRESS",
		    "unix:path=" INSIDE "/bus");
	} else
		warnx("%s: no notifications: xdg-dbus-proxy can't reach a "
		      "session bus",
		    name);
	free(usual);
	free(path);
}

/* Each instance's in a folder of its own, which stays when the instance goes.
 */
static int
open_files(struct opening *o, const char *name, struct fail *f)
{
	const char *downloads = getenv("XDG_DOWNLOAD_DIR");
	const char *home = getenv("HOME");
	char *path;
	int dir;

	if (downloads != NULL && *downloads == '/')
		path = text_fmt("%s/%s", downloads, name);
	else
		path = text_fmt("%s/Downloads/%s", home ? home : "", name);
	dir = dirs_open(path, f);
	if (dir >= 0) {
		close(dir);
		add(o, "--bind", path, "/home/lxg/Downloads");
	}
	free(path);
	return dir < 0 ? -1 : 0;
}

/* What devices a machine has, bubblewrap sees for itself. */
static void
open_devices(struct opening *o)
{
	char device[16];
	int i;

	if (o->policy & PRINTING)
		add(o, "--ro-bind-try", "/run/cups/cups.sock",
		    "/run/cups/cups.sock");
	for (i = 0; i < WEBCAMS && (o->policy & WEBCAM); i++) {
		snprintf(device, sizeof(device), "/dev/video%d", i);
		add(o, "--dev-bind-try", device, device);
	}
	if (o->policy & OPENGL) {
		add(o, "--dev-bind-try", "/dev/dri", "/dev/dri");
		add(o, "--ro-bind-try", "/sys/dev", "/sys/dev");
		add(o, "--ro-bind-try", "/sys/devices", "/sys/devices");
	}
}

int
opening_make(struct opening *o, const struct rec *r, const struct runtime *t,
    struct fail *f)
{
	const char *name = rec_str(r, "instance", f);

	if (name == NULL)
		return -1;
	if (o->policy & NOTIFICATIONS)
		open_bus(o, name, t);
	open_devices(o);
	if (o->policy & FILES && open_files(o, name, f) < 0)
		return -1;
	return opening_urls(o, f);
}

int
opening_urls(struct opening *o, struct fail *f)
{
	if (o->policy & URLS && (o->urls = url_opener()) < 0)
		return fail_errno(f, "the opener of addresses");
	return 0;
}

void
opening_started(struct opening *o)
{
	if (o->urls >= 0)
		close(o->urls);
	o->urls = -1;
}

void
opening_end(struct opening *o)
{
	opening_started(o);
	if (o->bus >= 0)
		close(o->bus);
	o->bus = -1;
	if (o->filter > 0)
		kill(o->filter, SIGKILL);
	o->filter = -1;
}
