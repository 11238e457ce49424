/*
 * What a window says of itself, as properties that others read. Title and class
 * are ours; nothing here takes away a frame, a mark or reaches beyond the
 * window. The machine's name is not set: window managers show it where it is
 * another one than theirs. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>
#include <xcb/xcb_icccm.h>

#include "x11.h"

static void
set_property(struct ui *u, struct win *w, xcb_atom_t property, xcb_atom_t type,
    unsigned format, const void *data, size_t n)
{
	xcb_change_property(u->c, XCB_PROP_MODE_REPLACE, w->outer, property,
	    type, (uint8_t)format, (uint32_t)n, data);
}

static void
set_class(struct ui *u, struct win *w)
{
	char both[512];
	size_t n = strlen(u->class) + 1;

	if (n > sizeof(both) / 2)
		return;
	memcpy(both, u->class, n);
	memcpy(both + n, u->class, n);
	set_property(u, w, XCB_ATOM_WM_CLASS, XCB_ATOM_STRING, 8, both, 2 * n);
}

/*
 * The launcher's start ends with the first window, which carries its name; the
 * rest of the protocol is a message in pieces of 20 bytes.
 */
static void
end_startup(struct ui *u, struct win *w)
{
	char text[600];
	size_t n;
	xcb_client_message_event_t m = {.response_type = XCB_CLIENT_MESSAGE,
	    .format = 8,
	    .window = u->self,
	    .type = u->atom[A__NET_STARTUP_INFO_BEGIN]};

	set_property(u, w, u->atom[A__NET_STARTUP_ID], u->atom[A_UTF8_STRING],
	    8, u->startup, strlen(u->startup));
	n = strlcpy(text, "remove: ID=\"", sizeof(text));
	for (const char *s = u->startup; *s != '\0' && n < sizeof(text) - 4;) {
		if (*s == '"' || *s == '\\')
			text[n++] = '\\';
		text[n++] = *s++;
	}
	text[n++] = '"';
	text[n++] = '\0';
	for (size_t at = 0; at < n; at += 20) {
		memset(m.data.data8, 0, 20);
		memcpy(m.data.data8, text + at, n - at < 20 ? n - at : 20);
		xcb_send_event(u->c, 0, u->screen->root,
		    XCB_EVENT_MASK_PROPERTY_CHANGE, (char *)&m);
		m.type = u->atom[A__NET_STARTUP_INFO];
	}
}

/* When the user last did something to one of ours: not later than that a new
 * window may take the focus. */
void
xsays_user_time(struct ui *u, struct win *w)
{
	set_property(u, w, u->atom[A__NET_WM_USER_TIME], XCB_ATOM_CARDINAL, 32,
	    &u->user_time, 1);
}

void
xsays_new(struct ui *u, struct win *w)
{
	xcb_atom_t protocols[] = {
	    u->atom[A_WM_DELETE_WINDOW], u->atom[A__NET_WM_PING]};

	w->gravity = XCB_GRAVITY_NORTH_WEST;
	set_class(u, w);
	/* an untrusted client's answer to a ping would be dropped */
	set_property(u, w, u->atom[A_WM_PROTOCOLS], XCB_ATOM_ATOM, 32,
	    protocols, u->untrusted ? 1 : 2);
	xsays_user_time(u, w);
	if (u->startup != NULL && !w->popup) {
		end_startup(u, w);
		free(u->startup);
		u->startup = NULL;
	}
}

void
xsays_text(struct ui *u, struct win *w, const char *title)
{
	size_t n = strlen(title);

	set_property(
	    u, w, u->atom[A__NET_WM_NAME], u->atom[A_UTF8_STRING], 8, title, n);
	set_property(u, w, u->atom[A__NET_WM_ICON_NAME], u->atom[A_UTF8_STRING],
	    8, title, n);
	set_property(
	    u, w, XCB_ATOM_WM_NAME, u->atom[A_UTF8_STRING], 8, title, n);
	set_property(
	    u, w, XCB_ATOM_WM_ICON_NAME, u->atom[A_UTF8_STRING], 8, title, n);
}

/* Types with a title bar; a popup's others are the compositor's business. */
static enum atom
type_atom(enum ui_type type, bool popup)
{
	static const enum atom of[] = {
	    [UI_NORMAL] = A__NET_WM_WINDOW_TYPE_NORMAL,
	    [UI_DIALOG] = A__NET_WM_WINDOW_TYPE_DIALOG,
	    [UI_UTILITY] = A__NET_WM_WINDOW_TYPE_UTILITY,
	    [UI_SPLASH] = A__NET_WM_WINDOW_TYPE_SPLASH,
	    [UI_MENU] = A__NET_WM_WINDOW_TYPE_POPUP_MENU,
	    [UI_DROPDOWN] = A__NET_WM_WINDOW_TYPE_DROPDOWN_MENU,
	    [UI_POPUP] = A__NET_WM_WINDOW_TYPE_POPUP_MENU,
	    [UI_TOOLTIP] = A__NET_WM_WINDOW_TYPE_TOOLTIP,
	    [UI_COMBO] = A__NET_WM_WINDOW_TYPE_COMBO,
	    [UI_DND] = A__NET_WM_WINDOW_TYPE_DND,
	    [UI_NOTE] = A__NET_WM_WINDOW_TYPE_NOTIFICATION,
	};

	if ((unsigned)type >= sizeof(of) / sizeof(of[0]) ||
	    (!popup && type > UI_UTILITY))
		type = UI_NORMAL;
	return of[type];
}

