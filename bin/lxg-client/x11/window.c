/*
 * Windows: their three parts, places and sizes. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "x11.h"

#define HIDDEN_MS 150

struct win *
xwin_of(struct ui *u, uint32_t wid)
{
	struct win *w = u->windows;

	while (w != NULL && w->wid != wid)
		w = w->next;
	return w;
}

struct win *
xwin_at(struct ui *u, xcb_window_t id)
{
	struct win *w = u->windows;

	while (w != NULL && w->outer != id && w->child != id)
		w = w->next;
	return w;
}

static unsigned
side(unsigned n)
{
	return n == 0 ? 1 : n > SIDE_MAX ? SIDE_MAX : n;
}

static int
coordinate(int n)
{
	return n > SIDE_MAX ? SIDE_MAX : n < -SIDE_MAX ? -SIDE_MAX : n;
}

static struct ui_place
bounded(const struct ui_place *p)
{
	struct ui_place ok = {
	    coordinate(p->x), coordinate(p->y), side(p->w), side(p->h)};

	return ok;
}

/* The part from *at on, n long, that lies within the screen's; b: border. */
static void
visible(int *at, unsigned *n, int screen, int b)
{
	int from = *at < b ? b : *at, to = *at + (int)*n;

	if (to > screen - b)
		to = screen - b;
	if (to <= from) { /* all that is in sight is border */
		from = *at < 0 ? *at + (int)*n : screen;
		to = from + 1;
	}
	*at = from;
	*n = (unsigned)(to - from);
}

static void
place_window(
    struct ui *u, xcb_window_t id, int x, int y, unsigned w, unsigned h)
{
	uint32_t v[] = {(uint32_t)x, (uint32_t)y, w, h};

	xcb_configure_window(u->c, id,
	    XCB_CONFIG_WINDOW_X | XCB_CONFIG_WINDOW_Y |
		XCB_CONFIG_WINDOW_WIDTH | XCB_CONFIG_WINDOW_HEIGHT,
	    v);
}

/* Clip and child follow the inside. Without a border nothing is cut off. */
static void
fit(struct ui *u, struct win *w)
{
	int b = w->border;
	struct ui_place seen = w->real;

	if (b > 0 && !w->tray) {
		visible(&seen.x, &seen.w, u->screen->width_in_pixels, b);
		visible(&seen.y, &seen.h, u->screen->height_in_pixels, b);
	}
	place_window(u, w->clip, b + seen.x - w->real.x, b + seen.y - w->real.y,
	    seen.w, seen.h);
	xdraw_room(u, w, w->place.w, w->place.h);
	place_window(u, w->child, w->real.x - seen.x, w->real.y - seen.y,
	    w->place.w, w->place.h);
}

/* One of the three; its pixels stay where they are when it grows. */
static xcb_window_t
make_window(struct ui *u, xcb_window_t parent, const struct ui_place *p,
    bool popup, uint32_t color, uint32_t events)
{
	uint32_t v[] = {
	    color, 0, XCB_GRAVITY_NORTH_WEST, popup, events, u->colormap};
	xcb_window_t id = xcb_generate_id(u->c);

	xcb_create_window(u->c, 24, id, parent, (int16_t)p->x, (int16_t)p->y,
	    (uint16_t)p->w, (uint16_t)p->h, 0, XCB_WINDOW_CLASS_INPUT_OUTPUT,
	    u->visual,
	    XCB_CW_BACK_PIXEL | XCB_CW_BORDER_PIXEL | XCB_CW_BIT_GRAVITY |
		XCB_CW_OVERRIDE_REDIRECT | XCB_CW_EVENT_MASK | XCB_CW_COLORMAP,
	    v);
	return id;
}

static void
make_parts(struct ui *u, struct win *w)
{
	unsigned b = (unsigned)w->border;
	struct ui_place o = {w->real.x - (int)b, w->real.y - (int)b,
	    w->real.w + 2 * b, w->real.h + 2 * b};

	w->outer = make_window(u, u->screen->root, &o, w->popup, u->color,
	    XCB_EVENT_MASK_STRUCTURE_NOTIFY | XCB_EVENT_MASK_FOCUS_CHANGE |
		XCB_EVENT_MASK_PROPERTY_CHANGE | XCB_EVENT_MASK_KEY_PRESS |
		XCB_EVENT_MASK_KEY_RELEASE | XCB_EVENT_MASK_ENTER_WINDOW |
		XCB_EVENT_MASK_LEAVE_WINDOW);
	w->clip = make_window(u, w->outer, &w->real, false, u->color, 0);
	w->child = make_window(u, w->clip, &w->real, false, PLAIN,
	    XCB_EVENT_MASK_EXPOSURE | XCB_EVENT_MASK_BUTTON_PRESS |
		XCB_EVENT_MASK_BUTTON_RELEASE | XCB_EVENT_MASK_POINTER_MOTION);
	fit(u, w);
	xcb_map_window(u->c, w->child);
	w->asked_seq = xcb_map_window(u->c, w->clip).sequence;
}

