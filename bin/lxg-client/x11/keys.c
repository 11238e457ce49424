/*
 * Keys, as codes. The host's auto-repeat is left out: with XKB the X server
 * says nothing but presses; without it a release comes with a press of the same
 * time right behind, so it waits for that for a moment.
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>
#include <xcb/xkb.h>

#include "x11.h"

#define ISO_LEVEL3_SHIFT 0xfe03
#define REPEAT_MS	 20
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

	if (xkb == NULL || !xkb->present)
		return;
	free(xcb_xkb_use_extension_reply(u->c,
	    xcb_xkb_use_extension(
		u->c, XCB_XKB_MAJOR_VERSION, XCB_XKB_MINOR_VERSION),
	    NULL));
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

/* The modifier that chooses the third level. */
static unsigned
find_level3(struct ui *u)
{
	xcb_get_modifier_mapping_reply_t *r = xcb_get_modifier_mapping_reply(
	    u->c, xcb_get_modifier_mapping(u->c), NULL);
	const xcb_keycode_t *code;
	const xcb_keysym_t *sym;
	unsigned mask = 0;

	if (r == NULL)
		return 0;
	code = xcb_get_modifier_mapping_keycodes(r);
	for (unsigned i = 0; i < 8u * r->keycodes_per_modifier; i++) {
		sym = code[i] == 0 ? NULL : syms_of(u, code[i]);
		if (sym != NULL &&
		    (*sym == ISO_LEVEL3_SHIFT || *sym == MODE_SWITCH))
			mask = 1u << i / r->keycodes_per_modifier;
	}
	free(r);
	return mask;
}

void
xkeys_map(struct ui *u)
{
	free(u->map);
	u->map = xcb_get_keyboard_mapping_reply(u->c,
	    xcb_get_keyboard_mapping(u->c, u->min_keycode,
		(uint8_t)(u->max_keycode - u->min_keycode + 1)),
	    NULL);
	u->level3 = find_level3(u);
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

static void
tell(struct ui *u, unsigned code, bool down, unsigned state)
{
	unsigned group = state >> 13 & 3, mods = state & 0x1fff;
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
		tell(u, u->release.code, false, u->release.state);
}

void
xkeys_tick(struct ui *u)
{
	if (u->release.due != 0 && u->release.due <= xnow())
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
	u->release.due = xnow() + REPEAT_MS;
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
	if (u->told_focus != NULL) {
		u->user_time = e->time;
		xsays_user_time(u, u->told_focus);
	}
	tell(u, e->detail, true, e->state);
}

void
xkeys_event(struct ui *u, const xcb_key_press_event_t *e, bool down)
{
	u->time = e->time;
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
			tell(u, code, false, 0);
}
