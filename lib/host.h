/*
 * What a session has to know of the host's display: screens, resolution and
 * keyboard. Read from an X connection that may ask for it (a trusted one), and
 * passed to who may not as a line of JSON. SPDX-License-Identifier: ISC
 */
#ifndef LXG_HOST_H
#define LXG_HOST_H

#include <jv.h>
#include <stdbool.h>

#include "fail.h"

#define HOST_MONITORS 16
#define HOST_NAME     64

struct host_monitor {
	int x, y;
	unsigned w, h, mm_w, mm_h;
	bool primary;
	char name[HOST_NAME];
};

struct host {
	unsigned w, h, mm_w, mm_h; /* of the root window */
	unsigned dpi;		   /* Xft.dpi, else 96 */
	unsigned cursor;	   /* Xcursor.size, 0: not set */
	int n;
	struct host_monitor v[HOST_MONITORS];
	/* setxkbmap's words, cleaned: letters, digits and ",()_+:-. " */
	char rules[HOST_NAME], model[HOST_NAME], layout[256], variant[256],
	    options[512];
	unsigned group;	     /* the one that is locked */
	unsigned group_mods; /* what stands for a group above the first where
			      * a program doesn't speak XKB; X's mask */
	unsigned repeat_ms, repeat_gap; /* of a key; 0: off */
};

/* JSON, an object. Consumes; every value is checked and bounded: FAIL_DATA. */
int host_parse(jv, struct host *, struct fail *);
jv host_json(const struct host *); /* owned */
bool host_same(const struct host *, const struct host *);

/* Of a text what setxkbmap(1) takes, NUL behind it, cut to the size. */
void host_word(char *, size_t size, const char *, size_t len);

#endif
