/*
 * Packets to the server. SPDX-License-Identifier: ISC
 */
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "out.h"
#include "wire.h"

enum {
	T_LIST = 59,
	T_DICT = 60,
	T_INT32 = 64,
	T_INT64 = 65,
	T_TRUE = 67,
	T_FALSE = 68,
	T_END = 127,
	T_STR_SHORT = 128,
	SMALL = 44, /* numbers below are their own byte */
	SHORT = 64  /* strings below have theirs with the type */
};

static uint8_t *
out_room(struct out *o, size_t len)
{
	size_t size = o->size > 4096 ? o->size : 4096;
	uint8_t *data;

	if (o->failed || len > OUT_HARD || o->n - o->sent + len > OUT_HARD) {
		o->failed = true;
		return NULL;
	}
	while (size < o->n + len)
		size *= 2;
	if (size != o->size) {
		if ((data = realloc(o->data, size)) == NULL) {
			o->failed = true;
			return NULL;
		}
		o->data = data;
		o->size = size;
	}
	o->n += len;
	return o->data + o->n - len;
}

static void
put_bytes(struct out *o, const void *data, size_t len)
{
	uint8_t *p = out_room(o, len);

	if (p != NULL && len > 0)
		memcpy(p, data, len);
}

static void
byte(struct out *o, int c)
{
	uint8_t b = (uint8_t)c;

	put_bytes(o, &b, 1);
}

void
out_begin(struct out *o, const char *name)
{
	if (o->sent > 0 && o->sent >= o->n / 2) {
		memmove(o->data, o->data + o->sent, o->n - o->sent);
		o->n -= o->sent;
		o->sent = 0;
	}
	o->start = o->n;
	out_room(o, WIRE_HEADER);
	out_list(o);
	out_str(o, name);
}

void
out_end(struct out *o)
{
	out_close(o);
	if (!o->failed)
		wire_header(
		    o->data + o->start, o->plus, o->n - o->start - WIRE_HEADER);
}

size_t
out_left(const struct out *o)
{
	return o->n - o->sent;
}

void
out_sent(struct out *o, size_t n)
{
	o->sent += n < out_left(o) ? n : out_left(o);
	if (o->sent < o->n)
		return;
	o->n = o->sent = 0;
	if (o->size > (1u << 20)) { /* a picture has been pasted */
		free(o->data);
		o->data = NULL;
		o->size = 0;
	}
}

void
out_free(struct out *o)
{
	free(o->data);
	memset(o, 0, sizeof(*o));
}

void
out_int(struct out *o, int64_t i)
{
	uint32_t small = htobe32((uint32_t)i);
	uint64_t large = htobe64((uint64_t)i);

	if (i >= 0 && i < SMALL) {
		byte(o, (int)i);
	} else if (i >= INT32_MIN && i <= INT32_MAX) {
		byte(o, T_INT32);
		put_bytes(o, &small, sizeof(small));
	} else {
		byte(o, T_INT64);
		put_bytes(o, &large, sizeof(large));
	}
}

void
out_bool(struct out *o, bool b)
{
	byte(o, b ? T_TRUE : T_FALSE);
}

static void
string(struct out *o, const void *data, size_t len, char sep)
{
	char head[24];

	if (len < SHORT && sep == ':')
		byte(o, T_STR_SHORT + (int)len);
	else
		put_bytes(o, head,
		    (size_t)snprintf(head, sizeof(head), "%zu%c", len, sep));
	put_bytes(o, data, len);
}

void
out_str(struct out *o, const char *s)
{
	string(o, s, strlen(s), ':');
}

void
out_bytes(struct out *o, const void *data, size_t len)
{
	string(o, data, len, o->plus ? '/' : ':');
}

void
out_list(struct out *o)
{
	byte(o, T_LIST);
}

void
out_dict(struct out *o)
{
	byte(o, T_DICT);
}

void
out_close(struct out *o)
{
	byte(o, T_END);
}

void
out_key(struct out *o, const char *key)
{
	out_str(o, key);
}

void
out_kint(struct out *o, const char *key, int64_t i)
{
	out_key(o, key);
	out_int(o, i);
}

void
out_kbool(struct out *o, const char *key, bool b)
{
	out_key(o, key);
	out_bool(o, b);
}

void
out_kstr(struct out *o, const char *key, const char *s)
{
	out_key(o, key);
	out_str(o, s);
}

void
out_kwords(struct out *o, const char *key, const char *const *words)
{
	out_key(o, key);
	out_list(o);
	while (*words != NULL)
		out_str(o, *words++);
	out_close(o);
}

void
out_kpair(struct out *o, const char *key, int64_t a, int64_t b)
{
	out_key(o, key);
	out_list(o);
	out_int(o, a);
	out_int(o, b);
	out_close(o);
}
