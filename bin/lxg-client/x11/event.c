/*
 * What comes from the display, to who it is for. Where the X server does not
 * take what is written, xcb waits: with a server that stands still so does the
 * client, and goes on with it. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "x11.h"

/* The next event, from memory or from the display; NULL: none. */
xcb_generic_event_t *
xevent_next(struct ui *u)
{
	xcb_generic_event_t *e = u->queued;

	u->queued = NULL;
	return e != NULL ? e : xcb_poll_for_event(u->c);
}

static void
client_message(struct ui *u, const xcb_client_message_event_t *e)
{
	struct win *w = xwin_at(u, e->window);
	xcb_client_message_event_t pong = *e;

	if (e->type == u->atom[A_MANAGER])
		xtray_manager(u, e);
	if (w == NULL || e->type != u->atom[A_WM_PROTOCOLS])
		return;
	if (e->data.data32[0] == u->atom[A_WM_DELETE_WINDOW]) {
		on_close(u->ctx, w->wid);
	} else if (e->data.data32[0] == u->atom[A__NET_WM_PING]) {
		pong.window = u->screen->root;
		xcb_send_event(u->c, 0, u->screen->root,
		    XCB_EVENT_MASK_SUBSTRUCTURE_NOTIFY |
			XCB_EVENT_MASK_SUBSTRUCTURE_REDIRECT,
		    (char *)&pong);
	}
}

static void
note_property(struct ui *u, const xcb_property_notify_event_t *e)
{
	struct win *w = xwin_at(u, e->window);

	u->time = e->time;
	if (w == NULL)
		return;
	if (e->atom == u->atom[A__NET_WM_STATE] ||
	    e->atom == u->atom[A_WM_STATE])
		xstate_read(u, w);
	else if (e->atom == u->atom[A__NET_FRAME_EXTENTS])
		xstate_frame(u, w);
}

static void
window_event(struct ui *u, xcb_generic_event_t *e)
{
	switch (e->response_type & 0x7f) {
	case XCB_CONFIGURE_NOTIFY:
		xwin_event_configure(u, (xcb_configure_notify_event_t *)e);
		break;
	case XCB_REPARENT_NOTIFY:
		xwin_event_parent(u, (xcb_reparent_notify_event_t *)e);
		break;
	case XCB_MAP_NOTIFY:
		xwin_event_map(u, ((xcb_map_notify_event_t *)e)->window, true);
		break;
	case XCB_UNMAP_NOTIFY:
		xwin_event_map(
		    u, ((xcb_unmap_notify_event_t *)e)->window, false);
		break;
	case XCB_DESTROY_NOTIFY: {
		struct win *w =
		    xwin_at(u, ((xcb_destroy_notify_event_t *)e)->window);

		if (w != NULL && w->tray)
			xtray_gone(w);
		break;
	}
	case XCB_EXPOSE: {
		const xcb_expose_event_t *x = (xcb_expose_event_t *)e;
		struct win *w = xwin_at(u, x->window);

		if (w != NULL && x->window == w->child)
			xdraw_again(u, w, x);
		break;
	}
	default:
		xinput_event(u, e);
	}
}

static void
event(struct ui *u, xcb_generic_event_t *e)
{
	switch (e->response_type & 0x7f) {
	case 0:
		xdraw_error(u, (xcb_generic_error_t *)e);
		break;
	case XCB_MAPPING_NOTIFY:
		xkeys_map(u);
		break;
	case XCB_CLIENT_MESSAGE:
		client_message(u, (xcb_client_message_event_t *)e);
		break;
	case XCB_PROPERTY_NOTIFY:
		note_property(u, (xcb_property_notify_event_t *)e);
		break;
	default:
		window_event(u, e);
	}
}

static void
all_events(struct ui *u)
{
	xcb_generic_event_t *e;

	while ((e = xevent_next(u)) != NULL) {
		if (!xsel_event(u, e) && !xoffer_event(u, e))
			event(u, e);
		free(e);
	}
}

static int
display_is_there(struct ui *u, struct fail *f)
{
	return xcb_connection_has_error(u->c)
		   ? fail_set(f, FAIL_UNAVAILABLE, "the display is gone")
		   : 0;
}

int
ui_step(struct ui *u, struct fail *f)
{
	all_events(u);
	/* where the pointer went may be told a moment after what it left */
	if (u->told_focus != NULL && u->focus == NULL && u->pointer == NULL) {
		free(xcb_get_input_focus_reply(
		    u->c, xcb_get_input_focus(u->c), NULL));
		all_events(u);
	}
	xinput_settle(u);
	xkeys_tick(u);
	xwin_tick(u);
	xsel_tick(u);
	xoffer_tick(u);
	xstate_overdue(u);
	xwin_settle(u);
	return display_is_there(u, f);
}

int
ui_flush(struct ui *u, struct fail *f)
{
	xdraw_mark(u);
	xcb_flush(u->c); /* an error stays */
	return display_is_there(u, f);
}

int
ui_wait(struct ui *u, long long now)
{
	const long long due[] = {u->release.due, u->user_due, u->wish_end,
	    xwin_due(u), xsel_due(u), xoffer_due(u)};
	long long first = 0;

	if (u->queued == NULL)
		u->queued = xcb_poll_for_queued_event(u->c);
	if (u->queued != NULL)
		return 0;
	for (unsigned i = 0; i < sizeof(due) / sizeof(due[0]); i++)
		if (due[i] != 0 && (first == 0 || due[i] < first))
			first = due[i];
	if (first == 0)
		return -1;
	return first > now ? (int)(first - now) : 0;
}

bool
ui_wants_write(const struct ui *u)
{
	(void)u;
	return false;
}
