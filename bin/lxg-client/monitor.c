/*
 * The socket to the monitor. SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli.h"
#include "monitor.h"
#include "rec.h"
#include "text.h"

#define LINE_MOST  (64u << 10)
#define PIECE	   (30u << 10) /* of a file, in base64 a line's worth */
#define CLICK_MOST 2147483647.0
#define OUT_MAX                                                                \
	(192u << 20) /* what a packet of 64 MiB can ask for, and more          \
		      */

struct ask {
	int fd;
	bool file; /* one is on its way, whole so far */
	char *out;
	size_t begin, end, size;
	size_t have;
	int passed; /* a descriptor that came, and no line for it yet */
	char in[LINE_MOST];
};

struct ask *
ask_new(int fd)
{
	struct ask *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	a->fd = fd;
	a->passed = -1;
	return a;
}

int
ask_fd(const struct ask *a)
{
	return a->fd;
}

void
ask_free(struct ask *a)
{
	if (a != NULL)
		free(a->out);
	free(a);
}

/* Room for n bytes more behind end; false where there is none. */
static bool
line_room(struct ask *a, size_t n)
{
	size_t size = a->size ? a->size : LINE_MOST;
	char *more;

	if (a->begin > 0) {
		memmove(a->out, a->out + a->begin, a->end - a->begin);
		a->end -= a->begin;
		a->begin = 0;
	}
	if (n > OUT_MAX || a->end + n > OUT_MAX)
		return false;
	while (size < a->end + n)
		size *= 2;
	if (size == a->size)
		return true;
	if ((more = realloc(a->out, size)) == NULL)
		return false;
	a->out = more;
	a->size = size;
	return true;
}

static bool
put_line(struct ask *a, const char *line, size_t len)
{
	if (len >= LINE_MOST || !line_room(a, len + 1))
		return false;
	memcpy(a->out + a->end, line, len);
	a->out[a->end + len] = '\n';
	a->end += len + 1;
	return true;
}

/* Consumes. */
static bool
tell_monitor(struct ask *a, jv o)
{
	jv text = jv_dump_string(o, JV_PRINT_ASCII);
	bool done =
	    a->fd < 0 || put_line(a, jv_string_value(text),
			     (size_t)jv_string_length_bytes(jv_copy(text)));

	jv_free(text);
	ask_flush(a);
	return done;
}

size_t
ask_pending(const struct ask *a)
{
	return a->end - a->begin;
}

void
ask_flush(struct ask *a)
{
	ssize_t n;

	while (a->begin < a->end) {
		n = send(a->fd, a->out + a->begin, a->end - a->begin,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) /* it is full, or gone, which reading tells */
			return;
		a->begin += (size_t)n;
	}
	a->begin = a->end = 0;
}

void
ask_locked(struct ask *a)
{
	tell_monitor(a, obj_set(jv_object(), "locked", jv_true()));
}

void
ask_bye(struct ask *a, const struct fail *f)
{
	struct pollfd p = {.fd = a->fd, .events = POLLOUT};
	jv o = obj_set(jv_object(), "bye", jv_number(cli_code(f->kind)));

	tell_monitor(a, obj_set(o, "why", jv_string(f->text)));
	while (ask_pending(a) > 0 && poll(&p, 1, 1000) > 0 &&
	       (p.revents & POLLOUT) != 0)
		ask_flush(a);
}

void
ask_note(struct ask *a, uint32_t id, uint32_t replaces, const char *summary,
    const char *body, unsigned urgency)
{
	jv o = obj_set(jv_object(), "note", jv_number(id));

	o = obj_set(o, "replaces", jv_number(replaces));
	o = obj_set(o, "summary", jv_string(summary));
	o = obj_set(o, "body", jv_string(body));
	tell_monitor(a, obj_set(o, "urgency", jv_number(urgency)));
}

void
ask_note_close(struct ask *a, uint32_t id)
{
	tell_monitor(a, obj_set(jv_object(), "close", jv_number(id)));
}

void
ask_url(struct ask *a, const char *url)
{
	tell_monitor(a, obj_set(jv_object(), "url", jv_string(url)));
}

bool
ask_shows_icons(const struct ask *a)
{
	return a->fd >= 0;
}

void
ask_icon(struct ask *a, uint32_t id, const char *title, unsigned w, unsigned h,
    const uint8_t *argb)
{
	char text[LINE_MOST];
	size_t n = (size_t)w * h * 4;
	jv o = obj_set(jv_object(), "icon", jv_number(id));

	if (n > PIECE)
		n = 0;
	o = obj_set(o, "title", jv_string(title));
	o = obj_set(o, "w", jv_number(w));
	o = obj_set(o, "h", jv_number(h));
	n = text_base64(text, argb, n);
	tell_monitor(a, obj_set(o, "argb", jv_string_sized(text, (int)n)));
}

