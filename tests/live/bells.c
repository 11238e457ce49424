/*
 * bells FILE: writes a line to it for each bell of its display.
 * SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include <xcb/xcb.h>
#include <xcb/xkb.h>

int
main(int argc, char **argv)
{
	xcb_connection_t *c = xcb_connect(NULL, NULL);
	xcb_xkb_use_extension_reply_t *xkb;
	xcb_generic_event_t *event;
	FILE *out;

	if (argc != 2)
		errx(EX_USAGE, "usage: bells FILE");
	xkb = xcb_xkb_use_extension_reply(
	    c, xcb_xkb_use_extension(c, 1, 0), NULL);
	if (xkb == NULL || !xkb->supported)
		errx(EX_UNAVAILABLE, "no XKB");
	if (xcb_request_check(
		c, xcb_xkb_select_events_checked(c, XCB_XKB_ID_USE_CORE_KBD,
		       XCB_XKB_EVENT_TYPE_BELL_NOTIFY, 0,
		       XCB_XKB_EVENT_TYPE_BELL_NOTIFY, 0, 0, NULL)) != NULL)
		errx(EX_UNAVAILABLE, "no events");
	if ((out = fopen(argv[1], "w")) == NULL)
		err(EX_CANTCREAT, "%s", argv[1]);
	while ((event = xcb_wait_for_event(c)) != NULL) {
		fputs("bell\n", out);
		fflush(out);
		free(event);
	}
	return EX_OK;
}
