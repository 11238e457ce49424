/*
 * The connection, and what is asked and taken before the lock.
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>
#include <xcb/xfixes.h>

#include "x11.h"

/* Pixels come as B G R x, 24 of 32 bits. Any other visual has to wait. */
static bool
is_our_visual(const xcb_visualtype_t *v)
{
	return v->_class == XCB_VISUAL_CLASS_TRUE_COLOR &&
	       v->red_mask == 0xff0000 && v->green_mask == 0xff00 &&
	       v->blue_mask == 0xff;
}

static bool
has_32_bits(const xcb_setup_t *setup)
{
	xcb_format_iterator_t f = xcb_setup_pixmap_formats_iterator(setup);

	for (; f.rem > 0; xcb_format_next(&f))
		if (f.data->depth == 24)
			return f.data->bits_per_pixel == 32;
	return false;
}

static int
find_visual(struct ui *u, struct fail *f)
{
	const xcb_setup_t *setup = xcb_get_setup(u->c);
	xcb_depth_iterator_t d = xcb_screen_allowed_depths_iterator(u->screen);

	if (setup->image_byte_order != XCB_IMAGE_ORDER_LSB_FIRST ||
	    !has_32_bits(setup))
		return fail_set(
		    f, FAIL_CONFIG, "the display has no pixels of 32 bits");
	for (; d.rem > 0; xcb_depth_next(&d)) {
		xcb_visualtype_iterator_t v =
		    xcb_depth_visuals_iterator(d.data);

		if (d.data->depth != 24)
			continue;
		for (; v.rem > 0; xcb_visualtype_next(&v))
			if (is_our_visual(v.data)) {
				u->visual = v.data->visual_id;
				return 0;
			}
	}
	return fail_set(f, FAIL_CONFIG, "the display has no 24 bits of color");
}

static xcb_screen_t *
screen_of(xcb_connection_t *c, int number)
{
	xcb_screen_iterator_t s = xcb_setup_roots_iterator(xcb_get_setup(c));

	for (; s.rem > 1 && number > 0; number--)
		xcb_screen_next(&s);
	return s.rem > 0 ? s.data : NULL;
}

xcb_window_t
xown_window(struct ui *u)
{
	const uint32_t values[] = {1, XCB_EVENT_MASK_PROPERTY_CHANGE};
	xcb_window_t window = xcb_generate_id(u->c);

	xcb_create_window(u->c, 0, window, u->screen->root, -10, -10, 1, 1, 0,
	    XCB_WINDOW_CLASS_INPUT_ONLY, XCB_COPY_FROM_PARENT,
	    XCB_CW_OVERRIDE_REDIRECT | XCB_CW_EVENT_MASK, values);
	return window;
}

static void
make_resources(struct ui *u)
{
	uint32_t off[] = {0};

	u->colormap = u->screen->default_colormap;
	if (u->visual != u->screen->root_visual) {
		u->colormap = xcb_generate_id(u->c);
		xcb_create_colormap(u->c, XCB_COLORMAP_ALLOC_NONE, u->colormap,
		    u->screen->root, u->visual);
	}
	u->self = xown_window(u);
	u->gc = xcb_generate_id(u->c);
	if (u->visual == u->screen->root_visual) {
		xcb_create_gc(u->c, u->gc, u->screen->root,
		    XCB_GC_GRAPHICS_EXPOSURES, off);
	} else {
		xcb_pixmap_t p = xcb_generate_id(u->c);

		xcb_create_pixmap(u->c, 24, p, u->screen->root, 1, 1);
		xcb_create_gc(u->c, u->gc, p, XCB_GC_GRAPHICS_EXPOSURES, off);
		xcb_free_pixmap(u->c, p);
	}
}

/* Any X server that has been built for decades has one of these, but shows it
 * to trusted clients alone. */
static bool
is_trusted(struct ui *u)
{
	xcb_extension_t *const some[] = {
	    &xcb_xfixes_id, &xcb_render_id, &xcb_shm_id};

	for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
		const xcb_query_extension_reply_t *r =
		    xcb_get_extension_data(u->c, some[i]);

		if (r != NULL && r->present)
			return true;
	}
	return false;
}

