/*
 * A display and a monitor that are none. What protocol would break of a real
 * one's rules aborts. SPDX-License-Identifier: ISC
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "stub.h"

#define CANVAS_MAX (256u << 20)

static void __attribute__((format(printf, 2, 3)))
say(FILE *out, const char *fmt, ...)
{
	va_list ap;

	if (out == NULL)
		return;
	va_start(ap, fmt);
	vfprintf(out, fmt, ap);
	va_end(ap);
	fputc('\n', out);
	fflush(out);
}

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static int
find(struct ui *ui, uint32_t wid)
{
	for (int i = 0; i < STUB_WINDOWS; i++)
		if (ui->win[i].wid == wid)
			return i;
	return -1;
}

/* of a window that has to be there */
static int
there(struct ui *ui, uint32_t wid)
{
	int i = find(ui, wid);

	must(wid != 0 && i >= 0);
	return i;
}

static void
sane(const struct ui_place *p)
{
	must(p->w >= 1 && p->w <= 32000 && p->h >= 1 && p->h <= 32000);
	must(
	    p->x >= -32000 && p->x <= 32000 && p->y >= -32000 && p->y <= 32000);
}

static void
add(struct ui *ui, uint32_t wid, const struct ui_place *p, bool unmanaged)
{
	int i = find(ui, 0);

	must(i >= 0 && wid != 0 && find(ui, wid) == -1);
	sane(p);
	ui->win[i].wid = wid;
	ui->win[i].place = *p;
	ui->win[i].unmanaged = unmanaged;
	ui->win[i].unmapped = !unmanaged;
	ui->win[i].drawn = 0;
	ui->win[i].tray = false;
}

static void
says(struct ui *ui, uint32_t wid, const struct ui_says *s)
{
	if (s->has & UI_SAYS_TITLE)
		say(ui->out, "title %u %s", wid, s->title);
	if (s->has & UI_SAYS_TYPE)
		say(ui->out, "type %u %d", wid, s->type);
	if (s->has & UI_SAYS_FOR)
		say(ui->out, "for %u %u", wid, s->transient_for);
	if (s->has & UI_SAYS_FOR && s->transient_for != 0)
		must(find(ui, s->transient_for) >= 0);
	if (s->has & UI_SAYS_MODAL)
		say(ui->out, "modal %u %d", wid, s->modal);
	if (s->has & UI_SAYS_STATE)
		say(ui->out, "state %u %#x of %#x", wid, s->state,
		    s->state_mask);
	if (s->has & UI_SAYS_HINTS)
		say(ui->out, "hints %u %#x %ux%u-%ux%u", wid, s->hints.has,
		    s->hints.min_w, s->hints.min_h, s->hints.max_w,
		    s->hints.max_h);
}

void
ui_window_new(struct ui *ui, uint32_t wid, const struct ui_place *p,
    bool override_redirect, const struct ui_says *s)
{
	add(ui, wid, p, override_redirect);
	must(s->has & UI_SAYS_TITLE && s->has & UI_SAYS_TYPE);
	say(ui->out, "new %u %ux%u%+d%+d%s", wid, p->w, p->h, p->x, p->y,
	    override_redirect ? " unmanaged" : "");
	says(ui, wid, s);
}

void
ui_window_says(struct ui *ui, uint32_t wid, const struct ui_says *s)
{
	there(ui, wid);
	says(ui, wid, s);
}

void
ui_window_resize(struct ui *ui, uint32_t wid, unsigned w, unsigned h)
{
	int i = there(ui, wid);

	ui->win[i].place.w = w;
	ui->win[i].place.h = h;
	sane(&ui->win[i].place);
	say(ui->out, "resize %u %ux%u", wid, w, h);
}

void
ui_window_move(struct ui *ui, uint32_t wid, const struct ui_place *p)
{
	ui->win[there(ui, wid)].place = *p;
	sane(p);
	say(ui->out, "move %u %ux%u%+d%+d", wid, p->w, p->h, p->x, p->y);
}

