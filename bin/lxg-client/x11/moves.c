/*
 * Pixels that move within a window: copies within its pixmap, in an order in
 * which none is over what another one needs, else from a copy of it all.
 * SPDX-License-Identifier: ISC
 */
#include "x11.h"

#define LOOKED_AT 64 /* of more moves than that no order is looked for */

static bool
overlap(int a, unsigned a_len, int b, unsigned b_len)
{
	return a < b + (int)b_len && b < a + (int)a_len;
}

/* Would one be over what a later one needs? From the last to the first where
 * it is backward. */
static bool
in_order(const struct ui_move *v, unsigned n, bool backward)
{
	if (n > LOOKED_AT)
		return false;
	for (unsigned i = 0; i < n; i++)
		for (unsigned j = i + 1; j < n; j++) {
			const struct ui_move *a = &v[backward ? j : i];
			const struct ui_move *b = &v[backward ? i : j];

			if (overlap(a->x, a->from.w, b->from.x, b->from.w) &&
			    overlap(a->y, a->from.h, b->from.y, b->from.h))
				return false;
		}
	return true;
}

static void
copy(struct ui *u, xcb_drawable_t from, struct win *w, const struct ui_move *m)
{
	xcb_copy_area(u->c, from, w->pixmap, u->gc, (int16_t)m->from.x,
	    (int16_t)m->from.y, (int16_t)m->x, (int16_t)m->y,
	    (uint16_t)m->from.w, (uint16_t)m->from.h);
}

/* Takes the X server's memory for a moment. */
static bool
move_all(struct ui *u, struct win *w, const struct ui_move *v, unsigned n)
{
	xcb_pixmap_t old;

	if ((size_t)w->pixmap_w * w->pixmap_h * 4 > u->pixmaps_max - u->pixmaps)
		return false;
	old = xcb_generate_id(u->c);
	w->copy_seq = xcb_create_pixmap(u->c, 24, old, w->child,
	    (uint16_t)w->pixmap_w, (uint16_t)w->pixmap_h)
			  .sequence;
	xcb_copy_area(u->c, w->pixmap, old, u->gc, 0, 0, 0, 0,
	    (uint16_t)w->pixmap_w, (uint16_t)w->pixmap_h);
	for (unsigned i = 0; i < n; i++)
		copy(u, old, w, &v[i]);
	xcb_free_pixmap(u->c, old);
	return true;
}

static bool
is_kept(const struct win *w, const struct ui_move *v, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		const struct ui_place *p = &v[i].from;

		if (p->x < 0 || p->y < 0 || v[i].x < 0 || v[i].y < 0 ||
		    p->w > w->pixmap_w || p->h > w->pixmap_h ||
		    (unsigned)p->x > w->pixmap_w - p->w ||
		    (unsigned)p->y > w->pixmap_h - p->h ||
		    (unsigned)v[i].x > w->pixmap_w - p->w ||
		    (unsigned)v[i].y > w->pixmap_h - p->h)
			return false;
	}
	return w->pixmap != XCB_NONE;
}

bool
ui_moves(struct ui *u, uint32_t wid, const struct ui_move *v, unsigned n)
{
	struct win *w = xwin_of(u, wid);
	bool forward = in_order(v, n, false);

	if (w == NULL || !is_kept(w, v, n))
		return false;
	if (!forward && !in_order(v, n, true)) {
		if (!move_all(u, w, v, n))
			return false;
	} else {
		for (unsigned i = 0; i < n; i++)
			copy(u, w->pixmap, w, &v[forward ? i : n - 1 - i]);
	}
	for (unsigned i = 0; i < n; i++)
		xcb_copy_area(u->c, w->pixmap, w->child, u->gc, (int16_t)v[i].x,
		    (int16_t)v[i].y, (int16_t)v[i].x, (int16_t)v[i].y,
		    (uint16_t)v[i].from.w, (uint16_t)v[i].from.h);
	return true;
}
