/*
 * The host's display as an X connection of its own sees it, and its changes.
 * SPDX-License-Identifier: ISC
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <xcb/randr.h>
#include <xcb/xcb.h>
#define explicit explicit_ /* a member's name, which C++ has for itself */
#include <xcb/xkb.h>
#undef explicit

#include "host_watch.h"

#define PROPERTY_MAX (64u << 10)
#define DPI	     96
#define DPI_MAX	     1000
#define RULES	     "_XKB_RULES_NAMES"
#define CORE_KBD     XCB_XKB_ID_USE_CORE_KBD

/* What an event says is to be read anew. */
#define SCREENS	 1u
#define KEYMAP	 2u
#define STATE	 4u
#define RESOURCE 8u
#define ALL	 15u

struct host_watch {
	xcb_connection_t *c;
	xcb_window_t root;
	xcb_atom_t rules;
	uint8_t randr, xkb; /* first events; 0: not there */
	bool monitors;	    /* RandR 1.5 */
	unsigned stale;
	struct host h;
};

static const char *
error_text(int error)
{
	return error == XCB_CONN_CLOSED_PARSE_ERR
		   ? "it makes no sense"
		   : "is the X server running, and may you use it?";
}

static void
watch_randr(struct host_watch *w)
{
	const xcb_query_extension_reply_t *e =
	    xcb_get_extension_data(w->c, &xcb_randr_id);
	xcb_randr_query_version_reply_t *v;

	if (e == NULL || !e->present)
		return;
	v = xcb_randr_query_version_reply(
	    w->c, xcb_randr_query_version(w->c, 1, 5), NULL);
	if (v == NULL)
		return;
	w->randr = e->first_event;
	w->monitors = v->major_version > 1 || v->minor_version >= 5;
	free(v);
	xcb_randr_select_input(w->c, w->root,
	    XCB_RANDR_NOTIFY_MASK_SCREEN_CHANGE |
		XCB_RANDR_NOTIFY_MASK_CRTC_CHANGE |
		XCB_RANDR_NOTIFY_MASK_OUTPUT_CHANGE);
}

static void
watch_xkb(struct host_watch *w)
{
	const uint16_t which = XCB_XKB_EVENT_TYPE_NEW_KEYBOARD_NOTIFY |
			       XCB_XKB_EVENT_TYPE_MAP_NOTIFY |
			       XCB_XKB_EVENT_TYPE_STATE_NOTIFY |
			       XCB_XKB_EVENT_TYPE_COMPAT_MAP_NOTIFY |
			       XCB_XKB_EVENT_TYPE_CONTROLS_NOTIFY;
	const xcb_query_extension_reply_t *e =
	    xcb_get_extension_data(w->c, &xcb_xkb_id);
	xcb_xkb_use_extension_reply_t *v;

	if (e == NULL || !e->present)
		return;
	v = xcb_xkb_use_extension_reply(
	    w->c, xcb_xkb_use_extension(w->c, 1, 0), NULL);
	if (v != NULL && v->supported) {
		w->xkb = e->first_event;
		xcb_xkb_select_events(
		    w->c, CORE_KBD, which, 0, which, 0xff, 0xff, NULL);
	}
	free(v);
}

static void
watch_root(struct host_watch *w)
{
	const uint32_t mask =
	    XCB_EVENT_MASK_PROPERTY_CHANGE | XCB_EVENT_MASK_STRUCTURE_NOTIFY;
	xcb_intern_atom_reply_t *a = xcb_intern_atom_reply(
	    w->c, xcb_intern_atom(w->c, 0, strlen(RULES), RULES), NULL);

	if (a != NULL)
		w->rules = a->atom;
	free(a);
	xcb_change_window_attributes(w->c, w->root, XCB_CW_EVENT_MASK, &mask);
}

int
host_open(struct host_watch **out, struct fail *f)
{
	struct host_watch *w = calloc(1, sizeof(*w));
	const char *name = getenv("DISPLAY");
	xcb_screen_iterator_t i;
	int screen, error;

	*out = NULL;
	if (w == NULL)
		return fail_errno(f, "memory");
	if (name == NULL || *name == '\0') {
		free(w);
		return fail_set(f, FAIL_CONFIG,
		    "DISPLAY is not set: there is no X display on this host "
		    "to show windows on");
	}
	w->c = xcb_connect(NULL, &screen);
	if ((error = xcb_connection_has_error(w->c)) != 0) {
		xcb_disconnect(w->c);
		free(w);
		return fail_set(f, FAIL_CONFIG, "DISPLAY is %.200s: %s", name,
		    error_text(error));
	}
	i = xcb_setup_roots_iterator(xcb_get_setup(w->c));
	while (screen-- > 0 && i.rem > 1)
		xcb_screen_next(&i);
	w->root = i.data->root;
	w->h.mm_w = i.data->width_in_millimeters;
	w->h.mm_h = i.data->height_in_millimeters;
	w->stale = ALL;
	watch_root(w);
	watch_randr(w);
	watch_xkb(w);
	*out = w;
	return 0;
}

