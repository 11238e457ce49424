/*
 * A session's folder of another machine's instance, here: what is told of it
 * (share/lxg/far.py) in a private folder of the same form, so that whoever
 * looks at a session looks at files. SPDX-License-Identifier: ISC
 */
#ifndef LXG_XPRA_MIRROR_H
#define LXG_XPRA_MIRROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "fail.h"
#include "microphone.h"
#include "speaker.h"

#define MIRROR_OVER  "over" /* a file beside the lock, once that is free */
#define MIRROR_HEAD  64	    /* of what is told of one file */
#define MIRROR_SMALL 64	    /* bytes of a file, but of the output */

struct mirror {
	const char *id, *suffix; /* of the session; of its output and status */
	int top, folder;	 /* where it is, and the session's in there */
	int lock;		 /* held as long as the supervisor holds its */
	int listener;		 /* the session's socket, once it is live; -1 */
	bool there, ready, over; /* what was told */
	char head[MIRROR_HEAD + 1], body[MIRROR_SMALL];
	size_t have, kept;
	char name[16]; /* of what comes, and where, and how much more */
	off_t at, left;
	int output;
	off_t written, freed;
	struct speaker speaker;
	struct microphone microphone;
};

/* In a folder that is empty; id and suffix are borrowed. */
int mirror_begin(struct mirror *, int top, const char *id, const char *suffix,
    struct fail *);

/* One of that name in a folder, which listens; -1. */
int mirror_socket(int folder, const char *name, struct fail *);

/* Takes what was told: FAIL_PROTOCOL where that can't be. */
int mirror_take(struct mirror *, const uint8_t *, size_t, struct fail *);

#endif
