/*
 * A WebSocket of the engine's: frames (frame.h) on a connection of libcurl's,
 * a Unix socket's or TLS. Nothing here waits once it is open.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_WS_H
#define LXG_WS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "fail.h"
#include "http.h"

#define WS_PIECE ((size_t)64 << 10) /* that is sent or read at once */

struct ws;

/*
 * A connection of its own to where http leads, which must outlive it, and what
 * listens at the path there. FAIL_UNAVAILABLE no connection, FAIL_AGAIN no
 * answer in time, FAIL_PROTOCOL an answer that makes no sense.
 */
struct ws *ws_open(struct http *, const char *path, struct fail *);
void ws_close(struct ws *);
int ws_fd(const struct ws *);

/*
 * A piece of what was sent, *data borrowed until the next call; 0 where nothing
 * is there now, which the descriptor polls for. FAIL_UNAVAILABLE where the
 * connection broke. What ws_ended() says of is no failure: the other side has
 * said that it was all.
 */
ssize_t ws_read(struct ws *, const uint8_t **data, struct fail *);
bool ws_ended(const struct ws *);

/* Sends a piece at most, and only where nothing waits to go out before it. */
int ws_send(struct ws *, const void *, size_t, struct fail *);
int ws_send_end(struct ws *, struct fail *); /* as the engines have it */
/* A text, which is lost where there is no room. */
int ws_say(struct ws *, const char *, struct fail *);
int ws_ping(struct ws *, struct fail *);
bool ws_waits(const struct ws *); /* until it polls for writing; then */
int ws_flush(struct ws *, struct fail *);

/* Was a ping answered, or anything else heard, since this was asked last? */
bool ws_heard(struct ws *);

#endif