int
host_fd(const struct host_watch *w)
{
	return xcb_get_file_descriptor(w->c);
}

/* Text of a property of the root window, NUL behind it; owned, or NULL. */
static char *
property(struct host_watch *w, xcb_atom_t atom, size_t *len)
{
	xcb_get_property_reply_t *r = xcb_get_property_reply(w->c,
	    xcb_get_property(
		w->c, 0, w->root, atom, XCB_ATOM_STRING, 0, PROPERTY_MAX / 4),
	    NULL);
	char *text = NULL;

	*len = 0;
	if (r != NULL && r->format == 8) {
		*len = (size_t)xcb_get_property_value_length(r);
		if ((text = calloc(1, *len + 1)) != NULL)
			memcpy(text, xcb_get_property_value(r), *len);
	}
	free(r);
	return text;
}

/* A line "NAME:  NUMBER" of X resources; otherwise where it has none. */
static unsigned
resource(const char *text, const char *name, unsigned otherwise)
{
	const char *s;
	double n;

	for (s = text; s != NULL && *s != '\0';
	     s = strchr(s, '\n'), s += s != NULL) {
		if (strncmp(s, name, strlen(name)) != 0)
			continue;
		n = strtod(s + strlen(name), NULL);
		if (n >= 1 && n <= DPI_MAX)
			return (unsigned)(n + 0.5);
	}
	return otherwise;
}

static void
read_resources(struct host_watch *w)
{
	size_t len;
	char *text = property(w, XCB_ATOM_RESOURCE_MANAGER, &len);

	w->h.dpi = resource(text, "Xft.dpi:", DPI);
	w->h.cursor = resource(text, "Xcursor.size:", 0);
	free(text);
}

static void
one_monitor(struct host *h)
{
	h->n = 1;
	h->v[0] = (struct host_monitor){.w = h->w,
	    .h = h->h,
	    .mm_w = h->mm_w,
	    .mm_h = h->mm_h,
	    .primary = true,
	    .name = "screen"};
}

static void
set_monitor(struct host_watch *w, const xcb_randr_monitor_info_t *m)
{
	struct host_monitor *to = &w->h.v[w->h.n++];
	xcb_get_atom_name_reply_t *a = xcb_get_atom_name_reply(
	    w->c, xcb_get_atom_name(w->c, m->name), NULL);

	*to = (struct host_monitor){.x = m->x,
	    .y = m->y,
	    .w = m->width,
	    .h = m->height,
	    .mm_w = m->width_in_millimeters & 0xffff,
	    .mm_h = m->height_in_millimeters & 0xffff,
	    .primary = m->primary != 0};
	if (a != NULL)
		host_word(to->name, sizeof(to->name), xcb_get_atom_name_name(a),
		    (size_t)xcb_get_atom_name_name_length(a));
	free(a);
}

static void
read_screens(struct host_watch *w)
{
	xcb_get_geometry_reply_t *g =
	    xcb_get_geometry_reply(w->c, xcb_get_geometry(w->c, w->root), NULL);
	xcb_randr_get_monitors_reply_t *r =
	    !w->monitors ? NULL
			 : xcb_randr_get_monitors_reply(w->c,
			       xcb_randr_get_monitors(w->c, w->root, 1), NULL);
	xcb_randr_monitor_info_iterator_t i;

	if (g != NULL) {
		w->h.w = g->width;
		w->h.h = g->height;
	}
	free(g);
	w->h.n = 0;
	memset(w->h.v, 0, sizeof(w->h.v));
	if (r != NULL)
		for (i = xcb_randr_get_monitors_monitors_iterator(r);
		     i.rem > 0 && w->h.n < HOST_MONITORS;
		     xcb_randr_monitor_info_next(&i))
			if (i.data->width > 0 && i.data->height > 0)
				set_monitor(w, i.data);
	free(r);
	if (w->h.n == 0)
		one_monitor(&w->h);
}

/* Five strings, a NUL behind each: rules, model, layout, variant, options. */
static void
read_rules(struct host_watch *w)
{
	struct host *h = &w->h;
	const struct {
		char *to;
		size_t size;
		const char *otherwise;
	} part[] = {{h->rules, sizeof(h->rules), "evdev"},
	    {h->model, sizeof(h->model), "pc105"},
	    {h->layout, sizeof(h->layout), "us"},
	    {h->variant, sizeof(h->variant), ""},
	    {h->options, sizeof(h->options), ""}};
	size_t len, at = 0, i, n;
	char *text = property(w, w->rules, &len);

	for (i = 0; i < sizeof(part) / sizeof(*part); i++) {
		const char *s = part[i].otherwise;

		if (text != NULL && at < len)
			s = text + at;
		n = strlen(s);
		at += n + 1;
		host_word(part[i].to, part[i].size, s, n);
	}
	free(text);
}

