/*
 * One loop on poll(2): the server, the display, the monitor, signals.
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "clock.h"
#include "host_watch.h"
#include "monitor.h"
#include "pages.h"

#define PIECE	 (256u << 10)
#define ROUNDS	 16   /* of pieces; then others have their turn */
#define LEAVE_MS 1000 /* for the last words */
#define OLDEST	 3    /* versions of xpra that there is a dialect for */
#define LATER	 5
#define NEWEST	 6

enum { SERVER, DISPLAY, MONITOR, HOST, SIGNAL, FDS };

int
client_version(struct client *c, const char *version, struct fail *f)
{
	int major = atoi(version);

	if (major < OLDEST || major > NEWEST)
		return fail_set(f, FAIL_CONFIG,
		    "the server is xpra %.30s: those from %d to %d can be "
		    "shown",
		    version, OLDEST, NEWEST);
	c->offer.later = major >= LATER;
	return 0;
}

static void
greet(struct client *c)
{
	c->proto = proto_new(&c->offer, &c->host, c->ui, c->ask);
	ui_listen(c->ui, c->proto);
}

/* What the server takes of what is there for it. */
static int
send_to_server(struct client *c, struct fail *f)
{
	const uint8_t *data;
	size_t len;
	ssize_t n;

	while (c->proto != NULL && (len = proto_pending(c->proto, &data)) > 0) {
		n = send(c->server, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n < 0)
			return fail_set(f, FAIL_NONE,
			    "the server has closed the connection");
		proto_sent(c->proto, (size_t)n);
	}
	return 0;
}

/* The other dialect, to the connection that was made for it. */
static bool
try_second(struct client *c)
{
	if (c->second < 0 || proto_greeted(c->proto))
		return false;
	proto_free(c->proto);
	close(c->server);
	c->server = c->second;
	c->second = -1;
	c->offer.later = !c->offer.later;
	greet(c);
	return true;
}

static int
hear_server(struct client *c, struct fail *f)
{
	static uint8_t data[PIECE];
	int rounds = ROUNDS, ret = 0;
	ssize_t n = PIECE; /* less than that: there is no more for now */

	while (ret == 0 && rounds-- > 0 && n == (ssize_t)PIECE &&
	       ask_pending(c->ask) < ASK_FULL) {
		n = recv(c->server, data, sizeof(data), MSG_DONTWAIT);
		if (n > 0)
			ret = proto_feed(c->proto, data, (size_t)n, f);
		else if (n == 0 || (errno != EAGAIN && errno != EINTR))
			ret = fail_set(f, FAIL_NONE,
			    "the server has closed the connection");
	}
	if (ret < 0 && try_second(c))
		return 0;
	if (c->second >= 0 && proto_greeted(c->proto)) {
		close(c->second);
		c->second = -1;
	}
	return ret;
}

static int
hear_monitor(struct client *c, struct fail *f)
{
	struct monitor_news news;

	if (ask_read(c->ask, &news, f) < 0)
		return -1;
	if (news.host) {
		c->host = news.h;
		if (c->proto != NULL)
			proto_host(c->proto, &c->host);
	}
	for (unsigned i = 0; c->proto != NULL && i < news.clicks; i++)
		proto_click(c->proto, news.click[i].id, news.click[i].button,
		    news.click[i].x, news.click[i].y);
	if (news.server < 0 || c->server >= 0)
		return 0;
	c->server = news.server;
	if (client_version(c, news.version, f) < 0)
		return -1;
	greet(c);
	return 0;
}

/* Of our own connection, where there is no monitor. */
static int
hear_host(struct client *c, struct fail *f)
{
	int news = host_read(c->watch, &c->host, f);

	if (news > 0 && c->proto != NULL)
		proto_host(c->proto, &c->host);
	return news < 0 ? -1 : 0;
}

