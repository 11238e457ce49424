/*
 * Pictures. SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "state.h"

/* Plain bytes of a picture: 8192 x 4096 pixels. */
#define PICTURE_MAX (128u << 20)

struct picture {
	struct frame frame;
	struct ui_place place; /* as much of it as is in the window */
	size_t stride;
	const struct val *data;
	bool packed, alpha;
};

void
frame_done(struct proto *p, const struct frame *d, bool drawn)
{
	struct out *o = &p->out;

	begin(p, "damage-sequence");
	out_int(o, d->sequence);
	out_int(o, d->wid);
	out_int(o, d->w);
	out_int(o, d->h);
	out_int(o, drawn ? 100 : 0); /* microseconds: it is fast */
	out_str(o, "");
	done(p);
}

/* wid, x, y, w, h, coding, data, sequence, stride, options */
static bool
parse_frame(const struct val *packet, struct frame *d)
{
	int64_t x, y;

	if (!val_int(val_at(packet, 1), 0, UINT32_MAX, &d->wid) ||
	    !val_int(val_at(packet, 2), INT32_MIN, INT32_MAX, &x) ||
	    !val_int(val_at(packet, 3), INT32_MIN, INT32_MAX, &y) ||
	    !val_int(val_at(packet, 4), 1, UINT16_MAX, &d->w) ||
	    !val_int(val_at(packet, 5), 1, UINT16_MAX, &d->h) ||
	    !val_int(val_at(packet, 8), 0, INT64_MAX, &d->sequence) ||
	    !val_int(val_at(packet, 9), 0, INT32_MAX, &d->stride))
		return false;
	d->place =
	    (struct ui_place){(int)x, (int)y, (unsigned)d->w, (unsigned)d->h};
	return true;
}

static const char *
parse_picture(const struct val *packet, struct picture *d)
{
	const struct val *coding = val_at(packet, 6);
	const struct val *options = val_at(packet, 10);
	const struct val *format = val_key(options, "rgb_format");

	d->data = val_at(packet, 7);
	if (!val_is(coding, "rgb24") && !val_is(coding, "rgb32"))
		return "an encoding that was not offered";
	if (d->data == NULL || d->data->kind != V_STR)
		return "no pixels";
	if (format != NULL && !val_is(format, "BGRX") &&
	    !val_is(format, "BGRA"))
		return "a format that was not offered";
	if (val_true(val_key(options, "zlib")) ||
	    val_true(val_key(options, "lzo")))
		return "a compression that was not offered";
	d->packed = val_true(val_key(options, "lz4"));
	d->alpha = format != NULL && val_is(format, "BGRA");
	return NULL;
}

/* Rows may be longer than they are wide; the last one need not be whole. */
static const char *
measure(struct picture *d, size_t *size)
{
	size_t row = (size_t)d->frame.w * 4, h = (size_t)d->frame.h;

	d->stride = d->frame.stride == 0 ? row : (size_t)d->frame.stride;
	if (d->stride < row)
		return "rows that are too short";
	if (d->stride > PICTURE_MAX / h)
		return "a picture that is too large";
	*size = d->data->len;
	if (d->packed && (*size = lz4_size(d->data->s, d->data->len)) == 0)
		return "an LZ4 size that makes no sense";
	if (*size > d->stride * h || *size < d->stride * (h - 1) + row)
		return "pixels that don't fit the size";
	return NULL;
}

/* While a window shrinks, pictures may be larger than it is. */
static bool
clip(const struct win *w, struct ui_place *place)
{
	if (place->x < 0 || place->y < 0 || (unsigned)place->x >= w->place.w ||
	    (unsigned)place->y >= w->place.h)
		return false;
	if (place->w > w->place.w - (unsigned)place->x)
		place->w = w->place.w - (unsigned)place->x;
	if (place->h > w->place.h - (unsigned)place->y)
		place->h = w->place.h - (unsigned)place->y;
	return true;
}

/*
 * A window has no holes here, through which a program could have its words
 * among another's: what is not opaque, a menu's shadow say, is shown over
 * white. Colours are multiplied by alpha already, as X has them.
 */
static void
flatten(uint8_t *to, const struct picture *d)
{
	uint8_t *pixel, *end;
	unsigned i, rest;
	size_t y;

	for (y = 0; y < (size_t)d->frame.h; y++) {
		pixel = to + y * d->stride;
		for (end = pixel + d->frame.w * 4; pixel < end; pixel += 4) {
			rest = 255u - pixel[3];
			for (i = 0; rest != 0 && i < 3; i++)
				pixel[i] = pixel[i] > 255u - rest
					       ? 255
					       : (uint8_t)(pixel[i] + rest);
			pixel[3] = 255;
		}
	}
}

int
got_draw(struct proto *p, const struct val *packet, struct fail *f)
{
	struct picture d;
	struct win *w;
	const char *why;
	uint8_t *to;
	size_t size;

	if (!parse_frame(packet, &d.frame))
		return malformed(f, packet, "no place, size or number");
	if (val_is(val_at(packet, 6), "scroll"))
		return got_moves(p, packet, &d.frame, f);
	if ((why = parse_picture(packet, &d)) != NULL ||
	    (why = measure(&d, &size)) != NULL)
		return malformed(f, packet, why);
	w = win_find(p, d.frame.wid);
	d.place = d.frame.place;
	if (w == NULL || !clip(w, &d.place) ||
	    (to = ui_canvas(p->ui, size)) == NULL) {
		frame_done(p, &d.frame, false);
		return 0;
	}
	if (!d.packed)
		memcpy(to, d.data->s, size);
	else if (!lz4_plain(d.data->s, d.data->len, to, size))
		return malformed(f, packet, "LZ4 that is damaged");
	/* bars that trays are in are more often dark */
	if (d.alpha && !w->tray)
		flatten(to, &d);
	if (w->item != NULL)
		item_draw(p, w, &d.place, to, d.stride, d.alpha);
	else
		ui_draw(p->ui, w->wid, &d.place, d.stride);
	frame_done(p, &d.frame, true);
	moves_drawn(p, w, &d.place);
	return 0;
}
