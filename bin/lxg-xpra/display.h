/*
 * The host's X display, which the client shows its windows on.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_DISPLAY_H
#define LXG_XPRA_DISPLAY_H

#include <stddef.h>

#include "fail.h"

struct display {
	int number;
	char *socket; /* its path */
	char *cookie; /* an Xauthority file's content, or NULL for none */
	size_t cookie_len;
};

/*
 * $DISPLAY and its cookie; one that is valid whatever the host is called. 78
 * where there is none, or none that is a socket of this host: the client's
 * sandbox has no network.
 */
int display_open(struct display *, struct fail *);

/*
 * Exchanges the cookie for an untrusted one of the X SECURITY extension, made
 * in the private folder dir; 78 where the X server has no such thing.
 */
int display_untrusted(struct display *, const char *dir, struct fail *);
/*
 * What setxkbmap(1) says of its keyboard, which an untrusted client can't ask
 * for: lines of "layout: de" and the like, owned, or "" without any.
 */
char *display_keyboard(const struct display *);
void display_close(struct display *);

#endif
