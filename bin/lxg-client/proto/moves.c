/*
 * Pixels that move within a window, in place of a picture (xpra's "scroll").
 * They are only right where the window has all that the server has sent: it is
 * told that it may not send them when some of that could be gone, and that it
 * may when a picture of all of it has been drawn. It sends none of what it
 * believes that didn't change, even to who asks for a picture.
 * SPDX-License-Identifier: ISC
 */
#include "clock.h"
#include "state.h"

#define MOVES_MAX 4096
#define DEEP	  20  /* xpra looks for so many distances, each of all rows */
#define SETTLED	  500 /* ms for which it has one size, before they begin anew */
#define SIDE_MIN  128 /* of a window; in smaller ones xpra looks for none */

/* The window is asked for a picture (now), and moves may come or not. 3.1 sends
 * a picture whenever that changes. */
void
refresh_send(struct proto *p, struct win *w, bool now, bool moves)
{
	static const char *const plain[] = {"rgb24", "rgb32", NULL};
	static const char *const both[] = {"rgb24", "rgb32", "scroll", NULL};
	struct out *o = &p->out;

	begin(p, "buffer-refresh");
	out_int(o, w->wid);
	out_bool(o, true);
	out_int(o, 100); /* quality */
	out_dict(o);
	out_kbool(o, "refresh-now", now);
	out_close(o);
	out_dict(o); /* the client's properties */
	if (moves != w->moves && p->major >= 6) {
		out_kwords(o, "encodings.core", moves ? both : plain);
	} else if (moves != w->moves) {
		out_kbool(o, "encoding.scrolling", moves);
		out_kbool(o, "scrolling", moves); /* 5's name */
	}
	out_close(o);
	done(p);
	w->moves = moves;
	w->offered |= moves;
	w->whole &= !now;
}

/* A picture was drawn there. */
void
moves_drawn(struct proto *p, struct win *w, const struct ui_place *drawn)
{
	if (drawn->x == 0 && drawn->y == 0 && drawn->w == w->place.w &&
	    drawn->h == w->place.h)
		w->whole = true;
	if (!w->moves && w->whole && !w->rigid && !w->unmanaged &&
	    w->place.w >= SIDE_MIN && w->place.h >= SIDE_MIN &&
	    clock_ms() - w->sized >= SETTLED)
		refresh_send(p, w, false, true);
}

/* It had another size before: what was outside of that may be gone. */
void
moves_sized(struct proto *p, struct win *w, const struct ui_place *before)
{
	if (w->place.w == before->w && w->place.h == before->h)
		return;
	w->rigid = w->whole = false;
	w->sized = clock_ms();
	if (w->moves)
		refresh_send(p, w, true, false);
}

static bool
inside(const struct ui_place *a, const struct ui_place *of)
{
	return a->x >= of->x && a->y >= of->y &&
	       (int64_t)a->x + a->w <= (int64_t)of->x + of->w &&
	       (int64_t)a->y + a->h <= (int64_t)of->y + of->h;
}

/* x, y, w, h, dx, dy: from and to are within the packet's own place */
static bool
parse_move(const struct val *v, const struct ui_place *of, struct ui_move *m)
{
	static const int64_t least[] = {0, 0, 1, 1, -SIZE_MAXI, -SIZE_MAXI};
	struct ui_place to;
	int64_t n[6];

	if (v == NULL || v->kind != V_LIST || v->n != 6)
		return false;
	for (size_t i = 0; i < 6; i++)
		if (!val_int(val_at(v, i), least[i], SIZE_MAXI, &n[i]))
			return false;
	m->from = (struct ui_place){
	    (int)n[0], (int)n[1], (unsigned)n[2], (unsigned)n[3]};
	m->x = (int)(n[0] + n[4]);
	m->y = (int)(n[1] + n[5]);
	to = (struct ui_place){m->x, m->y, m->from.w, m->from.h};
	return inside(&m->from, of) && inside(&to, of);
}

/* From 6.5 on they are among the options, and may be where pixels are, too. */
static const struct val *
list_of(const struct val *packet)
{
	const struct val *v = val_key(val_at(packet, 10), "scroll");

	if (v == NULL || v->kind != V_LIST)
		v = val_at(packet, 7);
	return v != NULL && v->kind == V_LIST ? v : NULL;
}

/* While a window shrinks, moves may be of more than it is: these are left. */
static const char *
parse_moves(const struct val *packet, const struct frame *fr,
    const struct win *w, struct ui_move *moves, unsigned *n)
{
	const struct ui_place all = {0, 0, w->place.w, w->place.h};
	const struct val *list = list_of(packet);
	uint64_t most = (uint64_t)fr->w * (uint64_t)fr->h * DEEP, area = 0;
	struct ui_place to;

	if (list == NULL || list->n == 0)
		return "no moves";
	if (list->n > MOVES_MAX || list->n > fr->h)
		return "too many moves";
	*n = 0;
	for (uint32_t i = 0; i < list->n; i++) {
		struct ui_move *m = &moves[*n];

		if (!parse_move(val_at(list, i), &fr->place, m))
			return "a move that is out of place";
		area += (uint64_t)m->from.w * m->from.h;
		to = (struct ui_place){m->x, m->y, m->from.w, m->from.h};
		*n += inside(&m->from, &all) && inside(&to, &all);
	}
	return area > most ? "moves of too much" : NULL;
}

int
got_moves(struct proto *p, const struct val *packet, const struct frame *fr,
    struct fail *f)
{
	static struct ui_move moves[MOVES_MAX];
	struct win none = {0}, *w = win_find(p, fr->wid);
	const char *why;
	unsigned n;

	if (w != NULL && !w->offered)
		return malformed(f, packet, "an encoding that was not offered");
	why = parse_moves(packet, fr, w != NULL ? w : &none, moves, &n);
	if (why != NULL)
		return malformed(f, packet, why);
	if (w != NULL && n > 0 && !ui_moves(p->ui, w->wid, moves, n)) {
		w->rigid = true;
		if (w->moves)
			refresh_send(p, w, true, false);
	}
	frame_done(p, fr, w != NULL);
	return 0;
}
