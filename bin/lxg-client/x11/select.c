/*
 * What the host's programs have selected. New owners are told by XFIXES;
 * without it (SECURITY) the owners are asked whenever a window of ours gets the
 * focus, which is before anything can be pasted. An untrusted client may ask
 * for a selection; giving one it may not (offer.c). SPDX-License-Identifier:
 * ISC
 */
#include <stdlib.h>
#include <string.h>
#include <xcb/xfixes.h>

#include "clock.h"
#include "x11.h"

/* Names that cross, and their atoms. */
static const struct {
	const char *name;
	enum atom atom;
} types[] = {
    {"UTF8_STRING", A_UTF8_STRING},
    {"TEXT", A_TEXT},
    {"text/plain", A_text_plain},
    {"text/plain;charset=utf-8", A_text_plain_utf8},
    {"text/html", A_text_html},
    {"image/png", A_image_png},
};

#define TYPES (sizeof(types) / sizeof(types[0]))

xcb_atom_t
xsel_type(const struct ui *u, const char *name)
{
	for (size_t i = 0; i < TYPES; i++)
		if (strcmp(name, types[i].name) == 0)
			return u->atom[types[i].atom];
	return strcmp(name, "STRING") == 0 ? XCB_ATOM_STRING : XCB_ATOM_NONE;
}

const char *
xsel_name(const struct ui *u, xcb_atom_t atom)
{
	for (size_t i = 0; i < TYPES; i++)
		if (atom != XCB_ATOM_NONE && atom == u->atom[types[i].atom])
			return types[i].name;
	return atom == XCB_ATOM_STRING ? "STRING" : NULL;
}

xcb_atom_t
xsel_atom(const struct ui *u, enum ui_sel s)
{
	return s == UI_PRIMARY ? XCB_ATOM_PRIMARY : u->atom[A_CLIPBOARD];
}

void
xsel_open(struct ui *u)
{
	const xcb_query_extension_reply_t *x =
	    xcb_get_extension_data(u->c, &xcb_xfixes_id);

	u->stale[UI_CLIPBOARD] = u->stale[UI_PRIMARY] = true;
	if (!u->clip_in || x == NULL || !x->present)
		return;
	free(xcb_xfixes_query_version_reply(
	    u->c, xcb_xfixes_query_version(u->c, 1, 0), NULL));
	u->first_xfixes = x->first_event;
	for (int i = 0; i < UI_SELS; i++)
		xcb_xfixes_select_selection_input(u->c, u->self,
		    xsel_atom(u, (enum ui_sel)i),
		    XCB_XFIXES_SELECTION_EVENT_MASK_SET_SELECTION_OWNER |
			XCB_XFIXES_SELECTION_EVENT_MASK_SELECTION_WINDOW_DESTROY |
			XCB_XFIXES_SELECTION_EVENT_MASK_SELECTION_CLIENT_CLOSE);
}

/* What it can be had as comes as an event. */
static void
ask_targets(struct ui *u, enum ui_sel s)
{
	if (!u->stale[s] || u->told_focus == NULL || u->offer[s].ours)
		return;
	u->stale[s] = u->first_xfixes == 0;
	xcb_convert_selection(u->c, u->self, xsel_atom(u, s),
	    u->atom[A_TARGETS], u->atom[A__LXG_TARGETS_0 + s],
	    XCB_CURRENT_TIME);
}

void
xsel_focus(struct ui *u)
{
	if (!u->clip_in)
		return;
	ask_targets(u, UI_CLIPBOARD);
	ask_targets(u, UI_PRIMARY);
}

static void
new_owner(struct ui *u, const xcb_xfixes_selection_notify_event_t *e)
{
	for (int i = 0; i < UI_SELS; i++)
		if (e->selection == xsel_atom(u, (enum ui_sel)i) &&
		    e->owner != u->self) {
			u->stale[i] = true;
			ask_targets(u, (enum ui_sel)i);
		}
}

