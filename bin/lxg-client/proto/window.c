/*
 * Windows of the server's. One that isn't there is passed over: it may have
 * gone meanwhile, or was one too many. SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "state.h"

struct win *
win_find(struct proto *p, int64_t wid)
{
	for (unsigned i = 0; wid > 0 && i < WINDOWS; i++)
		if (p->win[i].wid == wid)
			return &p->win[i];
	return NULL;
}

int
win_of(
    struct proto *p, const struct val *packet, struct win **w, struct fail *f)
{
	int64_t wid;

	if (!val_int(val_at(packet, 1), INT64_MIN, INT64_MAX, &wid))
		return malformed(f, packet, "no window");
	*w = win_find(p, wid);
	return 0;
}

static int
clamp(int64_t i, int lo, int hi)
{
	return i < lo ? lo : i > hi ? hi : (int)i;
}

/* Place and size from items i and on, or only the size (place kept). */
static int
place_of(const struct val *packet, size_t i, bool size_only,
    struct ui_place *place, struct fail *f)
{
	int64_t v[4] = {place->x, place->y, 0, 0};

	for (size_t k = size_only ? 2 : 0; k < 4; k++)
		if (!val_int(val_at(packet, i++), INT32_MIN, INT32_MAX, &v[k]))
			return malformed(f, packet, "no place or size");
	place->x = clamp(v[0], -PLACE_MAXI, PLACE_MAXI);
	place->y = clamp(v[1], -PLACE_MAXI, PLACE_MAXI);
	place->w = (unsigned)clamp(v[2], 1, SIZE_MAXI);
	place->h = (unsigned)clamp(v[3], 1, SIZE_MAXI);
	return 0;
}

/* Room for one more, or NULL where it is one too many, or is there already. */
static struct win *
room(struct proto *p, int64_t wid)
{
	if (win_find(p, wid) != NULL)
		return NULL;
	for (unsigned i = 0; i < WINDOWS; i++)
		if (p->win[i].wid == 0)
			return &p->win[i];
	if (!p->full)
		ask_say(p->ask, "more than 256 windows: the rest isn't shown");
	p->full = true;
	return NULL;
}

static int
tray_new(struct proto *p, int64_t wid, const struct ui_place *place,
    const struct val *meta)
{
	struct win *w = p->config.tray ? room(p, wid) : NULL;
	struct says_text text;
	struct ui_says says;

	if (w == NULL)
		return 0;
	memset(w, 0, sizeof(*w));
	w->tray = w->unmanaged = true;
	w->place = *place;
	says_parse(p, w, meta, &says, &text, true);
	if (ui_tray_new(p->ui, (uint32_t)wid, place->w, place->h, text.title) ==
		-1 &&
	    !item_new(p, w, meta)) {
		if (!p->no_tray)
			ask_say(
			    p->ask, "no tray here takes the icon of a program");
		p->no_tray = true;
		return 0;
	}
	w->wid = (uint32_t)wid;
	p->windows++;
	if (w->item != NULL)
		item_place(p, w, 0, 0);
	return 0;
}

static int
window_new(
    struct proto *p, const struct val *packet, bool unmanaged, struct fail *f)
{
	const struct val *meta = val_at(packet, 6);
	struct ui_place place = {0};
	struct says_text text;
	struct ui_says says;
	struct win *w;
	int64_t wid;

	if (!val_int(val_at(packet, 1), 1, UINT32_MAX, &wid))
		return malformed(f, packet, "no window");
	if (place_of(packet, 2, false, &place, f) == -1)
		return -1;
	if (val_true(val_key(meta, "tray")))
		return tray_new(p, wid, &place, meta);
	if ((w = room(p, wid)) == NULL)
		return 0;
	memset(w, 0, sizeof(*w));
	w->unmanaged =
	    unmanaged || val_true(val_key(meta, "override-redirect"));
	w->place = place;
	says_parse(p, w, meta, &says, &text, true);
	w->wid = (uint32_t)wid;
	w->parent = says.transient_for;
	w->state = says.state;
	w->moves = w->offered = !p->config.later; /* the hello says so */
	p->windows++;
	ui_window_new(p->ui, w->wid, &w->place, w->unmanaged, &says);
	return 0;
}

