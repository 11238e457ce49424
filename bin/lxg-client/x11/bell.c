/*
 * The bell. SPDX-License-Identifier: ISC
 */
#include "x11.h"

void
ui_bell(struct ui *u, int percent)
{
	if (u->bell && percent >= -100 && percent <= 100)
		xcb_bell(u->c, (int8_t)percent);
}
