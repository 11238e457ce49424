/*
 * What the protocol asks of a display (ui_), and what a display tells the
 * protocol (on_). x11/ implements the ui_ functions; tests and fuzzing have a
 * stand-in. No header of X is needed here. Windows have the server's numbers
 * (wid). Places and sizes are those of the program's own pixels, in the root
 * window's coordinates; the border around them is the display's business.
 * Nothing of what a ui_ function is given is kept by reference.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_CLIENT_UI_H
#define LXG_CLIENT_UI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fail.h"

struct ui;

struct ui_config {
	const char *class; /* WM_CLASS, both parts */
	uint32_t color;	   /* of the border, 0xrrggbb */
	unsigned border;   /* its width; 0: none */
	const char *icon;  /* a PNG file's path, or NULL */
	bool clip_in, clip_out, bell, tray;
};

struct ui_place {
	int x, y;
	unsigned w, h;
};

enum ui_type {
	UI_NORMAL,
	UI_DIALOG,
	UI_UTILITY,
	UI_SPLASH,
	UI_MENU,
	UI_DROPDOWN,
	UI_POPUP,
	UI_TOOLTIP,
	UI_COMBO,
	UI_DND,
	UI_NOTE
};

/* Bits of a window's state. */
#define UI_ICONIC     0x001u
#define UI_MAXIMIZED  0x002u
#define UI_FULLSCREEN 0x004u
#define UI_ABOVE      0x008u
#define UI_BELOW      0x010u
#define UI_SHADED     0x020u
#define UI_STICKY     0x040u
#define UI_NO_TASKBAR 0x080u
#define UI_NO_PAGER   0x100u

/* Bits of ui_hints.has: as ICCCM's WM_NORMAL_HINTS. */
#define UI_MIN	   0x01u
#define UI_MAX	   0x02u
#define UI_BASE	   0x04u
#define UI_INC	   0x08u
#define UI_ASPECT  0x10u
#define UI_GRAVITY 0x20u

struct ui_hints {
	unsigned has;
	unsigned min_w, min_h, max_w, max_h, base_w, base_h, inc_w, inc_h;
	unsigned min_num, min_den, max_num, max_den;
	unsigned gravity;
};

/* Bits of ui_says.has. */
#define UI_SAYS_TITLE 0x01u
#define UI_SAYS_TYPE  0x02u
#define UI_SAYS_FOR   0x04u /* transient_for */
#define UI_SAYS_MODAL 0x08u
#define UI_SAYS_STATE 0x10u /* the bits of state that state_mask names */
#define UI_SAYS_HINTS 0x20u
#define UI_SAYS_PLACE 0x40u /* the program chose its place itself */

/* What a window says of itself, checked and cleaned; only what has names. */
struct ui_says {
	unsigned has;
	const char *title; /* UTF-8 with the instance's prefix */
	enum ui_type type;
	uint32_t transient_for; /* a window that is there; never in a circle */
	bool modal;
	unsigned state, state_mask;
	struct ui_hints hints;
};

/*
 * Connects to $DISPLAY and does all that needs rights: atoms, extensions,
 * memory for pixels, the icon. FAIL_CONFIG where there is no display to be had.
 */
int ui_open(struct ui **, const struct ui_config *, struct fail *);
void ui_close(struct ui *); /* and frees */

int ui_fd(const struct ui *);		/* to poll for input */
bool ui_wants_write(const struct ui *); /* and for output */

/*
 * Handles what is there, by calls of on_*; FAIL_UNAVAILABLE where the display
 * is gone. What it asks of the display may wait: before each poll, behind what
 * on_* has for the server, ui_flush, then ui_wait: 0 where something is in
 * memory already that ui_fd won't tell of, else milliseconds until ui_step
 * wants to be called though nothing came, or -1. now: of CLOCK_MONOTONIC, in
 * milliseconds.
 */
int ui_step(struct ui *, struct fail *);
int ui_flush(struct ui *, struct fail *);
int ui_wait(struct ui *, long long now);

/* The wid is new, or of a window that is gone. parent: 0 or one that is there.
 * An override-redirect window is the program's own to place (a menu). */
void ui_window_new(struct ui *, uint32_t wid, const struct ui_place *,
    bool override_redirect, const struct ui_says *);