/* All of a property of ours, which is gone then; NULL: none, or too large. */
static xcb_get_property_reply_t *
take_property(
    struct ui *u, xcb_window_t window, xcb_atom_t property, size_t most)
{
	xcb_get_property_reply_t *r = xcb_get_property_reply(u->c,
	    xcb_get_property(u->c, 1, window, property,
		XCB_GET_PROPERTY_TYPE_ANY, 0, (uint32_t)(most / 4 + 1)),
	    NULL);

	if (r != NULL && r->bytes_after > 0) {
		xcb_delete_property(u->c, window, property);
		free(r);
		return NULL;
	}
	return r;
}

static void
got_targets(struct ui *u, enum ui_sel s, bool any)
{
	xcb_get_property_reply_t *r =
	    any ? take_property(u, u->self, u->atom[A__LXG_TARGETS_0 + s], 4096)
		: NULL;
	const xcb_atom_t *a = r == NULL ? NULL : xcb_get_property_value(r);
	size_t len = r == NULL || r->format != 32
			 ? 0
			 : (size_t)xcb_get_property_value_length(r) / 4;
	const char *names[TARGETS_MAX];
	unsigned n = 0;

	for (size_t i = 0; i < len && n < TARGETS_MAX; i++) {
		names[n] = xsel_name(u, a[i]);
		n += names[n] != NULL;
	}
	free(r);
	on_sel_owner(u->ctx, s, names, n);
}

static void
end_fetch(struct ui *u, struct fetch *f, bool any)
{
	struct ui_data d = {xsel_name(u, f->type), f->format, f->data, f->len};
	unsigned request = f->request;

	if (d.type == NULL)
		d.type = "STRING";
	if (any && d.data == NULL)
		d.data = (const uint8_t *)"";
	f->used = f->over;
	if (any)
		on_sel_data(u->ctx, request, &d);
	else
		on_sel_data(u->ctx, request, NULL);
	free(f->data);
	f->data = NULL;
	f->len = 0;
}

/* Too much is told as that much, and no more of it is kept. */
static void
add_piece(struct ui *u, struct fetch *f, const xcb_get_property_reply_t *r)
{
	size_t n = (size_t)xcb_get_property_value_length(r);
	uint8_t *more;

	if (f->over)
		return;
	more = realloc(f->data, f->len + n + 1);
	if (more == NULL) {
		f->over = f->incr;
		end_fetch(u, f, false);
		return;
	}
	memcpy(more + f->len, xcb_get_property_value(r), n);
	f->data = more;
	f->len += n;
	if (f->len > SEL_MAX && f->incr) {
		f->over = true;
		end_fetch(u, f, true);
	}
}

/* Its size alone is known where it didn't fit. */
static void
too_large(struct ui *u, struct fetch *f)
{
	struct ui_data d = {"STRING", 8, (const uint8_t *)"", SEL_MAX + 1};

	f->used = false;
	on_sel_data(u->ctx, f->request, &d);
}

static void
got_data(struct ui *u, struct fetch *f, xcb_atom_t property)
{
	xcb_get_property_reply_t *r =
	    take_property(u, f->window, property, SEL_MAX);

	if (r == NULL) {
		too_large(u, f);
	} else if (r->type == u->atom[A_INCR]) {
		f->incr = true;
	} else {
		f->type = r->type;
		f->format = r->format;
		add_piece(u, f, r);
		if (f->used)
			end_fetch(u, f, true);
	}
	free(r);
}

static void
got_piece(struct ui *u, struct fetch *f, xcb_atom_t property)
{
	xcb_get_property_reply_t *r =
	    take_property(u, f->window, property, SEL_MAX);

	f->due = clock_ms() + SEL_WAIT;
	if (r == NULL || xcb_get_property_value_length(r) == 0) {
		if (f->over)
			f->used = f->over = false;
		else
			end_fetch(u, f, r != NULL);
	} else {
		f->type = r->type;
		f->format = r->format;
		add_piece(u, f, r);
	}
	free(r);
}

