/*
 * A WebSocket of the engine's. SPDX-License-Identifier: ISC
 */
#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <sha1.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "frame.h"
#include "mem.h"
#include "patience.h"
#include "sig.h"
#include "text.h"
#include "ws.h"

#define ANSWER_MAX 8192 /* of the handshake */
#define ANSWER_S   20
#define ENDING	   (2 * (FRAME_HEAD + FRAME_CONTROL)) /* beside a piece */
#define GUID	   "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
#define BASE64(n)  (((n) + 2) / 3 * 4 + 1)

struct ws {
	CURL *curl;
	int fd;
	struct frame_reader reader;
	uint8_t in[WS_PIECE], out[WS_PIECE + FRAME_HEAD + ENDING];
	size_t at, end;	   /* what of in was not looked at yet */
	size_t sent, full; /* of out */
	bool ended, heard;
};

static int
broken(const char *why, struct fail *f)
{
	return fail_set(
	    f, FAIL_UNAVAILABLE, "the connection to the engine broke: %s", why);
}

/* How much came; 0 where nothing is there. */
static ssize_t
receive(struct ws *w, void *to, size_t size, struct fail *f)
{
	size_t n = 0;
	CURLcode code = curl_easy_recv(w->curl, to, size, &n);

	if (code == CURLE_AGAIN)
		return 0;
	if (code != CURLE_OK)
		return broken(curl_easy_strerror(code), f);
	return n > 0 ? (ssize_t)n : broken("it was closed", f);
}

int
ws_flush(struct ws *w, struct fail *f)
{
	CURLcode code;
	size_t n;

	while (w->sent < w->full) {
		n = 0;
		code = curl_easy_send(
		    w->curl, w->out + w->sent, w->full - w->sent, &n);
		if (code == CURLE_AGAIN)
			return 0;
		if (code != CURLE_OK)
			return broken(curl_easy_strerror(code), f);
		w->sent += n;
	}
	w->sent = w->full = 0;
	return 0;
}

bool
ws_waits(const struct ws *w)
{
	return w->sent < w->full;
}

static int
put_frame(struct ws *w, enum frame_op op, const void *data, size_t len,
    struct fail *f)
{
	w->full += frame_write(w->out + w->full, op, data, len);
	return ws_flush(w, f);
}

/* Beside what waits, of a frame that may as well never be sent. */
static int
put_small(struct ws *w, enum frame_op op, const void *data, size_t len,
    struct fail *f)
{
	if (w->full + FRAME_HEAD + len > sizeof(w->out))
		return 0;
	return put_frame(w, op, data, len, f);
}

int
ws_send(struct ws *w, const void *data, size_t len, struct fail *f)
{
	return put_frame(w, FRAME_BINARY, data, len, f);
}

int
ws_say(struct ws *w, const char *text, struct fail *f)
{
	return put_small(w, FRAME_TEXT, text, strlen(text), f);
}

int
ws_send_end(struct ws *w, struct fail *f)
{
	return ws_say(w, "", f);
}

int
ws_ping(struct ws *w, struct fail *f)
{
	return put_small(w, FRAME_PING, "", 0, f);
}

bool
ws_heard(struct ws *w)
{
	bool heard = w->heard;

	w->heard = false;
	return heard;
}

bool
ws_ended(const struct ws *w)
{
	return w->ended;
}

int
ws_fd(const struct ws *w)
{
	return w->fd;
}

/* Next of what came: 1 where *p is a piece, 0 where all was looked at. */
static int
next_piece(struct ws *w, struct frame_piece *p, struct fail *f)
{
	ssize_t n;

	while (w->at < w->end) {
		n = frame_read(&w->reader, w->in + w->at, w->end - w->at, p, f);
		if (n < 0)
			return -1;
		w->at += (size_t)n;
		if (p->op != FRAME_NONE)
			return 1;
	}
	return 0;
}

/* What is no message's is answered, or an end: a text says so, too. */
static int
heed(struct ws *w, const struct frame_piece *p, struct fail *f)
{
	if (p->op == FRAME_PING)
		return put_small(w, FRAME_PONG, p->data, p->len, f);
	w->ended = p->op == FRAME_CLOSE || p->op == FRAME_TEXT;
	return 0;
}

ssize_t
ws_read(struct ws *w, const uint8_t **data, struct fail *f)
{
	struct frame_piece p;
	ssize_t n;
	int ret;

	while (!w->ended) {
		if ((ret = next_piece(w, &p, f)) < 0)
			return -1;
		if (ret > 0 && p.op == FRAME_BINARY && p.len > 0) {
			*data = p.data;
			return (ssize_t)p.len;
		}
		if (ret > 0 && p.op != FRAME_BINARY && heed(w, &p, f) < 0)
			return -1;
		if (ret > 0)
			continue;
		if ((n = receive(w, w->in, sizeof(w->in), f)) <= 0)
			return n;
		w->heard = true;
		w->at = 0;
		w->end = (size_t)n;
	}
	return 0;
}