static int32_t
with_border(const struct win *w, unsigned n)
{
	return (
	    int32_t)((n > SIDE_MAX ? SIDE_MAX : n) + 2 * (unsigned)w->border);
}

static void
set_sizes(const struct win *w, const struct ui_hints *h, xcb_size_hints_t *x)
{
	if ((h->has & UI_MIN) != 0)
		xcb_icccm_size_hints_set_min_size(
		    x, with_border(w, h->min_w), with_border(w, h->min_h));
	if ((h->has & UI_MAX) != 0)
		xcb_icccm_size_hints_set_max_size(x,
		    with_border(w, h->max_w < 1 ? 1 : h->max_w),
		    with_border(w, h->max_h < 1 ? 1 : h->max_h));
	if ((h->has & UI_MIN) != 0 && (h->has & UI_MAX) != 0) {
		if (x->max_width < x->min_width)
			x->max_width = x->min_width;
		if (x->max_height < x->min_height)
			x->max_height = x->min_height;
	}
	/* an aspect is that of what is left without the base */
	if ((h->has & UI_BASE) != 0)
		xcb_icccm_size_hints_set_base_size(
		    x, with_border(w, h->base_w), with_border(w, h->base_h));
	else if ((h->has & UI_ASPECT) != 0)
		xcb_icccm_size_hints_set_base_size(
		    x, with_border(w, 0), with_border(w, 0));
	if ((h->has & UI_INC) != 0 && h->inc_w > 0 && h->inc_h > 0 &&
	    h->inc_w < 1000 && h->inc_h < 1000)
		xcb_icccm_size_hints_set_resize_inc(
		    x, (int32_t)h->inc_w, (int32_t)h->inc_h);
	if ((h->has & UI_ASPECT) != 0 && h->min_num > 0 && h->min_den > 0 &&
	    h->max_num > 0 && h->max_den > 0)
		xcb_icccm_size_hints_set_aspect(x, (int32_t)h->min_num,
		    (int32_t)h->min_den, (int32_t)h->max_num,
		    (int32_t)h->max_den);
}

static void
set_hints(struct ui *u, struct win *w, const struct ui_hints *h, bool has_place)
{
	xcb_size_hints_t x = {0};

	if ((h->has & UI_GRAVITY) != 0 && h->gravity >= 1 && h->gravity <= 10)
		w->gravity = h->gravity;
	if (has_place)
		xcb_icccm_size_hints_set_position(
		    &x, 1, w->place.x, w->place.y);
	xcb_icccm_size_hints_set_win_gravity(&x, w->gravity);
	set_sizes(w, h, &x);
	xcb_icccm_set_wm_normal_hints(u->c, w->outer, &x);
}

/* Where the window is, it wants to be. */
void
xsays_place(struct ui *u, struct win *w)
{
	set_hints(u, w, &w->hints, true);
}

static void
set_for(struct ui *u, struct win *w, uint32_t wid)
{
	struct win *parent = xwin_of(u, wid);

	if (parent == NULL || parent == w)
		xcb_delete_property(u->c, w->outer, XCB_ATOM_WM_TRANSIENT_FOR);
	else
		set_property(u, w, XCB_ATOM_WM_TRANSIENT_FOR, XCB_ATOM_WINDOW,
		    32, &parent->outer, 1);
}

void
xsays(struct ui *u, struct win *w, const struct ui_says *s)
{
	xcb_atom_t type;

	if ((s->has & UI_SAYS_TITLE) != 0 && s->title != NULL)
		xsays_text(u, w, s->title);
	if ((s->has & UI_SAYS_TYPE) != 0 || !w->mapped) {
		type = u->atom[type_atom(
		    (s->has & UI_SAYS_TYPE) != 0 ? s->type : UI_NORMAL,
		    w->popup)];
		set_property(u, w, u->atom[A__NET_WM_WINDOW_TYPE],
		    XCB_ATOM_ATOM, 32, &type, 1);
	}
	if ((s->has & UI_SAYS_FOR) != 0)
		set_for(u, w, s->transient_for);
	if ((s->has & UI_SAYS_HINTS) != 0)
		w->hints = s->hints;
	if (!w->popup && (s->has & (UI_SAYS_HINTS | UI_SAYS_PLACE)) != 0)
		set_hints(u, w, &w->hints, (s->has & UI_SAYS_PLACE) != 0);
}

void
ui_window_says(struct ui *u, uint32_t wid, const struct ui_says *s)
{
	struct win *w = xwin_of(u, wid);

	if (w == NULL || w->tray)
		return;
	xsays(u, w, s);
	if (w->popup)
		return;
	if ((s->has & UI_SAYS_MODAL) != 0)
		xstate_modal(u, w, s->modal);
	if ((s->has & UI_SAYS_STATE) != 0)
		xstate_ask(u, w, s->state, s->state_mask);
}
