/*
 * SFTP version 3 (draft-ietf-secsh-filexfer-02), as much of it as lxg needs,
 * over GET /1.0/instances/NAME/sftp of the engines' API. What comes back is
 * the engine's own process in the instance talking, so nothing is believed.
 * SPDX-License-Identifier: ISC
 */
#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "http.h"
#include "mem.h"
#include "sftp.h"
#include "sig.h"
#include "text.h"

enum {
	FXP_INIT = 1,
	FXP_VERSION = 2,
	FXP_LSTAT = 7,
	FXP_SETSTAT = 9,
	FXP_REMOVE = 13,
	FXP_MKDIR = 14,
	FXP_RMDIR = 15,
	FXP_STATUS = 101,
	FXP_ATTRS = 105
};
#define ATTR_SIZE	 1u
#define ATTR_UIDGID	 2u
#define ATTR_PERMISSIONS 4u

#define WINDOW	 32 /* requests under way: neither side's buffer fills */
#define REPLY	 (256u << 10)
#define PATIENCE 30000 /* ms without a byte */

struct sftp {
	int fd;
	bool ready;
	unsigned char *reply; /* REPLY bytes */
	size_t len;
};

static int
send_all(struct sftp *s, const void *data, size_t len, struct fail *f)
{
	const char *p = data;
	ssize_t n;

	while (len > 0) {
		n = send(s->fd, p, len, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_errno(f, "sftp");
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int
recv_all(struct sftp *s, void *data, size_t len, struct fail *f)
{
	struct pollfd p = {.fd = s->fd, .events = POLLIN};
	char *to = data;
	ssize_t n;
	int ready;

	while (len > 0) {
		ready = poll(&p, 1, PATIENCE);
		if (ready == 0)
			return fail_set(
			    f, FAIL_AGAIN, "sftp: no answer in time");
		if (sig_caught())
			return fail_set(f, FAIL_INTERRUPTED, "interrupted");
		if (ready < 0)
			continue;
		n = recv(s->fd, to, len, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_errno(f, "sftp");
		if (n == 0)
			return fail_set(f, FAIL_PROTOCOL, "sftp: closed");
		to += n;
		len -= (size_t)n;
	}
	return 0;
}

static unsigned char *
put32(unsigned char *p, uint32_t v)
{
	v = htobe32(v);
	memcpy(p, &v, 4);
	return p + 4;
}

static uint32_t
get32(const unsigned char *p)
{
	uint32_t v;

	memcpy(&v, p, 4);
	return be32toh(v);
}

/* A request: length, type, id and, for most, a path; n words behind it. */
static int
request_with(struct sftp *s, unsigned char type, uint32_t id, const char *path,
    const uint32_t *words, size_t nwords, struct fail *f)
{
	size_t n = path != NULL ? strlen(path) : 0, i;
	size_t len = 5 + (path != NULL ? 4 + n : 0) + nwords * 4;
	unsigned char *buf = mem_need(malloc(len + 4)), *p;
	int ret;

	p = put32(buf, (uint32_t)len);
	*p++ = type;
	p = put32(p, id);
	if (path != NULL) {
		p = put32(p, (uint32_t)n);
		memcpy(p, path, n);
		p += n;
	}
	for (i = 0; i < nwords; i++)
		p = put32(p, words[i]);
	ret = send_all(s, buf, len + 4, f);
	free(buf);
	return ret;
}

static int
request(struct sftp *s, unsigned char type, uint32_t id, const char *path,
    struct fail *f)
{
	return request_with(s, type, id, path, NULL, 0, f);
}

/* The next reply: its type in reply[0], its id in the next four bytes. */
static int
reply(struct sftp *s, struct fail *f)
{
	unsigned char head[4];

	if (recv_all(s, head, sizeof(head), f) < 0)
		return -1;
	s->len = get32(head);
	if (s->len < 5 || s->len > REPLY)
		return fail_set(
		    f, FAIL_PROTOCOL, "sftp: a reply of odd length");
	return recv_all(s, s->reply, s->len, f);
}

/* The answer to the request for an upgrade, up to its empty line. */
static int
upgraded(struct sftp *s, struct fail *f)
{
	char head[4096] = "";
	size_t n = 0;

	while (n < 4 || memcmp(head + n - 4, "\r\n\r\n", 4) != 0) {
		if (n == sizeof(head) - 1)
			return fail_set(f, FAIL_PROTOCOL, "sftp: no upgrade");
		if (recv_all(s, head + n, 1, f) < 0)
			return -1;
		n++;
	}
	head[n] = '\0';
	if (strncmp(head, "HTTP/1.1 404", 12) == 0)
		return fail_set(f, FAIL_NO, "sftp: no such instance");
	if (strncmp(head, "HTTP/1.1 101", 12) != 0)
		return fail_set(f, FAIL_PROTOCOL,
		    "sftp: the engine answered %s", head + (n > 9 ? 9 : 0));
	return 0;
}

static int
get_ready(struct sftp *s, struct fail *f)
{
	if (s->ready)
		return 0;
	if (upgraded(s, f) < 0 || request(s, FXP_INIT, 3, NULL, f) < 0 ||
	    reply(s, f) < 0)
		return -1;
	if (s->reply[0] != FXP_VERSION)
		return fail_set(f, FAIL_PROTOCOL, "sftp: no version");
	s->ready = true;
	return 0;
}

static int
ask_upgrade(struct sftp *s, struct lxd *l, const char *instance, struct fail *f)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	char *project, *head;
	int ret;

	if (strlen(lxd_api(l)) >= sizeof(sa.sun_path))
		return fail_set(
		    f, FAIL_UNAVAILABLE, "%s: too long", lxd_api(l));
	memcpy(sa.sun_path, lxd_api(l), strlen(lxd_api(l)));
	s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s->fd < 0 || connect(s->fd, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		return fail_errno(f, "%s", lxd_api(l));
	project = http_escape(lxd_project(l));
	head = text_fmt("GET /1.0/instances/%s/sftp?project=%s HTTP/1.1\r\n"
			"Host: engine\r\nConnection: Upgrade\r\n"
			"Upgrade: sftp\r\n\r\n",
	    instance, project);
	ret = send_all(s, head, strlen(head), f);
	free(head);
	free(project);
	return ret;
}

struct sftp *
sftp_open(struct lxd *l, const char *instance, struct fail *f)
{
	struct sftp *s = mem_need(calloc(1, sizeof(*s)));

	s->reply = mem_need(malloc(REPLY));
	s->fd = -1;
	if (ask_upgrade(s, l, instance, f) == 0)
		return s;
	sftp_close(s);
	return NULL;
}

void
sftp_close(struct sftp *s)
{
	if (s == NULL)
		return;
	if (s->fd >= 0)
		close(s->fd);
	free(s->reply);
	free(s);
}

/* ATTRS: flags, size (two words), uid, gid, permissions; NULL: it is none. */
static const unsigned char *
attributes(const struct sftp *s)
{
	const unsigned char *p = s->reply + 5;

	if (s->reply[0] != FXP_ATTRS || s->len < 5 + 6 * 4 ||
	    (get32(p) & 7) != (ATTR_SIZE | ATTR_UIDGID | ATTR_PERMISSIONS))
		return NULL;
	return p + 4;
}

static bool
is_empty_file(const struct sftp *s)
{
	const unsigned char *p = attributes(s);

	return p != NULL && get32(p) == 0 && get32(p + 4) == 0 &&
	       S_ISREG(get32(p + 16));
}

static bool
is_folder_of_root(const struct sftp *s)
{
	const unsigned char *p = attributes(s);

	return p != NULL && get32(p + 8) == 0 && S_ISDIR(get32(p + 16));
}

/* What became of a path. */
enum { GONE, EMPTY, STAYS };

static int
ask_window(struct sftp *s, const char *const *paths, size_t n, char what[],
    struct fail *f)
{
	uint32_t id;
	size_t i;

	for (i = 0; i < n; i++)
		if (request(s, FXP_LSTAT, (uint32_t)i, paths[i], f) < 0)
			return -1;
	for (i = 0; i < n; i++) {
		if (reply(s, f) < 0)
			return -1;
		if ((id = get32(s->reply + 1)) < n)
			what[id] = is_empty_file(s)	   ? EMPTY
				   : attributes(s) != NULL ? STAYS
							   : GONE;
	}
	return 0;
}

/* A status of 0 is success; a file that is mounted on is busy. */
static int
window(struct sftp *s, const char *const *paths, size_t n, char what[],
    struct fail *f)
{
	size_t i, asked = 0;
	uint32_t id;

	if (ask_window(s, paths, n, what, f) < 0)
		return -1;
	for (i = 0; i < n; i++)
		if (what[i] == EMPTY) {
			if (request(s, FXP_REMOVE, (uint32_t)i, paths[i], f) <
			    0)
				return -1;
			what[i] = STAYS;
			asked++;
		}
	for (i = 0; i < asked; i++) {
		if (reply(s, f) < 0)
			return -1;
		if ((id = get32(s->reply + 1)) < n &&
		    s->reply[0] == FXP_STATUS && s->len >= 9 &&
		    get32(s->reply + 5) == 0)
			what[id] = GONE;
	}
	return 0;
}

int
sftp_remove_empty(struct sftp *s, const char **paths, size_t n, struct fail *f)
{
	char what[WINDOW];
	size_t i, j, some;
	int left = 0;

	if (get_ready(s, f) < 0)
		return -1;
	for (i = 0; i < n; i += some) {
		some = n - i < WINDOW ? n - i : WINDOW;
		memset(what, GONE, sizeof(what));
		if (window(s, paths + i, some, what, f) < 0)
			return -1;
		for (j = 0; j < some; j++)
			if (what[j] == STAYS)
				paths[left++] = paths[i + j];
	}
	return left;
}

int
sftp_rmdir(struct sftp *s, const char *path, struct fail *f)
{
	if (get_ready(s, f) < 0 || request(s, FXP_RMDIR, 0, path, f) < 0)
		return -1;
	return reply(s, f);
}

int
sftp_give_folder(struct sftp *s, const char *path, uint32_t uid, uint32_t gid,
    struct fail *f)
{
	const uint32_t none = 0, owner[] = {ATTR_UIDGID, uid, gid};

	if (get_ready(s, f) < 0 ||
	    request_with(s, FXP_MKDIR, 0, path, &none, 1, f) < 0 ||
	    reply(s, f) < 0 || request(s, FXP_LSTAT, 1, path, f) < 0 ||
	    reply(s, f) < 0)
		return -1;
	if (!is_folder_of_root(s))
		return 0;
	if (request_with(s, FXP_SETSTAT, 2, path, owner, 3, f) < 0)
		return -1;
	return reply(s, f);
}
