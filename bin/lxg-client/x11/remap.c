/*
 * States without messages: the X server drops those of an untrusted client to
 * the root window, by which a window manager is asked (SECURITY lets them pass
 * by their type, which by then has the bit of SendEvent). What it does heed is
 * a window's properties when it is shown: so the window is taken back, and
 * shown anew with the state that its program wants.
 * SPDX-License-Identifier: ISC
 */
#include "x11.h"

#define LARGE (UI_FULLSCREEN | UI_MAXIMIZED)

void
xremap(struct ui *u, struct win *w, unsigned before)
{
	/* nothing that a window manager would remember */
	if ((before & LARGE) == 0)
		w->normal = w->place;
	if (!w->mapped) {
		xremap_show(u, w);
		return;
	}
	w->remap = TAKEN_BACK;
	xcb_unmap_window(u->c, w->outer);
}

/* The window manager has let go of it. */
void
xremap_show(struct ui *u, struct win *w)
{
	struct ui_says s = {.has = UI_SAYS_STATE | UI_SAYS_MODAL,
	    .state = w->told,
	    .state_mask = w->told,
	    .modal = w->modal};

	w->remap = w->mapped ? SHOWN_ANEW : NOT_TAKEN;
	xstate_initial(u, w, &s);
	if ((w->told & LARGE) == 0 && w->normal.w > 0) {
		ui_window_move(u, w->wid, &w->normal);
		xsays_place(u, w);
	}
	w->news = w->changed = true; /* the server has to hear what it got */
	xcb_map_window(u->c, w->outer);
}
