/*
 * What another machine's session plays, here: a socket in the session's folder
 * in place of the instance's, for sound.c to connect to. What nobody takes in
 * time is dropped, for sound that is late is of no use.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_SPEAKER_H
#define LXG_XPRA_SPEAKER_H

#include <stddef.h>
#include <stdint.h>

#include "fail.h"

#define SPEAKER_HELD 16384 /* bytes, 85 ms */

struct speaker {
	int listener, conn; /* -1 */
	uint8_t held[SPEAKER_HELD];
	size_t have;
	size_t skip; /* of what comes: whole samples are dropped */
};

/* Shows the socket in the folder. */
int speaker_show(struct speaker *, int folder, struct fail *);

void speaker_put(struct speaker *, const uint8_t *, size_t);

/* Who listens is let go, to come again. */
void speaker_silence(struct speaker *);

/* After listener, or conn for writing, polled. */
void speaker_accept(struct speaker *);
void speaker_flush(struct speaker *);

#endif