void
ui_sel_fetch(struct ui *u, enum ui_sel s, const char *target, unsigned request)
{
	xcb_atom_t type = xsel_type(u, target);
	struct fetch *f = u->fetch;
	xcb_window_t window;

	while (f < u->fetch + FETCHES && f->used)
		f++;
	if (!u->clip_in || type == XCB_ATOM_NONE || f == u->fetch + FETCHES ||
	    u->offer[s].ours) {
		on_sel_data(u->ctx, request, NULL);
		return;
	}
	window = f->window != XCB_NONE ? f->window : xown_window(u);
	memset(f, 0, sizeof(*f));
	f->used = true;
	f->window = window;
	f->request = request;
	f->selection = xsel_atom(u, s);
	f->target = type;
	f->due = clock_ms() + SEL_WAIT;
	xcb_convert_selection(u->c, f->window, f->selection, type,
	    u->atom[A__LXG_0 + (f - u->fetch)], XCB_CURRENT_TIME);
}

static void
notify(struct ui *u, const xcb_selection_notify_event_t *e)
{
	for (int i = 0; i < UI_SELS; i++)
		if (e->requestor == u->self &&
		    e->target == u->atom[A_TARGETS] &&
		    e->selection == xsel_atom(u, (enum ui_sel)i))
			got_targets(
			    u, (enum ui_sel)i, e->property != XCB_ATOM_NONE);
	for (struct fetch *f = u->fetch; f < u->fetch + FETCHES; f++) {
		xcb_atom_t p = u->atom[A__LXG_0 + (f - u->fetch)];

		if (!f->used || f->over || f->incr ||
		    e->requestor != f->window || e->target != f->target ||
		    e->selection != f->selection)
			continue;
		if (e->property == p)
			got_data(u, f, p);
		else if (e->property == XCB_ATOM_NONE)
			end_fetch(u, f, false);
		else
			continue;
		return;
	}
}

static bool
select_property(struct ui *u, const xcb_property_notify_event_t *e)
{
	if (e->window == u->self) {
		u->time = e->time;
		return true;
	}
	for (struct fetch *f = u->fetch; f < u->fetch + FETCHES; f++) {
		if (f->window != e->window)
			continue;
		if (f->used && f->incr && e->state == XCB_PROPERTY_NEW_VALUE &&
		    e->atom == u->atom[A__LXG_0 + (f - u->fetch)])
			got_piece(u, f, e->atom);
		return true;
	}
	return false;
}

bool
xsel_event(struct ui *u, const xcb_generic_event_t *e)
{
	unsigned type = e->response_type & 0x7f;

	if (type == XCB_SELECTION_NOTIFY)
		notify(u, (const void *)e);
	else if (u->first_xfixes != 0 &&
		 type == u->first_xfixes + XCB_XFIXES_SELECTION_NOTIFY)
		new_owner(u, (const void *)e);
	else
		return type == XCB_PROPERTY_NOTIFY &&
		       select_property(u, (const void *)e);
	return true;
}

long long
xsel_due(const struct ui *u)
{
	long long due = 0;

	for (const struct fetch *f = u->fetch; f < u->fetch + FETCHES; f++)
		if (f->used && (due == 0 || f->due < due))
			due = f->due;
	return due;
}

void
xsel_tick(struct ui *u)
{
	for (struct fetch *f = u->fetch; f < u->fetch + FETCHES; f++) {
		if (!f->used || f->due > clock_ms())
			continue;
		/* what may come late is for nobody, and its owner is spared
		 * the error of a window that is gone */
		f->window = XCB_NONE;
		if (f->over)
			f->used = f->over = false;
		else
			end_fetch(u, f, false);
	}
}

void
xsel_close(struct ui *u)
{
	for (struct fetch *f = u->fetch; f < u->fetch + FETCHES; f++)
		free(f->data);
	xoffer_close(u);
}
