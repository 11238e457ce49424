/*
 * Icons of windows, in a frame of the instance's color, which says in a bar of
 * windows whose they are. Without a picture it is a square of that color.
 * SPDX-License-Identifier: ISC
 */
#include <png.h>
#include <stdlib.h>
#include <string.h>

#include "x11.h"

#define ICON_MAX   256
#define ICON_PLAIN 32

/* Width, height, ARGB as _NET_WM_ICON has them; owned, NULL: none. */
static uint32_t *
framed(const struct ui *u, unsigned w, unsigned h, const uint32_t *argb)
{
	uint32_t *icon = malloc(((size_t)w * h + 2) * 4);
	uint32_t color = 0xff000000 | u->color;
	unsigned side = (w < h ? w : h) / 12 + 1;

	if (icon == NULL)
		return NULL;
	icon[0] = w;
	icon[1] = h;
	for (unsigned y = 0; y < h; y++)
		for (unsigned x = 0; x < w; x++) {
			bool frame = x < side || y < side || x >= w - side ||
				     y >= h - side;

			icon[2 + y * w + x] =
			    argb == NULL || (frame && u->border > 0)
				? color
				: argb[y * w + x];
		}
	return icon;
}

static void
set_icon(struct ui *u, struct win *w, const uint32_t *icon)
{
	if (icon != NULL)
		xcb_change_property(u->c, XCB_PROP_MODE_REPLACE, w->outer,
		    u->atom[A__NET_WM_ICON], XCB_ATOM_CARDINAL, 32,
		    icon[0] * icon[1] + 2, icon);
}

/* The user's own file; that is read before the lock. */
static void
read_png(struct ui *u, const char *path)
{
	png_image p = {.version = PNG_IMAGE_VERSION};
	uint32_t *argb;

	if (!png_image_begin_read_from_file(&p, path))
		return;
	p.format = PNG_FORMAT_BGRA;
	if (p.width <= ICON_MAX && p.height <= ICON_MAX &&
	    (argb = malloc(PNG_IMAGE_SIZE(p))) != NULL) {
		if (png_image_finish_read(&p, NULL, argb, 0, NULL))
			u->icon = framed(u, p.width, p.height, argb);
		free(argb);
	}
	png_image_free(&p);
}

void
xicon_open(struct ui *u, const char *path)
{
	if (path != NULL)
		read_png(u, path);
	u->icon_fixed = u->icon != NULL;
	if (u->icon == NULL && u->border > 0)
		u->icon = framed(u, ICON_PLAIN, ICON_PLAIN, NULL);
}

void
xicon_new(struct ui *u, struct win *w)
{
	set_icon(u, w, u->icon);
}

void
ui_window_icon(
    struct ui *u, uint32_t wid, unsigned w, unsigned h, const uint32_t *argb)
{
	struct win *window = xwin_of(u, wid);
	uint32_t *icon;

	if (window == NULL || u->icon_fixed || w == 0 || h == 0 ||
	    w > ICON_MAX || h > ICON_MAX)
		return;
	icon = framed(u, w, h, argb);
	set_icon(u, window, icon);
	free(icon);
}
