/*
 * WebSocket frames (RFC 6455) as a client reads and writes them: bytes in
 * memory, and nothing else. SPDX-License-Identifier: ISC
 */
#ifndef LXG_FRAME_H
#define LXG_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "fail.h"

#define FRAME_CONTROL 125 /* bytes of a control frame, at most */
#define FRAME_MAX     ((uint64_t)1 << 30) /* of any other */
#define FRAME_HEAD    14		  /* of one that we make, at most */

enum frame_op {
	FRAME_NONE = -1, /* there is no piece yet */
	FRAME_MORE = 0,
	FRAME_TEXT = 1,
	FRAME_BINARY = 2,
	FRAME_CLOSE = 8,
	FRAME_PING = 9,
	FRAME_PONG = 10
};

/* All 0 at the beginning. */
struct frame_reader {
	uint8_t head[10], control[FRAME_CONTROL];
	size_t have, kept;
	bool inside;	 /* a frame's payload comes */
	uint64_t left;	 /* of it */
	int op, message; /* the frame's; of the message under way, or 0 */
};

/* A control frame's payload as a whole, or a part of a message's. */
struct frame_piece {
	enum frame_op op;
	const uint8_t *data; /* as long as what was read is */
	size_t len;
};

/*
 * Takes some of the bytes and returns how many; *p is what they hold. What no
 * server may send is FAIL_PROTOCOL.
 */
ssize_t frame_read(struct frame_reader *, const uint8_t *, size_t,
    struct frame_piece *, struct fail *);

/*
 * One frame that is a message, masked, to where there is room for its length
 * and FRAME_HEAD; returns how long it is.
 */
size_t frame_write(uint8_t *to, enum frame_op, const void *, size_t);

#endif