/* Not yet to be seen; NULL where there is no memory. */
struct win *
xwin_make(
    struct ui *u, uint32_t wid, const struct ui_place *p, bool popup, bool tray)
{
	struct win *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->wid = wid;
	w->popup = popup;
	w->tray = tray;
	w->border = tray && u->border > 0 ? 1 : (int)u->border;
	w->place = w->real = bounded(p);
	make_parts(u, w);
	w->next = u->windows;
	u->windows = w;
	xsays_new(u, w);
	xicon_new(u, w);
	xcursor_set(u, w);
	return w;
}

/* Its three parts were destroyed with the window of another's that they were
 * in. What was drawn is asked for once more. */
void
xwin_anew(struct ui *u, struct win *w)
{
	xdraw_drop(u, w);
	make_parts(u, w);
	xsays_new(u, w);
	xcursor_set(u, w);
	w->mapped = w->parented = w->gone = false;
	w->again = true;
}

void
ui_window_new(struct ui *u, uint32_t wid, const struct ui_place *p,
    bool override_redirect, const struct ui_says *s)
{
	struct win *w = xwin_make(u, wid, p, override_redirect, false);

	if (w == NULL)
		return;
	xsays(u, w, s);
	xstate_initial(u, w, s);
	xcb_map_window(u->c, w->outer);
	if (w->popup) {
		uint32_t above = XCB_STACK_MODE_ABOVE;

		xcb_configure_window(
		    u->c, w->outer, XCB_CONFIG_WINDOW_STACK_MODE, &above);
	}
}

static void
win_free(struct ui *u, struct win *w)
{
	struct win **at = &u->windows;

	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	xinput_forget(u, w);
	xcb_destroy_window(u->c, w->outer);
	if (w->cursor != XCB_NONE)
		xcb_free_cursor(u->c, w->cursor);
	xdraw_drop(u, w);
	free(w);
}

void
ui_window_close(struct ui *u, uint32_t wid)
{
	struct win *w = xwin_of(u, wid);

	if (w != NULL)
		win_free(u, w);
}

void
xwin_free_all(struct ui *u)
{
	while (u->windows != NULL)
		win_free(u, u->windows);
}

/*
 * A popup is where it is said to be. Others are the window manager's: what it
 * makes of it is heard later, but room for pixels of that size is there now.
 */
static void
ask_size(struct ui *u, struct win *w, unsigned width, unsigned height)
{
	uint32_t v[] = {
	    width + 2 * (unsigned)w->border, height + 2 * (unsigned)w->border};

	w->place.w = width;
	w->place.h = height;
	if (w->popup) {
		w->real.w = width;
		w->real.h = height;
	}
	w->asked_seq = xcb_configure_window(u->c, w->outer,
	    XCB_CONFIG_WINDOW_WIDTH | XCB_CONFIG_WINDOW_HEIGHT, v)
			   .sequence;
	fit(u, w);
}

void
ui_window_resize(struct ui *u, uint32_t wid, unsigned width, unsigned height)
{
	struct win *w = xwin_of(u, wid);

	if (w != NULL && !w->tray)
		ask_size(u, w, side(width), side(height));
}

/* What a window manager adds at the left and on top is in front of the place
 * that is asked for, unless the window's gravity is another one. */
static void
ask_place(struct ui *u, struct win *w, int x, int y)
{
	int b = w->border;
	bool corner = w->gravity == XCB_GRAVITY_NORTH_WEST;
	uint32_t v[] = {(uint32_t)(x - b - (corner ? w->frame_left : 0)),
	    (uint32_t)(y - b - (corner ? w->frame_top : 0))};

	w->asked_seq = xcb_configure_window(
	    u->c, w->outer, XCB_CONFIG_WINDOW_X | XCB_CONFIG_WINDOW_Y, v)
			   .sequence;
}

void
ui_window_move(struct ui *u, uint32_t wid, const struct ui_place *p)
{
	struct win *w = xwin_of(u, wid);
	struct ui_place to = bounded(p);

	if (w == NULL || w->tray)
		return;
	ask_place(u, w, to.x, to.y);
	w->place.x = to.x;
	w->place.y = to.y;
	if (w->popup) {
		w->real.x = to.x;
		w->real.y = to.y;
	}
	ask_size(u, w, to.w, to.h);
}