void
ui_window_icon(
    struct ui *ui, uint32_t wid, unsigned w, unsigned h, const uint32_t *argb)
{
	there(ui, wid);
	say(ui->out, "icon %u %ux%u %08x", wid, w, h, argb[w * h - 1]);
}

void
ui_window_close(struct ui *ui, uint32_t wid)
{
	ui->win[there(ui, wid)].wid = 0;
	say(ui->out, "close %u", wid);
}

uint8_t *
ui_canvas(struct ui *ui, size_t size)
{
	if (size > CANVAS_MAX)
		return NULL;
	if (size > ui->size) {
		free(ui->canvas);
		ui->canvas = malloc(size);
		ui->size = ui->canvas != NULL ? size : 0;
	}
	return ui->canvas;
}

void
ui_draw(struct ui *ui, uint32_t wid, const struct ui_place *p, size_t stride)
{
	int i = there(ui, wid);
	uint32_t sum = 0, pixel;

	must(p->x >= 0 && p->y >= 0 && p->w > 0 && p->h > 0);
	must((unsigned)p->x + p->w <= ui->win[i].place.w);
	must((unsigned)p->y + p->h <= ui->win[i].place.h);
	must((size_t)(p->h - 1) * stride + (size_t)p->w * 4 <= ui->size);
	/* the last pixel is read, so that a sanitizer sees it */
	memcpy(&pixel,
	    ui->canvas + (size_t)(p->h - 1) * stride + (size_t)(p->w - 1) * 4,
	    sizeof(pixel));
	sum += pixel;
	ui->win[i].drawn += (uint64_t)p->w * p->h;
	say(ui->out, "draw %u %ux%u%+d%+d %08x%s", wid, p->w, p->h, p->x, p->y,
	    sum,
	    ui->win[i].drawn >=
		    (uint64_t)ui->win[i].place.w * ui->win[i].place.h
		? " complete"
		: "");
}

bool
ui_moves(struct ui *ui, uint32_t wid, const struct ui_move *v, unsigned n)
{
	int i = there(ui, wid);
	const struct ui_place *all = &ui->win[i].place;

	must(n > 0);
	for (; n > 0; n--, v++) {
		must(v->from.w > 0 && v->from.h > 0);
		must(
		    v->from.x >= 0 && v->from.y >= 0 && v->x >= 0 && v->y >= 0);
		must((unsigned)v->from.x + v->from.w <= all->w);
		must((unsigned)v->from.y + v->from.h <= all->h);
		must((unsigned)v->x + v->from.w <= all->w);
		must((unsigned)v->y + v->from.h <= all->h);
		if (!ui->rigid)
			say(ui->out, "move %u %ux%u%+d%+d to %+d%+d", wid,
			    v->from.w, v->from.h, v->from.x, v->from.y, v->x,
			    v->y);
	}
	return !ui->rigid;
}

void
ui_cursor(struct ui *ui, uint32_t wid, const char *name, unsigned w, unsigned h,
    unsigned hot_x, unsigned hot_y, const uint32_t *argb)
{
	must(w == 0 || (hot_x < w && hot_y < h && argb != NULL));
	say(ui->out, "cursor %u %s%ux%u%+d%+d %08x", wid, name, w, h,
	    (int)hot_x, (int)hot_y, w != 0 ? argb[w * h - 1] : 0);
}

void
ui_keyboard(struct ui *ui, unsigned group, unsigned group_mods)
{
	(void)ui;
	if (group > 3 || group_mods > 255)
		abort();
}

void
ui_bell(struct ui *ui, int percent)
{
	say(ui->out, "bell %d", percent);
}

int
ui_tray_new(
    struct ui *ui, uint32_t wid, unsigned w, unsigned h, const char *title)
{
	struct ui_place p = {0, 0, w, h};

	if (w % 2 == 1) /* as where the host has no tray that takes windows */
		return -1;
	add(ui, wid, &p, true);
	ui->win[there(ui, wid)].tray = true;
	say(ui->out, "tray %u %ux%u %s", wid, w, h, title);
	return 0;
}

