/*
 * A session with an xpra server: what comes, packet by packet, and what is to
 * go. SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "clock.h"
#include "state.h"

struct proto *
proto_new(const struct proto_config *c, const struct host *h, struct ui *ui,
    struct ask *ask)
{
	struct proto *p = calloc(1, sizeof(*p));

	if (p == NULL || (p->title = strdup(c->title)) == NULL)
		err(EX_OSERR, NULL);
	p->config = *c;
	p->config.title = p->title;
	p->host = *h;
	p->ui = ui;
	p->ask = ask;
	p->wire.plus = p->out.plus = c->later;
	p->now = clock_ms();
	p->regroup = true;
	for (unsigned i = 0; i < NOTES_MAX; i++)
		p->notes[i] = p->now - NOTES_TIME;
	ui_keyboard(ui, h->group, h->group_mods);
	hello_send(p);
	return p;
}

void
proto_free(struct proto *p)
{
	if (p == NULL)
		return;
	for (unsigned i = 0; i < WINDOWS; i++)
		free(p->win[i].item);
	wire_free(&p->wire);
	ren_free(&p->ren);
	out_free(&p->out);
	free(p->title);
	free(p);
}

/* Chunks stand for items that were too large to be encoded. */
static int
put_chunks(struct proto *p, struct val *packet, struct fail *f)
{
	const struct wire *w = &p->wire;
	struct val *items = (struct val *)(uintptr_t)packet->v;

	for (unsigned i = 0; i + 1 < w->count; i++) {
		const struct piece *c = &w->v[i];

		if (c->index >= packet->n)
			return malformed(
			    f, packet, "a chunk for an item it hasn't");
		items[c->index].kind = V_STR;
		items[c->index].s = c->data;
		items[c->index].len = c->len;
	}
	return 0;
}

static int
packet(struct proto *p, struct fail *f)
{
	const struct piece *main = &p->wire.v[p->wire.count - 1];
	struct val v;
	const char *why;

	why = ren_decode(&p->ren, main->data, main->len, p->config.later, &v);
	if (why != NULL)
		return fail_set(f, FAIL_PROTOCOL, "a packet: %s", why);
	if (v.kind != V_LIST || v.n == 0)
		return fail_set(f, FAIL_PROTOCOL, "a packet that is no list");
	if (put_chunks(p, &v, f) == -1)
		return -1;
	return dispatch(p, &v, f);
}

int
proto_feed(struct proto *p, const uint8_t *data, size_t len, struct fail *f)
{
	int n;

	p->now = clock_ms();
	while ((n = wire_feed(&p->wire, &data, &len, f)) == 1) {
		n = packet(p, f);
		wire_done(&p->wire);
		if (n == -1)
			return -1;
	}
	if (n == -1)
		return -1;
	if (p->out.failed)
		return fail_set(f, FAIL_PROTOCOL,
		    "the server takes nothing of what it asks for");
	return 0;
}

size_t
proto_pending(const struct proto *p, const uint8_t **data)
{
	*data = p->out.data + p->out.sent;
	return out_left(&p->out);
}

void
proto_sent(struct proto *p, size_t n)
{
	out_sent(&p->out, n);
}

static bool
same_keys(const struct host *a, const struct host *b)
{
	return strcmp(a->rules, b->rules) == 0 &&
	       strcmp(a->model, b->model) == 0 &&
	       strcmp(a->layout, b->layout) == 0 &&
	       strcmp(a->variant, b->variant) == 0 &&
	       strcmp(a->options, b->options) == 0;
}

static bool
same_screens(const struct host *a, const struct host *b)
{
	bool same = a->w == b->w && a->h == b->h && a->dpi == b->dpi &&
		    a->n == b->n && a->mm_w == b->mm_w && a->mm_h == b->mm_h;

	for (int i = 0; same && i < a->n; i++)
		same = a->v[i].x == b->v[i].x && a->v[i].y == b->v[i].y &&
		       a->v[i].w == b->v[i].w && a->v[i].h == b->v[i].h &&
		       a->v[i].primary == b->v[i].primary;
	return same;
}

/* How it is told depends on who it is told to. */
void
host_late(struct proto *p)
{
	if (p->late_keys) {
		input_release(p);
		keys_config(p);
	}
	if (p->late_screens)
		screen_send(p);
	p->late_keys = p->late_screens = false;
}

void
proto_host(struct proto *p, const struct host *h)
{
	bool keys = !same_keys(&p->host, h);
	bool screens = !same_screens(&p->host, h);

	p->host = *h;
	ui_keyboard(p->ui, h->group, h->group_mods);
	p->late_keys |= keys;
	p->late_screens |= screens;
	if (p->greeted)
		host_late(p);
}

int
proto_wait(const struct proto *p, long long now)
{
	long long due = item_due(p);

	for (unsigned i = 0; i < CLIP_PENDING; i++) {
		if (p->clip.in[i].used && (due < 0 || p->clip.in[i].due < due))
			due = p->clip.in[i].due;
		if (p->clip.out[i].used &&
		    (due < 0 || p->clip.out[i].due < due))
			due = p->clip.out[i].due;
	}
	if (p->file.active && (due < 0 || p->file.due < due))
		due = p->file.due;
	if (due < 0)
		return -1;
	return due <= now ? 0 : (int)(due - now);
}

void
proto_tick(struct proto *p, long long now)
{
	p->now = now;
	clip_tick(p);
	file_tick(p);
	item_tick(p);
}

void
proto_leave(struct proto *p, const char *why)
{
	if (p->left)
		return;
	p->left = true;
	input_release(p);
	begin(p, "disconnect");
	out_str(&p->out, why);
	done(p);
}

unsigned
proto_windows(const struct proto *p)
{
	return p->windows;
}

bool
proto_greeted(const struct proto *p)
{
	return p->greeted;
}
