/*
 * Icons in the host's tray, by XEmbed as freedesktop.org's System Tray Protocol
 * has it, with a border of one pixel. An untrusted client's wish for a place
 * there would be dropped on the way. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "x11.h"

#define DOCK	     0
#define EMBED_MAPPED 1
#define TRAY_MAX     8

static unsigned
count(const struct ui *u)
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

static void
dock(struct ui *u, struct win *w, xcb_window_t owner)
{
	uint32_t info[] = {0, EMBED_MAPPED};
	xcb_client_message_event_t m = {.response_type = XCB_CLIENT_MESSAGE,
	    .format = 32,
	    .window = owner,
	    .type = u->atom[A__NET_SYSTEM_TRAY_OPCODE],
	    .data.data32 = {u->time, DOCK, w->outer}};

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

	if (!u->tray || u->untrusted || count(u) >= TRAY_MAX ||
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

/* The tray is gone: no window of its own is left where it was. */
void
xtray_parent(struct ui *u, struct win *w, bool root)
{
	if (root)
		xcb_unmap_window(u->c, w->outer);
}
