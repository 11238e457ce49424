/*
 * Opens web addresses that the client names, on the host.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_URL_H
#define LXG_XPRA_URL_H

/*
 * Starts a process that hands addresses to xdg-open, at most one a second; it
 * ends with the last writer. Returns the descriptor to write to; -1 with errno.
 */
int url_opener(void);

/* Where it is http or https, and holds nothing but what an address may. */
void url_open(int opener, const char *url);

#endif
