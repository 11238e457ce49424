/*
 * Bytes both ways between the client's connection and the server's. The client
 * may connect first: it is held until there is a server.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_RELAY_H
#define LXG_XPRA_RELAY_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

struct relay_way {
	int pipe[2];
	size_t held; /* in the pipe */
};

struct relay {
	int listener, client, server; /* -1 where there is none */
	struct relay_way up, down;    /* client to server, and back */
	enum { RELAY_OPEN, RELAY_CLIENT_GONE, RELAY_SERVER_GONE } state;
};

void relay_init(struct relay *, int listener); /* takes the listener */
void relay_free(struct relay *);

#define RELAY_FDS 3

/* What to poll for, and what to do with the answer. */
void relay_want(const struct relay *, struct pollfd[RELAY_FDS]);
void relay_do(struct relay *, const struct pollfd[RELAY_FDS]);

#endif
