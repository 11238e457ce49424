/*
 * typist CODE...: presses and lets go keys of $DISPLAY by their X codes; +CODE
 * only presses, -CODE only lets go. xdotool would lock the layout's first
 * group. SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include <xcb/xcb.h>
#include <xcb/xtest.h>

#define PAUSE 5000 /* microseconds */

static void
key(xcb_connection_t *c, uint8_t type, int code)
{
	xcb_test_fake_input(c, type, (uint8_t)code, 0, 0, 0, 0, 0);
}

int
main(int argc, char **argv)
{
	xcb_connection_t *c = xcb_connect(NULL, NULL);
	int i, code;

	if (xcb_connection_has_error(c))
		errx(EX_UNAVAILABLE, "no display");
	for (i = 1; i < argc; i++) {
		code = atoi(argv[i] + strspn(argv[i], "+-"));
		if (*argv[i] != '-')
			key(c, XCB_KEY_PRESS, code);
		if (*argv[i] != '+')
			key(c, XCB_KEY_RELEASE, code);
		xcb_flush(c);
		usleep(PAUSE);
	}
	/* an answer says that all of it has arrived */
	free(xcb_get_input_focus_reply(c, xcb_get_input_focus(c), NULL));
	xcb_disconnect(c);
	return EX_OK;
}
