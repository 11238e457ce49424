/*
 * What the instance has selected, for the host's programs. An untrusted client
 * (SECURITY) can own a selection, but the X server refuses it the property of
 * the one who asks and the message that it is there (BadAccess), who then waits
 * in vain: so it claims none. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "x11.h"

#define PIECE (256u << 10) /* bytes in a property at once */

void
ui_sel_claim(
    struct ui *u, enum ui_sel s, const char *const *targets, unsigned n)
{
	struct offer *o = &u->offer[s];
	xcb_atom_t a;

	if (!u->clip_out)
		return;
	o->n = 0;
	for (unsigned i = 0; i < n && o->n < TARGETS_MAX; i++)
		if ((a = xsel_type(u, targets[i])) != XCB_ATOM_NONE)
			o->target[o->n++] = a;
	if (o->n == 0)
		return;
	o->ours = true;
	o->time = u->time;
	xcb_set_selection_owner(
	    u->c, u->self, xsel_atom(u, s), XCB_CURRENT_TIME);
}

void
ui_sel_drop(struct ui *u, enum ui_sel s)
{
	if (u->offer[s].ours)
		xcb_set_selection_owner(
		    u->c, XCB_NONE, xsel_atom(u, s), XCB_CURRENT_TIME);
	u->offer[s].ours = false;
	u->stale[s] = true;
}

/* property: where it is, or none. */
static void
notify(
    struct ui *u, const xcb_selection_request_event_t *e, xcb_atom_t property)
{
	xcb_selection_notify_event_t n = {.response_type = XCB_SELECTION_NOTIFY,
	    .time = e->time,
	    .requestor = e->requestor,
	    .selection = e->selection,
	    .target = e->target,
	    .property = property};

	xcb_send_event(
	    u->c, 0, e->requestor, XCB_EVENT_MASK_NO_EVENT, (char *)&n);
}

static void
put_property(struct ui *u, const xcb_selection_request_event_t *e,
    xcb_atom_t type, unsigned format, const void *data, size_t n)
{
	xcb_change_property(u->c, XCB_PROP_MODE_REPLACE, e->requestor,
	    e->property, type, (uint8_t)format, (uint32_t)n, data);
}

/* The pieces are fetched one by one; who fetches must be listened to. */
static void
listen_to(struct ui *u, xcb_window_t who, bool on)
{
	uint32_t mask = on ? XCB_EVENT_MASK_PROPERTY_CHANGE |
				 XCB_EVENT_MASK_STRUCTURE_NOTIFY
			   : XCB_EVENT_MASK_NO_EVENT;

	for (const struct answer *a = u->answer; !on && a < u->answer + ANSWERS;
	     a++)
		if (a->used && a->incr && a->for_whom.requestor == who)
			return;
	xcb_change_window_attributes(u->c, who, XCB_CW_EVENT_MASK, &mask);
}

static void
end_answer(struct ui *u, struct answer *a)
{
	bool incr = a->incr;

	free(a->data);
	a->data = NULL;
	a->used = a->incr = false;
	if (incr)
		listen_to(u, a->for_whom.requestor, false);
}

static void
list_targets(
    struct ui *u, const struct offer *o, const xcb_selection_request_event_t *e)
{
	xcb_atom_t list[TARGETS_MAX + 2] = {
	    u->atom[A_TARGETS], u->atom[A_TIMESTAMP]};

	memcpy(list + 2, o->target, o->n * sizeof(list[0]));
	put_property(u, e, XCB_ATOM_ATOM, 32, list, o->n + 2);
	notify(u, e, e->property);
}

static bool
offers(const struct offer *o, xcb_atom_t target)
{
	for (unsigned i = 0; i < o->n; i++)
		if (o->target[i] == target)
			return true;
	return false;
}

/* The answer comes later, by ui_sel_answer. */
static void
ask_server(struct ui *u, enum ui_sel s, const xcb_selection_request_event_t *e)
{
	struct answer *a = u->answer;

	while (a < u->answer + ANSWERS && a->used)
		a++;
	if (a == u->answer + ANSWERS) {
		notify(u, e, XCB_ATOM_NONE);
		return;
	}
	memset(a, 0, sizeof(*a));
	a->used = true;
	a->number = ++u->asked;
	a->for_whom = *e;
	a->due = clock_ms() + 2 * SEL_WAIT;
	on_sel_wanted(u->ctx, s, xsel_name(u, e->target), a->number);
}

