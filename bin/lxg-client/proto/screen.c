/*
 * The host's screens, for the server. SPDX-License-Identifier: ISC
 */
#include "state.h"

static void
monitors_flat(struct out *o, const struct host *h)
{
	out_list(o);
	for (int i = 0; i < h->n; i++) {
		const struct host_monitor *m = &h->v[i];

		out_list(o);
		out_str(o, "lxg");
		out_int(o, m->x);
		out_int(o, m->y);
		out_int(o, m->w);
		out_int(o, m->h);
		out_int(o, m->mm_w);
		out_int(o, m->mm_h);
		out_close(o);
	}
	out_close(o);
}

/* One screen, as GTK once saw it: name, size, monitors, work area. */
static void
screens(struct out *o, const struct host *h)
{
	out_list(o);
	out_list(o);
	out_str(o, ":0");
	out_int(o, h->w);
	out_int(o, h->h);
	out_int(o, h->mm_w);
	out_int(o, h->mm_h);
	monitors_flat(o, h);
	out_int(o, 0);
	out_int(o, 0);
	out_int(o, h->w);
	out_int(o, h->h);
	out_close(o);
	out_close(o);
}

static void
monitors(struct out *o, const struct host *h)
{
	out_key(o, "monitors");
	out_dict(o);
	for (int i = 0; i < h->n; i++) {
		const struct host_monitor *m = &h->v[i];

		out_int(o, i);
		out_dict(o);
		out_key(o, "geometry");
		out_list(o);
		out_int(o, m->x);
		out_int(o, m->y);
		out_int(o, m->w);
		out_int(o, m->h);
		out_close(o);
		out_kbool(o, "primary", m->primary);
		out_kstr(o, "name", "lxg");
		out_kint(o, "width-mm", m->mm_w);
		out_kint(o, "height-mm", m->mm_h);
		out_close(o);
	}
	out_close(o);
}

static void
dpi(struct out *o, unsigned value)
{
	out_key(o, "dpi");
	out_dict(o);
	out_kint(o, "x", value);
	out_kint(o, "y", value);
	out_close(o);
}

void
screen_hello(struct proto *p)
{
	const struct host *h = &p->host;
	struct out *o = &p->out;

	out_kpair(o, "desktop_size", h->w, h->h);
	out_kpair(o, "desktop_mode_size", h->w, h->h);
	if (!p->config.later) {
		out_key(o, "screen_sizes");
		screens(o, h);
		out_kint(o, "dpi", h->dpi);
		out_kint(o, "dpi.x", h->dpi);
		out_kint(o, "dpi.y", h->dpi);
		return;
	}
	dpi(o, h->dpi);
	out_key(o, "display");
	out_dict(o);
	out_kpair(o, "desktop_size", h->w, h->h);
	out_kpair(o, "desktop_mode_size", h->w, h->h);
	monitors(o, h);
	out_close(o);
}

static void
send_flat(struct out *o, const struct host *h)
{
	out_int(o, h->w);
	out_int(o, h->h);
	screens(o, h);
	out_int(o, 1); /* desktops and their names */
	out_list(o);
	out_str(o, "");
	out_close(o);
	out_int(o, h->w);
	out_int(o, h->h);
	out_int(o, h->dpi);
	out_int(o, h->dpi);
}

void
screen_send(struct proto *p)
{
	struct out *o = &p->out;

	begin(p, "desktop_size");
	if (p->config.later) {
		out_dict(o);
		out_kpair(o, "desktop-size", p->host.w, p->host.h);
		dpi(o, p->host.dpi);
		monitors(o, &p->host);
		out_close(o);
	} else {
		send_flat(o, &p->host);
	}
	done(p);
}
