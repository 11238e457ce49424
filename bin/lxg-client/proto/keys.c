/*
 * The keyboard's layout. Both ends speak evdev's codes (raw mode), so the
 * server only has to have the layout that the host has.
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "state.h"

/* rules, model, layout, variant and options as setxkbmap has them */
static void
names(struct out *o, const struct host *h)
{
	out_kstr(o, "rules", h->rules[0] != '\0' ? h->rules : "evdev");
	out_kstr(o, "model", h->model[0] != '\0' ? h->model : "pc105");
	out_kstr(o, "layout", h->layout[0] != '\0' ? h->layout : "us");
	out_kstr(o, "variant", h->variant);
	out_kstr(o, "options", h->options);
}

/* A later server sets no layout where it is told of no key at all. */
static void
one_key(struct out *o)
{
	out_key(o, "keycodes");
	out_list(o);
	out_list(o);
	out_int(o, 'a');
	out_str(o, "a");
	out_int(o, 38);
	out_int(o, 0);
	out_int(o, 0);
	out_close(o);
	out_close(o);
}

static void
later(struct out *o, const struct host *h)
{
	out_key(o, "keymap");
	out_dict(o);
	out_kbool(o, "raw", true);
	out_kbool(o, "layout_groups", true);
	out_kbool(o, "sync", true);
	names(o, h);
	out_key(o, "query_struct");
	out_dict(o);
	names(o, h);
	out_close(o);
	one_key(o);
	out_close(o);
}

static void
flat(struct out *o, const struct host *h)
{
	out_kbool(o, "xkbmap_raw", true);
	out_kbool(o, "xkbmap_layout_groups", true);
	out_kbool(o, "keyboard_sync", true);
	out_kstr(o, "xkbmap_layout", h->layout[0] != '\0' ? h->layout : "us");
	out_kstr(o, "xkbmap_variant", h->variant);
	out_kstr(o, "xkbmap_options", h->options);
	out_key(o, "xkbmap_query_struct");
	out_dict(o);
	names(o, h);
	out_close(o);
}

void
keys_hello(struct proto *p)
{
	if (p->config.later)
		later(&p->out, &p->host);
	else
		flat(&p->out, &p->host);
}

void
keys_config(struct proto *p)
{
	p->regroup = true;
	begin(p, "keymap-changed");
	out_dict(&p->out);
	keys_hello(p);
	if (p->config.later)
		out_kbool(&p->out, "force", true);
	out_close(&p->out);
	if (p->config.later && !p->fresh)
		out_bool(&p->out, true); /* force, before 6.5 */
	done(p);
}