void ui_window_says(struct ui *, uint32_t wid, const struct ui_says *);
void ui_window_resize(struct ui *, uint32_t wid, unsigned w, unsigned h);
void ui_window_move(struct ui *, uint32_t wid, const struct ui_place *);
void ui_window_icon(
    struct ui *, uint32_t wid, unsigned w, unsigned h, const uint32_t *argb);
void ui_window_close(struct ui *, uint32_t wid);

/*
 * Memory for the next picture, size bytes; NULL where there is none. It is
 * filled by the caller with rows of stride bytes, four a pixel (B G R x), then
 * drawn by ui_draw. The place is inside of the window (checked once more).
 */
uint8_t *ui_canvas(struct ui *, size_t size);
void ui_draw(struct ui *, uint32_t wid, const struct ui_place *, size_t stride);

/*
 * Pixels of a window that go to another place in it, n of them, all of them
 * from what was there before the first has moved. Both places are inside of the
 * window. false where its pixels aren't kept: then they are needed anew.
 */
struct ui_move {
	struct ui_place from;
	int x, y; /* where to */
};
bool ui_moves(struct ui *, uint32_t wid, const struct ui_move *, unsigned n);

/* ARGB, not premultiplied; name: of the cursor font or theme, "" for none.
 * w 0: the default one. wid 0: for all windows. */
void ui_cursor(struct ui *, uint32_t wid, const char *name, unsigned w,
    unsigned h, unsigned hot_x, unsigned hot_y, const uint32_t *argb);
/* The host's locked group, and the modifiers that stand for one above the first
 * where the display itself tells of none. */
void ui_keyboard(struct ui *, unsigned group, unsigned group_mods);
void ui_bell(struct ui *, int percent);

/* An icon in the host's tray, and its picture; -1 where there is no tray. */
int ui_tray_new(
    struct ui *, uint32_t wid, unsigned w, unsigned h, const char *title);

/* Selections. A request has a number of the one who asks; each is answered
 * once, with NULL for "there is none". type and targets: names of X atoms. */
enum ui_sel { UI_CLIPBOARD, UI_PRIMARY, UI_SELS };

struct ui_data {
	const char *type;
	unsigned format; /* 8, 16, 32; data in the host's byte order, packed */
	const uint8_t *data; /* NULL: none */
	size_t len;	     /* bytes */
};

/* The instance has something: the selection is ours on the host. */
void
ui_sel_claim(struct ui *, enum ui_sel, const char *const *targets, unsigned n);
void ui_sel_drop(struct ui *, enum ui_sel);
/* Asks the host's owner; on_sel_data answers. */
void
ui_sel_fetch(struct ui *, enum ui_sel, const char *target, unsigned request);
/* Answers on_sel_wanted. */
void ui_sel_answer(struct ui *, unsigned request, const struct ui_data *);

/*
 * What the display tells. ctx is ui_listen's.
 */
void ui_listen(struct ui *, void *ctx);

void on_close(void *ctx, uint32_t wid); /* the user wants it closed */
void on_map(void *ctx, uint32_t wid, const struct ui_place *, unsigned state);
void on_unmap(void *ctx, uint32_t wid);
/* Its place, size or state is another one: by the user or window manager. */
void
on_configure(void *ctx, uint32_t wid, const struct ui_place *, unsigned state);
void on_focus(void *ctx, uint32_t wid);	  /* 0: none of ours has it */
void on_refresh(void *ctx, uint32_t wid); /* all of its pixels are needed */

/* x, y: in the root window, as if the window were where on_configure said.
 * mods: X's mask (ShiftMask 1, LockMask 2, ... Mod5Mask 128, Button1 256). */
void on_motion(void *ctx, uint32_t wid, int x, int y, unsigned mods);
void on_button(void *ctx, uint32_t wid, unsigned button, bool down, int x,
    int y, unsigned mods);
/* An X keycode (evdev's + 8), its keysym as the host has it (0: unknown).
 * Auto-repeat of the host's is left out: the instance repeats by itself. */
void on_key(void *ctx, uint32_t wid, unsigned code, uint32_t keysym, bool down,
    unsigned group, unsigned mods);

/* A new owner on the host, and what it offers (n 0: it is gone). */
void
on_sel_owner(void *ctx, enum ui_sel, const char *const *targets, unsigned n);
void
on_sel_wanted(void *ctx, enum ui_sel, const char *target, unsigned request);
void on_sel_data(void *ctx, unsigned request, const struct ui_data *);

#endif
