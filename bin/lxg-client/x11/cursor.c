/*
 * The pointer's picture: by RENDER as it is; without it one of the cursor
 * font's by its name, or in two colors. No theme is read: there is no file to
 * open any more. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "x11.h"

#define CURSOR_MAX 256

/* The cursor font's glyphs in their order; each has its mask behind it. */
static const char *const glyphs[] = {"X_cursor", "arrow", "based_arrow_down",
    "based_arrow_up", "boat", "bogosity", "bottom_left_corner",
    "bottom_right_corner", "bottom_side", "bottom_tee", "box_spiral",
    "center_ptr", "circle", "clock", "coffee_mug", "cross", "cross_reverse",
    "crosshair", "diamond_cross", "dot", "dotbox", "double_arrow",
    "draft_large", "draft_small", "draped_box", "exchange", "fleur", "gobbler",
    "gumby", "hand1", "hand2", "heart", "icon", "iron_cross", "left_ptr",
    "left_side", "left_tee", "leftbutton", "ll_angle", "lr_angle", "man",
    "middlebutton", "mouse", "pencil", "pirate", "plus", "question_arrow",
    "right_ptr", "right_side", "right_tee", "rightbutton", "rtl_logo",
    "sailboat", "sb_down_arrow", "sb_h_double_arrow", "sb_left_arrow",
    "sb_right_arrow", "sb_up_arrow", "sb_v_double_arrow", "shuttle", "sizing",
    "spider", "spraycan", "star", "target", "tcross", "top_left_arrow",
    "top_left_corner", "top_right_corner", "top_side", "top_tee", "trek",
    "ul_angle", "umbrella", "ur_angle", "watch", "xterm"};

static const char *const aliases[][2] = {{"default", "left_ptr"},
    {"text", "xterm"}, {"pointer", "hand2"}, {"wait", "watch"},
    {"move", "fleur"}};

static void
find_format(struct ui *u)
{
	xcb_render_query_pict_formats_reply_t *r =
	    xcb_render_query_pict_formats_reply(
		u->c, xcb_render_query_pict_formats(u->c), NULL);
	xcb_render_pictforminfo_iterator_t i;

	if (r == NULL)
		return;
	i = xcb_render_query_pict_formats_formats_iterator(r);
	for (; i.rem > 0; xcb_render_pictforminfo_next(&i)) {
		const xcb_render_directformat_t *d = &i.data->direct;

		if (i.data->depth == 32 && d->alpha_mask == 0xff &&
		    d->alpha_shift == 24 && d->red_shift == 16 &&
		    d->green_shift == 8 && d->blue_shift == 0)
			u->argb_format = i.data->id;
	}
	free(r);
}

void
xcursor_open(struct ui *u)
{
	const xcb_query_extension_reply_t *render =
	    xcb_get_extension_data(u->c, &xcb_render_id);

	if (render != NULL && render->present) {
		free(xcb_render_query_version_reply(
		    u->c, xcb_render_query_version(u->c, 0, 11), NULL));
		find_format(u);
	}
	u->cursor_font = xcb_generate_id(u->c);
	xcb_open_font(u->c, u->cursor_font, 6, "cursor");
}

static xcb_cursor_t
from_font(struct ui *u, const char *name)
{
	xcb_cursor_t id;

	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (strcmp(name, aliases[i][0]) == 0)
			name = aliases[i][1];
	for (uint16_t i = 0; i < sizeof(glyphs) / sizeof(glyphs[0]); i++) {
		if (strcmp(name, glyphs[i]) != 0)
			continue;
		id = xcb_generate_id(u->c);
		xcb_create_glyph_cursor(u->c, id, u->cursor_font,
		    u->cursor_font, (uint16_t)(2 * i), (uint16_t)(2 * i + 1), 0,
		    0, 0, 0xffff, 0xffff, 0xffff);
		return id;
	}
	return XCB_NONE;
}

/* RENDER wants colors that alpha is in already. */
static uint32_t
premultiplied(uint32_t p)
{
	uint32_t a = p >> 24, r = (p >> 16 & 0xff) * a / 255,
		 g = (p >> 8 & 0xff) * a / 255, b = (p & 0xff) * a / 255;

	return a << 24 | r << 16 | g << 8 | b;
}

static xcb_cursor_t
in_color(struct ui *u, unsigned w, unsigned h, unsigned x, unsigned y,
    const uint32_t *argb)
{
	xcb_pixmap_t pixmap = xcb_generate_id(u->c);
	xcb_gcontext_t gc = xcb_generate_id(u->c);
	xcb_render_picture_t picture = xcb_generate_id(u->c);
	xcb_cursor_t id = xcb_generate_id(u->c);
	uint32_t *pixels = malloc((size_t)w * h * 4);

	if (pixels == NULL)
		return XCB_NONE;
	for (size_t i = 0; i < (size_t)w * h; i++)
		pixels[i] = premultiplied(argb[i]);
	xcb_create_pixmap(
	    u->c, 32, pixmap, u->screen->root, (uint16_t)w, (uint16_t)h);
	xcb_create_gc(u->c, gc, pixmap, 0, NULL);
	xcb_put_image(u->c, XCB_IMAGE_FORMAT_Z_PIXMAP, pixmap, gc, (uint16_t)w,
	    (uint16_t)h, 0, 0, 0, 32, w * h * 4, (uint8_t *)pixels);
	xcb_render_create_picture(
	    u->c, picture, pixmap, u->argb_format, 0, NULL);
	xcb_render_create_cursor(u->c, id, picture, (uint16_t)x, (uint16_t)y);
	xcb_render_free_picture(u->c, picture);
	xcb_free_gc(u->c, gc);
	xcb_free_pixmap(u->c, pixmap);
	free(pixels);
	return id;
}

