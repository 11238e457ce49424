/*
 * What the protocol asks of the monitor, outside of the lock: monitor.c writes
 * it as lines to its socket, tests have a stand-in. What the policy leaves out
 * is never asked for, and the monitor checks all of it once more.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_CLIENT_ASK_H
#define LXG_CLIENT_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ask;

/* Text is UTF-8, cleaned. */
void ask_note(struct ask *, uint32_t id, uint32_t replaces, const char *summary,
    const char *body, unsigned urgency);
void ask_note_close(struct ask *, uint32_t id);
void ask_url(struct ask *, const char *url);

/* A file that comes in pieces; print: it is for the printer. One at a time. */
void ask_file(struct ask *, const char *name, uint64_t size, bool print);
void ask_file_data(struct ask *, const uint8_t *, size_t);
void ask_file_end(struct ask *, bool whole);

/* An icon for the host's tray, of w x h pixels of four bytes, A R G B; where
 * there is anybody to show one. */
bool ask_shows_icons(const struct ask *);
void ask_icon(struct ask *, uint32_t id, const char *title, unsigned w,
    unsigned h, const uint8_t *argb);
void ask_icon_gone(struct ask *, uint32_t id);

/* A line for the user's eyes (a warning), cleaned by the monitor. */
void ask_say(struct ask *, const char *text);

#endif
