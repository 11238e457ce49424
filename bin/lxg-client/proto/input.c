/*
 * Keys, pointer and focus. What is down in the server is known here, so that
 * nothing stays down when the focus goes. SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "state.h"

/* More that waits than this: the pointer's way is not told, only its end. */
#define MOTION_MAX (64u << 10)

static void
modifiers(struct out *o, unsigned mods)
{
	static const char *const names[] = {
	    "shift", "lock", "control", "mod1", "mod2", "mod3", "mod4", "mod5"};

	out_list(o);
	for (unsigned i = 0; i < 8; i++)
		if (mods & 1u << i)
			out_str(o, names[i]);
	out_close(o);
}

/* A window that can have the focus: a menu's keys are its owner's. */
static uint32_t
keys_for(struct proto *p, uint32_t wid)
{
	struct win *w = win_find(p, wid);

	if (p->focus != 0)
		return p->focus;
	return w != NULL && !w->unmanaged ? wid : 0;
}

static void
key(struct proto *p, uint32_t wid, unsigned code, uint32_t keysym, bool down,
    unsigned group, unsigned mods)
{
	struct out *o = &p->out;

	begin(p, "key-action");
	out_int(o, wid);
	out_str(o, ""); /* its name: the code says all */
	out_bool(o, down);
	if (p->fresh) {
		out_dict(o);
		out_key(o, "modifiers");
		modifiers(o, mods);
		out_kint(o, "keyval", keysym);
		out_kstr(o, "string", "");
		out_kint(o, "keycode", code);
		out_kint(o, "group", group);
		out_close(o);
	} else {
		modifiers(o, mods);
		out_int(o, keysym);
		out_str(o, "");
		out_int(o, code);
		out_int(o, group);
	}
	done(p);
}

/*
 * A server goes back to its first group whenever the focus goes, and believes
 * to be in the one that it was told last: it is told of the first once more,
 * by a key that is let go and never was pressed.
 */
#define NO_KEY 255

static void
group_again(struct proto *p, uint32_t wid, unsigned group, unsigned mods)
{
	if (p->regroup && group != 0)
		key(p, wid, NO_KEY, 0, false, 0, mods);
	p->regroup = false;
}

void
on_key(void *ctx, uint32_t wid, unsigned code, uint32_t keysym, bool down,
    unsigned group, unsigned mods)
{
	struct proto *p = ctx;
	uint8_t *byte, bit = (uint8_t)(1u << code % 8);

	if (!p->greeted || code < 8 || code >= NO_KEY || group > 3)
		return;
	byte = &p->keys[code / 8];
	if (((*byte & bit) != 0) == down)
		return; /* a repeat, or let go where it wasn't pressed */
	if (down) {
		wid = keys_for(p, wid);
		p->keys_wid = wid;
	} else {
		wid = p->keys_wid;
	}
	if (wid == 0)
		return;
	if (down)
		group_again(p, wid, group, mods);
	*byte ^= bit;
	p->group = group;
	p->mods = mods;
	key(p, wid, code, keysym, down, group, mods);
}

static void
at(struct out *o, int x, int y)
{
	out_list(o);
	out_int(o, x < 0 ? 0 : x); /* 6.5 knows no other */
	out_int(o, y < 0 ? 0 : y);
	out_close(o);
}

/* From 6.5 on: which device, and a number that grows. */
static void
device(struct proto *p)
{
	if (!p->fresh)
		return;
	out_int(&p->out, -1);
	out_int(&p->out, (int64_t)++p->sequence);
}

static void
pointer_mods(struct proto *p, unsigned mods)
{
	if (!p->fresh) {
		modifiers(&p->out, mods);
		out_list(&p->out); /* buttons */
		out_close(&p->out);
		return;
	}
	out_dict(&p->out);
	out_key(&p->out, "modifiers");
	modifiers(&p->out, mods);
	out_close(&p->out);
}

void
on_motion(void *ctx, uint32_t wid, int x, int y, unsigned mods)
{
	struct proto *p = ctx;

	p->x = x;
	p->y = y;
	p->mods = mods;
	if (!p->greeted || win_find(p, wid) == NULL ||
	    out_left(&p->out) > MOTION_MAX)
		return;
	begin(p, "pointer-position");
	device(p);
	out_int(&p->out, wid);
	at(&p->out, x, y);
	pointer_mods(p, mods);
	done(p);
}

static void
button_send(struct proto *p, uint32_t wid, unsigned button, bool down)
{
	begin(p, "button-action");
	device(p);
	out_int(&p->out, wid);
	out_int(&p->out, button);
	out_bool(&p->out, down);
	at(&p->out, p->x, p->y);
	pointer_mods(p, p->mods);
	done(p);
}

void
on_button(void *ctx, uint32_t wid, unsigned button, bool down, int x, int y,
    unsigned mods)
{
	struct proto *p = ctx;
	unsigned bit;

	if (!p->greeted || button < 1 || button > 31)
		return;
	bit = 1u << button;
	if (((p->buttons & bit) != 0) == down)
		return;
	if (win_find(p, wid) == NULL)
		wid = p->buttons_wid;
	if (wid == 0)
		return;
	p->x = x;
	p->y = y;
	p->mods = mods;
	p->buttons ^= bit;
	p->buttons_wid = wid;
	button_send(p, wid, button, down);
}

/* Locks stay as they are; a modifier that is told of would be pressed again. */
#define LOCKS (1u << 1 | 1u << 4)

static void
release_keys(struct proto *p)
{
	for (unsigned code = 8; code < 256; code++) {
		if ((p->keys[code / 8] & 1u << code % 8) == 0)
			continue;
		key(p, p->keys_wid, code, 0, false, p->group, p->mods & LOCKS);
	}
	memset(p->keys, 0, sizeof(p->keys));
}

static void
release_buttons(struct proto *p)
{
	for (unsigned button = 1; button < 32; button++)
		if (p->buttons & 1u << button)
			button_send(p, p->buttons_wid, button, false);
	p->buttons = 0;
}

void
input_release(struct proto *p)
{
	release_keys(p);
	release_buttons(p);
}

/* A window has gone: what it held down is let go for no window. */
void
input_forget(struct proto *p, uint32_t wid)
{
	if (p->focus == wid) {
		release_keys(p);
		p->focus = 0;
	}
	if (p->keys_wid == wid) {
		release_keys(p);
		p->keys_wid = 0;
	}
	if (p->buttons_wid == wid) {
		release_buttons(p);
		p->buttons_wid = 0;
	}
}

/* From one of our windows to another one a click may be under way, and its
 * button isn't let go. */
void
on_focus(void *ctx, uint32_t wid)
{
	struct proto *p = ctx;
	struct win *w = win_find(p, wid);

	if (w != NULL && w->unmanaged)
		return;
	if (w == NULL)
		wid = 0;
	if (wid == p->focus)
		return;
	release_keys(p);
	if (wid == 0)
		release_buttons(p);
	p->regroup = true;
	p->focus = wid;
	begin(p, "focus");
	out_int(&p->out, wid);
	done(p);
	clip_focus(p);
}
