/*
 * drive SOCKET later|flat [WORD]...: a session without a display. What the
 * protocol asks for is printed, a line each; what a display would tell is read
 * from standard input (key, button, motion, focus, place, map, unmap, close,
 * refresh, rigid, owner, want, data, host, leave). WORD: what the policy opens.
 * SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "../../bin/lxg-client/proto.h"
#include "cli.h"
#include "stub.h"

static struct ui ui;
static struct ask ask;
static struct host host = {.w = 1920,
    .h = 1080,
    .mm_w = 508,
    .mm_h = 285,
    .dpi = 96,
    .cursor = 24,
    .n = 1,
    .v = {{0, 0, 1920, 1080, 508, 285, true, "DP-1"}},
    .rules = "evdev",
    .model = "pc105",
    .layout = "us"};

static long long
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void
selection(struct proto *p, const char *verb, char *rest)
{
	char *word[8] = {0};
	int n = 0;
	struct ui_data d = {"UTF8_STRING", 8, NULL, 0};
	static char big[17 << 20];

	for (; n < 8 && (word[n] = strtok(n == 0 ? rest : NULL, " ")); n++)
		;
	if (strcmp(verb, "owner") == 0 && n > 0) {
		on_sel_owner(p, (enum ui_sel)atoi(word[0]),
		    (const char *const *)word + 1, (unsigned)n - 1);
	} else if (strcmp(verb, "want") == 0 && n > 2) {
		on_sel_wanted(p, (enum ui_sel)atoi(word[0]), word[1],
		    (unsigned)atoi(word[2]));
	} else if (n > 1) { /* data NUMBER TEXT, or *SIZE */
		d.data = (const uint8_t *)word[1];
		d.len = strlen(word[1]);
		if (word[1][0] == '*') {
			memset(big, 'x', sizeof(big));
			d.data = (const uint8_t *)big;
			d.len = (size_t)atoi(word[1] + 1);
		}
		on_sel_data(p, (unsigned)atoi(word[0]), &d);
	}
}

/* Numbers, all of them. */
static void
event(struct proto *p, const char *verb, const int *v)
{
	struct ui_place place = {v[1], v[2], (unsigned)v[3], (unsigned)v[4]};
	uint32_t wid = (uint32_t)v[0];

	if (strcmp(verb, "key") == 0)
		on_key(p, wid, (unsigned)v[1], 0, v[2], (unsigned)v[4],
		    (unsigned)v[3]);
	else if (strcmp(verb, "button") == 0)
		on_button(p, wid, (unsigned)v[1], v[2], v[3], v[4], 0);
	else if (strcmp(verb, "motion") == 0)
		on_motion(p, wid, v[1], v[2], (unsigned)v[3]);
	else if (strcmp(verb, "focus") == 0)
		on_focus(p, wid);
	else if (strcmp(verb, "place") == 0)
		on_configure(p, wid, &place, (unsigned)v[5]);
	else if (strcmp(verb, "map") == 0)
		on_map(p, wid, &place, (unsigned)v[5]);
	else if (strcmp(verb, "unmap") == 0)
		on_unmap(p, wid);
	else if (strcmp(verb, "close") == 0)
		on_close(p, wid);
	else if (strcmp(verb, "refresh") == 0)
		on_refresh(p, wid);
	else if (strcmp(verb, "rigid") == 0)
		ui.rigid = wid != 0;
	else if (strcmp(verb, "click") == 0)
		proto_click(p, wid, (unsigned)v[1], v[2], v[3]);
	else if (strcmp(verb, "leave") == 0)
		proto_leave(p, "done");
}

static void
command(struct proto *p, char *line)
{
	int v[6] = {0};
	char *rest = line + strcspn(line, " ");

	if (*rest != '\0')
		*rest++ = '\0';
	if (strcmp(line, "host") == 0) { /* host LAYOUT WIDTH */
		if (sscanf(rest, "%255s %u", host.layout, &host.w) == 2)
			proto_host(p, &host);
	} else if (strcmp(line, "owner") == 0 || strcmp(line, "want") == 0 ||
		   strcmp(line, "data") == 0) {
		selection(p, line, rest);
	} else {
		sscanf(rest, "%d %d %d %d %d %d", &v[0], &v[1], &v[2], &v[3],
		    &v[4], &v[5]);
		event(p, line, v);
	}
}

/* Lines of standard input: false at its end. */
static bool
commands(struct proto *p)
{
	static char buf[4096];
	static size_t n;
	ssize_t got = read(STDIN_FILENO, buf + n, sizeof(buf) - 1 - n);
	char *end;

	if (got <= 0)
		return false;
	n += (size_t)got;
	buf[n] = '\0';
	while ((end = strchr(buf, '\n')) != NULL) {
		*end++ = '\0';
		command(p, buf);
		n -= (size_t)(end - buf);
		memmove(buf, end, n + 1);
	}
	return true;
}

static int
dial(const char *path)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strncpy(sun.sun_path, path, sizeof(sun.sun_path) - 1);
	if (fd == -1 || connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1)
		err(EX_UNAVAILABLE, "%s", path);
	return fd;
}

static void
flush(struct proto *p, int fd)
{
	const uint8_t *data;
	size_t n = proto_pending(p, &data);
	ssize_t done;

	if (n == 0)
		return;
	done = send(fd, data, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (done > 0)
		proto_sent(p, (size_t)done);
}

static void
run(struct proto *p, int fd)
{
	struct pollfd v[2] = {{.fd = fd}, {.fd = STDIN_FILENO}};
	static uint8_t buf[1 << 20];
	const uint8_t *data;
	struct fail f;
	ssize_t n;

	v[1].events = POLLIN;
	for (;;) {
		v[0].events = proto_pending(p, &data) > 0 ? POLLOUT : 0;
		if (proto_pending(p, &data) < PROTO_OUT_MAX)
			v[0].events |= POLLIN;
		poll(v, 2, proto_wait(p, now()));
		proto_tick(p, now());
		if (v[1].revents != 0 && !commands(p))
			v[1].fd = -1;
		if (v[0].revents & (POLLIN | POLLHUP)) {
			n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
			if (n == 0)
				errx(EX_OK, "the server has gone");
			if (n > 0 && proto_feed(p, buf, (size_t)n, &f) == -1)
				errx(cli_code(f.kind), "%s", f.text);
		}
		stub_step(&ui);
		flush(p, fd);
	}
}

int
main(int argc, char *argv[])
{
	struct proto_config c = {.title = "[t] @title@"};
	struct {
		const char *name;
		bool *flag;
	} words[] = {{"in", &c.clip_in}, {"out", &c.clip_out},
	    {"bell", &c.bell}, {"tray", &c.tray}, {"notes", &c.notifications},
	    {"print", &c.printing}, {"files", &c.files}, {"urls", &c.urls}};
	struct proto *p;

	if (argc < 3)
		errx(EX_USAGE, "usage: drive SOCKET later|flat [WORD]...");
	for (int i = 3; i < argc; i++)
		for (size_t k = 0; k < sizeof(words) / sizeof(*words); k++)
			*words[k].flag |= strcmp(argv[i], words[k].name) == 0;
	c.later = strcmp(argv[2], "later") == 0;
	ui.out = ask.out = stdout;
	p = proto_new(&c, &host, &ui, &ask);
	ui_listen(&ui, p);
	run(p, dial(argv[1]));
}
