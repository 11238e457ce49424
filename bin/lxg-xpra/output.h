/*
 * Passes a program's output on, from the file that the instance writes to a
 * descriptor, as it grows. SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_OUTPUT_H
#define LXG_XPRA_OUTPUT_H

#include <stdbool.h>
#include <sys/types.h>

#define OUTPUT_PIECE 4096 /* a pipe that polls as writable takes as much */

struct output {
	int file, to; /* -1: not there yet; -1: not asked for */
	int opened;   /* to, where we have opened it; -1 */
	off_t at;     /* what is read of it */
	bool filter;  /* to is a terminal */
	char piece[OUTPUT_PIECE];
	size_t begin, end; /* what to has not taken of the piece */
};

/* The operand of -O: an open descriptor. Ends the program (EX_USAGE) else. */
int output_descriptor(const char *);

/* to is a descriptor, or -1 for no output. A terminal is never waited for. */
void output_init(struct output *, int to, off_t at);
void output_open(struct output *, int folder, const char *name);

/* Is there more, so that it is worth to poll the descriptor for writing? */
bool output_pending(const struct output *);

/* Passes a piece on, to a descriptor that poll(2) said takes it. */
void output_step(struct output *);

/* How much of the file was passed on. */
off_t output_at(const struct output *);

/* All there is by now, as far as the descriptor takes it in time. */
void output_finish(struct output *);
void output_close(struct output *);

#endif
