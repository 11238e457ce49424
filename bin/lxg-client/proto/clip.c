/*
 * Selections, with a direction and a focus. The instance is told what the
 * host has, and given it, only while one of its windows has the focus, and it
 * may claim the host's selection only then. What it has claimed the host's
 * programs ask for at any time. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "clean.h"
#include "state.h"

#define CLIP_MAX     (16u << 20)
#define CLIP_TARGETS 32
#define CLIP_WAIT    10000 /* ms for an answer */

static const char *const selections[UI_SELS] = {"CLIPBOARD", "PRIMARY"};

/* What crosses; the rest are formats of one program's own, or orders. */
static const char *const targets[] = {"UTF8_STRING", "STRING", "TEXT",
    "text/plain", "text/plain;charset=utf-8", "text/html", "image/png"};
#define TARGETS (sizeof(targets) / sizeof(*targets))

static const char *
known(const char *target)
{
	for (size_t i = 0; i < TARGETS; i++)
		if (strcmp(target, targets[i]) == 0)
			return targets[i];
	return NULL;
}

static const char *
known_val(const struct val *v)
{
	for (size_t i = 0; i < TARGETS; i++)
		if (val_is(v, targets[i]))
			return targets[i];
	return NULL;
}

static int
selection(const struct val *v)
{
	for (int i = 0; i < UI_SELS; i++)
		if (val_is(v, selections[i]))
			return i;
	return -1;
}

static struct clip_ask *
unused(struct clip_ask *v)
{
	for (unsigned i = 0; i < CLIP_PENDING; i++)
		if (!v[i].used)
			return &v[i];
	return NULL;
}

static void
note_ask(struct proto *p, struct clip_ask *a, enum ui_sel sel, unsigned number,
    int64_t request)
{
	a->used = true;
	a->sel = sel;
	a->number = number;
	a->request = request;
	a->targets = false;
	a->due = p->now + CLIP_WAIT;
}

/* The server is asked; a says who wants it here. */
static void
ask_server(struct proto *p, struct clip_ask *a, const char *target)
{
	begin(p, "clipboard-request");
	out_int(&p->out, a->request);
	out_str(&p->out, selections[a->sel]);
	out_str(&p->out, target);
	done(p);
}

static void
none(struct proto *p, int64_t request, enum ui_sel sel)
{
	begin(p, "clipboard-contents-none");
	out_int(&p->out, request);
	out_str(&p->out, selections[sel]);
	done(p);
}

/* A token of ours. Without claim the server only forgets what it believes to
 * know of the targets: a later owner's would be the earlier one's. */
static void
token(struct proto *p, enum ui_sel sel, bool claim)
{
	struct out *o = &p->out;
	const struct clip_offer *offer = &p->clip.offer[sel];
	bool dict = p->major == 6 && p->minor >= 6;

	begin(p, dict ? "clipboard-data" : "clipboard-token");
	out_str(o, selections[sel]);
	if (dict) {
		out_dict(o);
		out_kbool(o, "claim", claim);
		out_kbool(o, "greedy", false);
		out_key(o, "targets");
	}
	out_list(o);
	for (size_t i = 0; claim && i < TARGETS; i++)
		if (offer->has & 1u << i)
			out_str(o, targets[i]);
	out_close(o);
	if (dict) {
		out_close(o);
	} else {
		out_str(o, ""); /* no data goes along */
		out_str(o, "");
		out_int(o, 8);
		out_str(o, "bytes");
		out_bytes(o, "", 0);
		out_bool(o, claim);
		out_bool(o, false); /* greedy */
	}
	done(p);
}

/* The host has something new that hasn't been told. */
static void
tell_token(struct proto *p, enum ui_sel sel)
{
	struct clip_offer *offer = &p->clip.offer[sel];

	if (!p->config.clip_in || !p->greeted || p->focus == 0 ||
	    !offer->fresh || offer->has == 0)
		return;
	offer->fresh = false;
	token(p, sel, true);
}

void
clip_focus(struct proto *p)
{
	tell_token(p, UI_CLIPBOARD);
	tell_token(p, UI_PRIMARY);
}