void
ui_sel_claim(
    struct ui *ui, enum ui_sel sel, const char *const *targets, unsigned n)
{
	must(n > 0);
	for (unsigned i = 0; i < n; i++)
		say(ui->out, "claim %d %s", sel, targets[i]);
}

void
ui_sel_drop(struct ui *ui, enum ui_sel sel)
{
	say(ui->out, "drop %d", sel);
}

void
ui_sel_fetch(
    struct ui *ui, enum ui_sel sel, const char *target, unsigned request)
{
	say(ui->out, "fetch %d %s %u", sel, target, request);
}

void
ui_sel_answer(struct ui *ui, unsigned request, const struct ui_data *d)
{
	say(ui->out, "answer %u %s %zu %.*s", request,
	    d->data != NULL ? d->type : "none", d->len,
	    (int)(d->len < 60 ? d->len : 60),
	    d->data != NULL ? (const char *)d->data : "");
}

void
ui_listen(struct ui *ui, void *ctx)
{
	ui->ctx = ctx;
}

void
stub_step(struct ui *ui)
{
	uint32_t last = 0;

	for (int i = 0; i < STUB_WINDOWS; i++) {
		if (ui->win[i].wid == 0 || !ui->win[i].unmapped)
			continue;
		ui->win[i].unmapped = false;
		last = ui->win[i].wid;
		on_map(ui->ctx, last, &ui->win[i].place, 0);
	}
	if (last != 0)
		on_focus(ui->ctx, last);
}

void
stub_place(struct ui *ui, uint32_t wid, const struct ui_place *p)
{
	int i = find(ui, wid);

	if (wid != 0 && i >= 0 && (!ui->win[i].unmanaged || ui->win[i].tray))
		ui->win[i].place = *p;
}

void
stub_reset(struct ui *ui)
{
	memset(ui->win, 0, sizeof(ui->win));
}

void
stub_free(struct ui *ui)
{
	free(ui->canvas);
	memset(ui, 0, sizeof(*ui));
}

void
ask_note(struct ask *ask, uint32_t id, uint32_t replaces, const char *summary,
    const char *body, unsigned urgency)
{
	say(ask->out, "note %u %u %u [%s] [%s]", id, replaces, urgency, summary,
	    body);
}

void
ask_note_close(struct ask *ask, uint32_t id)
{
	say(ask->out, "note-close %u", id);
}

void
ask_url(struct ask *ask, const char *url)
{
	say(ask->out, "url %s", url);
}

void
ask_file(struct ask *ask, const char *name, uint64_t size, bool print)
{
	must(name[0] != '\0' && strchr(name, '/') == NULL);
	say(ask->out, "file %s %llu %d", name, (unsigned long long)size, print);
}

void
ask_file_data(struct ask *ask, const uint8_t *data, size_t len)
{
	say(ask->out, "file-data %zu %.*s", len, (int)(len < 20 ? len : 20),
	    (const char *)data);
}

void
ask_file_end(struct ask *ask, bool whole)
{
	say(ask->out, "file-end %d", whole);
}

bool
ask_shows_icons(const struct ask *ask)
{
	return !ask->no_icons;
}

/* With its first and its last pixel. */
void
ask_icon(struct ask *ask, uint32_t id, const char *title, unsigned w,
    unsigned h, const uint8_t *argb)
{
	const uint8_t *end = argb + (size_t)w * h * 4 - 4;

	say(ask->out,
	    "icon-shown %u %ux%u [%s] %02x%02x%02x%02x %02x%02x%02x%02x", id, w,
	    h, title, argb[0], argb[1], argb[2], argb[3], end[0], end[1],
	    end[2], end[3]);
}

void
ask_icon_gone(struct ask *ask, uint32_t id)
{
	say(ask->out, "icon-gone %u", id);
}

void
ask_say(struct ask *ask, const char *text)
{
	say(ask->out, "say %s", text);
}
