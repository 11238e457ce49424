/*
 * States of windows: a program's wishes go to the window manager, by a property
 * before the window is shown and by messages afterwards; what it makes of them
 * (or the user) is read from the same property. Full screen is the outer
 * window's, so the border stays in sight and the program has that much less.
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>
#include <xcb/xcb_icccm.h>

#include "clock.h"
#include "x11.h"

static const struct {
	unsigned bit;
	enum atom first, second; /* the second where a message names two */
} states[] = {
    {UI_MAXIMIZED, A__NET_WM_STATE_MAXIMIZED_HORZ,
	A__NET_WM_STATE_MAXIMIZED_VERT},
    {UI_FULLSCREEN, A__NET_WM_STATE_FULLSCREEN, ATOMS},
    {UI_ABOVE, A__NET_WM_STATE_ABOVE, ATOMS},
    {UI_BELOW, A__NET_WM_STATE_BELOW, ATOMS},
    {UI_SHADED, A__NET_WM_STATE_SHADED, ATOMS},
    {UI_STICKY, A__NET_WM_STATE_STICKY, ATOMS},
    {UI_NO_TASKBAR, A__NET_WM_STATE_SKIP_TASKBAR, ATOMS},
    {UI_NO_PAGER, A__NET_WM_STATE_SKIP_PAGER, ATOMS},
};

#define WISH_MS 3000

#define STATES (sizeof(states) / sizeof(states[0]))

static void
set_hints(struct ui *u, struct win *w, bool iconic)
{
	xcb_icccm_wm_hints_t h = {0};

	xcb_icccm_wm_hints_set_input(&h, 1);
	if (iconic)
		xcb_icccm_wm_hints_set_iconic(&h);
	else
		xcb_icccm_wm_hints_set_normal(&h);
	xcb_icccm_set_wm_hints(u->c, w->outer, &h);
}

void
xstate_initial(struct ui *u, struct win *w, const struct ui_says *s)
{
	unsigned on =
	    (s->has & UI_SAYS_STATE) != 0 ? s->state & s->state_mask : 0;
	xcb_atom_t list[2 * STATES + 1];
	uint32_t n = 0;

	if (w->popup)
		return;
	set_hints(u, w, (on & UI_ICONIC) != 0);
	if ((s->has & UI_SAYS_MODAL) != 0 && s->modal)
		list[n++] = u->atom[A__NET_WM_STATE_MODAL];
	for (unsigned i = 0; i < STATES; i++) {
		if ((on & states[i].bit) == 0)
			continue;
		list[n++] = u->atom[states[i].first];
		if (states[i].second != ATOMS)
			list[n++] = u->atom[states[i].second];
	}
	w->state = w->told = on;
	w->modal = s->modal;
	xcb_change_property(u->c, XCB_PROP_MODE_REPLACE, w->outer,
	    u->atom[A__NET_WM_STATE], XCB_ATOM_ATOM, 32, n, list);
}

/* To the window manager, which is who listens at the root for these. */
static void
message(struct ui *u, struct win *w, xcb_atom_t type, const uint32_t v[5])
{
	xcb_client_message_event_t m = {.response_type = XCB_CLIENT_MESSAGE,
	    .format = 32,
	    .window = w->outer,
	    .type = type};

	memcpy(m.data.data32, v, sizeof(m.data.data32));
	xcb_send_event(u->c, 0, u->screen->root,
	    XCB_EVENT_MASK_SUBSTRUCTURE_NOTIFY |
		XCB_EVENT_MASK_SUBSTRUCTURE_REDIRECT,
	    (char *)&m);
}

static void
change(struct ui *u, struct win *w, bool on, enum atom first, enum atom second)
{
	uint32_t v[5] = {on, u->atom[first],
	    second == ATOMS ? XCB_ATOM_NONE : u->atom[second], 1, 0};

	message(u, w, u->atom[A__NET_WM_STATE], v);
}

void
xstate_modal(struct ui *u, struct win *w, bool modal)
{
	if (w->modal != modal && !u->untrusted)
		change(u, w, modal, A__NET_WM_STATE_MODAL, ATOMS);
	w->modal = modal;
}

