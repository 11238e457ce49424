/*
 * HTTP over a Unix socket, or to a remote by TLS: libcurl, bounded and
 * interruptible.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_HTTP_H
#define LXG_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "fail.h"
#include "remote.h"

struct http;

struct http_request {
	const char *method, *path; /* path with its query, escaped */
	const char *const
	    *headers;	  /* "Name: value", NULL at the end; or NULL */
	const char *body; /* or NULL */
	size_t len;
	FILE *from;    /* or the body as it is read from there, to its end */
	FILE *to;      /* or NULL: a good answer of a file goes there instead */
	size_t max;    /* a longer answer is refused (FAIL_PROTOCOL) */
	long timeout;  /* seconds until the whole answer is there */
	bool long_one; /* it may take longer, while something moves */
};

struct http_answer {
	long status;
	char *body; /* owned by the caller, NUL behind it */
	size_t len;
	char etag[96], type[32]; /* type: the engine's header for a file */
	char media[128];	 /* what the body is, as Content-Type has it */
	bool too_long;		 /* set where that is why it failed */
};

struct http *http_open(const char *socket, struct fail *);
/* The remote is borrowed, and outlives it; FAIL_CONFIG as tls_new() has it. */
struct http *http_open_remote(const struct remote *, struct fail *);
void http_close(struct http *);

/*
 * FAIL_UNAVAILABLE no connection, FAIL_AGAIN timed out or FAIL_INTERRUPTED by a
 * signal, FAIL_PROTOCOL cut short, FAIL_IO where what it takes or gives can't
 * be read or written.
 */
int http_do(struct http *, const struct http_request *, struct http_answer *,
    struct fail *);

/*
 * A connection of its own there, a CURL for curl_easy_send(3) and what belongs
 * to it; owned. NULL: FAIL_UNAVAILABLE.
 */
void *http_connect(struct http *, struct fail *);

/* Is it what it was asked for, and not a folder's list, or where a link goes?
 */
bool http_is_plain(const struct http_answer *);

/* Escaped for use in a query; owned. */
char *http_escape(const char *);

#endif
