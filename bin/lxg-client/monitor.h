/*
 * The socket to the monitor, who has the rights that this process gave away:
 * lines of JSON both ways, and the server's connection. It implements ask.h.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_CLIENT_MONITOR_H
#define LXG_CLIENT_MONITOR_H

#include <stdbool.h>
#include <stddef.h>

#include "ask.h"
#include "fail.h"
#include "host.h"

/* Of these bytes not taken, nothing more is read from the server for now. */
#define ASK_FULL (1u << 20)

#define NEWS_CLICKS 8

/* On an icon in the tray, and where on the screen. */
struct monitor_click {
	uint32_t id;
	unsigned button;
	int x, y;
};

struct monitor_news {
	bool host; /* h is another one */
	struct host h;
	int server;	  /* its connection, or -1 */
	char version[32]; /* of the server, with it */
	unsigned clicks;
	struct monitor_click click[NEWS_CLICKS];
};

/* fd -1: there is no monitor; what is asked for is said on standard error. */
struct ask *ask_new(int fd);
int ask_fd(const struct ask *);
void ask_free(struct ask *);

/* Waits for the first line, which has to be of the host. */
int ask_begin(struct ask *, struct monitor_news *, struct fail *);

/* What has come: 1, 0 for nothing; -1 (0) where the monitor is gone. */
int ask_read(struct ask *, struct monitor_news *, struct fail *);

size_t ask_pending(const struct ask *);
void ask_flush(struct ask *);

/* That nothing was done before the lock, and that it ends. */
void ask_locked(struct ask *);
void ask_bye(struct ask *, const struct fail *);

#endif
