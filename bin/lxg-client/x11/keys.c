/*
 * Keys, as codes. The host's auto-repeat is left out: with XKB the X server
 * says nothing but presses; without it a release comes with a press of the same
 * time right behind, so it waits for that for a moment.
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>
#include <xcb/xkb.h>

#include "clock.h"
#include "x11.h"

#define ISO_LEVEL3_SHIFT 0xfe03
#define REPEAT_MS	 20
#define USER_TIME_MS	 200
#define MODE_SWITCH	 0xff7e

static bool
is_down(const struct ui *u, unsigned code)
{
	return (u->down[code / 8] >> code % 8 & 1) != 0;
}

static void
mark(struct ui *u, unsigned code, bool down)
{
	u->down[code / 8] = (uint8_t)((u->down[code / 8] & ~(1 << code % 8)) |
				      down << code % 8);
}

/* XKB may not be there (SECURITY), or refuse. */
static void
no_repeats(struct ui *u)
{
	const xcb_query_extension_reply_t *xkb =
	    xcb_get_extension_data(u->c, &xcb_xkb_id);
	const unsigned flag = XCB_XKB_PER_CLIENT_FLAG_DETECTABLE_AUTO_REPEAT;
	xcb_xkb_per_client_flags_reply_t *r;
	xcb_xkb_use_extension_reply_t *used;

	if (xkb == NULL || !xkb->present)
		return;
	used = xcb_xkb_use_extension_reply(u->c,
	    xcb_xkb_use_extension(
		u->c, XCB_XKB_MAJOR_VERSION, XCB_XKB_MINOR_VERSION),
	    NULL);
	u->xkb = used != NULL && used->supported;
	free(used);
	r = xcb_xkb_per_client_flags_reply(u->c,
	    xcb_xkb_per_client_flags(
		u->c, XCB_XKB_ID_USE_CORE_KBD, flag, flag, 0, 0, 0),
	    NULL);
	u->no_repeats = r != NULL && (r->value & flag) != 0;
	free(r);
}

static const xcb_keysym_t *
syms_of(const struct ui *u, unsigned code)
{
	unsigned per = u->map == NULL ? 0 : u->map->keysyms_per_keycode;

	if (per == 0 || code < u->min_keycode || code > u->max_keycode ||
	    (code - u->min_keycode + 1) * per > u->map->length)
		return NULL;
	return xcb_get_keyboard_mapping_keysyms(u->map) +
	       (code - u->min_keycode) * per;
}

/* Which keys are modifiers; the one that chooses the third level is returned.
 */
static unsigned
find_modifiers(struct ui *u)
{
	xcb_get_modifier_mapping_reply_t *r = xcb_get_modifier_mapping_reply(
	    u->c, xcb_get_modifier_mapping(u->c), NULL);
	const xcb_keycode_t *code;
	const xcb_keysym_t *sym;
	unsigned mask = 0, bit;

	memset(u->mod_of, 0, sizeof(u->mod_of));
	if (r == NULL)
		return 0;
	code = xcb_get_modifier_mapping_keycodes(r);
	for (unsigned i = 0; i < 8u * r->keycodes_per_modifier; i++) {
		bit = 1u << i / r->keycodes_per_modifier;
		u->mod_of[code[i]] |= (uint8_t)(code[i] == 0 ? 0 : bit);
		sym = code[i] == 0 ? NULL : syms_of(u, code[i]);
		if (sym != NULL &&
		    (*sym == ISO_LEVEL3_SHIFT || *sym == MODE_SWITCH))
			mask = bit;
	}
	free(r);
	return mask;
}

/* AltGr is on no list of modifiers: it is one by what it is called. */
static void
find_altgr(struct ui *u)
{
	const xcb_keysym_t *syms;

	for (unsigned code = u->min_keycode; code <= u->max_keycode; code++) {
		if ((syms = syms_of(u, code)) == NULL)
			continue;
		for (unsigned i = 0; i < u->map->keysyms_per_keycode; i++)
			if (syms[i] == ISO_LEVEL3_SHIFT ||
			    syms[i] == MODE_SWITCH)
				u->mod_of[code] |= (uint8_t)u->level3;
	}
}

void
xkeys_map(struct ui *u)
{
	free(u->map);
	u->map = xcb_get_keyboard_mapping_reply(u->c,
	    xcb_get_keyboard_mapping(u->c, u->min_keycode,
		(uint8_t)(u->max_keycode - u->min_keycode + 1)),
	    NULL);
	u->level3 = find_modifiers(u);
	find_altgr(u);
}

void
xkeys_open(struct ui *u)
{
	u->min_keycode = xcb_get_setup(u->c)->min_keycode;
	u->max_keycode = xcb_get_setup(u->c)->max_keycode;
	no_repeats(u);
	xkeys_map(u);
}

