/*
 * What of a program lies in memory. SPDX-License-Identifier: ISC
 */
#ifndef LXG_PAGES_H
#define LXG_PAGES_H

/*
 * For a program that has begun, and waits for hours from now on: takes out of
 * its memory what nobody has written to of itself and of its libraries. Pages
 * that are needed again come back from their files. Never fails.
 */
void pages_give_back(void);

#endif