void
on_sel_owner(void *ctx, enum ui_sel sel, const char *const *names, unsigned n)
{
	struct proto *p = ctx;
	struct clip_offer *offer = &p->clip.offer[sel];

	offer->has = 0;
	offer->fresh = true;
	for (unsigned i = 0; i < n; i++)
		for (size_t k = 0; k < TARGETS; k++)
			if (strcmp(names[i], targets[k]) == 0)
				offer->has |= 1u << k;
	tell_token(p, sel);
}

/* request, selection, target */
int
got_request(struct proto *p, const struct val *packet, struct fail *f)
{
	const char *target = known_val(val_at(packet, 3));
	int sel = selection(val_at(packet, 2));
	struct clip_ask *a;
	int64_t request;
	unsigned have;

	if (!val_int(val_at(packet, 1), 0, INT64_MAX, &request))
		return malformed(f, packet, "no number");
	if (sel == -1)
		return 0;
	have = p->clip.offer[sel].has;
	if (val_is(val_at(packet, 3), "TARGETS") && p->config.clip_in &&
	    p->focus != 0 && have != 0) {
		begin(p, "clipboard-contents");
		out_int(&p->out, request);
		out_str(&p->out, selections[sel]);
		out_str(&p->out, "ATOM");
		out_int(&p->out, 32);
		out_str(&p->out, "atoms");
		out_list(&p->out);
		for (size_t i = 0; i < TARGETS; i++)
			if (have & 1u << i)
				out_str(&p->out, targets[i]);
		out_close(&p->out);
		out_int(&p->out, 0); /* cut */
		done(p);
		return 0;
	}
	if (target == NULL || !p->config.clip_in || p->focus == 0 ||
	    have == 0 || out_left(&p->out) > PROTO_OUT_MAX ||
	    (a = unused(p->clip.in)) == NULL) {
		none(p, request, (enum ui_sel)sel);
		return 0;
	}
	note_ask(p, a, (enum ui_sel)sel, ++p->clip.next_in, request);
	ui_sel_fetch(p->ui, (enum ui_sel)sel, target, a->number);
	return 0;
}

void
on_sel_data(void *ctx, unsigned number, const struct ui_data *d)
{
	struct proto *p = ctx;
	struct clip_ask *a = NULL;
	struct out *o = &p->out;

	for (unsigned i = 0; i < CLIP_PENDING; i++)
		if (p->clip.in[i].used && p->clip.in[i].number == number)
			a = &p->clip.in[i];
	if (a == NULL)
		return;
	a->used = false;
	if (d == NULL || d->data == NULL || d->format != 8 ||
	    d->len > CLIP_MAX || p->focus == 0) {
		if (d != NULL && d->len > CLIP_MAX)
			ask_say(p->ask,
			    "the clipboard holds more than 16 MiB: not pasted");
		none(p, a->request, a->sel);
		return;
	}
	begin(p, "clipboard-contents");
	out_int(o, a->request);
	out_str(o, selections[a->sel]);
	out_str(o, known(d->type) != NULL ? d->type : "STRING");
	out_int(o, 8);
	out_str(o, "bytes");
	out_bytes(o, d->data, d->len);
	out_int(o, 0); /* cut */
	done(p);
}

/* Something new in the instance: what it offers is asked for. */
static void
claimed(struct proto *p, int sel)
{
	struct clip_ask *a = unused(p->clip.out);

	if (sel == -1 || !p->config.clip_out || p->focus == 0 || a == NULL)
		return;
	for (unsigned i = 0; i < CLIP_PENDING; i++)
		if (p->clip.out[i].used && p->clip.out[i].targets &&
		    p->clip.out[i].sel == (enum ui_sel)sel)
			p->clip.out[i].used = false; /* the newer one counts */
	token(p, (enum ui_sel)sel, false);
	note_ask(p, a, (enum ui_sel)sel, 0, p->clip.next_out++);
	a->targets = true;
	ask_server(p, a, "TARGETS");
}

int
got_token(struct proto *p, const struct val *packet, struct fail *f)
{
	(void)f;
	claimed(p, selection(val_at(packet, 1)));
	return 0;
}

