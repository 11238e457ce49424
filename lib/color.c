/*
 * Colours, as people write them. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "color.h"

/* The sixteen that have had names since VGA, and orange. */
static const struct {
	const char *name;
	uint32_t value;
} colors[] = {{"black", 0x000000}, {"silver", 0xc0c0c0}, {"gray", 0x808080},
    {"white", 0xffffff}, {"maroon", 0x800000}, {"red", 0xff0000},
    {"purple", 0x800080}, {"fuchsia", 0xff00ff}, {"green", 0x008000},
    {"lime", 0x00ff00}, {"olive", 0x808000}, {"yellow", 0xffff00},
    {"navy", 0x000080}, {"blue", 0x0000ff}, {"teal", 0x008080},
    {"aqua", 0x00ffff}, {"orange", 0xffa500}};

bool
color_parse(const char *s, size_t len, uint32_t *color)
{
	size_t i;

	for (i = 0; i < sizeof(colors) / sizeof(*colors); i++)
		if (strlen(colors[i].name) == len &&
		    strncmp(colors[i].name, s, len) == 0) {
			*color = colors[i].value;
			return true;
		}
	if (len != 7 || *s != '#' ||
	    strspn(s + 1, "0123456789abcdefABCDEF") != 6)
		return false;
	*color = (uint32_t)strtoul(s + 1, NULL, 16);
	return true;
}