static short
server_events(const struct client *c)
{
	const uint8_t *data;
	size_t left;
	short e = 0;

	if (c->proto == NULL)
		return 0;
	left = proto_pending(c->proto, &data);
	/* who takes nothing is given nothing to answer */
	if (left < PROTO_OUT_MAX && ask_pending(c->ask) < ASK_FULL &&
	    !ui_wants_write(c->ui))
		e |= POLLIN;
	if (left > 0)
		e |= POLLOUT;
	return e;
}

static void
loop_events(const struct client *c, struct pollfd p[FDS])
{
	p[SERVER] = (struct pollfd){.fd = c->proto != NULL ? c->server : -1,
	    .events = server_events(c)};
	/* nobody is there yet to be told what the display tells */
	p[DISPLAY] = (struct pollfd){
	    .fd = c->proto != NULL ? ui_fd(c->ui) : -1, .events = POLLIN};
	if (ui_wants_write(c->ui))
		p[DISPLAY].events |= POLLOUT;
	p[MONITOR] = (struct pollfd){.fd = ask_fd(c->ask), .events = POLLIN};
	if (ask_pending(c->ask) > 0)
		p[MONITOR].events |= POLLOUT;
	p[HOST] = (struct pollfd){
	    .events = POLLIN, .fd = c->watch != NULL ? host_fd(c->watch) : -1};
	p[SIGNAL] = (struct pollfd){.fd = c->wake, .events = POLLIN};
}

/* Of two waits the shorter one; -1 is for ever. */
static int
sooner(int a, int b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

static int
ticks(struct client *c, int *ms, struct fail *f)
{
	long long now = clock_ms();

	if (c->proto != NULL && proto_wait(c->proto, now) == 0)
		proto_tick(c->proto, now);
	if (send_to_server(c, f) < 0 && !try_second(c))
		return -1;
	if (ui_flush(c->ui, f) < 0)
		return -1;
	*ms = -1;
	if (c->proto == NULL)
		return 0;
	*ms = ui_wait(c->ui, now);
	if (*ms == 0 && ui_step(c->ui, f) < 0)
		return -1;
	*ms = sooner(*ms, proto_wait(c->proto, now));
	return 0;
}

/* The server's last words count more than that it is gone. */
static int
loop_step(struct client *c, struct fail *f)
{
	struct pollfd p[FDS];
	int ms;

	if (ticks(c, &ms, f) < 0)
		return -1;
	loop_events(c, p);
	if (poll(p, FDS, ms) < 0)
		return 0; /* by a signal, whose byte is there now */
	if (p[SIGNAL].revents != 0)
		return fail_set(f, FAIL_NONE, "detached");
	/* pixels are for the display first, what is typed for the server */
	if (p[SERVER].revents & (POLLIN | POLLHUP | POLLERR) &&
	    (hear_server(c, f) < 0 || ui_flush(c->ui, f) < 0))
		return -1;
	if ((p[DISPLAY].revents != 0 || ms >= 0) && c->proto != NULL &&
	    ui_step(c->ui, f) < 0)
		return -1;
	if (p[MONITOR].revents & POLLOUT)
		ask_flush(c->ask);
	if (p[MONITOR].revents & (POLLIN | POLLHUP | POLLERR) &&
	    hear_monitor(c, f) < 0)
		return -1;
	if (p[HOST].revents != 0)
		return hear_host(c, f);
	return 0;
}

/* Keys that are down there are released, and the server is told. */
static void
leave(struct client *c)
{
	struct fail ignored;
	const uint8_t *data;
	long long end = clock_ms() + LEAVE_MS, left = LEAVE_MS;
	struct pollfd p = {.fd = c->server, .events = POLLOUT};

	if (c->proto == NULL)
		return;
	proto_leave(c->proto, "detached");
	while (send_to_server(c, &ignored) == 0 &&
	       proto_pending(c->proto, &data) > 0 && left > 0) {
		(void)poll(&p, 1, (int)left);
		left = end - clock_ms();
	}
}

int
client_loop(struct client *c, struct fail *f)
{
	if (c->server >= 0)
		greet(c);
	pages_give_back();
	while (loop_step(c, f) == 0)
		;
	leave(c);
	return -1;
}