static void
read_repeat(struct host_watch *w)
{
	xcb_xkb_get_controls_reply_t *r =
	    w->xkb == 0 ? NULL
			: xcb_xkb_get_controls_reply(
			      w->c, xcb_xkb_get_controls(w->c, CORE_KBD), NULL);

	w->h.repeat_ms = w->h.repeat_gap = 0;
	if (r != NULL && r->enabledControls & XCB_XKB_BOOL_CTRL_REPEAT_KEYS) {
		w->h.repeat_ms = r->repeatDelay;
		w->h.repeat_gap = r->repeatInterval;
	}
	free(r);
}

static void
read_group(struct host_watch *w)
{
	xcb_xkb_get_state_reply_t *r =
	    w->xkb == 0 ? NULL
			: xcb_xkb_get_state_reply(
			      w->c, xcb_xkb_get_state(w->c, CORE_KBD), NULL);

	w->h.group = r != NULL ? r->lockedGroup & 3 : 0;
	free(r);
}

/* One layout alone has no other group, and its AltGr is none. */
static void
read_group_mods(struct host_watch *w)
{
	const unsigned second = XCB_XKB_SET_OF_GROUP_GROUP_2;
	xcb_xkb_get_compat_map_reply_t *r;

	w->h.group_mods = 0;
	if (w->xkb == 0 || strchr(w->h.layout, ',') == NULL)
		return;
	r = xcb_xkb_get_compat_map_reply(w->c,
	    xcb_xkb_get_compat_map(w->c, CORE_KBD, second, 0, 0, 0), NULL);
	if (r != NULL && xcb_xkb_get_compat_map_group_rtrn_length(r) > 0)
		w->h.group_mods = xcb_xkb_get_compat_map_group_rtrn(r)->mask;
	free(r);
}

static void
take_property(struct host_watch *w, const xcb_property_notify_event_t *e)
{
	if (e->atom == w->rules)
		w->stale |= KEYMAP;
	else if (e->atom == XCB_ATOM_RESOURCE_MANAGER)
		w->stale |= RESOURCE;
}

/* The second byte of an event of XKB's tells which it is. */
static void
take_xkb(struct host_watch *w, const xcb_generic_event_t *e)
{
	w->stale |= e->pad0 == XCB_XKB_STATE_NOTIFY ? STATE : KEYMAP | STATE;
}

static void
take(struct host_watch *w, const xcb_generic_event_t *e)
{
	const xcb_randr_screen_change_notify_event_t *s = (const void *)e;
	uint8_t type = e->response_type & 0x7f;

	if (type == XCB_PROPERTY_NOTIFY)
		take_property(w, (const void *)e);
	else if (type == XCB_CONFIGURE_NOTIFY)
		w->stale |= SCREENS;
	else if (w->xkb != 0 && type == w->xkb)
		take_xkb(w, e);
	else if (w->randr != 0 && (type == w->randr || type == w->randr + 1))
		w->stale |= SCREENS;
	if (w->randr != 0 && type == w->randr) {
		w->h.mm_w = s->mwidth;
		w->h.mm_h = s->mheight;
	}
}

int
host_read(struct host_watch *w, struct host *h, struct fail *f)
{
	xcb_generic_event_t *e;
	struct host before = w->h;
	bool first = before.w == 0;

	while ((e = xcb_poll_for_event(w->c)) != NULL) {
		take(w, e);
		free(e);
	}
	while (w->stale != 0 && xcb_connection_has_error(w->c) == 0) {
		unsigned now = w->stale;

		w->stale = 0;
		if (now & SCREENS)
			read_screens(w);
		if (now & KEYMAP) {
			read_rules(w);
			read_repeat(w);
			read_group_mods(w);
		}
		if (now & (KEYMAP | STATE))
			read_group(w);
		if (now & RESOURCE)
			read_resources(w);
		/* events that came between the answers make no sound */
		while ((e = xcb_poll_for_queued_event(w->c)) != NULL) {
			take(w, e);
			free(e);
		}
	}
	if (xcb_connection_has_error(w->c) != 0)
		return fail_set(f, FAIL_UNAVAILABLE, "the X server is gone");
	*h = w->h;
	return first || !host_same(&before, &w->h);
}

bool
host_has_security(const struct host_watch *w)
{
	const char *name = "SECURITY";
	xcb_query_extension_reply_t *r = xcb_query_extension_reply(w->c,
	    xcb_query_extension(w->c, (uint16_t)strlen(name), name), NULL);
	bool has = r != NULL && r->present;

	free(r);
	return has;
}