/* 6.6: selection and a dict */
int
got_data(struct proto *p, const struct val *packet, struct fail *f)
{
	const struct val *claim = val_key(val_at(packet, 2), "claim");

	(void)f;
	if (claim == NULL || val_true(claim))
		claimed(p, selection(val_at(packet, 1)));
	return 0;
}

void
on_sel_wanted(void *ctx, enum ui_sel sel, const char *target, unsigned number)
{
	struct proto *p = ctx;
	struct ui_data nothing = {0};
	struct clip_ask *a = unused(p->clip.out);

	if (!p->config.clip_out || known(target) == NULL || a == NULL) {
		ui_sel_answer(p->ui, number, &nothing);
		return;
	}
	note_ask(p, a, sel, number, p->clip.next_out++);
	ask_server(p, a, target);
}

static struct clip_ask *
asked(struct proto *p, const struct val *packet)
{
	int64_t request;

	if (!val_int(val_at(packet, 1), 0, INT64_MAX, &request))
		return NULL;
	for (unsigned i = 0; i < CLIP_PENDING; i++)
		if (p->clip.out[i].used && p->clip.out[i].request == request)
			return &p->clip.out[i];
	return NULL;
}

/* The targets that the instance offers, of those that cross. */
static void
offered(struct proto *p, enum ui_sel sel, const struct val *list)
{
	const char *names[TARGETS];
	unsigned n = 0;

	for (size_t k = 0; k < TARGETS; k++)
		for (uint32_t i = 0; list->kind == V_LIST && i < list->n &&
				     i < CLIP_TARGETS * 4;
		     i++)
			if (val_is(list->v + i, targets[k])) {
				names[n++] = targets[k];
				break;
			}
	if (n == 0 || p->focus == 0)
		return;
	p->clip.offer[sel].has = 0; /* the host's is ours now */
	ui_sel_claim(p->ui, sel, names, n);
}

/* Later servers cut at this size without a word. */
static bool
is_cut(const struct val *packet, const struct val *data)
{
	return val_true(val_at(packet, 7)) || data->len == (1u << 20) - 1;
}

/* request, selection, type, format, encoding, data, bytes that were cut */
int
got_contents(struct proto *p, const struct val *packet, struct fail *f)
{
	const struct val *data = val_at(packet, 6);
	struct clip_ask *a = asked(p, packet);
	struct ui_data d = {0};

	if (data == NULL)
		return malformed(f, packet, "no data");
	if (a == NULL)
		return 0;
	a->used = false;
	if (a->targets) {
		offered(p, a->sel, data);
		return 0;
	}
	if (data->kind == V_STR && is_cut(packet, data)) {
		ask_say(p->ask,
		    "what was copied is too large for xpra: not pasted");
	} else if (val_is(val_at(packet, 5), "bytes") && data->kind == V_STR &&
		   data->len <= CLIP_MAX) {
		d.type = known_val(val_at(packet, 3));
		d.type = d.type != NULL ? d.type : "STRING";
		d.format = 8;
		d.data = data->len > 0 ? data->s : (const uint8_t *)"";
		d.len = data->len;
	}
	ui_sel_answer(p->ui, a->number, &d);
	return 0;
}

int
got_contents_none(struct proto *p, const struct val *packet, struct fail *f)
{
	struct clip_ask *a = asked(p, packet);
	struct ui_data nothing = {0};

	(void)f;
	if (a == NULL)
		return 0;
	a->used = false;
	if (!a->targets)
		ui_sel_answer(p->ui, a->number, &nothing);
	return 0;
}

/* What nobody answers is answered with nothing. */
void
clip_tick(struct proto *p)
{
	struct ui_data nothing = {0};

	for (unsigned i = 0; i < CLIP_PENDING; i++) {
		struct clip_ask *in = &p->clip.in[i], *out = &p->clip.out[i];

		if (in->used && in->due <= p->now) {
			in->used = false;
			none(p, in->request, in->sel);
		}
		if (out->used && out->due <= p->now) {
			out->used = false;
			if (!out->targets)
				ui_sel_answer(p->ui, out->number, &nothing);
		}
	}
}
