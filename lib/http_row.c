/*
 * Requests in a row, on a connection of libcurl's, which has no way for them
 * itself. SPDX-License-Identifier: ISC
 */
#include <curl/curl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http_row.h"
#include "mem.h"
#include "patience.h"
#include "sig.h"
#include "text.h"

#define HEAD_MAX   ((size_t)16 << 10)
#define PIECE	   ((size_t)16 << 10) /* that is read at once */
#define CHUNK_LINE 32		      /* of a chunk's length */

struct http_row {
	CURL *curl;
	int fd;
	char *in; /* what came, and was not taken yet */
	size_t len, size;
};

/* What is at the front of what came. */
struct front {
	const char *head; /* NUL behind it, once it is whole */
	size_t at, len;	  /* of what is behind that */
	size_t max;
	const char *data;
};

struct http_row *
http_row_open(struct http *h, struct fail *f)
{
	struct http_row *row = mem_need(calloc(1, sizeof(*row)));
	curl_socket_t fd = CURL_SOCKET_BAD;

	if ((row->curl = http_connect(h, f)) == NULL) {
		free(row);
		return NULL;
	}
	curl_easy_getinfo(row->curl, CURLINFO_ACTIVESOCKET, &fd);
	row->fd = fd;
	return row;
}

void
http_row_close(struct http_row *row)
{
	if (row == NULL)
		return;
	curl_easy_cleanup(row->curl);
	free(row->in);
	free(row);
}

/* All of them as they are sent, owned. */
static char *
words_of(const struct http_request *r, size_t n, size_t *len)
{
	char *words = NULL;
	FILE *fp = mem_need(open_memstream(&words, len));
	const char *const *h;
	size_t i;

	for (i = 0; i < n; i++) {
		fprintf(fp, "%s %s HTTP/1.1\r\nHost: engine\r\n", r[i].method,
		    r[i].path);
		for (h = r[i].headers; h != NULL && *h != NULL; h++)
			fprintf(fp, "%s\r\n", *h);
		if (r[i].body != NULL)
			fprintf(fp, "Content-Length: %zu\r\n", r[i].len);
		fputs("\r\n", fp);
		if (r[i].body != NULL)
			fwrite(r[i].body, 1, r[i].len, fp);
	}
	if (fclose(fp) != 0)
		mem_out();
	return words;
}

static int
broken(const char *why, struct fail *f)
{
	return fail_set(
	    f, FAIL_UNAVAILABLE, "the connection to the engine broke: %s", why);
}

static int
senseless(const char *why, struct fail *f)
{
	return fail_set(
	    f, FAIL_PROTOCOL, "the engine's answer makes no sense: %s", why);
}

/* A header's value, borrowed, of *len bytes; NULL: it has none. */
static const char *
header(const char *head, const char *name, size_t *len)
{
	size_t n = strlen(name);
	const char *p = head;

	while ((p = strstr(p, "\r\n")) != NULL) {
		p += 2;
		if (strncasecmp(p, name, n) != 0 || p[n] != ':')
			continue;
		p += n + 1;
		p += strspn(p, " \t");
		*len = strcspn(p, "\r");
		return p;
	}
	return NULL;
}

/* A number at the front of s, with what stands behind it: 0, or -1. */
static int
parse_number(const char *s, int base, const char *ends, size_t max, size_t *n)
{
	unsigned long long all;
	char *end;

	if (strchr("0123456789abcdefABCDEF", *s) == NULL || *s == '\0')
		return -1;
	all = strtoull(s, &end, base);
	if (end == s || strchr(ends, *end) == NULL || all > max)
		return -1;
	*n = (size_t)all;
	return 0;
}

/*
 * A chunk at front->at, appended to the body. 1: that was the last one, 0: it
 * was not, -1 it makes no sense; 2: it is not whole yet.
 */
static int
take_chunk(struct front *front, struct http_answer *a)
{
	const char *p = front->data + front->at;
	size_t left = front->len - front->at, line, n;
	const char *end = memmem(p, left, "\r\n", 2);
	char text[CHUNK_LINE];

	if (end == NULL)
		return left < CHUNK_LINE ? 2 : -1;
	line = (size_t)(end - p);
	if (line >= sizeof(text))
		return -1;
	memcpy(text, p, line);
	text[line] = '\0';
	if (parse_number(text, 16, ";", front->max - a->len, &n) < 0)
		return -1;
	if (left < line + 2 + n + 2)
		return 2;
	p = end + 2;
	if (memcmp(p + n, "\r\n", 2) != 0)
		return -1;
	memcpy(a->body + a->len, p, n);
	a->len += n;
	front->at += line + 2 + n + 2;
	return n == 0 ? 1 : 0;
}

