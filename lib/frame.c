/*
 * WebSocket frames (RFC 6455, section 5). SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "frame.h"

#define FINAL	 0x80
#define RESERVED 0x70
#define MASKED	 0x80

/* How many bytes the head of a frame has, as far as its second byte tells. */
static size_t
head_size(const uint8_t *head)
{
	switch (head[1] & ~MASKED) {
	case 126:
		return 4;
	case 127:
		return 10;
	}
	return 2;
}

static uint64_t
payload_size(const uint8_t *head, size_t size)
{
	uint64_t n = 0;
	size_t i;

	if (size == 2)
		return head[1] & ~MASKED;
	for (i = 2; i < size; i++)
		n = n << 8 | head[i];
	return n;
}

static bool
is_control(int op)
{
	return (op & 8) != 0;
}

/* Why a server may not send such a frame now; NULL where it may. */
static const char *
wrong(const struct frame_reader *r, int op, bool final, uint64_t len)
{
	if ((r->head[0] & RESERVED) != 0 || (r->head[1] & MASKED) != 0)
		return "an extension that nobody asked for";
	if (op > FRAME_PONG || (op > FRAME_BINARY && op < FRAME_CLOSE))
		return "of no known kind";
	if (is_control(op) && (!final || len > FRAME_CONTROL))
		return "a control frame that is too long";
	if (op == FRAME_CLOSE && len == 1)
		return "an end without a reason's number";
	if (!is_control(op) && (op == FRAME_MORE) != (r->message != 0))
		return "out of its order";
	return len > FRAME_MAX ? "too long" : NULL;
}

static int
begin_frame(struct frame_reader *r, struct fail *f)
{
	uint64_t len = payload_size(r->head, r->have);
	bool final = (r->head[0] & FINAL) != 0;
	int op = r->head[0] & 15;
	const char *why = wrong(r, op, final, len);

	if (why != NULL)
		return fail_set(
		    f, FAIL_PROTOCOL, "a WebSocket's frame is %s", why);
	r->inside = true;
	r->left = len;
	r->kept = 0;
	r->op = op == FRAME_MORE ? r->message : op;
	if (!is_control(op))
		r->message = final ? 0 : r->op;
	return 0;
}

/* The head; its length is known once its second byte is there. */
static ssize_t
take_head(
    struct frame_reader *r, const uint8_t *data, size_t len, struct fail *f)
{
	size_t n = 0;

	while (n < len && (r->have < 2 || r->have < head_size(r->head)))
		r->head[r->have++] = data[n++];
	if (r->have >= 2 && r->have == head_size(r->head) &&
	    begin_frame(r, f) < 0)
		return -1;
	return (ssize_t)n;
}

ssize_t
frame_read(struct frame_reader *r, const uint8_t *data, size_t len,
    struct frame_piece *p, struct fail *f)
{
	ssize_t head = 0;
	size_t n;

	*p = (struct frame_piece){.op = FRAME_NONE};
	if (!r->inside && (head = take_head(r, data, len, f)) < 0)
		return -1;
	if (!r->inside)
		return head;
	data += head;
	len -= (size_t)head;
	n = len < r->left ? len : (size_t)r->left;
	r->left -= n;
	if (is_control(r->op)) {
		memcpy(r->control + r->kept, data, n);
		r->kept += n;
	}
	if (!is_control(r->op) && (n > 0 || r->left == 0))
		*p = (struct frame_piece){r->op, data, n};
	else if (r->left == 0)
		*p = (struct frame_piece){r->op, r->control, r->kept};
	if (r->left == 0) {
		r->inside = false;
		r->have = 0;
	}
	return head + (ssize_t)n;
}

/* Eight bytes at a time, which a compiler makes more of. */
static void
mask(uint8_t *to, const uint8_t *from, size_t len, const uint8_t key[4])
{
	uint64_t wide, v;
	size_t i;

	memcpy(&wide, key, 4);
	memcpy((uint8_t *)&wide + 4, key, 4);
	for (i = 0; i + sizeof(v) <= len; i += sizeof(v)) {
		memcpy(&v, from + i, sizeof(v));
		v ^= wide;
		memcpy(to + i, &v, sizeof(v));
	}
	for (; i < len; i++)
		to[i] = from[i] ^ key[i & 3];
}

size_t
frame_write(uint8_t *to, enum frame_op op, const void *data, size_t len)
{
	uint8_t *p = to;
	int shift = 0;

	*p++ = (uint8_t)(FINAL | op);
	if (len <= FRAME_CONTROL)
		*p++ = (uint8_t)(MASKED | len);
	else if (len < 65536) {
		*p++ = MASKED | 126;
		shift = 16;
	} else {
		*p++ = MASKED | 127;
		shift = 64;
	}
	while (shift > 0)
		*p++ = (uint8_t)((uint64_t)len >> (shift -= 8));
	arc4random_buf(p, 4);
	mask(p + 4, data, len, p);
	return (size_t)(p - to) + 4 + len;
}
