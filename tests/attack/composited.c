/*
 * Has the display look as if it had a compositor: then windows may have
 * transparent pixels. Sets a property on the root window once it does.
 * SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include <xcb/xcb.h>

static xcb_atom_t
atom(xcb_connection_t *c, const char *name)
{
	xcb_intern_atom_reply_t *r = xcb_intern_atom_reply(
	    c, xcb_intern_atom(c, 0, (uint16_t)strlen(name), name), NULL);

	if (r == NULL)
		errx(EX_UNAVAILABLE, "no atom %s", name);
	return r->atom;
}

int
main(void)
{
	xcb_connection_t *c = xcb_connect(NULL, NULL);
	xcb_screen_t *s = xcb_setup_roots_iterator(xcb_get_setup(c)).data;
	xcb_window_t w = xcb_generate_id(c);

	if (s == NULL)
		errx(EX_UNAVAILABLE, "no display");
	xcb_create_window(c, XCB_COPY_FROM_PARENT, w, s->root, 0, 0, 1, 1, 0,
	    XCB_WINDOW_CLASS_INPUT_OUTPUT, XCB_COPY_FROM_PARENT, 0, NULL);
	xcb_set_selection_owner(c, w, atom(c, "_NET_WM_CM_S0"), 0);
	xcb_change_property(c, XCB_PROP_MODE_REPLACE, s->root,
	    atom(c, "_LXG_COMPOSITED"), XCB_ATOM_STRING, 8, 3, "yes");
	xcb_flush(c);
	while (xcb_wait_for_event(c) != NULL)
		;
	return EX_OK;
}
