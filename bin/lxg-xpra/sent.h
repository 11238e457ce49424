/*
 * Files that a program in the instance sends: into a folder of the instance's
 * own, or to the printer. SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_SENT_H
#define LXG_XPRA_SENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fail.h"

#define SENT_MAX 1073741824.0 /* bytes of a file */

struct sent {
	const char *instance;
	bool files, printing; /* what the policy has on */
	int runtime;	      /* a private folder, for what is printed */
	int fd, dir;	      /* of the one that comes, and where; -1: none */
	char *name;
	bool print, bad;
	uint64_t size, got, total;
	long long first; /* ms, of those counted in: */
	unsigned count;
};

void sent_init(struct sent *, const char *instance, bool files, bool printing,
    int runtime);

/*
 * One at a time; the one before is given up. The name's last part is taken, its
 * control characters and leading dots are not; one that is there already is
 * never written to.
 */
int sent_begin(
    struct sent *, const char *name, double size, bool print, struct fail *);
void sent_data(struct sent *, const char *base64);

/* -1 where what came is not the whole: then it is gone. */
int sent_finish(struct sent *, bool whole, struct fail *);
void sent_end(struct sent *, bool whole);

#endif
