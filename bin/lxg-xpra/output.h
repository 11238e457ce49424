/*
 * Passes a program's output on, from the file that the instance writes to a
 * descriptor, as it grows. SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_OUTPUT_H
#define LXG_XPRA_OUTPUT_H

#include <stdbool.h>
#include <sys/types.h>

struct output {
	int file, to; /* -1: not there yet; -1: not asked for */
	off_t at;     /* what is passed on */
	bool filter;  /* to is a terminal */
};

/* The operand of -O: an open descriptor. Ends the program (64) else. */
int output_descriptor(const char *);

/* to is a descriptor, or -1 for no output. */
void output_init(struct output *, int to, off_t at);
void output_open(struct output *, int folder, const char *name);

/* Is there more, so that it is worth to poll the descriptor for writing? */
bool output_pending(const struct output *);

/* Passes a piece on, to a descriptor that poll(2) said takes it. */
void output_step(struct output *);

/* All there is by now, as far as the descriptor takes it in time. */
void output_finish(struct output *);
void output_close(struct output *);

#endif
