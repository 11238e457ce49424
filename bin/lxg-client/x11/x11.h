/*
 * The display on X11, behind ui.h: what its files share. Any extension may be
 * missing: an untrusted client (SECURITY) has BIG-REQUESTS and XC-MISC only,
 * and each of its requests may be refused, so errors never end anything.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_CLIENT_X11_H
#define LXG_CLIENT_X11_H

#include <xcb/xcb.h>
#include <xcb/render.h>
#include <xcb/shm.h>

#include "../ui.h"
#include "atoms.h"

#define SIDE_MAX 32000 /* of a window; X has 16 bits, and a border is added */
#define PLAIN	 0xd0d0d0 /* where nothing has been drawn yet */

/*
 * A window is three: outer, the border in the instance's color, which the
 * window manager has; clip, as much of the inside as is on the screen, so that
 * the border is in sight where the screen ends, too; and inside of that child,
 * as large as the server believes, which is all that pixels reach. pixmap has
 * what was drawn, so that what gets uncovered needs nobody.
 */
struct win {
	uint32_t wid;
	xcb_window_t outer, clip, child;
	xcb_pixmap_t pixmap;
	unsigned pixmap_w, pixmap_h, pixmap_seq;
	unsigned copy_seq;	/* of what was there before some of it moved */
	struct ui_place place;	/* as the server knows it; of the child */
	struct ui_place normal; /* before it was made large */
	struct ui_place real;	/* as it is; of the inside */
	unsigned state, told;	/* as it is, as the server knows or wants it */
	unsigned asked_seq;	/* of our last wish for a place or a size */
	bool popup, tray, mapped, changed, moved, parented, again, news, gone;
	unsigned wished; /* a tray is asked for a square of that side */
	enum { NOT_TAKEN, TAKEN_BACK, SHOWN_ANEW } remap;
	struct ui_hints hints;
	long long hidden; /* 0, or when that is told */
	bool modal;
	int frame_left, frame_top; /* what the window manager adds */
	int border;
	unsigned gravity;
	xcb_cursor_t cursor; /* of its own, or none */
	struct win *next;
};

/* Memory that the X server reads, too (MIT-SHM), taken from the front. */
struct shared {
	xcb_shm_seg_t seg;
	uint8_t *mem; /* NULL: none */
	size_t size, used, marked;
	bool waiting; /* for the reply to mark, behind all that is used */
	xcb_get_input_focus_cookie_t mark;
};

#define FETCHES	    4 /* as many as atoms _LXG_0 and on */
#define ANSWERS	    8
#define TARGETS_MAX 16
#define SEL_MAX	    (16u << 20)
#define SEL_WAIT    10000 /* ms without anything moving */

/*
 * Data that a host's owner is asked for. The window is for this alone: some
 * owners, xclip for one, send the next piece when any property of the window
 * is deleted, over one that was not read yet.
 */
struct fetch {
	bool used, incr, over; /* over: too large, the rest is thrown away */
	xcb_window_t window;   /* stays for the next one */
	unsigned request;
	xcb_atom_t selection, target, type;
	unsigned format;
	uint8_t *data;
	size_t len;
	long long due;
};

/* What the instance has. */
struct offer {
	bool ours;
	unsigned n;
	xcb_atom_t target[TARGETS_MAX];
	xcb_timestamp_t time;
};

/* A host's program that waits for it. */
struct answer {
	bool used, incr;
	unsigned number;
	xcb_selection_request_event_t for_whom;
	xcb_atom_t type;
	uint8_t *data;
	size_t len, sent;
	long long due;
};

struct ui {
	xcb_connection_t *c;
	xcb_screen_t *screen;
	xcb_visualid_t visual;
	xcb_colormap_t colormap;
	xcb_gcontext_t gc;
	xcb_window_t self; /* never seen: owns selections */
	xcb_atom_t atom[ATOMS];
	uint32_t color;
	unsigned border;
	char *class;
	bool untrusted, clip_in, clip_out, bell, tray, tray_upright;
	void *ctx;
	struct win *windows;
	size_t pixmaps, pixmaps_max; /* bytes, in the X server */

	struct shared shared;
	uint8_t *plain; /* a canvas that isn't shared */
	size_t plain_size, canvas_size;
	bool canvas_shared;

	xcb_generic_event_t *queued;
	xcb_timestamp_t time, user_time;
	long long user_due; /* 0, or when user_time is told */
	long long wish_end; /* of states that were asked for */

	/* input */
	struct win *focus, *pointer, *told_focus;
	struct win *had_focus; /* the last one that was told, if it is there */
	uint8_t down[32];      /* keys, a bit each */
	bool no_repeats;       /* the X server leaves them out */
	bool xkb;	       /* and tells of groups; else see group_of() */
	uint8_t mod_of[256];   /* codes that are modifiers: their masks */
	unsigned group, group_mods;
	struct {
		long long due; /* 0: none waits */
		unsigned code, state;
		xcb_timestamp_t time;
	} release;
	struct {
		struct win *w;
		int x, y;
		unsigned mods;
	} motion;
	xcb_get_keyboard_mapping_reply_t *map;
	unsigned level3; /* the modifier's mask */
	uint8_t min_keycode, max_keycode;

