/*
 * A display and a monitor that are none: what they are asked for is written
 * as lines, or not at all (out NULL). SPDX-License-Identifier: ISC
 */
#ifndef LXG_STUB_H
#define LXG_STUB_H

#include <stdio.h>

#include "../../bin/lxg-client/ask.h"
#include "../../bin/lxg-client/ui.h"

#define STUB_WINDOWS 256

struct ui {
	FILE *out;
	void *ctx;
	uint8_t *canvas;
	size_t size;
	bool rigid; /* it keeps no pixels that could be moved */
	struct {
		uint32_t wid;
		struct ui_place place;
		bool unmanaged, unmapped, tray;
		uint64_t drawn; /* pixels */
	} win[STUB_WINDOWS];
};

struct ask {
	FILE *out;
	bool no_icons;
};

/* Windows that have come since are mapped, and the last one is focused. */
void stub_step(struct ui *);
/* The user has moved it, which the protocol is to be told. */
void stub_place(struct ui *, uint32_t wid, const struct ui_place *);
void stub_reset(struct ui *); /* no windows, the memory kept */
void stub_free(struct ui *);

#endif
