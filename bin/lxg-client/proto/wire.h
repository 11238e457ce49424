/*
 * Packets out of a stream of bytes: header, chunks, LZ4. All that is bounded
 * is bounded before memory is taken. SPDX-License-Identifier: ISC
 */
#ifndef LXG_WIRE_H
#define LXG_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fail.h"

#define WIRE_MAX    (64u << 20) /* of a packet, with its chunks, unpacked */
#define WIRE_CHUNKS 64
#define WIRE_HEADER 8
#define WIRE_RATIO  256 /* LZ4 can't do better than 255 */

#define WIRE_RENCODE 0x01
#define WIRE_FLUSH   0x08
#define WIRE_PLUS    0x10 /* rencodeplus */
#define WIRE_LZ4     0x10 /* in the byte of the level */

struct piece {
	uint8_t index; /* of the packet's item that it stands for; 0: itself */
	uint8_t *data;
	size_t len;
};

struct wire {
	bool plus; /* the encoding that is expected */
	uint8_t head[WIRE_HEADER];
	size_t head_n;
	uint8_t *data; /* of the piece under way, and what is there of it */
	size_t size, n, want;
	struct piece v[WIRE_CHUNKS + 1]; /* the last one is the packet */
	unsigned count;
	size_t total;
};

/*
 * Takes bytes of *data, advances it: 1 where a packet is complete (v, count;
 * good until wire_done), 0 where more is needed, -1 (FAIL_PROTOCOL,
 * FAIL_SYSTEM).
 */
int wire_feed(struct wire *, const uint8_t **data, size_t *len, struct fail *);
void wire_done(struct wire *); /* the packet has been dealt with */
void wire_free(struct wire *);

/* LZ4 as xpra has it, behind its plain size: that, or 0 where it can't be. */
size_t lz4_size(const uint8_t *, size_t);
bool lz4_plain(const uint8_t *, size_t, uint8_t *to, size_t size);

void wire_header(uint8_t[WIRE_HEADER], bool plus, size_t len);

#endif
