/*
 * Carries the bytes of a session's display between its WebSockets and the
 * socket that stands for the session's, and takes what is told of its folder.
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "carry.h"
#include "clock.h"
#include "mirror.h"

#define PING_MS	  3000	/* of silence, and the engine is asked */
#define ANSWER_MS 6000	/* for its answer, or the connection is broken */
#define BEAT_MS	  10000 /* the instance is told that we are there */
#define BEAT	  "{\"command\": \"signal\", \"signal\": 28}" /* SIGWINCH */
#define TURN_MS	  1000
#define ROUNDS	  16 /* pieces; then others have their turn */
#define HEAD	  32 /* bytes: whose a piece is, where there are two */

/* What is polled: the channel's first, in its order. */
enum {
	IN,
	OUT,
	ERR,
	CONTROL,
	TO,
	LISTENER,
	CLIENT,
	LISTENS,
	SPEAKER,
	ASKED,
	MICROPHONE,
	FDS
};

struct carrier {
	struct channel *c;
	struct mirror mirror;
	int client, to;
	const uint8_t *piece; /* what the client has not taken yet */
	size_t left;
	bool more;		/* may be read without a poll */
	bool told;		/* to who started us that all is there */
	bool ending;		/* the instance is told that it was seen */
	bool over;		/* nothing more is to be done */
	long long heard, asked; /* when the engine was, last; 0: it was not */
	long long beaten;	/* when the instance was told, last */
};

/* No more is to come of the display: its client is told. */
static void
end_client(struct carrier *r)
{
	if (r->client >= 0)
		close(r->client);
	r->client = -1;
	r->left = 0;
}

/* What the client takes of the piece. One that is gone takes all. */
static void
give_client(struct carrier *r)
{
	ssize_t n;

	while (r->left > 0 && r->client >= 0) {
		n = send(
		    r->client, r->piece, r->left, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0 && errno != EINTR)
			end_client(r);
		if (n > 0) {
			r->piece += n;
			r->left -= (size_t)n;
		}
	}
}

/* From the display server to the client. */
static int
carry_down(struct carrier *r, struct fail *f)
{
	struct ws *w = r->c->ws[OUT];
	int rounds = ROUNDS;
	ssize_t n;

	for (give_client(r); r->left == 0 && rounds > 0; rounds--) {
		if ((n = ws_read(w, &r->piece, f)) < 0)
			return -1;
		if (n == 0 && ws_ended(w))
			end_client(r);
		if (n == 0)
			return 0;
		r->left = r->client >= 0 ? (size_t)n : 0;
		give_client(r);
	}
	r->more = r->more || r->left == 0;
	return 0;
}

/* A piece; what it is of is said where the session has a microphone, too. */
static int
send_up(struct carrier *r, const char *what, const uint8_t *data, size_t len,
    struct fail *f)
{
	static uint8_t piece[WS_PIECE];
	size_t n;

	if (r->mirror.microphone.listener < 0)
		return ws_send(r->c->ws[IN], data, len, f);
	n = (size_t)snprintf((char *)piece, HEAD, "%s %zu\n", what, len);
	memcpy(piece + n, data, len);
	return ws_send(r->c->ws[IN], piece, n + len, f);
}

/* From the client to the display server. */
static int
carry_up(struct carrier *r, struct fail *f)
{
	static uint8_t data[WS_PIECE - HEAD];
	struct ws *w = r->c->ws[IN];
	ssize_t n;

	while (!ws_waits(w) && r->client >= 0) {
		n = recv(r->client, data, sizeof(data), MSG_DONTWAIT);
		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			end_client(r);
		else if (send_up(r, "display", data, (size_t)n, f) < 0)
			return -1;
	}
	return 0;
}

/* What is recorded here. What would be late is not sent. */
static int
carry_sound(struct carrier *r, struct fail *f)
{
	struct microphone *m = &r->mirror.microphone;
	size_t n = microphone_take(m);

	return n == 0 || r->ending || ws_waits(r->c->ws[IN])
		   ? 0
		   : send_up(r, "microphone", m->held, n, f);
}

/* What is told of the session's folder. */
static int
hear_folder(struct carrier *r, struct fail *f)
{
	struct ws *w = r->c->ws[ERR];
	const uint8_t *data;
	int rounds = ROUNDS;
	ssize_t n = 1;

	while (rounds-- > 0 && (n = ws_read(w, &data, f)) > 0)
		if (mirror_take(&r->mirror, data, (size_t)n, f) < 0)
			return -1;
	if (n < 0)
		return -1;
	r->more = r->more || n > 0;
	if (r->mirror.ready && !r->told)
		r->told = send(r->to, "", 1, MSG_NOSIGNAL) == 1;
	if (n == 0 && ws_ended(w) && !r->mirror.over && !r->ending)
		return fail_set(f, FAIL_UNAVAILABLE,
		    "the helper in the instance has ended");
	r->over = r->over || (n == 0 && ws_ended(w) && r->ending);
	return 0;
}

/* What nobody sends but to say that it is there, or all of it was. */
static int
drain(struct ws *w, struct fail *f)
{
	const uint8_t *data;
	ssize_t n;

	while ((n = ws_read(w, &data, f)) > 0)
		;
	return (int)n;
}