/* MULTIPLE is refused: nobody is known to need it. */
static void
request(struct ui *u, const xcb_selection_request_event_t *event)
{
	xcb_selection_request_event_t e = *event;
	enum ui_sel s =
	    e.selection == XCB_ATOM_PRIMARY ? UI_PRIMARY : UI_CLIPBOARD;
	const struct offer *o = &u->offer[s];

	if (e.property == XCB_ATOM_NONE)
		e.property = e.target; /* who asks is older than ICCCM */
	if (!o->ours || e.selection != xsel_atom(u, s)) {
		notify(u, &e, XCB_ATOM_NONE);
	} else if (e.target == u->atom[A_TARGETS]) {
		list_targets(u, o, &e);
	} else if (e.target == u->atom[A_TIMESTAMP]) {
		put_property(u, &e, XCB_ATOM_INTEGER, 32, &o->time, 1);
		notify(u, &e, e.property);
	} else if (offers(o, e.target)) {
		ask_server(u, s, &e);
	} else {
		notify(u, &e, XCB_ATOM_NONE);
	}
}

/* All of it at once, or that it comes in pieces. */
static void
give_piece(struct ui *u, struct answer *a, const struct ui_data *d)
{
	uint32_t len = (uint32_t)d->len;

	a->type = d->type == NULL ? XCB_ATOM_NONE : xsel_type(u, d->type);
	if (a->type == XCB_ATOM_NONE)
		a->type = a->for_whom.target;
	if (d->len <= PIECE) {
		put_property(u, &a->for_whom, a->type, 8, d->data, d->len);
		notify(u, &a->for_whom, a->for_whom.property);
		end_answer(u, a);
		return;
	}
	a->data = malloc(d->len);
	if (a->data == NULL) {
		notify(u, &a->for_whom, XCB_ATOM_NONE);
		end_answer(u, a);
		return;
	}
	memcpy(a->data, d->data, d->len);
	a->len = d->len;
	a->incr = true;
	a->due = clock_ms() + SEL_WAIT;
	listen_to(u, a->for_whom.requestor, true);
	put_property(u, &a->for_whom, u->atom[A_INCR], 32, &len, 1);
	notify(u, &a->for_whom, a->for_whom.property);
}

void
ui_sel_answer(struct ui *u, unsigned number, const struct ui_data *d)
{
	struct answer *a = u->answer;

	while (a < u->answer + ANSWERS && !(a->used && a->number == number))
		a++;
	if (a == u->answer + ANSWERS || a->incr)
		return;
	if (d != NULL && d->data != NULL && d->format == 8 &&
	    d->len <= SEL_MAX) {
		give_piece(u, a, d);
	} else {
		notify(u, &a->for_whom, XCB_ATOM_NONE);
		end_answer(u, a);
	}
}

/* The last piece is an empty one. */
static void
next_piece(struct ui *u, struct answer *a)
{
	size_t n = a->len - a->sent;

	if (n > PIECE)
		n = PIECE;
	put_property(u, &a->for_whom, a->type, 8, a->data + a->sent, n);
	a->sent += n;
	a->due = clock_ms() + SEL_WAIT;
	if (n == 0)
		end_answer(u, a);
}

static bool
offer_property(struct ui *u, const xcb_property_notify_event_t *e)
{
	for (struct answer *a = u->answer; a < u->answer + ANSWERS; a++)
		if (a->used && a->incr && a->for_whom.requestor == e->window &&
		    a->for_whom.property == e->atom) {
			if (e->state == XCB_PROPERTY_DELETE)
				next_piece(u, a);
			return true;
		}
	return false;
}

static void
lost(struct ui *u, const xcb_selection_clear_event_t *e)
{
	for (int i = 0; i < UI_SELS; i++)
		if (e->selection == xsel_atom(u, (enum ui_sel)i)) {
			u->offer[i].ours = false;
			u->stale[i] = true;
		}
	xsel_focus(u);
}

bool
xoffer_event(struct ui *u, const xcb_generic_event_t *e)
{
	switch (e->response_type & 0x7f) {
	case XCB_SELECTION_REQUEST:
		request(u, (const void *)e);
		return true;
	case XCB_SELECTION_CLEAR:
		lost(u, (const void *)e);
		return true;
	case XCB_PROPERTY_NOTIFY:
		return offer_property(u, (const void *)e);
	default:
		return false;
	}
}

long long
xoffer_due(const struct ui *u)
{
	long long due = 0;

	for (const struct answer *a = u->answer; a < u->answer + ANSWERS; a++)
		if (a->used && (due == 0 || a->due < due))
			due = a->due;
	return due;
}

void
xoffer_tick(struct ui *u)
{
	for (struct answer *a = u->answer; a < u->answer + ANSWERS; a++)
		if (a->used && a->due <= clock_ms()) {
			if (!a->incr)
				notify(u, &a->for_whom, XCB_ATOM_NONE);
			end_answer(u, a);
		}
}

void
xoffer_close(struct ui *u)
{
	for (struct answer *a = u->answer; a < u->answer + ANSWERS; a++)
		free(a->data);
}
