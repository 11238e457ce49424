/*
 * Values as xpra sends them. What is decoded is hostile: depth, counts and
 * lengths have bounds. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "rencode.h"

/* The first byte of a value. */
enum {
	T_INT_POS = 0, /* to 43: the number itself */
	T_FLOAT64 = 44,
	T_LIST = 59, /* until T_END */
	T_DICT = 60,
	T_INT_TEXT = 61, /* digits until T_END */
	T_INT8 = 62,
	T_INT16 = 63,
	T_INT32 = 64,
	T_INT64 = 65,
	T_FLOAT32 = 66,
	T_TRUE = 67,
	T_FALSE = 68,
	T_NONE = 69,
	T_INT_NEG = 70,	  /* to 101: -1 to -32 */
	T_DICT_FEW = 102, /* to 126: 0 to 24 pairs */
	T_END = 127,
	T_STR_SHORT = 128, /* to 191: 0 to 63 bytes */
	T_LIST_FEW = 192   /* to 255: 0 to 63 items */
};

struct in {
	struct ren *r;
	const uint8_t *p, *end;
	bool plus;
	unsigned depth;
	const char *why;
};

static bool
bad(struct in *in, const char *why)
{
	in->why = why;
	return false;
}

static bool
need(struct in *in, size_t n)
{
	return (size_t)(in->end - in->p) >= n || bad(in, "cut short");
}

static bool
big_endian(struct in *in, unsigned bytes, uint64_t *u)
{
	if (!need(in, bytes))
		return false;
	for (*u = 0; bytes > 0; bytes--)
		*u = *u << 8 | *in->p++;
	return true;
}

static bool
integer(struct in *in, unsigned bytes, struct val *v)
{
	uint64_t u, sign = 1ull << (bytes * 8 - 1);

	if (!big_endian(in, bytes, &u))
		return false;
	v->kind = V_INT;
	v->i = (int64_t)((u ^ sign) - sign);
	return true;
}

static bool
real(struct in *in, unsigned bytes, struct val *v)
{
	uint64_t u;
	uint32_t half;
	float f;

	if (!big_endian(in, bytes, &u))
		return false;
	v->kind = V_DOUBLE;
	if (bytes == 8) {
		memcpy(&v->d, &u, sizeof(v->d));
	} else {
		half = (uint32_t)u;
		memcpy(&f, &half, sizeof(f));
		v->d = f;
	}
	return true;
}

/* Digits up to one that is none, which is consumed and returned; 0 if bad. */
static int
digits(struct in *in, uint64_t max, uint64_t *u)
{
	const uint8_t *start = in->p;

	for (*u = 0; in->p < in->end && *in->p >= '0' && *in->p <= '9';) {
		*u = *u * 10 + (*in->p++ - '0');
		if (*u > max || in->p - start > 20)
			return bad(in, "a number is too large");
	}
	if (in->p == start || !need(in, 1))
		return bad(in, "a number without an end");
	return *in->p++;
}

static bool
integer_text(struct in *in, struct val *v)
{
	bool minus = in->p < in->end && *in->p == '-';
	uint64_t u;

	in->p += minus;
	if (digits(in, INT64_MAX, &u) != T_END)
		return in->why ? false : bad(in, "a number without an end");
	v->kind = V_INT;
	v->i = minus ? -(int64_t)u : (int64_t)u;
	return true;
}

static bool
string(struct in *in, size_t len, struct val *v)
{
	if (!need(in, len))
		return false;
	v->kind = V_STR;
	v->s = in->p;
	v->len = len;
	in->p += len;
	return true;
}

static bool
long_string(struct in *in, struct val *v)
{
	uint64_t len;
	int sep;

	in->p--; /* the first digit */
	sep = digits(in, SIZE_MAX / 2, &len);
	if (sep == ':' || (sep == '/' && in->plus))
		return string(in, len, v);
	return in->why ? false : bad(in, "a string without a length");
}

static bool value(struct in *, struct val *);

static bool
one_more(struct in *in)
{
	struct ren *r = in->r;

	if (r->stack_n == r->size || r->out_n + r->stack_n >= REN_NODES)
		return bad(in, "too many values");
	r->stack_n++;
	return value(in, &r->stack[r->stack_n - 1]);
}

