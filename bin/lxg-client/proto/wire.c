/*
 * Packets out of a stream of bytes. SPDX-License-Identifier: ISC
 */
#include <endian.h>
#include <lz4.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"

/* Memory grows with what has come, not with what was announced. */
#define STEP (64u << 10)

static int
header(struct wire *w, struct fail *f)
{
	uint8_t flags = w->head[1], level = w->head[2], index = w->head[3];
	uint32_t size;

	memcpy(&size, w->head + 4, sizeof(size));
	size = be32toh(size);
	if (w->head[0] != 'P')
		return fail_set(f, FAIL_PROTOCOL, "not an xpra server");
	if ((flags & ~WIRE_FLUSH) != (w->plus ? WIRE_PLUS : WIRE_RENCODE) &&
	    (index == 0 || (flags & ~WIRE_FLUSH) != 0))
		return fail_set(f, FAIL_PROTOCOL,
		    "a packet in another encoding (%#x) than asked for", flags);
	if (level != 0 && (level & WIRE_LZ4) == 0)
		return fail_set(f, FAIL_PROTOCOL,
		    "a packet's compression (%#x) was not offered", level);
	if (size == 0)
		return fail_set(f, FAIL_PROTOCOL, "an empty packet");
	if (size > WIRE_MAX - w->total)
		return fail_set(
		    f, FAIL_PROTOCOL, "a packet is larger than 64 MiB");
	if (index != 0 && w->count == WIRE_CHUNKS)
		return fail_set(
		    f, FAIL_PROTOCOL, "a packet has more than 64 chunks");
	w->want = size;
	return 0;
}

static int
grow(struct wire *w, size_t more, struct fail *f)
{
	size_t size = w->size > STEP ? w->size : STEP;
	uint8_t *data;

	if (w->n + more <= w->size)
		return 0;
	while (size < w->n + more)
		size *= 2;
	if (size > w->want)
		size = w->want;
	if ((data = realloc(w->data, size)) == NULL)
		return fail_set(f, FAIL_SYSTEM, "out of memory");
	w->data = data;
	w->size = size;
	return 0;
}

size_t
lz4_size(const uint8_t *data, size_t len)
{
	uint32_t size;

	if (len <= sizeof(size))
		return 0;
	memcpy(&size, data, sizeof(size));
	size = le32toh(size);
	return size <= len * WIRE_RATIO && size <= LZ4_MAX_INPUT_SIZE ? size
								      : 0;
}

bool
lz4_plain(const uint8_t *data, size_t len, uint8_t *to, size_t size)
{
	return len > 4 && len - 4 <= WIRE_MAX && size <= LZ4_MAX_INPUT_SIZE &&
	       LZ4_decompress_safe((const char *)data + 4, (char *)to,
		   (int)(len - 4), (int)size) == (int)size;
}

static int
unpack(struct wire *w, struct fail *f)
{
	size_t size = lz4_size(w->data, w->n);
	uint8_t *plain;

	if (size == 0 || size > WIRE_MAX - w->total)
		return fail_set(
		    f, FAIL_PROTOCOL, "a packet's LZ4 size makes no sense");
	if ((plain = malloc(size)) == NULL)
		return fail_set(f, FAIL_SYSTEM, "out of memory");
	if (!lz4_plain(w->data, w->n, plain, size)) {
		free(plain);
		return fail_set(f, FAIL_PROTOCOL, "a packet's LZ4 is damaged");
	}
	free(w->data);
	w->data = plain;
	w->n = w->size = size;
	return 0;
}

/* A piece is complete: 1 where it is the packet itself, which comes last. */
static int
end_piece(struct wire *w, struct fail *f)
{
	struct piece *p = &w->v[w->count];

	if (w->head[2] != 0 && unpack(w, f) == -1)
		return -1;
	p->index = w->head[3];
	p->data = w->data;
	p->len = w->n;
	w->count++;
	w->total += w->n;
	w->data = NULL;
	w->size = w->n = w->want = w->head_n = 0;
	return p->index == 0;
}

static size_t
take_bytes(uint8_t *to, size_t want, const uint8_t **data, size_t *len)
{
	size_t n = *len < want ? *len : want;

	memcpy(to, *data, n);
	*data += n;
	*len -= n;
	return n;
}

int
wire_feed(struct wire *w, const uint8_t **data, size_t *len, struct fail *f)
{
	size_t n;
	int whole = 0;

	while (*len > 0 && whole == 0) {
		if (w->head_n < WIRE_HEADER) {
			w->head_n += take_bytes(w->head + w->head_n,
			    WIRE_HEADER - w->head_n, data, len);
			if (w->head_n == WIRE_HEADER && header(w, f) == -1)
				return -1;
			continue;
		}
		n = w->want - w->n < *len ? w->want - w->n : *len;
		if (grow(w, n, f) == -1)
			return -1;
		w->n += take_bytes(w->data + w->n, n, data, len);
		if (w->n == w->want)
			whole = end_piece(w, f);
	}
	return whole;
}

void
wire_done(struct wire *w)
{
	for (unsigned i = 0; i < w->count; i++)
		free(w->v[i].data);
	w->count = 0;
	w->total = 0;
}

void
wire_free(struct wire *w)
{
	wire_done(w);
	free(w->data);
	w->data = NULL;
}

void
wire_header(uint8_t head[WIRE_HEADER], bool plus, size_t len)
{
	uint32_t size = htobe32((uint32_t)len);

	head[0] = 'P';
	head[1] = plus ? WIRE_PLUS : WIRE_RENCODE;
	head[2] = head[3] = 0;
	memcpy(head + 4, &size, sizeof(size));
}
