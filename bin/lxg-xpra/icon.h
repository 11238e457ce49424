/*
 * A picture that an instance gave. SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_ICON_H
#define LXG_XPRA_ICON_H

#define ICON_SIDE 512		/* pixels, at most */
#define ICON_MAX  (512u * 1024) /* bytes of the file */

/*
 * A PNG in Base64, as PNG in Base64 again: of its chunks those alone that the
 * pixels are made of, each checked. Owned; NULL where it is none, or none of a
 * sane size.
 */
char *icon_clean(const char *base64);

#endif
