/*
 * Bytes both ways between the client's connection and the server's, through
 * pipes: splice(2) moves pages, and copies nothing through us.
 * SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "relay.h"

#define ROUNDS 32	  /* then whatever else there is to do has its turn */
#define SIZE   (1u << 20) /* of a way, where the user may have as much */

static void
init_way(struct relay_way *w)
{
	w->held = 0;
	if (pipe2(w->pipe, O_CLOEXEC | O_NONBLOCK) < 0)
		err(EX_OSERR, "relay");
	fcntl(w->pipe[1], F_SETPIPE_SZ, SIZE);
}

void
relay_init(struct relay *r, int listener)
{
	r->listener = listener;
	r->client = r->server = -1;
	r->state = RELAY_OPEN;
	init_way(&r->up);
	init_way(&r->down);
}

static void
shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void
relay_free(struct relay *r)
{
	shut(&r->listener);
	shut(&r->client);
	shut(&r->server);
	shut(&r->up.pipe[0]);
	shut(&r->up.pipe[1]);
	shut(&r->down.pipe[0]);
	shut(&r->down.pipe[1]);
}

static short
events(const struct relay_way *in, const struct relay_way *out)
{
	short e = 0;

	if (in->held == 0)
		e |= POLLIN;
	if (out->held > 0)
		e |= POLLOUT;
	return e;
}

void
relay_want(const struct relay *r, struct pollfd p[RELAY_FDS])
{
	bool both = r->client >= 0 && r->server >= 0 && r->state == RELAY_OPEN;

	p[0] = (struct pollfd){.fd = r->listener, .events = POLLIN};
	p[1] = (struct pollfd){.fd = both ? r->client : -1};
	p[2] = (struct pollfd){.fd = both ? r->server : -1};
	if (both) {
		p[1].events = events(&r->up, &r->down);
		p[2].events = events(&r->down, &r->up);
	}
}

/* False where the source's end has come, or an error. */
static bool
fill(struct relay_way *w, int source)
{
	ssize_t n;

	if (w->held > 0)
		return true;
	n = splice(source, NULL, w->pipe[1], NULL, SIZE,
	    SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	w->held = (size_t)n;
	return n > 0;
}

static bool
drain(struct relay_way *w, int sink)
{
	ssize_t n;

	while (w->held > 0) {
		n = splice(w->pipe[0], NULL, sink, NULL, w->held,
		    SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
		if (n <= 0)
			return errno == EAGAIN || errno == EINTR;
		w->held -= (size_t)n;
	}
	return true;
}

/* True while there was something to carry, and it was taken. */
static bool
carry(struct relay *r)
{
	bool up = fill(&r->up, r->client), down = fill(&r->down, r->server);
	bool some = r->up.held > 0 || r->down.held > 0;

	if (!drain(&r->up, r->server) || !down)
		r->state = RELAY_SERVER_GONE;
	if (!drain(&r->down, r->client) || (!up && r->state == RELAY_OPEN))
		r->state = RELAY_CLIENT_GONE;
	if (!down) /* the client may know as well */
		shutdown(r->client, SHUT_WR);
	return some && r->up.held == 0 && r->down.held == 0 &&
	       r->state == RELAY_OPEN;
}

/* The sandbox gets one connection, and there is one client to make it. */
static void
take_client(struct relay *r)
{
	r->client =
	    accept4(r->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (r->client >= 0)
		shut(&r->listener);
}

void
relay_do(struct relay *r, const struct pollfd p[RELAY_FDS])
{
	int rounds = ROUNDS;

	if (p[0].revents != 0 && r->client < 0)
		take_client(r);
	if (p[1].revents != 0 || p[2].revents != 0)
		while (rounds-- > 0 && carry(r))
			;
}