/* Waits for the descriptor; a signal ends it. */
static int
wait_socket(struct ws *w, short events, time_t until, struct fail *f)
{
	struct pollfd p = {.fd = w->fd, .events = events};

	if (sig_caught())
		return fail_set(f, FAIL_INTERRUPTED, "interrupted");
	if (patience_now() > until)
		return fail_set(
		    f, FAIL_AGAIN, "the engine's WebSocket: no answer in time");
	poll(&p, 1, 1000);
	return 0;
}

/* Is there such a line in the answer? The value's case counts as exact says. */
static bool
has_line(const char *answer, const char *name, const char *value, bool exact)
{
	size_t n = strlen(name), v = strlen(value);
	const char *p = answer;

	while ((p = strstr(p, "\r\n")) != NULL) {
		p += 2;
		if (strncasecmp(p, name, n) != 0)
			continue;
		p += n;
		p += strspn(p, " \t");
		if (strcspn(p, " \t\r") == v &&
		    (exact ? strncmp : strncasecmp)(p, value, v) == 0)
			return true;
	}
	return false;
}

static int
judge(const char *answer, const char *key, struct fail *f)
{
	uint8_t sum[SHA1_DIGEST_LENGTH];
	char accept[BASE64(sizeof(sum))];
	SHA1_CTX ctx;

	if (strncmp(answer, "HTTP/1.1 101", 12) != 0)
		return fail_set(f, FAIL_PROTOCOL,
		    "the engine refused a WebSocket: %.*s",
		    (int)strcspn(answer, "\r"), answer);
	SHA1Init(&ctx);
	SHA1Update(&ctx, (const uint8_t *)key, strlen(key));
	SHA1Update(&ctx, (const uint8_t *)GUID, strlen(GUID));
	SHA1Final(sum, &ctx);
	accept[text_base64(accept, sum, sizeof(sum))] = '\0';
	if (!has_line(answer, "Upgrade:", "websocket", false) ||
	    !has_line(answer, "Connection:", "Upgrade", false) ||
	    !has_line(answer, "Sec-WebSocket-Accept:", accept, true))
		return fail_set(
		    f, FAIL_PROTOCOL, "the engine's answer is no WebSocket's");
	return 0;
}

/* Reads the answer's head; what is behind it stays to be looked at. */
static int
hear_answer(struct ws *w, const char *key, time_t until, struct fail *f)
{
	char *end = NULL;
	ssize_t n;

	while (end == NULL) {
		n = receive(w, w->in + w->end, ANSWER_MAX - w->end, f);
		if (n < 0 || (n == 0 && wait_socket(w, POLLIN, until, f) < 0))
			return -1;
		w->end += (size_t)n;
		end = memmem(w->in, w->end, "\r\n\r\n", 4);
		if (end == NULL && w->end == ANSWER_MAX)
			return fail_set(f, FAIL_PROTOCOL,
			    "the engine's answer is longer than %d bytes",
			    ANSWER_MAX);
	}
	if (memchr(w->in, '\0', (size_t)(end - (char *)w->in)) != NULL)
		return fail_set(
		    f, FAIL_PROTOCOL, "the engine's answer has a NUL");
	end[2] = '\0';
	w->at = (size_t)(end + 4 - (char *)w->in);
	return judge((const char *)w->in, key, f);
}

static int
shake_hands(struct ws *w, const char *path, struct fail *f)
{
	uint8_t nonce[16];
	char key[BASE64(sizeof(nonce))], *request;
	time_t until = patience_now() + ANSWER_S;

	arc4random_buf(nonce, sizeof(nonce));
	key[text_base64(key, nonce, sizeof(nonce))] = '\0';
	request = text_fmt("GET %s HTTP/1.1\r\nHost: engine\r\n"
			   "Connection: Upgrade\r\nUpgrade: websocket\r\n"
			   "Sec-WebSocket-Version: 13\r\n"
			   "Sec-WebSocket-Key: %s\r\n\r\n",
	    path, key);
	w->full = strlcpy((char *)w->out, request, sizeof(w->out));
	free(request);
	if (w->full >= sizeof(w->out))
		return fail_set(f, FAIL_PROTOCOL, "the path is too long");
	if (ws_flush(w, f) < 0)
		return -1;
	while (ws_waits(w))
		if (wait_socket(w, POLLOUT, until, f) < 0 || ws_flush(w, f) < 0)
			return -1;
	return hear_answer(w, key, until, f);
}

struct ws *
ws_open(struct http *h, const char *path, struct fail *f)
{
	struct ws *w = mem_need(calloc(1, sizeof(*w)));
	curl_socket_t fd = CURL_SOCKET_BAD;

	if ((w->curl = http_connect(h, f)) == NULL) {
		free(w);
		return NULL;
	}
	curl_easy_getinfo(w->curl, CURLINFO_ACTIVESOCKET, &fd);
	w->fd = fd;
	if (shake_hands(w, path, f) < 0) {
		ws_close(w);
		return NULL;
	}
	return w;
}

void
ws_close(struct ws *w)
{
	if (w == NULL)
		return;
	curl_easy_cleanup(w->curl);
	free(w);
}
