/*
 * Grabs keyboard and pointer of its display, and keeps every key that it gets
 * in ~/share/keys; its window's title says when it has the grabs. It runs
 * here, and as it is built here inside an instance.
 * SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include <xcb/xcb.h>

static void
title(xcb_connection_t *c, xcb_window_t w, const char *text)
{
	xcb_change_property(c, XCB_PROP_MODE_REPLACE, w, XCB_ATOM_WM_NAME,
	    XCB_ATOM_STRING, 8, (uint32_t)strlen(text), text);
	xcb_flush(c);
}

static bool
grab(xcb_connection_t *c, xcb_window_t w)
{
	xcb_grab_keyboard_reply_t *keys = xcb_grab_keyboard_reply(c,
	    xcb_grab_keyboard(c, 0, w, XCB_CURRENT_TIME, XCB_GRAB_MODE_ASYNC,
		XCB_GRAB_MODE_ASYNC),
	    NULL);
	xcb_grab_pointer_reply_t *pointer = xcb_grab_pointer_reply(c,
	    xcb_grab_pointer(c, 0, w, XCB_EVENT_MASK_BUTTON_PRESS,
		XCB_GRAB_MODE_ASYNC, XCB_GRAB_MODE_ASYNC, XCB_NONE, XCB_NONE,
		XCB_CURRENT_TIME),
	    NULL);
	bool both = keys != NULL && keys->status == XCB_GRAB_STATUS_SUCCESS &&
		    pointer != NULL &&
		    pointer->status == XCB_GRAB_STATUS_SUCCESS;

	free(keys);
	free(pointer);
	return both;
}

static void
keep(void)
{
	FILE *f = fopen("share/keys", "a");

	if (f == NULL)
		err(EX_CANTCREAT, "share/keys");
	fputs("key\n", f);
	fclose(f);
}

static xcb_window_t
window(xcb_connection_t *c)
{
	xcb_screen_t *s = xcb_setup_roots_iterator(xcb_get_setup(c)).data;
	xcb_window_t w = xcb_generate_id(c);
	uint32_t values[] = {0xffffff,
	    XCB_EVENT_MASK_KEY_PRESS | XCB_EVENT_MASK_BUTTON_PRESS |
		XCB_EVENT_MASK_EXPOSURE | XCB_EVENT_MASK_STRUCTURE_NOTIFY};

	if (s == NULL)
		errx(EX_UNAVAILABLE, "no display");
	xcb_create_window(c, XCB_COPY_FROM_PARENT, w, s->root, 10, 10, 300, 200,
	    0, XCB_WINDOW_CLASS_INPUT_OUTPUT, XCB_COPY_FROM_PARENT,
	    XCB_CW_BACK_PIXEL | XCB_CW_EVENT_MASK, values);
	return w;
}

int
main(void)
{
	const char *home = getenv("HOME");
	xcb_connection_t *c = xcb_connect(NULL, NULL);
	xcb_generic_event_t *event;
	xcb_window_t w = window(c);

	if (home == NULL || chdir(home) < 0)
		err(EX_NOINPUT, "home");
	title(c, w, "waiting");
	xcb_map_window(c, w);
	xcb_flush(c);
	while ((event = xcb_wait_for_event(c)) != NULL) {
		switch (event->response_type & 0x7f) {
		case XCB_EXPOSE:
			if (grab(c, w))
				title(c, w, "grabbed");
			break;
		case XCB_KEY_PRESS:
			keep();
		}
		free(event);
	}
	return EX_OK;
}
