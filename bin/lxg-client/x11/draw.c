/*
 * Pixels: into a window's pixmap, which is its background as well, and from
 * there on the screen, so what gets uncovered is there at once. By memory that
 * the X server shares where it does, else in the requests themselves.
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <xcb/xcbext.h>

#include "x11.h"

#define CANVAS_MAX  (256u << 20)
#define STRIP	    (256u << 10) /* bytes a request, so that xcb keeps little */
#define ROUND	    128u	 /* pixmaps grow in steps */
#define PIXMAPS_MIN (256u << 20)
#define SLACK	    (256u << 10) /* a last row may be without its padding */

static size_t
screen_bytes(const struct ui *u)
{
	return (size_t)u->screen->width_in_pixels *
	       u->screen->height_in_pixels * 4;
}

/* Two screens of shared memory; only what is used of it is ever there. */
static void
share_memory(struct ui *u)
{
	size_t size = screen_bytes(u) * 2 + SLACK;
	int id = shmget(IPC_PRIVATE, size, IPC_CREAT | 0600);
	xcb_generic_error_t *e;
	void *mem;

	if (id == -1)
		return;
	mem = shmat(id, NULL, 0);
	u->shared.seg = xcb_generate_id(u->c);
	e = xcb_request_check(
	    u->c, xcb_shm_attach_checked(u->c, u->shared.seg, (uint32_t)id, 0));
	shmctl(id, IPC_RMID, NULL);
	if (mem != (void *)-1 && e == NULL) {
		u->shared.mem = mem;
		u->shared.size = size - SLACK;
	} else if (mem != (void *)-1) {
		shmdt(mem);
	}
	free(e);
}

void
xdraw_open(struct ui *u)
{
	const xcb_query_extension_reply_t *shm =
	    xcb_get_extension_data(u->c, &xcb_shm_id);

	u->pixmaps_max = screen_bytes(u) * 12;
	if (u->pixmaps_max < PIXMAPS_MIN)
		u->pixmaps_max = PIXMAPS_MIN;
	if (shm != NULL && shm->present)
		share_memory(u);
}

void
xdraw_close(struct ui *u)
{
	if (u->shared.mem != NULL)
		shmdt(u->shared.mem);
	free(u->plain);
}

static size_t
pixmap_bytes(const struct win *w)
{
	return (size_t)w->pixmap_w * w->pixmap_h * 4;
}

static void
fill_plain(struct ui *u, xcb_drawable_t d, unsigned w, unsigned h)
{
	xcb_rectangle_t all = {0, 0, (uint16_t)w, (uint16_t)h};
	uint32_t color = PLAIN;

	xcb_change_gc(u->c, u->gc, XCB_GC_FOREGROUND, &color);
	xcb_poly_fill_rectangle(u->c, d, u->gc, 1, &all);
}

void
xdraw_drop(struct ui *u, struct win *w)
{
	if (w->pixmap == XCB_NONE)
		return;
	xcb_free_pixmap(u->c, w->pixmap);
	u->pixmaps -= pixmap_bytes(w);
	w->pixmap = XCB_NONE;
	w->pixmap_w = w->pixmap_h = 0;
}

static void
set_background(struct ui *u, struct win *w)
{
	uint32_t value = w->pixmap != XCB_NONE ? w->pixmap : PLAIN;

	xcb_change_window_attributes(u->c, w->child,
	    w->pixmap != XCB_NONE ? XCB_CW_BACK_PIXMAP : XCB_CW_BACK_PIXEL,
	    &value);
}

/*
 * Makes a pixmap of at least that size, with what the old one had. Where all of
 * them would take too much of the X server's memory there is none: then what
 * gets uncovered is asked of the server.
 */
void
xdraw_room(struct ui *u, struct win *w, unsigned width, unsigned height)
{
	struct win old = *w;

	if (width <= w->pixmap_w && height <= w->pixmap_h &&
	    w->pixmap_w <= width + 2 * ROUND &&
	    w->pixmap_h <= height + 2 * ROUND)
		return;
	w->pixmap_w = (width + ROUND - 1) / ROUND * ROUND;
	w->pixmap_h = (height + ROUND - 1) / ROUND * ROUND;
	u->pixmaps -= pixmap_bytes(&old);
	if (pixmap_bytes(w) > u->pixmaps_max - u->pixmaps) {
		w->pixmap = XCB_NONE;
		w->pixmap_w = w->pixmap_h = 0;
	} else {
		w->pixmap = xcb_generate_id(u->c);
		w->pixmap_seq = xcb_create_pixmap(u->c, 24, w->pixmap, w->child,
		    (uint16_t)w->pixmap_w, (uint16_t)w->pixmap_h)
				    .sequence;
		u->pixmaps += pixmap_bytes(w);
		fill_plain(u, w->pixmap, w->pixmap_w, w->pixmap_h);
		if (old.pixmap != XCB_NONE)
			xcb_copy_area(u->c, old.pixmap, w->pixmap, u->gc, 0, 0,
			    0, 0, (uint16_t)old.pixmap_w,
			    (uint16_t)old.pixmap_h);
	}
	set_background(u, w);
	if (old.pixmap != XCB_NONE)
		xcb_free_pixmap(u->c, old.pixmap);
	w->again =
	    w->again || (w->pixmap == XCB_NONE && old.pixmap != XCB_NONE);
}

/* Of what is refused only a pixmap matters: the window does without. Where it
 * was a copy, nothing has moved. */
void
xdraw_error(struct ui *u, const xcb_generic_error_t *e)
{
	for (struct win *w = u->windows; w != NULL; w = w->next)
		if (w->copy_seq != 0 && w->copy_seq == e->full_sequence) {
			w->again = true;
		} else if (w->pixmap != XCB_NONE &&
			   w->pixmap_seq == e->full_sequence) {
			xdraw_drop(u, w);
			set_background(u, w);
			w->again = true;
		}
}

