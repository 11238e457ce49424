/*
 * Small things: pictures of the pointer, the bell, pings.
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "state.h"

#define CURSOR_MAX 256
#define BELL_GAP   100 /* ms; more often is a noise, and not a bell */

/* Colours are multiplied by alpha in what comes, and aren't in what goes. */
static uint32_t
straight(const uint8_t *bgra)
{
	uint32_t a = bgra[3], c[3];

	for (int i = 0; i < 3; i++) {
		c[i] = a == 0 ? 0 : (bgra[i] * 255u + a / 2) / a;
		c[i] = c[i] > 255 ? 255 : c[i];
	}
	return a << 24 | c[2] << 16 | c[1] << 8 | c[0];
}

const uint32_t *
pixels_of(const struct val *v, int64_t w, int64_t h)
{
	static uint32_t argb[ICON_MAX * ICON_MAX];

	if (v == NULL || v->kind != V_STR || v->len != (size_t)(w * h * 4))
		return NULL;
	for (int64_t i = 0; i < w * h; i++)
		argb[i] = straight(v->s + i * 4);
	return argb;
}

static int
cursor(struct proto *p, const struct val *packet, size_t i,
    const struct val *data, struct fail *f)
{
	const uint32_t *argb;
	int64_t w, h, hot_x, hot_y;

	if (!val_int(val_at(packet, i), 0, UINT16_MAX, &w) ||
	    !val_int(val_at(packet, i + 1), 0, UINT16_MAX, &h) ||
	    !val_int(val_at(packet, i + 2), 0, UINT16_MAX, &hot_x) ||
	    !val_int(val_at(packet, i + 3), 0, UINT16_MAX, &hot_y))
		return malformed(f, packet, "no size");
	if (w == 0 || h == 0 || w > CURSOR_MAX || h > CURSOR_MAX) {
		ui_cursor(p->ui, 0, "", 0, 0, 0, 0, NULL);
		return 0;
	}
	if ((argb = pixels_of(data, w, h)) == NULL)
		return malformed(f, packet, "pixels that don't fit the size");
	ui_cursor(p->ui, 0, "", (unsigned)w, (unsigned)h,
	    (unsigned)(hot_x < w ? hot_x : w - 1),
	    (unsigned)(hot_y < h ? hot_y : h - 1), argb);
	return 0;
}

/* encoding, x, y, w, h, hot spot, serial, pixels, name, sizes; or "" alone */
int
got_cursor(struct proto *p, const struct val *packet, struct fail *f)
{
	if (!val_is(val_at(packet, 1), "raw"))
		return got_cursor_default(p, packet, f);
	return cursor(p, packet, 4, val_at(packet, 9), f);
}

/* encoding, w, h, hot spot, serial, pixels, name */
int
got_cursor_data(struct proto *p, const struct val *packet, struct fail *f)
{
	if (!val_is(val_at(packet, 1), "raw"))
		return got_cursor_default(p, packet, f);
	return cursor(p, packet, 2, val_at(packet, 7), f);
}

int
got_cursor_default(struct proto *p, const struct val *packet, struct fail *f)
{
	(void)packet;
	(void)f;
	ui_cursor(p->ui, 0, "", 0, 0, 0, 0, NULL);
	return 0;
}

/* wid, device, percent, and what else a bell has */
int
got_bell(struct proto *p, const struct val *packet, struct fail *f)
{
	int64_t percent;

	(void)f;
	if (!p->config.bell || p->now - p->bell < BELL_GAP)
		return 0;
	p->bell = p->now;
	if (!val_int(val_at(packet, 3), -100, 100, &percent))
		percent = 0;
	ui_bell(p->ui, (int)percent);
	return 0;
}

/* The time is the server's own, and told back as it was. */
int
got_ping(struct proto *p, const struct val *packet, struct fail *f)
{
	struct out *o = &p->out;
	const struct val *sid = val_at(packet, 3);
	char text[64] = "";
	int64_t when;

	if (!val_int(val_at(packet, 1), 0, INT64_MAX, &when))
		return malformed(f, packet, "no time");
	if (sid != NULL && sid->kind == V_STR && sid->len < sizeof(text)) {
		memcpy(text, sid->s, sid->len);
		text[sid->len] = '\0';
	}
	if (out_left(o) > PROTO_OUT_MAX)
		return 0;
	begin(p, "ping_echo");
	out_int(o, when);
	for (int i = 0; i < 3; i++)
		out_int(o, 0); /* load */
	out_int(o, 0);	       /* latency */
	out_str(o, text);
	done(p);
	return 0;
}
