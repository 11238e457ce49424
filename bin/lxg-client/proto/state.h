/*
 * What the protocol's files share. SPDX-License-Identifier: ISC
 */
#ifndef LXG_PROTO_STATE_H
#define LXG_PROTO_STATE_H

#include "../ask.h"
#include "../proto.h"
#include "out.h"
#include "rencode.h"
#include "wire.h"

#define WINDOWS	   256
#define SIZE_MAXI  32000 /* of a window; X ends at 32767, with the border */
#define PLACE_MAXI 32000

struct win {
	uint32_t wid;	/* 0: free */
	bool unmanaged; /* override-redirect */
	bool tray, mapped;
	bool moves, offered; /* the server may send moves; it once might */
	bool whole;	     /* all of it was drawn since it had this size */
	long long sized;     /* ms; 0: when it was made */
	bool rigid;	     /* the display can't move what is in it */
	struct ui_place place;
	uint32_t parent;
	unsigned state;
	int64_t counter;   /* the server's, of resizes */
	struct item *item; /* an icon that the monitor has shown; or NULL */
};

/* What is under way of a selection; see clip.c. */
#define CLIP_PENDING 16
struct clip_ask {
	bool used, targets; /* targets: what there is has been asked for */
	unsigned number;    /* the one who asked has this one, */
	int64_t request;    /* and the server that */
	enum ui_sel sel;
	long long due;
};

struct clip_offer {
	unsigned has; /* bits of targets that the host has */
	bool fresh;   /* and the server doesn't know of */
};

struct clip {
	struct clip_ask in[CLIP_PENDING], out[CLIP_PENDING];
	unsigned next_in;
	int64_t next_out;
	struct clip_offer offer[UI_SELS];
};

/* A file that is coming. */
struct incoming {
	bool active;
	char id[64];
	uint64_t size, got;
	int64_t chunk;
	long long due;
};

#define NOTES_MAX  20
#define NOTES_TIME 10000 /* ms in which there may be so many */

struct proto {
	struct proto_config config;
	char *title;
	struct host host;
	struct ui *ui;
	struct ask *ask;
	struct wire wire;
	struct ren ren;
	struct out out;
	long long now; /* ms, as of the last call that says so */
	bool greeted, started, left, fresh; /* fresh: 6.5 and on */
	int major, minor;
	bool late_keys, late_screens; /* have changed before the hello */
	bool full;    /* more windows than are shown: it has been said */
	bool no_tray; /* so has that there is none */

	struct win win[WINDOWS];
	unsigned windows, items;

	uint32_t focus;
	uint8_t keys[32]; /* bits of X keycodes that are down in the server */
	uint32_t keys_wid;
	unsigned buttons; /* bits of what is down */
	bool regroup; /* the server may be in another group than it believes */
	unsigned group, mods; /* as of the last event */
	uint32_t buttons_wid;
	int x, y; /* of the pointer */
	uint64_t sequence;

	struct clip clip;
	struct incoming file;
	long long notes[NOTES_MAX];
	unsigned note;
	long long bell; /* when it rang */
	struct fail fail;
};

/* Packets of the server's: p->v[0] is the name. -1: malformed (FAIL_PROTOCOL).
 */
typedef int handler(struct proto *, const struct val *, struct fail *);

/* packets that we send, by what they are called in 3.1 */
void begin(struct proto *, const char *name);
void done(struct proto *);

int malformed(struct fail *, const struct val *packet, const char *why);

handler got_hello, got_window, got_window_or, got_tray, got_lost, got_metadata,
    got_move_resize, got_resized, got_move_or, got_icon, got_draw, got_token,
    got_data, got_request, got_contents, got_contents_none, got_note,
    got_note_gone, got_url, got_file, got_file_chunk, got_cursor,
    got_cursor_data, got_cursor_default, got_bell, got_ping;

/* What all packets of pictures begin with, whatever is in them. */
struct frame {
	struct ui_place place;
	int64_t wid, w, h, sequence, stride;
};

/* Tells the server that it is drawn, or that it can't be. */
void frame_done(struct proto *, const struct frame *, bool drawn);

/* moves.c */
int got_moves(
    struct proto *, const struct val *, const struct frame *, struct fail *);
void moves_drawn(struct proto *, struct win *, const struct ui_place *);
void moves_sized(struct proto *, struct win *, const struct ui_place *before);
void refresh_send(struct proto *, struct win *, bool now, bool moves);

#define ICON_MAX 256 /* pixels of a picture's side */

/* w x h pixels of a packet, until the next call, neither of them more than
 * ICON_MAX; NULL where that isn't what there is. */
const uint32_t *pixels_of(const struct val *, int64_t w, int64_t h);

/* Calls p's handler for a packet. */
int dispatch(struct proto *, const struct val *, struct fail *);

void hello_send(struct proto *);
void keys_config(struct proto *); /* the layout, to the server */
void keys_hello(struct proto *);  /* likewise, into the hello */
void screen_hello(struct proto *);
void screen_send(struct proto *);
void host_late(struct proto *);

struct win *win_find(struct proto *, int64_t wid);
/* The window that a packet's first item names: NULL for one that isn't there,
 * which is no error. -1 where it is no number. */
int win_of(struct proto *, const struct val *, struct win **, struct fail *);
void input_release(struct proto *);
void input_forget(struct proto *, uint32_t wid);
void clip_focus(struct proto *);
void clip_tick(struct proto *);
void file_tick(struct proto *);
void printer_send(struct proto *);

/* tray.c: false where there is nobody to show it, or no room */
bool item_new(struct proto *, struct win *, const struct val *meta);
void item_place(struct proto *, struct win *, int x, int y);
void item_says(struct proto *, struct win *, const struct val *meta);
void item_draw(struct proto *, struct win *, const struct ui_place *,
    const uint8_t *pixels, size_t stride, bool alpha);
void item_gone(struct proto *, struct win *);
long long item_due(const struct proto *); /* or -1 */
void item_tick(struct proto *);

struct says_text {
	char title[2048];
};
void says_parse(struct proto *, const struct win *, const struct val *,
    struct ui_says *, struct says_text *, bool first);

#endif