/* Is the engine there? It answers on the WebSocket that nothing else is on. */
static int
keep_alive(struct carrier *r, struct fail *f)
{
	long long now = clock_ms();
	int i;

	for (i = 0; i < CHANNELS; i++)
		if (ws_heard(r->c->ws[i])) {
			r->heard = now;
			r->asked = 0;
		}
	/* who was stopped meanwhile has not asked */
	if (r->asked != 0 && now - r->asked >= ANSWER_MS)
		return fail_set(f, FAIL_UNAVAILABLE,
		    "the engine was not heard for %lld seconds",
		    (now - r->heard) / 1000);
	if (r->asked != 0 || now - r->heard < PING_MS)
		return 0;
	r->asked = now;
	return ws_ping(r->c->ws[CONTROL], f);
}

/* Who started us has said that it has seen the end, or is gone. */
static int
obey(struct carrier *r, struct fail *f)
{
	char seen;
	ssize_t n = recv(r->to, &seen, 1, MSG_DONTWAIT);

	if (n < 0)
		return 0;
	if (n == 0) {
		r->over = r->over || !r->ending;
		return 0;
	}
	r->ending = true;
	end_client(r);
	return ws_send_end(r->c->ws[IN], f);
}

/* One that nothing is waited for is not polled: it might have hung up. */
static struct pollfd
entry(int fd, bool in, bool out)
{
	short events = (short)((in ? POLLIN : 0) | (out ? POLLOUT : 0));

	return (struct pollfd){.fd = events != 0 ? fd : -1, .events = events};
}

static void
poll_set(const struct carrier *r, struct pollfd p[FDS])
{
	bool waits = ws_waits(r->c->ws[IN]);
	const struct ws *w;
	int i;

	for (i = 0; i < CHANNELS; i++) {
		w = r->c->ws[i];
		p[i] = entry(ws_fd(w),
		    !ws_ended(w) && (i != OUT || r->left == 0), ws_waits(w));
	}
	p[TO] = entry(r->to, !r->ending, false);
	p[LISTENER] = entry(r->mirror.listener, r->client < 0, false);
	p[CLIENT] = entry(r->client, !waits, r->left > 0);
	p[LISTENS] = entry(r->mirror.speaker.listener, true, false);
	p[SPEAKER] =
	    entry(r->mirror.speaker.conn, false, r->mirror.speaker.have > 0);
	p[ASKED] = entry(r->mirror.microphone.listener, true, false);
	p[MICROPHONE] = entry(r->mirror.microphone.conn, true, false);
}

/* The one who connects is the client, and there is no other after it. */
static void
let_in(struct carrier *r)
{
	r->client = accept4(r->mirror.listener, NULL, NULL, SOCK_CLOEXEC);
	if (r->client < 0)
		return;
	close(r->mirror.listener);
	r->mirror.listener = -1;
}

/* Its helper ends where it is told nothing: no engine sees a dead network. */
static int
beat(struct carrier *r, struct fail *f)
{
	long long now = clock_ms();

	if (now - r->beaten < BEAT_MS)
		return 0;
	r->beaten = now;
	return ws_say(r->c->ws[CONTROL], BEAT, f);
}

static int
carry_step(struct carrier *r, struct fail *f)
{
	struct pollfd p[FDS];
	int i;

	poll_set(r, p);
	if (poll(p, FDS, r->more ? 0 : TURN_MS) < 0 && errno != EINTR)
		return fail_errno(f, "poll");
	r->more = false;
	if (p[LISTENER].revents != 0)
		let_in(r);
	if (p[LISTENS].revents != 0)
		speaker_accept(&r->mirror.speaker);
	if (p[SPEAKER].revents != 0)
		speaker_flush(&r->mirror.speaker);
	if (p[ASKED].revents != 0)
		microphone_accept(&r->mirror.microphone);
	else if (p[MICROPHONE].revents != 0 && carry_sound(r, f) < 0)
		return -1;
	for (i = 0; i < CHANNELS; i++)
		if (ws_flush(r->c->ws[i], f) < 0)
			return -1;
	if (carry_up(r, f) < 0 || carry_down(r, f) < 0 || hear_folder(r, f) < 0)
		return -1;
	if ((p[IN].revents != 0 && drain(r->c->ws[IN], f) < 0) ||
	    (p[CONTROL].revents != 0 && drain(r->c->ws[CONTROL], f) < 0) ||
	    (p[TO].revents != 0 && obey(r, f) < 0))
		return -1;
	return beat(r, f) < 0 ? -1 : keep_alive(r, f);
}

int
carry(struct lxd *l, struct channel *c, const char *id, const char *suffix,
    int top, int to, struct fail *f)
{
	struct carrier r = {.c = c, .client = -1, .to = to};
	int ret = 0;

	if (mirror_begin(&r.mirror, top, id, suffix, f) < 0 ||
	    channel_connect(l, c, f) < 0)
		return -1;
	r.heard = r.beaten = clock_ms();
	while (ret == 0 && !r.over)
		ret = carry_step(&r, f);
	/* once it is over the engine closes one after the other */
	return r.mirror.over || r.ending ? 0 : ret;
}
