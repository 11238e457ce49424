/*
 * Icons of an instance's, in the tray of a host that has no other than those
 * of StatusNotifierItem. SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_TRAY_H
#define LXG_XPRA_TRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TRAY_SIDE  64 /* pixels, the most that an icon has; */
#define TRAY_FRAME 1  /* in the instance's color, around it */
#define TRAY_MOST  8
#define TRAY_PIXELS                                                            \
	((TRAY_SIDE + 2 * TRAY_FRAME) * (TRAY_SIDE + 2 * TRAY_FRAME))

/* What the helper is told: an icon, as it is now; w 0: it is gone. */
struct tray_said {
	uint32_t id;
	int32_t w, h;
	char name[80], title[1024];    /* with the instance's name, UTF-8 */
	uint8_t argb[TRAY_PIXELS * 4]; /* no more is told than there are */
};

#define TRAY_SAID(s)                                                           \
	(offsetof(struct tray_said, argb) + (size_t)((s)->w * (s)->h) * 4)

/* What it tells: a click, or, with button 0, that the host has no tray. */
struct tray_heard {
	uint32_t id, button;
	int32_t x, y;
};

struct tray {
	int fd; /* -1: there is no helper */
	bool begun;
	const char *instance; /* borrowed */
	uint32_t color;
	bool framed;
};

/* border: COLOR or COLOR,WIDTH, as the client has it; both are borrowed. */
void tray_init(struct tray *, const char *instance, const char *border);
void tray_end(struct tray *);

/* Of pixels in base64, A R G B; what they don't fit is refused. */
void tray_show(struct tray *, uint32_t id, const char *title, int w, int h,
    const char *argb);
void tray_hide(struct tray *, uint32_t id);

/* After fd polled: is that something? */
bool tray_read(struct tray *, struct tray_heard *);

/* item.c: the helper, the one who speaks to the session's bus. */
void item_serve(int monitor);

#endif