void
xkeys_close(struct ui *u)
{
	free(u->map);
}

/*
 * The core protocol has the first two groups' first two levels, then the third
 * and fourth of each. Of more groups nothing is known.
 */
static uint32_t
sym_of(const struct ui *u, unsigned code, unsigned group, unsigned mods)
{
	const xcb_keysym_t *syms = syms_of(u, code);
	unsigned shift = (mods & XCB_MOD_MASK_SHIFT) != 0, at;

	if (syms == NULL || group > 1)
		return 0;
	at = (mods & u->level3) != 0 ? 4 + 2 * group : 2 * group;
	if (at + 1 >= u->map->keysyms_per_keycode)
		at = 0;
	if (syms[at] == 0 && syms[at + 1] == 0)
		at = 0;
	return shift && syms[at + 1] != 0 ? syms[at + 1] : syms[at];
}

static unsigned
held(const struct ui *u)
{
	unsigned mods = 0;

	for (unsigned code = 0; code < 256; code++)
		if (is_down(u, code))
			mods |= u->mod_of[code];
	return mods;
}

/*
 * Who doesn't speak XKB (SECURITY keeps it away) is told of a group above the
 * first by modifiers that nobody holds. Which one it is the monitor knows, a
 * moment later; and where they are held, it is the one that it was before.
 */
static unsigned
group_of(const struct ui *u, unsigned state)
{
	if (u->xkb)
		return state >> 13 & 3;
	if (u->group_mods == 0 || (held(u) & u->group_mods) != 0)
		return u->group;
	if ((state & u->group_mods) != u->group_mods)
		return 0;
	return u->group > 0 ? u->group : 1;
}

/* The modifiers that are none but a group are left out. */
unsigned
xkeys_mods(const struct ui *u, unsigned state)
{
	state &= 0x1fff;
	return group_of(u, state) == 0 || u->xkb
		   ? state
		   : state & ~(u->group_mods & ~held(u));
}

void
ui_keyboard(struct ui *u, unsigned group, unsigned group_mods)
{
	u->group = group;
	u->group_mods = group_mods;
}

static void
tell_key(struct ui *u, unsigned code, bool down, unsigned state)
{
	unsigned group = group_of(u, state), mods = xkeys_mods(u, state);
	struct win *w = u->told_focus;

	mark(u, code, down);
	if (w != NULL)
		on_key(u->ctx, w->wid, code, sym_of(u, code, group, mods), down,
		    group, mods);
}

/* The release that waits for a press of its time is one after all. */
void
xkeys_settle(struct ui *u)
{
	if (u->release.due == 0)
		return;
	u->release.due = 0;
	if (is_down(u, u->release.code))
		tell_key(u, u->release.code, false, u->release.state);
}

/* Each key would make the display and whoever looks at it busy, us included,
 * while the server's answer is under way. */
static void
say_user_time(struct ui *u)
{
	u->user_due = 0;
	if (u->told_focus != NULL)
		xsays_user_time(u, u->told_focus);
}

void
xkeys_tick(struct ui *u)
{
	if (u->user_due != 0 && u->user_due <= clock_ms())
		say_user_time(u);
	if (u->release.due != 0 && u->release.due <= clock_ms())
		xkeys_settle(u);
}

/* What was pressed elsewhere is nothing that comes up here. */
static void
up(struct ui *u, const xcb_key_press_event_t *e)
{
	xkeys_settle(u);
	if (!is_down(u, e->detail))
		return;
	u->release.code = e->detail;
	u->release.state = e->state;
	u->release.time = e->time;
	u->release.due = clock_ms() + REPEAT_MS;
	if (u->no_repeats)
		xkeys_settle(u);
}

/* A press right behind the release is told as the repeat that it is: not. */
static void
press(struct ui *u, const xcb_key_press_event_t *e)
{
	if (u->release.due != 0 && u->release.code == e->detail &&
	    e->time - u->release.time <= 1) {
		u->release.due = 0;
		return;
	}
	xkeys_settle(u);
	if (is_down(u, e->detail))
		return;
	u->user_time = e->time;
	if (u->user_due == 0)
		u->user_due = clock_ms() + USER_TIME_MS;
	tell_key(u, e->detail, true, e->state);
}

void
xkeys_event(struct ui *u, const xcb_key_press_event_t *e, bool down)
{
	u->time = e->time;
	u->group = group_of(u, e->state);
	xinput_settle(u);
	if (down)
		press(u, e);
	else
		up(u, e);
}

void
xkeys_up(struct ui *u)
{
	xkeys_settle(u);
	for (unsigned code = 0; code < 256; code++)
		if (is_down(u, code))
			tell_key(u, code, false, 0);
}
