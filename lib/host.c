/*
 * What a session has to know of the host's display, as JSON and back.
 * SPDX-License-Identifier: ISC
 */
#include <math.h>
#include <string.h>

#include "host.h"
#include "rec.h"

#define SIDE_MAX 65535
#define DPI_MAX	 1000
#define TIME_MAX 60000

/* What setxkbmap(1) takes, and nothing that a shell or a file would. */
static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
			      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			      ",()_+:-. ";

void
host_word(char *to, size_t size, const char *from, size_t len)
{
	size_t n = 0, i;

	for (i = 0; i < len && n + 1 < size; i++)
		if (from[i] != '\0' && strchr(allowed, from[i]) != NULL)
			to[n++] = from[i];
	to[n] = '\0';
}

static int
bad(const char *key, struct fail *f)
{
	return fail_set(f, FAIL_DATA, "the host's %s makes no sense", key);
}

/* A whole number within bounds; consumes nothing. */
static int
host_number(
    jv o, const char *key, double low, double high, double *n, struct fail *f)
{
	jv v = obj_get(o, key);
	bool is = jv_get_kind(v) == JV_KIND_NUMBER;

	*n = is ? jv_number_value(v) : -1;
	jv_free(v);
	if (!is || !(*n >= low && *n <= high) || floor(*n) != *n)
		return bad(key, f);
	return 0;
}

static int
count(jv o, const char *key, unsigned max, unsigned *to, struct fail *f)
{
	double n;

	if (host_number(o, key, 0, max, &n, f) < 0)
		return -1;
	*to = (unsigned)n;
	return 0;
}

static int
host_place(jv o, const char *key, int *to, struct fail *f)
{
	double n;

	if (host_number(o, key, -SIDE_MAX, SIDE_MAX, &n, f) < 0)
		return -1;
	*to = (int)n;
	return 0;
}

static int
word(jv o, const char *key, char *to, size_t size, struct fail *f)
{
	const char *s = obj_str(o, key);

	if (s == NULL || strlen(s) >= size || s[strspn(s, allowed)] != '\0')
		return bad(key, f);
	memcpy(to, s, strlen(s) + 1);
	return 0;
}

/* Borrows. */
static int
parse_monitor(jv o, struct host_monitor *m, struct fail *f)
{
	jv primary = obj_get(o, "primary");

	m->primary = jv_get_kind(primary) == JV_KIND_TRUE;
	jv_free(primary);
	if (host_place(o, "x", &m->x, f) < 0 ||
	    host_place(o, "y", &m->y, f) < 0 ||
	    count(o, "w", SIDE_MAX, &m->w, f) < 0 ||
	    count(o, "h", SIDE_MAX, &m->h, f) < 0 ||
	    count(o, "mm_w", SIDE_MAX, &m->mm_w, f) < 0 ||
	    count(o, "mm_h", SIDE_MAX, &m->mm_h, f) < 0)
		return -1;
	return word(o, "name", m->name, sizeof(m->name), f);
}

static int
parse_monitors(jv o, struct host *h, struct fail *f)
{
	jv all = obj_get(o, "monitors");
	int n, i, ret = 0;

	n = jv_get_kind(all) == JV_KIND_ARRAY ? jv_array_length(jv_copy(all))
					      : -1;
	if (n < 1 || n > HOST_MONITORS)
		ret = bad("monitors", f);
	for (i = 0; ret == 0 && i < n; i++) {
		jv one = jv_array_get(jv_copy(all), i);

		ret = jv_get_kind(one) == JV_KIND_OBJECT
			  ? parse_monitor(one, &h->v[i], f)
			  : bad("monitors", f);
		jv_free(one);
	}
	h->n = ret == 0 ? n : 0;
	jv_free(all);
	return ret;
}

static int
parse_keyboard(jv o, struct host *h, struct fail *f)
{
	if (word(o, "rules", h->rules, sizeof(h->rules), f) < 0 ||
	    word(o, "model", h->model, sizeof(h->model), f) < 0 ||
	    word(o, "layout", h->layout, sizeof(h->layout), f) < 0 ||
	    word(o, "variant", h->variant, sizeof(h->variant), f) < 0 ||
	    word(o, "options", h->options, sizeof(h->options), f) < 0 ||
	    count(o, "group", 3, &h->group, f) < 0 ||
	    count(o, "group_mods", 255, &h->group_mods, f) < 0 ||
	    count(o, "repeat_ms", TIME_MAX, &h->repeat_ms, f) < 0)
		return -1;
	return count(o, "repeat_gap", TIME_MAX, &h->repeat_gap, f);
}

int
host_parse(jv o, struct host *h, struct fail *f)
{
	int ret = -1;

	memset(h, 0, sizeof(*h));
	if (jv_get_kind(o) != JV_KIND_OBJECT)
		bad("line", f);
	else if (count(o, "w", SIDE_MAX, &h->w, f) == 0 &&
		 count(o, "h", SIDE_MAX, &h->h, f) == 0 &&
		 count(o, "mm_w", SIDE_MAX, &h->mm_w, f) == 0 &&
		 count(o, "mm_h", SIDE_MAX, &h->mm_h, f) == 0 &&
		 count(o, "dpi", DPI_MAX, &h->dpi, f) == 0 &&
		 count(o, "cursor", DPI_MAX, &h->cursor, f) == 0 &&
		 parse_monitors(o, h, f) == 0)
		ret = parse_keyboard(o, h, f);
	if (ret == 0 && (h->w == 0 || h->h == 0 || h->dpi == 0))
		ret = bad("size", f);
	jv_free(o);
	return ret;
}

static jv
with_number(jv o, const char *key, double n)
{
	return jv_object_set(o, jv_string(key), jv_number(n));
}

static jv
with_text(jv o, const char *key, const char *s)
{
	return jv_object_set(o, jv_string(key), jv_string(s));
}

static jv
monitor_json(const struct host_monitor *m)
{
	jv o = with_number(jv_object(), "x", m->x);

	o = with_number(o, "y", m->y);
	o = with_number(o, "w", m->w);
	o = with_number(o, "h", m->h);
	o = with_number(o, "mm_w", m->mm_w);
	o = with_number(o, "mm_h", m->mm_h);
	o = jv_object_set(o, jv_string("primary"), jv_bool(m->primary));
	return with_text(o, "name", m->name);
}

jv
host_json(const struct host *h)
{
	jv o = with_number(jv_object(), "w", h->w), all = jv_array();
	int i;

	o = with_number(o, "h", h->h);
	o = with_number(o, "mm_w", h->mm_w);
	o = with_number(o, "mm_h", h->mm_h);
	o = with_number(o, "dpi", h->dpi);
	o = with_number(o, "cursor", h->cursor);
	for (i = 0; i < h->n; i++)
		all = jv_array_append(all, monitor_json(&h->v[i]));
	o = jv_object_set(o, jv_string("monitors"), all);
	o = with_text(o, "rules", h->rules);
	o = with_text(o, "model", h->model);
	o = with_text(o, "layout", h->layout);
	o = with_text(o, "variant", h->variant);
	o = with_text(o, "options", h->options);
	o = with_number(o, "group", h->group);
	o = with_number(o, "group_mods", h->group_mods);
	o = with_number(o, "repeat_ms", h->repeat_ms);
	return with_number(o, "repeat_gap", h->repeat_gap);
}

bool
host_same(const struct host *a, const struct host *b)
{
	return jv_equal(host_json(a), host_json(b));
}