/* A property of our own changes: that event has the display's time. */
static void
ask_time(struct ui *u)
{
	xcb_generic_event_t *e;

	xcb_change_property(u->c, XCB_PROP_MODE_APPEND, u->self,
	    u->atom[A__LXG_TIME], XCB_ATOM_INTEGER, 32, 0, NULL);
	xcb_flush(u->c);
	while ((e = xcb_wait_for_event(u->c)) != NULL) {
		if ((e->response_type & 0x7f) == XCB_PROPERTY_NOTIFY)
			u->time = ((xcb_property_notify_event_t *)e)->time;
		free(e);
		if (u->time != 0)
			break;
	}
	u->user_time = u->time;
}

static int
connect_display(struct ui *u, struct fail *f)
{
	const char *name = getenv("DISPLAY");
	int number = 0;

	if (name == NULL || name[0] == '\0')
		return fail_set(f, FAIL_CONFIG, "DISPLAY is not set");
	u->c = xcb_connect(NULL, &number);
	if (xcb_connection_has_error(u->c))
		return fail_set(
		    f, FAIL_CONFIG, "display %s: can't connect", name);
	u->screen = screen_of(u->c, number);
	if (u->screen == NULL)
		return fail_set(
		    f, FAIL_CONFIG, "display %s has no screen", name);
	if (find_visual(u, f) == -1)
		return -1;
	if (atoms_open(u) == -1)
		return fail_set(f, FAIL_CONFIG, "display %s is gone", name);
	return 0;
}

/* The launcher's name for this start, "..._TIME1234" in most. */
static void
take_startup_id(struct ui *u)
{
	const char *id = getenv("DESKTOP_STARTUP_ID"), *t;

	if (id == NULL || id[0] == '\0' || strlen(id) > 500)
		return;
	u->startup = strdup(id);
	t = strstr(id, "_TIME");
	if (t != NULL && strtoul(t + 5, NULL, 10) != 0)
		u->user_time = (xcb_timestamp_t)strtoul(t + 5, NULL, 10);
}

int
ui_open(struct ui **out, const struct ui_config *config, struct fail *f)
{
	struct ui *u = calloc(1, sizeof(*u));

	*out = NULL;
	if (u == NULL)
		return fail_errno(f, "display");
	u->color = config->color;
	u->border = config->border > 64 ? 64 : config->border;
	u->clip_in = config->clip_in;
	u->clip_out = config->clip_out;
	u->bell = config->bell;
	u->tray = config->tray;
	u->class = strdup(config->class == NULL ? "lxg" : config->class);
	if (u->class == NULL || connect_display(u, f) == -1) {
		ui_close(u);
		return -1;
	}
	u->untrusted = !is_trusted(u);
	u->clip_out = u->clip_out && !u->untrusted;
	make_resources(u);
	xdraw_open(u);
	xkeys_open(u);
	xcursor_open(u);
	xicon_open(u, config->icon);
	xsel_open(u);
	xtray_open(u);
	ask_time(u);
	take_startup_id(u);
	/* asked for once, the answer is kept: no reply to wait for later */
	xcb_get_maximum_request_length(u->c);
	*out = u;
	return xcb_connection_has_error(u->c)
		   ? fail_set(f, FAIL_CONFIG, "the display is gone")
		   : 0;
}

void
ui_close(struct ui *u)
{
	if (u == NULL)
		return;
	if (u->c != NULL) {
		xwin_free_all(u);
		xdraw_close(u);
		xkeys_close(u);
		xsel_close(u);
		xcb_disconnect(u->c);
	}
	free(u->queued);
	free(u->startup);
	free(u->class);
	free(u->icon);
	free(u);
}

void
ui_listen(struct ui *u, void *ctx)
{
	u->ctx = ctx;
}

int
ui_fd(const struct ui *u)
{
	return xcb_get_file_descriptor(u->c);
}