/* Uncovered: an X server may have copied the pixmap when it was set. */
void
xdraw_again(struct ui *u, struct win *w, const xcb_expose_event_t *e)
{
	if (w->pixmap == XCB_NONE)
		w->again = true;
	else
		xcb_copy_area(u->c, w->pixmap, w->child, u->gc, (int16_t)e->x,
		    (int16_t)e->y, (int16_t)e->x, (int16_t)e->y, e->width,
		    e->height);
}

/* A reply to this is behind all that reads the shared memory. */
void
xdraw_mark(struct ui *u)
{
	struct shared *s = &u->shared;

	if (s->used == s->marked || s->waiting)
		return;
	s->mark = xcb_get_input_focus(u->c);
	s->marked = s->used;
	s->waiting = true;
}

/* Has all been read that is used? wait: until it has. */
static void
reclaim(struct ui *u, bool wait)
{
	struct shared *s = &u->shared;
	xcb_generic_error_t *e = NULL;
	void *r = NULL;

	if (wait)
		xdraw_mark(u);
	while (s->waiting) {
		if (wait)
			r = xcb_get_input_focus_reply(u->c, s->mark, &e);
		else if (!xcb_poll_for_reply(u->c, s->mark.sequence, &r, &e))
			return;
		s->waiting = false;
		if (s->marked == s->used)
			s->used = s->marked = 0;
		free(r);
		free(e);
		r = e = NULL;
		if (wait)
			xdraw_mark(u);
	}
}

static uint8_t *
canvas_shared(struct ui *u, size_t size)
{
	struct shared *s = &u->shared;

	if (size > s->size)
		return NULL;
	reclaim(u, false);
	if (size > s->size - s->used)
		reclaim(u, true);
	return size > s->size - s->used ? NULL : s->mem + s->used;
}

static uint8_t *
canvas_plain(struct ui *u, size_t size)
{
	if (size > u->plain_size) {
		free(u->plain);
		u->plain = malloc(size);
		u->plain_size = u->plain == NULL ? 0 : size;
	}
	return u->plain;
}

uint8_t *
ui_canvas(struct ui *u, size_t size)
{
	uint8_t *mem = canvas_shared(u, size);

	u->canvas_size = size;
	u->canvas_shared = mem != NULL;
	if (mem == NULL && size <= CANVAS_MAX)
		mem = canvas_plain(u, size);
	if (mem == NULL)
		u->canvas_size = 0;
	return mem;
}

static void
put_shared(
    struct ui *u, xcb_drawable_t d, const struct ui_place *p, size_t stride)
{
	struct shared *s = &u->shared;

	xcb_shm_put_image(u->c, d, u->gc, (uint16_t)(stride / 4),
	    (uint16_t)p->h, 0, 0, (uint16_t)p->w, (uint16_t)p->h, (int16_t)p->x,
	    (int16_t)p->y, 24, XCB_IMAGE_FORMAT_Z_PIXMAP, 0, s->seg,
	    (uint32_t)s->used);
	s->used += (u->canvas_size + 63) / 64 * 64;
	if (s->used > s->size)
		s->used = s->size;
}

/* Rows lie close together in a request. */
static void
pack(uint8_t *mem, size_t row, size_t stride, unsigned rows)
{
	for (unsigned i = 1; stride != row && i < rows; i++)
		memmove(mem + i * row, mem + i * stride, row);
}

static void
put_plain(
    struct ui *u, xcb_drawable_t d, const struct ui_place *p, size_t stride)
{
	size_t row = (size_t)p->w * 4;
	size_t most = (size_t)xcb_get_maximum_request_length(u->c) * 4 - 64;
	unsigned rows = (unsigned)((most < STRIP ? most : STRIP) / row);

	if (rows == 0)
		rows = 1;
	pack(u->plain, row, stride, p->h);
	for (unsigned y = 0; y < p->h; y += rows) {
		unsigned n = p->h - y < rows ? p->h - y : rows;

		xcb_put_image(u->c, XCB_IMAGE_FORMAT_Z_PIXMAP, d, u->gc,
		    (uint16_t)p->w, (uint16_t)n, (int16_t)p->x,
		    (int16_t)(p->y + (int)y), 0, 24, (uint32_t)(row * n),
		    u->plain + y * row);
	}
}

static bool
is_inside(const struct ui *u, const struct win *w, const struct ui_place *p,
    size_t stride)
{
	return w != NULL && p->x >= 0 && p->y >= 0 && p->w > 0 && p->h > 0 &&
	       p->x <= SIDE_MAX && p->y <= SIDE_MAX && p->w <= SIDE_MAX &&
	       p->h <= SIDE_MAX && stride % 4 == 0 && stride / 4 >= p->w &&
	       stride / 4 <= UINT16_MAX &&
	       stride * (p->h - 1) + (size_t)p->w * 4 <= u->canvas_size;
}

void
ui_draw(struct ui *u, uint32_t wid, const struct ui_place *p, size_t stride)
{
	struct win *w = xwin_of(u, wid);
	xcb_drawable_t d;

	if (!is_inside(u, w, p, stride))
		return;
	d = w->pixmap != XCB_NONE ? w->pixmap : w->child;
	if (u->canvas_shared)
		put_shared(u, d, p, stride);
	else
		put_plain(u, d, p, stride);
	if (w->pixmap != XCB_NONE)
		xcb_copy_area(u->c, w->pixmap, w->child, u->gc, (int16_t)p->x,
		    (int16_t)p->y, (int16_t)p->x, (int16_t)p->y, (uint16_t)p->w,
		    (uint16_t)p->h);
	u->canvas_size = 0;
}
