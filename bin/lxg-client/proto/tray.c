/*
 * Icons of programs, where the host has no tray that takes their windows: the
 * pixels are gathered here for the monitor, which has them shown and tells of
 * clicks. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "clean.h"
#include "state.h"

#define SIDE  30 /* the monitor adds a pixel all around */
#define ITEMS 8
#define PAUSE 100 /* ms between two pictures of one */
#define CHARS 200

struct item {
	char title[CHARS * 4 + 1];
	bool fresh; /* the monitor has not got this yet */
	bool drawn;
	long long due;
	uint8_t argb[SIDE * SIDE * 4];
};

bool
item_new(struct proto *p, struct win *w, const struct val *meta)
{
	if (p->items >= ITEMS || !ask_shows_icons(p->ask) ||
	    (w->item = calloc(1, sizeof(*w->item))) == NULL)
		return false;
	p->items++;
	item_says(p, w, meta);
	return true;
}

/* Menus open where the program believes its icon to be. */
void
item_place(struct proto *p, struct win *w, int x, int y)
{
	struct ui_place place = {x, y, SIDE, SIDE};

	on_configure(p, w->wid, &place, 0);
}

void
item_says(struct proto *p, struct win *w, const struct val *meta)
{
	struct item *i = w->item;
	const struct val *title = val_key(meta, "title");

	(void)p;
	if (title == NULL)
		return;
	clean_text(title, i->title, sizeof(i->title), CHARS, false);
	i->fresh = i->drawn;
}

/* X has colours multiplied by alpha already, and trays have not. */
static uint8_t
straight(unsigned color, unsigned alpha)
{
	return color >= alpha ? (alpha == 0 ? 0 : 255)
			      : (uint8_t)(color * 255 / alpha);
}

static void
pixel(uint8_t *to, const uint8_t *bgra, bool alpha)
{
	unsigned a = alpha ? bgra[3] : 255;

	to[0] = (uint8_t)a;
	for (int i = 1; i < 4; i++)
		to[i] = straight(bgra[3 - i], a);
}

void
item_draw(struct proto *p, struct win *w, const struct ui_place *place,
    const uint8_t *pixels, size_t stride, bool alpha)
{
	struct item *i = w->item;
	unsigned left = (unsigned)place->x, top = (unsigned)place->y;

	if (left + place->w > SIDE || top + place->h > SIDE)
		return;
	for (unsigned y = 0; y < place->h; y++)
		for (unsigned x = 0; x < place->w; x++)
			pixel(i->argb + ((top + y) * SIDE + left + x) * 4,
			    pixels + y * stride + x * 4, alpha);
	i->fresh = i->drawn = true;
	item_tick(p);
}

void
item_gone(struct proto *p, struct win *w)
{
	ask_icon_gone(p->ask, w->wid);
	free(w->item);
	w->item = NULL;
	p->items--;
}

long long
item_due(const struct proto *p)
{
	long long due = -1;

	for (unsigned k = 0; p->items > 0 && k < WINDOWS; k++) {
		const struct item *i = p->win[k].item;

		if (i != NULL && i->fresh && (due < 0 || i->due < due))
			due = i->due;
	}
	return due;
}

void
item_tick(struct proto *p)
{
	for (unsigned k = 0; p->items > 0 && k < WINDOWS; k++) {
		struct item *i = p->win[k].item;

		if (i == NULL || !i->fresh || p->now < i->due)
			continue;
		ask_icon(p->ask, p->win[k].wid, i->title, SIDE, SIDE, i->argb);
		i->fresh = false;
		i->due = p->now + PAUSE;
	}
}

void
proto_click(struct proto *p, uint32_t wid, unsigned button, int x, int y)
{
	struct win *w = win_find(p, wid);

	if (w == NULL || w->item == NULL)
		return;
	if (x < 0 || y < 0 || x > PLACE_MAXI || y > PLACE_MAXI) {
		x = w->place.x + SIDE / 2;
		y = w->place.y + SIDE / 2;
	}
	item_place(p, w, x - SIDE / 2, y - SIDE / 2);
	on_motion(p, wid, x, y, 0);
	on_button(p, wid, button, true, x, y, 0);
	on_button(p, wid, button, false, x, y, 0);
}
