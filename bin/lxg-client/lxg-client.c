/*
 * Shows the windows of an xpra server on $DISPLAY. All that needs rights is
 * done first, then it locks itself in, then comes the server's first byte.
 * SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#include "cli.h"
#include "client.h"
#include "color.h"
#include "host_watch.h"
#include "lock.h"
#include "monitor.h"
#include "pages.h"
#include "text.h"

#define BORDER	   4
#define BORDER_MAX 64

static int wake[2]; /* signals arrive here */

static void
usage(void)
{
	fprintf(stderr,
	    "usage: lxg-client [-b COLOR[,WIDTH]] [-c CLASS] [-i ICON] "
	    "[-p KEY=VALUE]...\n"
	    "                  [-t TITLE] [-V VERSION] [-C FD] SOCKET | -F FD\n"
	    "       lxg-client -n | -w\n");
	exit(EX_USAGE);
}

static uint32_t
color_of(const char *s)
{
	uint32_t color;

	if (!color_parse(s, strlen(s), &color))
		errx(EX_USAGE, "-b %s: no colour: #rrggbb, or a name like red",
		    s);
	return color;
}

static int
option_number(const char *option, const char *s, int max)
{
	const char *why;
	int n = (int)strtonum(s, 0, max, &why);

	if (why != NULL)
		errx(EX_USAGE, "-%s %s: %s", option, s, why);
	return n;
}

static void
set_border(struct ui_config *look, const char *option)
{
	char *s = text_fmt("%s", option), *width = strchr(s, ',');

	if (width != NULL)
		*width++ = '\0';
	look->color = color_of(s);
	if (width != NULL)
		look->border = (unsigned)option_number("b", width, BORDER_MAX);
}

static bool
option_is_on(const char *option, const char *value)
{
	if (strcmp(value, "on") != 0 && strcmp(value, "off") != 0)
		errx(EX_USAGE, "-p %s=%s: on or off", option, value);
	return value[1] == 'n';
}

static void
set_clipboard(struct client *c, const char *way)
{
	bool both = strcmp(way, "both") == 0;

	if (!both && strcmp(way, "in") != 0 && strcmp(way, "out") != 0 &&
	    strcmp(way, "off") != 0)
		errx(EX_USAGE, "-p clipboard=%s: off, in, out or both", way);
	c->offer.clip_in = c->look.clip_in = both || strcmp(way, "in") == 0;
	c->offer.clip_out = c->look.clip_out = both || strcmp(way, "out") == 0;
}

static void
set_policy(struct client *c, const char *option)
{
	struct proto_config *o = &c->offer;
	const struct {
		const char *name;
		bool *to;
	} keys[] = {{"bell", &o->bell}, {"tray", &o->tray},
	    {"notifications", &o->notifications}, {"printing", &o->printing},
	    {"files", &o->files}, {"urls", &o->urls}};
	char *s = text_fmt("%s", option), *value = strchr(s, '=');
	size_t i;

	if (value == NULL)
		errx(EX_USAGE, "-p %s: no KEY=VALUE", s);
	*value++ = '\0';
	if (strcmp(s, "clipboard") == 0) {
		set_clipboard(c, value);
		return;
	}
	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (strcmp(keys[i].name, s) == 0) {
			*keys[i].to = option_is_on(s, value);
			return;
		}
	errx(EX_USAGE, "-p %s: no such key", s);
}

static void
on_signal(int signo)
{
	static volatile sig_atomic_t before;
	int e = errno;

	(void)signo;
	if (before++ > 0) /* the display may not answer any more */
		_exit(0);
	if (write(wake[1], "", 1) < 0)
		_exit(0);
	errno = e;
}

