/*
 * Icons in the host's tray, by XEmbed as freedesktop.org's System Tray Protocol
 * has it, with a border of one pixel. The tray places them; they ask for a
 * square. An untrusted client's wish for a place there would be dropped on the
 * way. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>
#include <xcb/xcb_icccm.h>

#include "x11.h"

#define DOCK	     0
#define EMBED_MAPPED 1
#define TRAY_MAX     8
#define SQUARE_MIN   16
#define SQUARE_MAX   128

static unsigned
count_icons(const struct ui *u)
{
	unsigned n = 0;

	for (const struct win *w = u->windows; w != NULL; w = w->next)
		n += w->tray;
	return n;
}

static xcb_window_t
manager(struct ui *u)
{
	xcb_get_selection_owner_reply_t *r = xcb_get_selection_owner_reply(u->c,
	    xcb_get_selection_owner(u->c, u->atom[A__NET_SYSTEM_TRAY_S0]),
	    NULL);
	xcb_window_t owner = r == NULL ? XCB_NONE : r->owner;

	free(r);
	return owner;
}

/* Another tray than the one that there was is told to all at the root. */
void
xtray_open(struct ui *u)
{
	uint32_t mask = XCB_EVENT_MASK_STRUCTURE_NOTIFY;

	if (u->tray && !u->untrusted)
		xcb_change_window_attributes(
		    u->c, u->screen->root, XCB_CW_EVENT_MASK, &mask);
}

/* Does it grow downwards? */
static bool
is_upright(struct ui *u, xcb_window_t owner)
{
	xcb_get_property_reply_t *r = xcb_get_property_reply(u->c,
	    xcb_get_property(u->c, 0, owner,
		u->atom[A__NET_SYSTEM_TRAY_ORIENTATION], XCB_ATOM_CARDINAL, 0,
		1),
	    NULL);
	bool upright = r != NULL && r->format == 32 &&
		       xcb_get_property_value_length(r) == 4 &&
		       *(uint32_t *)xcb_get_property_value(r) == 1;

	free(r);
	return upright;
}

/* Trays give as much as is asked for, some of them one pixel to who doesn't. */
static void
ask_square(struct ui *u, struct win *w, unsigned side)
{
	xcb_size_hints_t x = {0};

	side = side < SQUARE_MIN   ? SQUARE_MIN
	       : side > SQUARE_MAX ? SQUARE_MAX
				   : side;
	if (side == w->wished)
		return;
	w->wished = side;
	xcb_icccm_size_hints_set_min_size(&x, (int32_t)side, (int32_t)side);
	xcb_icccm_size_hints_set_base_size(&x, (int32_t)side, (int32_t)side);
	xcb_icccm_set_wm_normal_hints(u->c, w->outer, &x);
}

static void
dock(struct ui *u, struct win *w, xcb_window_t owner)
{
	uint32_t info[] = {0, EMBED_MAPPED};
	xcb_client_message_event_t m = {.response_type = XCB_CLIENT_MESSAGE,
	    .format = 32,
	    .window = owner,
	    .type = u->atom[A__NET_SYSTEM_TRAY_OPCODE],
	    .data.data32 = {u->time, DOCK, w->outer}};

	u->tray_upright = is_upright(u, owner);
	w->wished = 0;
	ask_square(u, w,
	    (w->real.w > w->real.h ? w->real.w : w->real.h) +
		2 * (unsigned)w->border);
	xcb_change_property(u->c, XCB_PROP_MODE_REPLACE, w->outer,
	    u->atom[A__XEMBED_INFO], u->atom[A__XEMBED_INFO], 32, 2, info);
	xcb_send_event(u->c, 0, owner, XCB_EVENT_MASK_NO_EVENT, (char *)&m);
}

int
ui_tray_new(
    struct ui *u, uint32_t wid, unsigned w, unsigned h, const char *title)
{
	struct ui_place p = {0, 0, w, h};
	struct win *icon;
	xcb_window_t owner;

	if (!u->tray || u->untrusted || count_icons(u) >= TRAY_MAX ||
	    xwin_of(u, wid) != NULL || (owner = manager(u)) == XCB_NONE)
		return -1;
	icon = xwin_make(u, wid, &p, false, true);
	if (icon == NULL)
		return -1;
	if (title != NULL)
		xsays_text(u, icon, title);
	dock(u, icon, owner);
	return 0;
}

/* How high a bar is (or how wide, where it is upright) is the tray's to say;
 * the other side is to be as long. */
void
xtray_sized(struct ui *u, struct win *w)
{
	if (w->mapped)
		ask_square(u, w,
		    (u->tray_upright ? w->real.w : w->real.h) +
			2 * (unsigned)w->border);
}

/* Where the pointer is told to be is where the icon is: nobody tells it that
 * the whole of the tray has been moved. */
void
xtray_at(struct ui *u, struct win *w, int x, int y)
{
	if (w->place.x == x && w->place.y == y)
		return;
	w->real.x = x;
	w->real.y = y;
	w->moved = false;
	w->changed = true;
	xwin_settle(u);
}

/* The tray is gone: no window of its own is left where it was. */
void
xtray_parent(struct ui *u, struct win *w, bool root)
{
	if (root)
		xcb_unmap_window(u->c, w->outer);
}

/* And took the icon with it, as a tray does that keeps no list of others'. */
void
xtray_gone(struct win *w)
{
	w->gone = true;
	w->mapped = w->changed = false;
}

/* One has begun: icons that were in another one are docked again. */
void
xtray_manager(struct ui *u, const xcb_client_message_event_t *e)
{
	if (e->window != u->screen->root || e->format != 32 ||
	    e->data.data32[1] != u->atom[A__NET_SYSTEM_TRAY_S0] || !u->tray ||
	    u->untrusted)
		return;
	for (struct win *w = u->windows; w != NULL; w = w->next) {
		if (!w->tray)
			continue;
		if (w->gone)
			xwin_anew(u, w);
		dock(u, w, e->data.data32[2]);
	}
}
