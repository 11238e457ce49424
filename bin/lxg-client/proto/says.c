/*
 * What a window says of itself, checked and cleaned.
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <string.h>

#include "clean.h"
#include "state.h"

#define TITLE_MAX 200

static const struct {
	const char *name;
	enum ui_type type;
	bool framed; /* has a title bar */
} types[] = {
    {"NORMAL", UI_NORMAL, true},
    {"DIALOG", UI_DIALOG, true},
    {"UTILITY", UI_UTILITY, true},
    {"SPLASH", UI_SPLASH, false},
    {"MENU", UI_MENU, false},
    {"DROPDOWN_MENU", UI_DROPDOWN, false},
    {"POPUP_MENU", UI_POPUP, false},
    {"TOOLTIP", UI_TOOLTIP, false},
    {"COMBO", UI_COMBO, false},
    {"DND", UI_DND, false},
    {"NOTIFICATION", UI_NOTE, false},
};

static const struct {
	const char *name;
	unsigned bit;
} states[] = {
    {"iconic", UI_ICONIC},
    {"maximized", UI_MAXIMIZED},
    {"fullscreen", UI_FULLSCREEN},
    {"above", UI_ABOVE},
    {"below", UI_BELOW},
    {"shaded", UI_SHADED},
    {"sticky", UI_STICKY},
    {"skip-taskbar", UI_NO_TASKBAR},
    {"skip-pager", UI_NO_PAGER},
};

/* The pattern with the title in it. What is in the title is text. */
static void
title(struct proto *p, const struct val *v, char *to, size_t size)
{
	static const char mark[] = "@title@";
	const char *pattern = p->config.title, *at = strstr(pattern, mark);
	char text[TITLE_MAX * 4 + 1];

	clean_text(v, text, sizeof(text), TITLE_MAX, false);
	if (at == NULL)
		snprintf(to, size, "%s", pattern);
	else
		snprintf(to, size, "%.*s%s%s", (int)(at - pattern), pattern,
		    text, at + sizeof(mark) - 1);
}

/* The first one that is known; a managed window has a title bar in any case. */
static enum ui_type
type(const struct val *list, bool unmanaged)
{
	const struct val *v;

	for (size_t i = 0; (v = val_at(list, i)) != NULL && i < 32; i++)
		for (size_t k = 0; k < sizeof(types) / sizeof(*types); k++)
			if (val_is(v, types[k].name) &&
			    (unmanaged || types[k].framed))
				return types[k].type;
	return UI_NORMAL;
}

/* A parent that is there, and none of whose parents is the window itself. */
static uint32_t
parent(struct proto *p, const struct win *w, const struct val *v)
{
	struct win *up;
	int64_t wid;
	unsigned n = 0;

	if (!val_int(v, 1, UINT32_MAX, &wid))
		return 0;
	for (up = win_find(p, wid); up != NULL && n <= WINDOWS; n++) {
		if (up == w || up->tray)
			return 0;
		if (up->parent == 0)
			return (uint32_t)wid;
		up = win_find(p, up->parent);
	}
	return 0;
}

static bool
pair(const struct val *dict, const char *key, int64_t lo, unsigned *a,
    unsigned *b)
{
	const struct val *v = val_key(dict, key);
	int64_t x, y;

	if (!val_int(val_at(v, 0), lo, INT32_MAX, &x) ||
	    !val_int(val_at(v, 1), lo, INT32_MAX, &y))
		return false;
	*a = (unsigned)x;
	*b = (unsigned)y;
	return true;
}

static unsigned
at_most(unsigned n)
{
	return n > SIZE_MAXI ? SIZE_MAXI : n;
}

/* Hints that contradict themselves are left out. */
static void
hints(const struct val *v, struct ui_hints *h)
{
	int64_t gravity;

	memset(h, 0, sizeof(*h));
	if (pair(v, "minimum-size", 0, &h->min_w, &h->min_h)) {
		h->min_w = at_most(h->min_w);
		h->min_h = at_most(h->min_h);
		h->has |= UI_MIN;
	}
	if (pair(v, "maximum-size", 1, &h->max_w, &h->max_h)) {
		h->max_w = at_most(h->max_w);
		h->max_h = at_most(h->max_h);
		if (h->max_w >= h->min_w && h->max_h >= h->min_h)
			h->has |= UI_MAX;
	}
	if (pair(v, "base-size", 0, &h->base_w, &h->base_h) &&
	    h->base_w <= SIZE_MAXI && h->base_h <= SIZE_MAXI)
		h->has |= UI_BASE;
	if (pair(v, "increment", 1, &h->inc_w, &h->inc_h) && h->inc_w < 1024 &&
	    h->inc_h < 1024)
		h->has |= UI_INC;
	if (pair(v, "minimum-aspect-ratio", 1, &h->min_num, &h->min_den) &&
	    pair(v, "maximum-aspect-ratio", 1, &h->max_num, &h->max_den) &&
	    (uint64_t)h->min_num * h->max_den <=
		(uint64_t)h->max_num * h->min_den)
		h->has |= UI_ASPECT;
	if (val_int(val_key(v, "gravity"), 1, 10, &gravity)) {
		h->gravity = (unsigned)gravity;
		h->has |= UI_GRAVITY;
	}
}

static void
state(const struct val *meta, struct ui_says *s)
{
	const struct val *v;

	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++) {
		if ((v = val_key(meta, states[i].name)) == NULL)
			continue;
		s->state_mask |= states[i].bit;
		if (val_true(v))
			s->state |= states[i].bit;
		s->has |= UI_SAYS_STATE;
	}
}

/* first: the window is new, and is given a title and a type in any case. A
 * later change of type is none that a window manager would follow. */
void
says_parse(struct proto *p, const struct win *w, const struct val *meta,
    struct ui_says *s, struct says_text *t, bool first)
{
	const struct val *v;

	memset(s, 0, sizeof(*s));
	if ((v = val_key(meta, "title")) != NULL || first) {
		title(p, v, t->title, sizeof(t->title));
		s->title = t->title;
		s->has |= UI_SAYS_TITLE;
	}
	if (first) {
		s->type = type(val_key(meta, "window-type"), w->unmanaged);
		s->has |= UI_SAYS_TYPE;
		if (val_true(val_key(meta, "set-initial-position")))
			s->has |= UI_SAYS_PLACE;
	}
	if ((v = val_key(meta, "transient-for")) != NULL) {
		s->transient_for = parent(p, w, v);
		s->has |= UI_SAYS_FOR;
	}
	if ((v = val_key(meta, "modal")) != NULL) {
		s->modal = val_true(v);
		s->has |= UI_SAYS_MODAL;
	}
	if ((v = val_key(meta, "size-constraints")) != NULL) {
		hints(v, &s->hints);
		s->has |= UI_SAYS_HINTS;
	}
	state(meta, s);
}
