/*
 * Requests that go out in a row, on one connection, without a wait for the
 * answer to those before them: that is one round trip, however many they are.
 * The engines do them in their order, and answer so (RFC 9112, 9.3.2).
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_HTTP_ROW_H
#define LXG_HTTP_ROW_H

#include <stddef.h>

#include "http.h"

struct http_row;

/* A connection of its own; the http must outlive it. FAIL_UNAVAILABLE. */
struct http_row *http_row_open(struct http *, struct fail *);
void http_row_close(struct http_row *);

/*
 * What of a request is in memory goes out: method, path, headers, body. Answers
 * of their number, whose bodies are the caller's; on failure none is. seconds
 * is how long nothing may be heard, max how long an answer may be. Fails as
 * http_do(), and the connection is of no more use then.
 */
int http_row_do(struct http_row *, const struct http_request *, size_t n,
    long seconds, size_t max, struct http_answer *, struct fail *);

#endif