void
ask_icon_gone(struct ask *a, uint32_t id)
{
	tell_monitor(a, obj_set(jv_object(), "icon", jv_number(id)));
}

void
ask_say(struct ask *a, const char *text)
{
	char *clean;

	if (a->fd >= 0) {
		tell_monitor(a, obj_set(jv_object(), "say", jv_string(text)));
		return;
	}
	clean = text_fmt("%s", text);
	text_clean(clean);
	fprintf(stderr, "lxg-client: %s\n", clean);
	free(clean);
}

void
ask_file(struct ask *a, const char *name, uint64_t size, bool print)
{
	jv o = obj_set(jv_object(), "file", jv_string(name));

	o = obj_set(o, "size", jv_number((double)size));
	a->file = tell_monitor(a, obj_set(o, "print", jv_bool(print)));
}

void
ask_file_data(struct ask *a, const uint8_t *data, size_t len)
{
	static const char head[] = "{\"data\":\"";
	char line[LINE_MOST];
	size_t n, at;

	for (; len > 0 && a->file; data += n, len -= n) {
		n = len < PIECE ? len : PIECE;
		memcpy(line, head, sizeof(head) - 1);
		at = sizeof(head) - 1;
		at += text_base64(line + at, data, n);
		memcpy(line + at, "\"}", 2);
		a->file = a->fd < 0 || put_line(a, line, at + 2);
	}
	ask_flush(a);
}

void
ask_file_end(struct ask *a, bool whole)
{
	tell_monitor(a, obj_set(jv_object(), "end", jv_bool(whole && a->file)));
	a->file = false;
}

static int
click_number(jv o, const char *key)
{
	jv v = obj_get(o, key);
	double n = jv_get_kind(v) == JV_KIND_NUMBER ? jv_number_value(v) : 0;

	jv_free(v);
	return n > -CLICK_MOST && n < CLICK_MOST ? (int)n : 0;
}

static void
take_click(jv o, struct monitor_news *news)
{
	if (news->clicks < NEWS_CLICKS)
		news->click[news->clicks++] =
		    (struct monitor_click){(uint32_t)click_number(o, "click"),
			(unsigned)click_number(o, "button"),
			click_number(o, "x"), click_number(o, "y")};
}

/* A line of the monitor's; consumes. */
static int
take_news(struct ask *a, jv o, struct monitor_news *news, struct fail *f)
{
	jv host = obj_get(o, "host");
	const char *version = obj_str(o, "server");
	int ret = 0;

	if (jv_is_valid(host)) {
		news->host = true;
		ret = host_parse(host, &news->h, f);
	} else
		jv_free(host);
	if (jv_object_has(jv_copy(o), jv_string("click")))
		take_click(o, news);
	if (version != NULL && a->passed >= 0) {
		snprintf(news->version, sizeof(news->version), "%s", version);
		news->server = a->passed;
		a->passed = -1;
	}
	jv_free(o);
	return ret;
}

/* Bytes, and with them perhaps a descriptor; false at the end. */
static bool
hear(struct ask *a)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} u;
	struct iovec v = {
	    .iov_base = a->in + a->have, .iov_len = sizeof(a->in) - a->have};
	struct msghdr m = {.msg_iov = &v,
	    .msg_iovlen = 1,
	    .msg_control = &u,
	    .msg_controllen = sizeof(u)};
	const struct cmsghdr *c;
	ssize_t n;

	n = recvmsg(a->fd, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	a->have += (size_t)n;
	c = CMSG_FIRSTHDR(&m);
	if (c != NULL && c->cmsg_type == SCM_RIGHTS &&
	    c->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(&a->passed, CMSG_DATA(c), sizeof(int));
	return n > 0;
}

int
ask_read(struct ask *a, struct monitor_news *news, struct fail *f)
{
	bool more = hear(a);
	char *end;
	size_t len;
	jv o;
	int some = 0;

	news->host = false;
	news->server = -1;
	news->clicks = 0;
	while ((end = memchr(a->in, '\n', a->have)) != NULL) {
		len = (size_t)(end - a->in);
		if (rec_parse(a->in, len, &o, f) < 0 ||
		    take_news(a, o, news, f) < 0)
			return -1;
		a->have -= len + 1;
		memmove(a->in, end + 1, a->have);
		some = 1;
	}
	if (!more || a->have == sizeof(a->in))
		return fail_set(f, FAIL_NONE, "the monitor is gone");
	return some;
}

int
ask_begin(struct ask *a, struct monitor_news *news, struct fail *f)
{
	struct pollfd p = {.fd = a->fd, .events = POLLIN};
	int ret = 0;

	while (ret == 0)
		if (poll(&p, 1, -1) > 0)
			ret = ask_read(a, news, f);
	if (ret > 0 && !news->host)
		return fail_set(f, FAIL_PROTOCOL, "the monitor's first line");
	return ret < 0 ? -1 : 0;
}
