/*
 * The pointer and the focus. Nothing is ever grabbed.
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>

#include "x11.h"

#define BUTTONS 15 /* wheels and the ones at the side included */

/* The last of many motions is told. */
void
xinput_motion(struct ui *u)
{
	struct win *w = u->motion.w;

	u->motion.w = NULL;
	if (w != NULL)
		on_motion(
		    u->ctx, w->wid, u->motion.x, u->motion.y, u->motion.mods);
}

static void
motion(struct ui *u, struct win *w, int x, int y, unsigned mods)
{
	u->motion.w = w;
	u->motion.x = w->place.x + x;
	u->motion.y = w->place.y + y;
	u->motion.mods = xkeys_mods(u, mods);
}

static void
button(struct ui *u, const xcb_button_press_event_t *e, bool down)
{
	struct win *w = xwin_at(u, e->event);

	if (w == NULL || e->detail > BUTTONS)
		return;
	xinput_motion(u);
	if (w->tray)
		xtray_at(u, w, e->root_x - e->event_x, e->root_y - e->event_y);
	xkeys_settle(u);
	u->time = e->time;
	if (down && e->detail < 4) {
		u->user_time = e->time;
		xsays_user_time(u, w);
	}
	on_button(u->ctx, w->wid, e->detail, down, w->place.x + e->event_x,
	    w->place.y + e->event_y, xkeys_mods(u, e->state));
}

/*
 * Keys that are down when the keyboard goes elsewhere come up: for a window
 * manager's grab as well, which is no change of the focus.
 */
static void
focus(struct ui *u, const xcb_focus_in_event_t *e, bool in)
{
	struct win *w = xwin_at(u, e->event);

	if (w == NULL || w->tray || e->detail >= XCB_NOTIFY_DETAIL_POINTER ||
	    e->detail == XCB_NOTIFY_DETAIL_INFERIOR)
		return;
	if (e->mode == XCB_NOTIFY_MODE_GRAB) {
		if (!in)
			xkeys_up(u);
		return;
	}
	if (in)
		u->focus = w;
	else if (u->focus == w && e->mode != XCB_NOTIFY_MODE_UNGRAB)
		u->focus = NULL;
}

/* Without a window manager the focus is where the pointer is. */
static void
crossing(struct ui *u, const xcb_enter_notify_event_t *e, bool in)
{
	struct win *w = xwin_at(u, e->event);

	if (w == NULL)
		return;
	if (w->tray && in)
		xtray_at(u, w, e->root_x - e->event_x + w->border,
		    e->root_y - e->event_y + w->border);
	if (in && e->mode == XCB_NOTIFY_MODE_NORMAL && e->child == w->clip)
		motion(u, w, e->event_x - w->border, e->event_y - w->border,
		    e->state);
	if (e->detail == XCB_NOTIFY_DETAIL_INFERIOR || w->tray)
		return;
	if (in && (e->same_screen_focus & 1) != 0)
		u->pointer = w;
	else if (!in && u->pointer == w)
		u->pointer = NULL;
}

void
xinput_event(struct ui *u, xcb_generic_event_t *e)
{
	const xcb_motion_notify_event_t *m = (void *)e;
	struct win *w;

	switch (e->response_type & 0x7f) {
	case XCB_MOTION_NOTIFY:
		w = xwin_at(u, m->event);
		if (u->motion.w != w)
			xinput_motion(u);
		if (w != NULL)
			motion(u, w, m->event_x, m->event_y, m->state);
		break;
	case XCB_BUTTON_PRESS:
	case XCB_BUTTON_RELEASE:
		button(u, (void *)e,
		    (e->response_type & 0x7f) == XCB_BUTTON_PRESS);
		break;
	case XCB_FOCUS_IN:
	case XCB_FOCUS_OUT:
		focus(u, (void *)e, (e->response_type & 0x7f) == XCB_FOCUS_IN);
		break;
	case XCB_ENTER_NOTIFY:
	case XCB_LEAVE_NOTIFY:
		crossing(u, (void *)e,
		    (e->response_type & 0x7f) == XCB_ENTER_NOTIFY);
		break;
	case XCB_KEY_PRESS:
	case XCB_KEY_RELEASE:
		xkeys_event(
		    u, (void *)e, (e->response_type & 0x7f) == XCB_KEY_PRESS);
		break;
	default:
		break;
	}
}

/*
 * Tells where the focus is, once for all that came: it goes from one window to
 * the next without a moment in which none has it. A popup never has it: what is
 * typed while the pointer is in a menu is for who opened it, and the way there
 * may lead over nothing.
 */
static void
settle_focus(struct ui *u)
{
	struct win *now = u->focus;

	if (now == NULL)
		now = u->pointer;
	if (now != NULL && now->popup)
		now = u->had_focus;
	if (now == u->told_focus)
		return;
	xkeys_up(u);
	u->told_focus = now;
	if (now != NULL) {
		u->had_focus = now;
		xsel_focus(u);
	}
	on_focus(u->ctx, now == NULL ? 0 : now->wid);
}

void
xinput_settle(struct ui *u)
{
	xinput_motion(u);
	settle_focus(u);
}

void
xinput_forget(struct ui *u, struct win *w)
{
	if (u->motion.w == w)
		u->motion.w = NULL;
	if (u->focus == w)
		u->focus = NULL;
	if (u->pointer == w)
		u->pointer = NULL;
	if (u->had_focus == w)
		u->had_focus = NULL;
	if (u->told_focus == w) {
		xkeys_up(u);
		u->told_focus = NULL;
		on_focus(u->ctx, 0);
	}
}