	xcb_render_pictformat_t argb_format; /* 0: no RENDER */
	xcb_font_t cursor_font;
	xcb_cursor_t cursor; /* of all windows without one of their own */
	struct fetch fetch[FETCHES];
	struct offer offer[UI_SELS];
	struct answer answer[ANSWERS];
	unsigned asked;	     /* numbers of on_sel_wanted */
	bool stale[UI_SELS]; /* the host's owner is to be looked at */
	uint8_t first_xfixes;
	uint32_t *icon;	 /* width, height, ARGB */
	bool icon_fixed; /* the user's, for all windows */
	char *startup;	 /* the launcher's id of this start */
};

/* connect.c */
xcb_window_t xown_window(struct ui *); /* never seen; its properties are told */

/* window.c */
struct win *xwin_of(struct ui *, uint32_t wid);
struct win *xwin_at(struct ui *, xcb_window_t);
struct win *xwin_make(
    struct ui *, uint32_t wid, const struct ui_place *, bool popup, bool tray);
void xwin_event_configure(struct ui *, const xcb_configure_notify_event_t *);
void xwin_event_parent(struct ui *, const xcb_reparent_notify_event_t *);
void xwin_event_map(struct ui *, xcb_window_t, bool mapped);
long long xwin_due(const struct ui *);
void xwin_tick(struct ui *);
void xwin_settle(struct ui *); /* tells the server what has changed */
void xwin_anew(struct ui *, struct win *); /* when it was destroyed by others */
void xwin_free_all(struct ui *);

/* says.c: what a window says of itself */
void xsays_new(struct ui *, struct win *);
void xsays(struct ui *, struct win *, const struct ui_says *);
void xsays_place(struct ui *, struct win *);
void xsays_text(struct ui *, struct win *, const char *);
void xsays_user_time(struct ui *, struct win *);

/* state.c, remap.c */
void xstate_initial(struct ui *, struct win *, const struct ui_says *);
void xstate_ask(struct ui *, struct win *, unsigned state, unsigned mask);
void xstate_read(struct ui *, struct win *);
void xstate_frame(struct ui *, struct win *);
void xstate_overdue(struct ui *);
void xremap(struct ui *, struct win *, unsigned before);
void xremap_show(struct ui *, struct win *);
void xstate_modal(struct ui *, struct win *, bool);

/* draw.c */
void xdraw_open(struct ui *);
void xdraw_close(struct ui *);
void xdraw_room(struct ui *, struct win *, unsigned w, unsigned h);
void xdraw_drop(struct ui *, struct win *);
void xdraw_again(struct ui *, struct win *, const xcb_expose_event_t *);
void xdraw_error(struct ui *, const xcb_generic_error_t *);
void xdraw_mark(struct ui *);

/* input.c, keys.c */
void xinput_event(struct ui *, xcb_generic_event_t *);
void xinput_settle(struct ui *);
void xinput_motion(struct ui *);
void xinput_forget(struct ui *, struct win *);
void xkeys_open(struct ui *);
void xkeys_map(struct ui *);
void xkeys_event(struct ui *, const xcb_key_press_event_t *, bool down);
void xkeys_settle(struct ui *);
void xkeys_tick(struct ui *);
void xkeys_up(struct ui *);
unsigned xkeys_mods(const struct ui *, unsigned state);
void xkeys_close(struct ui *);

/* cursor.c, icon.c, tray.c */
void xcursor_open(struct ui *);
void xcursor_set(struct ui *, struct win *);
void xicon_open(struct ui *, const char *path);
void xicon_new(struct ui *, struct win *);
void xtray_open(struct ui *);
void xtray_parent(struct ui *, struct win *, bool root);
void xtray_sized(struct ui *, struct win *);
void xtray_gone(struct win *);
void xtray_manager(struct ui *, const xcb_client_message_event_t *);
void xtray_at(struct ui *, struct win *, int x, int y);

/* select.c: what the host has; offer.c: what the instance has */
void xsel_open(struct ui *);
void xsel_focus(struct ui *);
bool xsel_event(struct ui *, const xcb_generic_event_t *);
long long xsel_due(const struct ui *);
void xsel_tick(struct ui *);
void xsel_close(struct ui *);
xcb_atom_t xsel_atom(const struct ui *, enum ui_sel);
xcb_atom_t xsel_type(const struct ui *, const char *name);
const char *xsel_name(const struct ui *, xcb_atom_t);
bool xoffer_event(struct ui *, const xcb_generic_event_t *);
long long xoffer_due(const struct ui *);
void xoffer_tick(struct ui *);
void xoffer_close(struct ui *);

/* event.c */
xcb_generic_event_t *xevent_next(struct ui *);

#endif