/* Synthetic ones have the root's coordinates, others the frame's. */
void
xwin_event_configure(struct ui *u, const xcb_configure_notify_event_t *e)
{
	struct win *w = xwin_at(u, e->window);
	uint32_t full;
	int b;

	if (w == NULL || w->popup)
		return;
	b = w->border;
	/* from before our last wish: its own number has 16 bits, and is soon
	 * that of a later one */
	full = ((const xcb_generic_event_t *)(const void *)e)->full_sequence;
	if ((int32_t)(full - w->asked_seq) < 0)
		return;
	w->real.w = e->width > 2 * b ? e->width - 2u * (unsigned)w->border : 1;
	w->real.h =
	    e->height > 2 * b ? e->height - 2u * (unsigned)w->border : 1;
	w->changed = true;
	if ((e->response_type & 0x80) != 0 || !w->parented) {
		w->real.x = e->x + b;
		w->real.y = e->y + b;
		w->moved = false;
	} else {
		w->moved = true;
	}
}

void
xwin_event_parent(struct ui *u, const xcb_reparent_notify_event_t *e)
{
	struct win *w = xwin_at(u, e->window);

	if (w == NULL)
		return;
	w->parented = e->parent != u->screen->root;
	w->changed = w->moved = true;
	if (w->remap == TAKEN_BACK && !w->parented)
		xremap_show(u, w);
	if (w->tray)
		xtray_parent(u, w, !w->parented);
}

/* Where on the screen: asked once for all that came meanwhile. */
static void
look_where(struct ui *u, struct win *w)
{
	xcb_translate_coordinates_reply_t *r =
	    xcb_translate_coordinates_reply(u->c,
		xcb_translate_coordinates(u->c, w->outer, u->screen->root,
		    (int16_t)w->border, (int16_t)w->border),
		NULL);

	if (r != NULL) {
		w->real.x = r->dst_x;
		w->real.y = r->dst_y;
	}
	free(r);
	w->moved = false;
}

static void
settle_window(struct ui *u, struct win *w)
{
	bool news;

	w->changed = false;
	if (w->moved)
		look_where(u, w);
	news = w->news || memcmp(&w->place, &w->real, sizeof(w->place)) != 0;
	w->news = false;
	w->place = w->real;
	fit(u, w);
	if (w->tray)
		xtray_sized(u, w);
	if (news && w->mapped)
		on_configure(u->ctx, w->wid, &w->place, w->told);
}

/*
 * The server hears of a window's place with its being there, not before. Some
 * window managers hide a window for a moment to give it another frame: only
 * what stays hidden is told, as xpra 3's server dies of an unmapping in
 * between.
 */
void
xwin_event_map(struct ui *u, xcb_window_t id, bool mapped)
{
	struct win *w = xwin_at(u, id);

	if (w == NULL || id != w->outer)
		return;
	w->changed = true;
	if (w->remap == TAKEN_BACK && !mapped && !w->parented)
		xremap_show(u, w);
	else if (w->remap == SHOWN_ANEW && mapped)
		w->remap = NOT_TAKEN;
	if (w->remap != NOT_TAKEN)
		return;
	w->hidden = mapped || w->tray ? 0 : clock_ms() + HIDDEN_MS;
	if (w->mapped || !mapped)
		return;
	if (!w->tray)
		settle_window(u, w);
	w->mapped = true;
	w->news = w->tray;
	if (!w->tray)
		on_map(u->ctx, w->wid, &w->place, w->told);
}

/* When the next of the hidden windows is to be told of; 0: none. */
long long
xwin_due(const struct ui *u)
{
	long long due = 0;

	for (const struct win *w = u->windows; w != NULL; w = w->next)
		if (w->hidden != 0 && (due == 0 || w->hidden < due))
			due = w->hidden;
	return due;
}

void
xwin_tick(struct ui *u)
{
	for (struct win *w = u->windows; w != NULL; w = w->next)
		if (w->hidden != 0 && w->hidden <= clock_ms()) {
			w->hidden = 0;
			if (w->mapped)
				on_unmap(u->ctx, w->wid);
			w->mapped = false;
		}
}

/* on_* may close windows: the list is begun anew after each. */
void
xwin_settle(struct ui *u)
{
	struct win *w = u->windows;

	while (w != NULL) {
		if (w->changed && w->remap == NOT_TAKEN) {
			settle_window(u, w);
			w = u->windows;
		} else if (w->again) {
			w->again = false;
			on_refresh(u->ctx, w->wid);
			w = u->windows;
		} else {
			w = w->next;
		}
	}
}
