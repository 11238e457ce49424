/*
 * Atoms by number. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "x11.h"

#define ATOM_NAME(name) #name,
static const char *const names[ATOMS] = {
    ATOM_LIST(ATOM_NAME) "text/plain",
    "text/plain;charset=utf-8",
    "text/html",
    "image/png",
};

/* 0, or -1 where the display is gone; an atom that is refused is 0. */
int
atoms_open(struct ui *u)
{
	xcb_intern_atom_cookie_t asked[ATOMS];
	xcb_intern_atom_reply_t *r;

	for (unsigned i = 0; i < ATOMS; i++)
		asked[i] = xcb_intern_atom(
		    u->c, 0, (uint16_t)strlen(names[i]), names[i]);
	for (unsigned i = 0; i < ATOMS; i++) {
		r = xcb_intern_atom_reply(u->c, asked[i], NULL);
		u->atom[i] = r == NULL ? XCB_ATOM_NONE : r->atom;
		free(r);
	}
	return xcb_connection_has_error(u->c) ? -1 : 0;
}
