/*
 * Pictures of windows: raw, or PNG, which is all that xpra 3 has. libpng reads
 * them from memory, behind the lock, when their size and their header's are
 * small; one that it doesn't like is no picture, and ends nothing.
 * SPDX-License-Identifier: ISC
 */
#include <png.h>

#include "state.h"

#define PNG_MOST ((size_t)ICON_MAX * ICON_MAX * 4 + 4096) /* bytes */

/* A PNG's pixels and size, until the next call; NULL: none. */
static const uint32_t *
png_pixels(const struct val *v, unsigned *w, unsigned *h)
{
	static uint32_t argb[ICON_MAX * ICON_MAX];
	png_image p = {.version = PNG_IMAGE_VERSION};
	bool ok;

	if (v == NULL || v->kind != V_STR || v->len > PNG_MOST ||
	    !png_image_begin_read_from_memory(&p, v->s, v->len))
		return NULL;
	p.format = PNG_FORMAT_BGRA;
	*w = p.width;
	*h = p.height;
	ok = p.width > 0 && p.height > 0 && p.width <= ICON_MAX &&
	     p.height <= ICON_MAX &&
	     png_image_finish_read(&p, NULL, argb, 0, NULL) != 0;
	png_image_free(&p);
	return ok ? argb : NULL;
}

static int
raw(struct proto *p, const struct win *w, const struct val *packet,
    struct fail *f)
{
	const uint32_t *argb;
	int64_t wide, high;

	if (!val_int(val_at(packet, 2), 1, ICON_MAX, &wide) ||
	    !val_int(val_at(packet, 3), 1, ICON_MAX, &high))
		return 0;
	if ((argb = pixels_of(val_at(packet, 5), wide, high)) == NULL)
		return malformed(f, packet, "pixels that don't fit the size");
	ui_window_icon(p->ui, w->wid, (unsigned)wide, (unsigned)high, argb);
	return 0;
}

/* wid, w, h, encoding, data */
int
got_icon(struct proto *p, const struct val *packet, struct fail *f)
{
	const struct val *coding = val_at(packet, 4);
	const uint32_t *argb;
	unsigned wide, high;
	struct win *w;

	if (win_of(p, packet, &w, f) == -1)
		return -1;
	if (w == NULL || w->tray)
		return 0;
	if (val_is(coding, "premult_argb32") || val_is(coding, "BGRA"))
		return raw(p, w, packet, f);
	if (!val_is(coding, "png"))
		return 0;
	argb = png_pixels(val_at(packet, 5), &wide, &high);
	if (argb != NULL)
		ui_window_icon(p->ui, w->wid, wide, high, argb);
	return 0;
}