static bool
is_bright(uint32_t p)
{
	return (p >> 16 & 0xff) + (p >> 8 & 0xff) + (p & 0xff) > 3 * 127;
}

/* The points that are to be seen, or those of them that are bright. */
static xcb_pixmap_t
bitmap(struct ui *u, unsigned w, unsigned h, const uint32_t *argb, bool bright)
{
	xcb_pixmap_t pixmap = xcb_generate_id(u->c);
	xcb_gcontext_t gc = xcb_generate_id(u->c);
	xcb_rectangle_t all = {0, 0, (uint16_t)w, (uint16_t)h};
	xcb_point_t *points = malloc((size_t)w * h * sizeof(*points));
	uint32_t n = 0, color = 0;

	xcb_create_pixmap(
	    u->c, 1, pixmap, u->screen->root, (uint16_t)w, (uint16_t)h);
	xcb_create_gc(u->c, gc, pixmap, XCB_GC_FOREGROUND, &color);
	xcb_poly_fill_rectangle(u->c, pixmap, gc, 1, &all);
	for (size_t i = 0; points != NULL && i < (size_t)w * h; i++)
		if (argb[i] >> 24 > 127 && (!bright || is_bright(argb[i]))) {
			points[n].x = (int16_t)(i % w);
			points[n++].y = (int16_t)(i / w);
		}
	color = 1;
	xcb_change_gc(u->c, gc, XCB_GC_FOREGROUND, &color);
	if (n > 0)
		xcb_poly_point(
		    u->c, XCB_COORD_MODE_ORIGIN, pixmap, gc, n, points);
	xcb_free_gc(u->c, gc);
	free(points);
	return pixmap;
}

static xcb_cursor_t
in_two_colors(struct ui *u, unsigned w, unsigned h, unsigned x, unsigned y,
    const uint32_t *argb)
{
	xcb_pixmap_t source = bitmap(u, w, h, argb, true);
	xcb_pixmap_t mask = bitmap(u, w, h, argb, false);
	xcb_cursor_t id = xcb_generate_id(u->c);

	xcb_create_cursor(u->c, id, source, mask, 0xffff, 0xffff, 0xffff, 0, 0,
	    0, (uint16_t)x, (uint16_t)y);
	xcb_free_pixmap(u->c, source);
	xcb_free_pixmap(u->c, mask);
	return id;
}

static xcb_cursor_t
make_cursor(struct ui *u, const char *name, unsigned w, unsigned h, unsigned x,
    unsigned y, const uint32_t *argb)
{
	xcb_cursor_t id = XCB_NONE;

	if (name != NULL && (u->argb_format == XCB_NONE || argb == NULL))
		id = from_font(u, name);
	if (id != XCB_NONE || argb == NULL || w == 0 || h == 0 ||
	    w > CURSOR_MAX || h > CURSOR_MAX || x >= w || y >= h)
		return id;
	return u->argb_format != XCB_NONE ? in_color(u, w, h, x, y, argb)
					  : in_two_colors(u, w, h, x, y, argb);
}

void
xcursor_set(struct ui *u, struct win *w)
{
	uint32_t v = w->cursor != XCB_NONE ? w->cursor : u->cursor;

	xcb_change_window_attributes(u->c, w->child, XCB_CW_CURSOR, &v);
}

/* A cursor that windows still have stays until they have another one. */
static void
replace(struct ui *u, xcb_cursor_t *at, xcb_cursor_t id)
{
	if (*at != XCB_NONE)
		xcb_free_cursor(u->c, *at);
	*at = id;
}

/* wid 0: of all windows, and of those to come. */
void
ui_cursor(struct ui *u, uint32_t wid, const char *name, unsigned w, unsigned h,
    unsigned hot_x, unsigned hot_y, const uint32_t *argb)
{
	struct win *only = xwin_of(u, wid);

	if (wid != 0 && only == NULL)
		return;
	replace(u, only != NULL ? &only->cursor : &u->cursor,
	    make_cursor(u, name, w, h, hot_x, hot_y, argb));
	for (struct win *i = u->windows; i != NULL; i = i->next) {
		if (only == NULL)
			replace(u, &i->cursor, XCB_NONE);
		if (only == NULL || only == i)
			xcursor_set(u, i);
	}
}
