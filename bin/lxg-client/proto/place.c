/*
 * Windows as the user and the window manager have them, for the server.
 * SPDX-License-Identifier: ISC
 */
#include "state.h"

static const struct {
	const char *name;
	unsigned bit;
} states[] = {
    {"iconified", UI_ICONIC},
    {"maximized", UI_MAXIMIZED},
    {"fullscreen", UI_FULLSCREEN},
    {"above", UI_ABOVE},
    {"below", UI_BELOW},
    {"shaded", UI_SHADED},
    {"sticky", UI_STICKY},
    {"skip-taskbar", UI_NO_TASKBAR},
    {"skip-pager", UI_NO_PAGER},
};

/* What is another one than the server has it. */
static void
state(struct proto *p, struct win *w, unsigned now)
{
	unsigned changed = now ^ w->state;

	out_dict(&p->out);
	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++)
		if (changed & states[i].bit)
			out_kbool(&p->out, states[i].name,
			    (now & states[i].bit) != 0);
	out_close(&p->out);
	w->state = now;
}

static void
empty(struct proto *p)
{
	out_dict(&p->out);
	out_close(&p->out);
}

/* The server knows no place beyond 16 bits, nor a size of none. */
static void
geometry(struct out *o, const struct ui_place *place)
{
	out_int(o, place->x < INT16_MIN	  ? INT16_MIN
		   : place->x > INT16_MAX ? INT16_MAX
					  : place->x);
	out_int(o, place->y < INT16_MIN	  ? INT16_MIN
		   : place->y > INT16_MAX ? INT16_MAX
					  : place->y);
	out_int(o, place->w < 1 ? 1 : place->w);
	out_int(o, place->h < 1 ? 1 : place->h);
}

void
on_map(void *ctx, uint32_t wid, const struct ui_place *place, unsigned now)
{
	struct proto *p = ctx;
	struct win *w = win_find(p, wid);
	struct ui_place before;

	if (w == NULL || w->unmanaged)
		return;
	w->mapped = true;
	before = w->place;
	w->place = *place;
	begin(p, "map-window");
	out_int(&p->out, wid);
	geometry(&p->out, place);
	empty(p); /* the client's properties */
	state(p, w, now & ~UI_ICONIC);
	done(p);
	moves_sized(p, w, &before);
}

void
on_unmap(void *ctx, uint32_t wid)
{
	struct proto *p = ctx;
	struct win *w = win_find(p, wid);

	if (w == NULL || w->unmanaged || !w->mapped)
		return;
	w->mapped = false;
	begin(p, "unmap-window");
	out_int(&p->out, wid);
	out_bool(&p->out, true); /* iconified */
	done(p);
}

/* 6.5 and on have all that is not the window itself in a dict. */
static void
configure_fresh(struct proto *p, struct win *w, unsigned now)
{
	out_dict(&p->out);
	out_key(&p->out, "geometry");
	out_list(&p->out);
	geometry(&p->out, &w->place);
	out_close(&p->out);
	out_kint(&p->out, "resize-counter", w->counter);
	if (!w->unmanaged) {
		out_key(&p->out, "state");
		state(p, w, now);
	}
	out_close(&p->out);
}

void
on_configure(
    void *ctx, uint32_t wid, const struct ui_place *place, unsigned now)
{
	struct proto *p = ctx;
	struct win *w = win_find(p, wid);
	struct ui_place before;

	/* a menu is where the program has put it */
	if (w == NULL || (w->unmanaged && !w->tray))
		return;
	before = w->place;
	w->place = *place;
	begin(p, "configure-window");
	out_int(&p->out, wid);
	if (p->fresh) {
		configure_fresh(p, w, now);
	} else {
		geometry(&p->out, place);
		empty(p);
		out_int(&p->out, w->counter);
		state(p, w, now);
		out_bool(&p->out, false); /* skip the geometry */
	}
	done(p);
	moves_sized(p, w, &before);
}

void
on_close(void *ctx, uint32_t wid)
{
	struct proto *p = ctx;

	if (win_find(p, wid) == NULL)
		return;
	begin(p, "close-window");
	out_int(&p->out, wid);
	done(p);
}

void
on_refresh(void *ctx, uint32_t wid)
{
	struct proto *p = ctx;
	struct win *w = win_find(p, wid);

	if (w != NULL)
		refresh_send(p, w, true, false);
}