int
got_window(struct proto *p, const struct val *packet, struct fail *f)
{
	return window_new(p, packet, false, f);
}

int
got_window_or(struct proto *p, const struct val *packet, struct fail *f)
{
	return window_new(p, packet, true, f);
}

/* wid, w, h, metadata */
int
got_tray(struct proto *p, const struct val *packet, struct fail *f)
{
	struct ui_place place = {0};
	int64_t wid;

	if (!val_int(val_at(packet, 1), 1, UINT32_MAX, &wid))
		return malformed(f, packet, "no window");
	if (place_of(packet, 2, true, &place, f) == -1)
		return -1;
	return tray_new(p, wid, &place, val_at(packet, 4));
}

/* Windows that were above a window that goes are above none. */
static void
orphans(struct proto *p, uint32_t wid)
{
	struct ui_says says = {.has = UI_SAYS_FOR};

	for (unsigned i = 0; i < WINDOWS; i++) {
		if (p->win[i].wid == 0 || p->win[i].parent != wid)
			continue;
		p->win[i].parent = 0;
		ui_window_says(p->ui, p->win[i].wid, &says);
	}
}

int
got_lost(struct proto *p, const struct val *packet, struct fail *f)
{
	struct win *w;
	uint32_t wid;

	if (win_of(p, packet, &w, f) == -1)
		return -1;
	if (w == NULL)
		return 0;
	wid = w->wid;
	orphans(p, wid);
	if (w->item != NULL)
		item_gone(p, w);
	else
		ui_window_close(p->ui, wid);
	memset(w, 0, sizeof(*w));
	p->windows--;
	input_forget(p, wid);
	return 0;
}

int
got_metadata(struct proto *p, const struct val *packet, struct fail *f)
{
	struct says_text text;
	struct ui_says says;
	struct win *w;

	if (win_of(p, packet, &w, f) == -1)
		return -1;
	if (val_at(packet, 2) == NULL || val_at(packet, 2)->kind != V_DICT)
		return malformed(f, packet, "no metadata");
	if (w == NULL)
		return 0;
	if (w->item != NULL) {
		item_says(p, w, val_at(packet, 2));
		return 0;
	}
	says_parse(p, w, val_at(packet, 2), &says, &text, false);
	if (says.has & UI_SAYS_FOR)
		w->parent = says.transient_for;
	if (says.has & UI_SAYS_STATE)
		w->state = (w->state & ~says.state_mask) | says.state;
	if (says.has != 0)
		ui_window_says(p->ui, w->wid, &says);
	return 0;
}

/* A resize's number is sent back, so that the server knows ours from its. */
static void
counter(struct win *w, const struct val *v)
{
	int64_t n;

	if (val_int(v, 0, INT64_MAX, &n))
		w->counter = n;
}

/* wid, x, y, w, h, counter */
int
got_move_resize(struct proto *p, const struct val *packet, struct fail *f)
{
	struct ui_place place = {0}, before;
	struct win *w;

	if (win_of(p, packet, &w, f) == -1 ||
	    place_of(packet, 2, false, &place, f) == -1)
		return -1;
	if (w == NULL || w->tray)
		return 0;
	before = w->place;
	w->place = place;
	counter(w, val_at(packet, 6));
	ui_window_move(p->ui, w->wid, &w->place);
	moves_sized(p, w, &before);
	return 0;
}

int
got_move_or(struct proto *p, const struct val *packet, struct fail *f)
{
	return got_move_resize(p, packet, f);
}

/* wid, w, h, counter */
int
got_resized(struct proto *p, const struct val *packet, struct fail *f)
{
	struct ui_place place, before;
	struct win *w;

	if (win_of(p, packet, &w, f) == -1)
		return -1;
	before = place = w != NULL ? w->place : (struct ui_place){0};
	if (place_of(packet, 2, true, &place, f) == -1)
		return -1;
	if (w == NULL || w->tray)
		return 0;
	w->place = place;
	counter(w, val_at(packet, 4));
	ui_window_resize(p->ui, w->wid, place.w, place.h);
	moves_sized(p, w, &before);
	return 0;
}