/* 1: the body is whole, 0: it is not; -1. */
static int
take_body(struct front *front, struct http_answer *a)
{
	size_t n = 0, all;
	const char *s = header(front->head, "Transfer-Encoding", &n);
	int got = 0;

	if (s != NULL) {
		if (n != 7 || strncasecmp(s, "chunked", n) != 0)
			return -1;
		while (got == 0)
			got = take_chunk(front, a);
		return got == 2 ? 0 : got;
	}
	s = header(front->head, "Content-Length", &n);
	if (s == NULL || parse_number(s, 10, "\r", front->max, &all) < 0)
		return -1;
	if (front->len - front->at < all)
		return 0;
	memcpy(a->body, front->data + front->at, all);
	a->len = all;
	front->at += all;
	return 1;
}

static void
drop(struct http_answer *a)
{
	free(a->body);
	a->body = NULL;
}

/* 1: an answer was taken from the front of what came; 0: there is none yet. */
static int
take_answer(
    struct http_row *row, size_t max, struct http_answer *a, struct fail *f)
{
	char *end = memmem(row->in, row->len, "\r\n\r\n", 4), *head;
	struct front front = {.data = row->in, .len = row->len, .max = max};
	int got;

	if (end == NULL)
		return row->len < HEAD_MAX ? 0 : senseless("no end", f);
	front.at = (size_t)(end - row->in) + 4;
	front.head = head = text_fmt("%.*s", (int)front.at - 2, row->in);
	*a = (struct http_answer){.body = mem_need(calloc(1, row->len + 1))};
	if (strlen(head) != front.at - 2 ||
	    strncmp(head, "HTTP/1.1 ", 9) != 0 ||
	    (a->status = strtol(head + 9, NULL, 10)) < 200 || a->status > 599)
		got = senseless("no HTTP", f);
	else if ((got = take_body(&front, a)) < 0)
		senseless("no body, or one that is too long", f);
	free(head);
	if (got > 0) {
		row->len -= front.at;
		memmove(row->in, row->in + front.at, row->len);
	} else
		drop(a);
	return got;
}

/* What is there now: 1 where something came, 0 where nothing did. */
static int
receive_more(struct http_row *row, struct fail *f)
{
	CURLcode code;
	size_t n = 0;

	if (row->size - row->len < PIECE) {
		row->size = 2 * row->size + PIECE;
		row->in = mem_need(realloc(row->in, row->size));
	}
	code = curl_easy_recv(row->curl, row->in + row->len, PIECE, &n);
	if (code == CURLE_AGAIN)
		return 0;
	if (code != CURLE_OK)
		return broken(curl_easy_strerror(code), f);
	row->len += n;
	return n > 0 ? 1 : broken("it was closed", f);
}

/* As much of it as goes; *at is how far that is. */
static int
tell(struct http_row *row, const char *words, size_t len, size_t *at,
    struct fail *f)
{
	CURLcode code = CURLE_OK;
	size_t n;

	while (*at < len && code == CURLE_OK) {
		n = 0;
		code = curl_easy_send(row->curl, words + *at, len - *at, &n);
		*at += n;
	}
	return code == CURLE_OK || code == CURLE_AGAIN
		   ? 0
		   : broken(curl_easy_strerror(code), f);
}

static int
wait_for_more(struct http_row *row, bool talks, time_t until, struct fail *f)
{
	struct pollfd p = {
	    .fd = row->fd, .events = (short)(POLLIN | (talks ? POLLOUT : 0))};

	if (sig_caught())
		return fail_set(f, FAIL_INTERRUPTED, "interrupted");
	if (patience_now() > until)
		return fail_set(f, FAIL_AGAIN, "no answer in time");
	poll(&p, 1, 1000);
	return 0;
}

int
http_row_do(struct http_row *row, const struct http_request *r, size_t n,
    long seconds, size_t max, struct http_answer *a, struct fail *f)
{
	size_t len, at = 0, has = 0;
	char *words = words_of(r, n, &len);
	time_t until = patience_now() + seconds;
	int ret = 0, got;

	while (ret >= 0 && has < n) {
		if ((ret = tell(row, words, len, &at, f)) < 0 ||
		    (ret = receive_more(row, f)) < 0)
			break;
		if (ret == 0) {
			ret = wait_for_more(row, at < len, until, f);
			continue;
		}
		until = patience_now() + seconds;
		do
			got = take_answer(row, max, &a[has], f);
		while (got > 0 && ++has < n);
		ret = got;
	}
	free(words);
	while (ret < 0 && has > 0)
		drop(&a[--has]);
	return ret < 0 ? -1 : 0;
}
