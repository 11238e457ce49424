/*
 * Opens web addresses that the client names, on the host.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_URL_H
#define LXG_XPRA_URL_H

/*
 * Starts a process that reads addresses, one a line, and hands those that are
 * valid to xdg-open, at most one a second; it ends with the last writer.
 * Returns the descriptor to write to, which an exec keeps; -1 with errno.
 */
int url_opener(void);

#endif
