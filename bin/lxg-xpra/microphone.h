/*
 * What another machine's session records, here: a socket in the session's
 * folder in place of the instance's, for sound.c to connect to. It is told to
 * begin by a byte, and to end by an end. What can't be sent at once is dropped.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_MICROPHONE_H
#define LXG_XPRA_MICROPHONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fail.h"

#define MICROPHONE_PIECE 4096 /* bytes, 21 ms */

struct microphone {
	int listener, conn; /* -1; a listener: the session has a microphone */
	uint8_t held[MICROPHONE_PIECE];
	size_t have;
	bool wanted; /* a program there records */
};

/* Shows the socket in the folder, or lets who records go, to come again. */
int microphone_still(struct microphone *, int folder, struct fail *);
void microphone_record(struct microphone *);

/* After listener polled. */
void microphone_accept(struct microphone *);

/*
 * After conn polled: how many bytes of whole samples are in held. They are gone
 * with the next call.
 */
size_t microphone_take(struct microphone *);

#endif