/* Items gather on the stack, and move to where they stay, side by side. */
static bool
items(struct in *in, bool dict, int few, struct val *v)
{
	struct ren *r = in->r;
	size_t base = r->stack_n, n;

	if (++in->depth > REN_DEPTH)
		return bad(in, "nested too deep");
	for (int i = 0; few < 0 || i < (dict ? 2 * few : few); i++) {
		if (few < 0 && !need(in, 1))
			return false;
		if (few < 0 && *in->p == T_END)
			break;
		if (!one_more(in))
			return false;
	}
	in->p += few < 0;
	in->depth--;
	n = r->stack_n - base;
	if (dict && n % 2 != 0)
		return bad(in, "a key without a value");
	v->kind = dict ? V_DICT : V_LIST;
	v->n = (uint32_t)(dict ? n / 2 : n);
	v->v = r->out + r->out_n;
	if (n > 0)
		memcpy(r->out + r->out_n, r->stack + base, n * sizeof(*v));
	r->out_n += n;
	r->stack_n = base;
	return true;
}

static bool
by_type(struct in *in, uint8_t c, struct val *v)
{
	switch (c) {
	case T_FLOAT64:
		return real(in, 8, v);
	case T_FLOAT32:
		return real(in, 4, v);
	case T_LIST:
	case T_DICT:
		return items(in, c == T_DICT, -1, v);
	case T_INT_TEXT:
		return integer_text(in, v);
	case T_INT8:
	case T_INT16:
	case T_INT32:
	case T_INT64:
		return integer(in, 1u << (c - T_INT8), v);
	case T_TRUE:
	case T_FALSE:
		v->kind = V_BOOL;
		v->b = c == T_TRUE;
		return true;
	case T_NONE:
		v->kind = V_NONE;
		return true;
	default:
		return bad(in, "an unknown type");
	}
}

/* Where v lies on the stack, that does not move: its size is fixed before. */
static bool
value(struct in *in, struct val *v)
{
	struct val got = {0};
	uint8_t c;
	bool fine;

	if (!need(in, 1))
		return false;
	c = *in->p++;
	if (c >= T_LIST_FEW) {
		fine = items(in, false, c - T_LIST_FEW, &got);
	} else if (c >= T_STR_SHORT) {
		fine = string(in, c - T_STR_SHORT, &got);
	} else if (c >= T_DICT_FEW && c < T_END) {
		fine = items(in, true, c - T_DICT_FEW, &got);
	} else if (c >= T_INT_NEG && c < T_DICT_FEW) {
		got.kind = V_INT;
		got.i = T_INT_NEG - 1 - c;
		fine = true;
	} else if (c < T_FLOAT64) {
		got.kind = V_INT;
		got.i = c;
		fine = true;
	} else if (c >= '0' && c <= '9') {
		fine = long_string(in, &got);
	} else {
		fine = by_type(in, c, &got);
	}
	*v = got;
	return fine;
}

/* No value is shorter than a byte, so that bytes bound what is taken. */
static bool
room(struct ren *r, size_t bytes)
{
	size_t size = bytes < REN_NODES ? bytes : REN_NODES;
	struct val *out, *stack;

	r->out_n = r->stack_n = 0;
	if (size <= r->size)
		return true;
	out = reallocarray(r->out, size, sizeof(*out));
	if (out != NULL)
		r->out = out;
	stack = reallocarray(r->stack, size, sizeof(*stack));
	if (stack != NULL)
		r->stack = stack;
	if (out == NULL || stack == NULL)
		return false;
	r->size = size;
	return true;
}

const char *
ren_decode(
    struct ren *r, const uint8_t *data, size_t len, bool plus, struct val *v)
{
	struct in in = {r, data, data + len, plus, 0, NULL};

	if (!room(r, len))
		return "out of memory";
	if (!value(&in, v))
		return in.why;
	return in.p == in.end ? NULL : "more than one value";
}

void
ren_free(struct ren *r)
{
	free(r->out);
	free(r->stack);
	memset(r, 0, sizeof(*r));
}

const struct val *
val_at(const struct val *list, size_t i)
{
	if (list == NULL || list->kind != V_LIST || i >= list->n)
		return NULL;
	return list->v + i;
}

const struct val *
val_key(const struct val *dict, const char *key)
{
	if (dict == NULL || dict->kind != V_DICT)
		return NULL;
	for (uint32_t i = 0; i < dict->n; i++)
		if (val_is(dict->v + 2 * i, key))
			return dict->v + 2 * i + 1;
	return NULL;
}

bool
val_is(const struct val *v, const char *text)
{
	return v != NULL && v->kind == V_STR && v->len == strlen(text) &&
	       memcmp(v->s, text, v->len) == 0;
}

bool
val_int(const struct val *v, int64_t lo, int64_t hi, int64_t *i)
{
	if (v == NULL || (v->kind != V_INT && v->kind != V_BOOL))
		return false;
	*i = v->kind == V_BOOL ? v->b : v->i;
	return *i >= lo && *i <= hi;
}

bool
val_true(const struct val *v)
{
	if (v == NULL)
		return false;
	return v->kind == V_BOOL ? v->b : v->kind == V_INT && v->i != 0;
}
