/*
 * Icons of an instance's, judged and marked; a process of its own shows them.
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "color.h"
#include "helper.h"
#include "text.h"
#include "tray.h"

#define TITLE_MAX 800 /* bytes */

void
tray_init(struct tray *t, const char *instance, const char *border)
{
	size_t len = strcspn(border, ",");

	*t = (struct tray){.fd = -1, .instance = instance};
	t->framed = color_parse(border, len, &t->color) &&
		    strcmp(border + len, ",0") != 0;
}

void
tray_end(struct tray *t)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
}

/* One helper at most: one that has ended is not to be had. */
static void
begin_helper(struct tray *t)
{
	int pair[2];

	if (t->begun)
		return;
	t->begun = true;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return;
	t->fd = pair[0];
	if (helper_run(pair[1], item_serve) < 0)
		tray_end(t);
	close(pair[1]);
}

/* As a whole, or dropped where there is no room. */
static void
hand(struct tray *t, const struct tray_said *s)
{
	if (t->fd >= 0 &&
	    send(t->fd, s, TRAY_SAID(s), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		errno = 0;
}

/* Clean, in UTF-8 still where it was cut. */
static void
name_it(struct tray_said *s, const char *instance, const char *title)
{
	size_t n = strnlen(title, TITLE_MAX);
	char *clean;

	while (n > 0 && !text_utf8(title, n))
		n--;
	clean = text_fmt("%.*s", (int)n, title);
	text_clean(clean);
	snprintf(s->name, sizeof(s->name), "lxg-%s", instance);
	snprintf(s->title, sizeof(s->title), "[%s] %s", instance, clean);
	free(clean);
}

/* The instance's color, and within it the picture. */
static void
frame(struct tray_said *s, const uint8_t *argb, uint32_t color)
{
	int w = s->w + 2 * TRAY_FRAME, h = s->h + 2 * TRAY_FRAME, i;
	uint8_t *to = s->argb;

	for (i = 0; i < w * h; i++) {
		*to++ = 255;
		*to++ = (uint8_t)(color >> 16);
		*to++ = (uint8_t)(color >> 8);
		*to++ = (uint8_t)color;
	}
	for (i = 0; i < s->h; i++)
		memcpy(s->argb + ((i + TRAY_FRAME) * w + TRAY_FRAME) * 4,
		    argb + (size_t)i * s->w * 4, (size_t)s->w * 4);
	s->w = w;
	s->h = h;
}

void
tray_show(struct tray *t, uint32_t id, const char *title, int w, int h,
    const char *argb)
{
	static uint8_t pixels[TRAY_SIDE * TRAY_SIDE * 4];
	static struct tray_said s;
	ssize_t n = text_unbase64(pixels, sizeof(pixels), argb);

	if (w < 1 || w > TRAY_SIDE || h < 1 || h > TRAY_SIDE || n != w * h * 4)
		return;
	s = (struct tray_said){.id = id, .w = w, .h = h};
	name_it(&s, t->instance, title);
	if (t->framed)
		frame(&s, pixels, t->color);
	else
		memcpy(s.argb, pixels, (size_t)n);
	begin_helper(t);
	hand(t, &s);
}

void
tray_hide(struct tray *t, uint32_t id)
{
	static struct tray_said s;

	s.id = id;
	hand(t, &s);
}

bool
tray_read(struct tray *t, struct tray_heard *h)
{
	ssize_t n = recv(t->fd, h, sizeof(*h), MSG_DONTWAIT);

	if (n == (ssize_t)sizeof(*h))
		return true;
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		tray_end(t);
	return false;
}
