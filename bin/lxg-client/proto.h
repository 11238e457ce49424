/*
 * A session with an xpra server: bytes in, calls of ui.h and ask.h out, bytes
 * out. No I/O of its own, nothing of X. All that the server sends is hostile:
 * each length, depth and count has a bound that is checked before memory is
 * taken for it. SPDX-License-Identifier: ISC
 */
#ifndef LXG_CLIENT_PROTO_H
#define LXG_CLIENT_PROTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fail.h"
#include "host.h"
#include "ui.h"

struct ask;
struct proto;

/* What the instance may; what is off is not offered to the server. */
struct proto_config {
	const char *title; /* a pattern with @title@ */
	bool later;	   /* rencodeplus and nested hello (server 5 and on) */
	bool clip_in, clip_out; /* host to instance, instance to host */
	bool bell, tray, notifications, printing, files, urls;
};

/* The host has to be known before the hello goes out. Never NULL. */
struct proto *proto_new(const struct proto_config *, const struct host *,
    struct ui *, struct ask *);
void proto_free(struct proto *);

/*
 * Bytes of the server's, any number of them. -1 where the session is over:
 * FAIL_NONE and a reason where the server ended it, FAIL_PROTOCOL and
 * a line that names packet and reason where it is malformed or breaks a limit,
 * FAIL_CONFIG for a server of a version that can't be served.
 */
int proto_feed(struct proto *, const uint8_t *, size_t, struct fail *);

/* What is to be sent: *data is borrowed until the next call. */
size_t proto_pending(const struct proto *, const uint8_t **data);
void proto_sent(struct proto *, size_t);

/* More than this not taken by the server: it isn't read from for now. */
#define PROTO_OUT_MAX (4u << 20)

/* The host's layout, group, screens or dpi have changed. */
void proto_host(struct proto *, const struct host *);

/* The icon that ask_icon told of was clicked, at that place of the screen; -1:
 * where it was last. */
void proto_click(struct proto *, uint32_t wid, unsigned button, int x, int y);

/* Milliseconds of CLOCK_MONOTONIC until proto_tick wants to be called, -1. */
int proto_wait(const struct proto *, long long now);
void proto_tick(struct proto *, long long now);

/* The user leaves: keys are released, a disconnect is queued. */
void proto_leave(struct proto *, const char *why);

/* Has the server said hello? Else it may be one of the other dialect. */
bool proto_greeted(const struct proto *);

/* Have all windows of a first moment been there, complete? For benchmarks. */
unsigned proto_windows(const struct proto *);

#endif