static void
ask_state(struct ui *u, struct win *w, unsigned state, unsigned change_of)
{
	uint32_t iconic[5] = {XCB_ICCCM_WM_STATE_ICONIC};

	for (unsigned i = 0; i < STATES; i++)
		if ((change_of & states[i].bit) != 0)
			change(u, w, (state & states[i].bit) != 0,
			    states[i].first, states[i].second);
	if ((change_of & UI_ICONIC) == 0)
		return;
	if ((state & UI_ICONIC) != 0)
		message(u, w, u->atom[A_WM_CHANGE_STATE], iconic);
	else
		xcb_map_window(u->c, w->outer);
}

/*
 * Only a change is asked for: a program that says it once more must not undo
 * what the user did meanwhile. A window that is an icon comes back by being
 * mapped.
 */
void
xstate_ask(struct ui *u, struct win *w, unsigned state, unsigned mask)
{
	unsigned before = w->told, change_of = (state ^ before) & mask;

	if (change_of == 0)
		return;
	w->told = (w->told & ~mask) | (state & mask);
	u->wish_end = clock_ms() + WISH_MS;
	if (u->untrusted)
		xremap(u, w, before);
	else
		ask_state(u, w, state, change_of);
}

/* What no window manager has done by then isn't so: the program is told. */
void
xstate_overdue(struct ui *u)
{
	if (u->wish_end == 0 || clock_ms() < u->wish_end)
		return;
	u->wish_end = 0;
	for (struct win *w = u->windows; w != NULL; w = w->next)
		if (w->remap != NOT_TAKEN) {
			xremap_show(u, w);
			w->remap = NOT_TAKEN;
		} else if (w->told != w->state) {
			w->told = w->state;
			w->changed = w->news = true;
		}
}

static xcb_get_property_reply_t *
property(struct ui *u, struct win *w, enum atom name, xcb_atom_t type)
{
	return xcb_get_property_reply(u->c,
	    xcb_get_property(u->c, 0, w->outer, u->atom[name], type, 0, 64),
	    NULL);
}

static unsigned
bits_of(const struct ui *u, const xcb_get_property_reply_t *r)
{
	const xcb_atom_t *a = xcb_get_property_value(r);
	unsigned n = r->format == 32
			 ? (unsigned)xcb_get_property_value_length(r) / 4
			 : 0;
	unsigned on = 0;

	for (unsigned k = 0; k < n; k++)
		for (unsigned i = 0; i < STATES; i++)
			if (a[k] == u->atom[states[i].first])
				on |= states[i].bit;
	return on;
}

static bool
is_iconic(struct ui *u, struct win *w)
{
	xcb_get_property_reply_t *r =
	    property(u, w, A_WM_STATE, u->atom[A_WM_STATE]);
	bool iconic =
	    r != NULL && r->format == 32 &&
	    xcb_get_property_value_length(r) >= 4 &&
	    *(uint32_t *)xcb_get_property_value(r) == XCB_ICCCM_WM_STATE_ICONIC;

	free(r);
	return iconic;
}

void
xstate_read(struct ui *u, struct win *w)
{
	xcb_get_property_reply_t *r =
	    property(u, w, A__NET_WM_STATE, XCB_ATOM_ATOM);
	unsigned now, changed;

	if (r == NULL || w->popup || w->remap == TAKEN_BACK) {
		free(r);
		return;
	}
	now = bits_of(u, r) | (is_iconic(u, w) ? UI_ICONIC : 0);
	free(r);
	/* a wish of the program's that is under way stays as it is */
	changed = now ^ w->state;
	if (((w->told ^ now) & changed) != 0)
		w->changed = w->news = true;
	w->told = (w->told & ~changed) | (now & changed);
	w->state = now;
}

void
xstate_frame(struct ui *u, struct win *w)
{
	xcb_get_property_reply_t *r =
	    property(u, w, A__NET_FRAME_EXTENTS, XCB_ATOM_CARDINAL);
	const uint32_t *v = NULL;

	if (r != NULL && r->format == 32 &&
	    xcb_get_property_value_length(r) >= 16)
		v = xcb_get_property_value(r);
	/* none: of a window in full screen, or one that is not shown */
	if (v != NULL && w->remap == NOT_TAKEN && v[0] + v[2] > 0) {
		w->frame_left = (int)(v[0] > 500 ? 500 : v[0]);
		w->frame_top = (int)(v[2] > 500 ? 500 : v[2]);
	}
	free(r);
}
