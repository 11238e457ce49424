/*
 * Notifications of an instance's, shown by the desktop's own service.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_NOTE_H
#define LXG_XPRA_NOTE_H

/* Numbers are whole, and within a uint32_t; texts are the instance's. */
struct note {
	double id, replaces, urgency;
	const char *instance, *summary, *body;
};

/*
 * Starts a process that shows them, for the service may take its time; it ends
 * with the last writer. Returns the descriptor to write to; -1 with errno.
 */
int note_helper(void);

/* As text, under the instance's name. What it can't take now is dropped. */
void note_show(int helper, const struct note *);
void note_close(int helper, double id);

#endif