/* SIGINT also where a shell started us with &; SIGHUP not below nohup(1). */
static void
catch_signals(void)
{
	static const int all[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction act = {.sa_handler = on_signal}, before;
	sigset_t none;
	size_t i;

	if (pipe2(wake, O_CLOEXEC | O_NONBLOCK) < 0)
		err(EX_OSERR, "pipe");
	signal(SIGPIPE, SIG_IGN);
	for (i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (all[i] != SIGHUP || sigaction(SIGHUP, NULL, &before) < 0 ||
		    before.sa_handler != SIG_IGN)
			sigaction(all[i], &act, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void
die(const struct fail *f)
{
	if (f->kind != FAIL_NONE)
		warnx("%s", f->text);
	exit(cli_code(f->kind));
}

/* One that is too long for a socket's address is called by its inode. */
static int
connect_to(const char *path)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), inode = -1;

	if (strlcpy(sun.sun_path, path, sizeof(sun.sun_path)) >=
	    sizeof(sun.sun_path)) {
		if ((inode = open(path, O_PATH | O_CLOEXEC)) < 0)
			err(EX_UNAVAILABLE, "%s", path);
		snprintf(sun.sun_path, sizeof(sun.sun_path), "/proc/self/fd/%d",
		    inode);
	}
	if (s < 0 || connect(s, (struct sockaddr *)&sun, sizeof(sun)) < 0)
		err(EX_UNAVAILABLE, "%s", path);
	if (inode >= 0)
		close(inode);
	return s;
}

/* What the options say of the server: one that is there, or will be. */
struct way {
	const char *path, *version;
	int inherited, control;
};

static void
find_server(struct client *c, const struct way *w)
{
	if (w->inherited >= 0)
		c->server = w->inherited;
	if (w->path == NULL)
		return;
	c->server = connect_to(w->path);
	if (w->version == NULL) {
		c->second = connect_to(w->path);
		c->offer.later = true;
	}
}

static void
learn_host(struct client *c, const struct way *w)
{
	struct monitor_news news;
	struct fail f;
	int ret;

	if ((c->ask = ask_new(w->control)) == NULL)
		err(EX_OSERR, NULL);
	if (w->control < 0) {
		ret = host_open(&c->watch, &f);
		if (ret == 0)
			ret = host_read(c->watch, &c->host, &f);
	} else if ((ret = ask_begin(c->ask, &news, &f)) == 0) {
		c->host = news.h;
		c->server = news.server; /* where it was the faster one */
		if (news.server >= 0)
			ret = client_version(c, news.version, &f);
	}
	if (ret < 0)
		die(&f);
}

static int
lock_client(const struct client *c, struct fail *f)
{
	const int keep[] = {c->server, c->second, c->wake, wake[1],
	    ui_fd(c->ui), ask_fd(c->ask),
	    c->watch != NULL ? host_fd(c->watch) : -1};

	if (lock_in(keep, sizeof(keep) / sizeof(*keep), f) < 0)
		return -1;
	ask_locked(c->ask);
	return 0;
}

static void
show(struct client *c, const struct way *w)
{
	struct fail f;

	catch_signals();
	c->wake = wake[0];
	if (w->version != NULL && client_version(c, w->version, &f) < 0)
		die(&f);
	learn_host(c, w);
	if (ui_open(&c->ui, &c->look, &f) < 0)
		die(&f);
	find_server(c, w);
	if (lock_client(c, &f) == 0)
		client_loop(c, &f);
	if (ask_fd(c->ask) >= 0)
		ask_bye(c->ask, &f);
	/* the display's own cleaning up would need what is locked */
	die(&f);
}

/*
 * -n, -w: what would be told to a server, and whether cookies can be untrusted.
 * A clock that who began us has set is for the first line.
 */
static void
print_host(bool on)
{
	struct host_watch *w;
	struct host h;
	struct fail f;
	struct pollfd p = {.events = POLLIN};
	int news = host_open(&w, &f);

	if (news == 0)
		p.fd = host_fd(w);
	for (; news >= 0; poll(&p, 1, -1)) {
		if ((news = host_read(w, &h, &f)) <= 0)
			continue;
		jv_dump(jv_object_set(host_json(&h), jv_string("security"),
			    jv_bool(host_has_security(w))),
		    JV_PRINT_ASCII);
		if (printf("\n") < 0 || fflush(stdout) != 0)
			err(EX_IOERR, "standard output");
		if (!on)
			exit(0);
		alarm(0);
		pages_give_back();
	}
	die(&f);
}

static void
long_option(int c)
{
	if (c == 'v')
		printf("lxg-client %s\n", VERSION);
	else if (c == 'h')
		printf("usage: lxg-client [OPTION]... SOCKET: see "
		       "lxg-client(1)\n");
	else
		usage();
	if (fclose(stdout) != 0)
		err(EX_IOERR, "standard output");
	exit(0);
}

int
main(int argc, char **argv)
{
	static const struct option longs[] = {{"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'v'}, {NULL, 0, NULL, 0}};
	struct client c = {.server = -1,
	    .second = -1,
	    .offer = {.title = "@title@"},
	    .look = {.class = "lxg", .color = 0x808080, .border = BORDER}};
	struct way w = {.inherited = -1, .control = -1};
	int o;

	while ((o = getopt_long(
		    argc, argv, "+hnwb:c:i:p:t:C:F:V:", longs, NULL)) != -1)
		switch (o) {
		case 'b':
			set_border(&c.look, optarg);
			break;
		case 'c':
			c.look.class = optarg;
			break;
		case 'i':
			c.look.icon = optarg;
			break;
		case 'p':
			set_policy(&c, optarg);
			break;
		case 't':
			c.offer.title = optarg;
			break;
		case 'n':
		case 'w':
			print_host(o == 'w');
			break;
		case 'C':
			w.control = option_number("C", optarg, 1 << 20);
			break;
		case 'F':
			w.inherited = option_number("F", optarg, 1 << 20);
			break;
		case 'V':
			w.version = optarg;
			break;
		default:
			long_option(o);
		}
	if (optind < argc)
		w.path = argv[optind++];
	if (optind < argc ||
	    (w.path != NULL) + (w.inherited >= 0) + (w.control >= 0) != 1)
		usage();
	c.look.bell = c.offer.bell;
	c.look.tray = c.offer.tray;
	show(&c, &w);
}
