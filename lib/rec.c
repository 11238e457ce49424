/*
 * Records: one JSON object a line. SPDX-License-Identifier: ISC
 */
#include <limits.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mem.h"
#include "rec.h"
#include "text.h"

int
rec_parse(const char *s, size_t len, jv *out, struct fail *f)
{
	jv v, msg;

	/* jv would replace what is not UTF-8, and so accept it */
	if (!text_utf8(s, len))
		return fail_set(f, FAIL_DATA, "not UTF-8");
	if (len > INT_MAX || memchr(s, '\0', len) != NULL)
		return fail_set(f, FAIL_DATA, "not JSON");
	v = jv_parse_sized(s, (int)len);
	if (jv_is_valid(v)) {
		*out = v;
		return 0;
	}
	msg = jv_invalid_get_msg(v);
	fail_set(f, FAIL_DATA, "not JSON%s%s",
	    jv_get_kind(msg) == JV_KIND_STRING ? ": " : "",
	    jv_get_kind(msg) == JV_KIND_STRING ? jv_string_value(msg) : "");
	jv_free(msg);
	return -1;
}

static void
append(struct recs *r, jv v, size_t line)
{
	r->v = mem_grow(r->v, r->n, sizeof(*r->v));
	r->v[r->n++] = (struct rec){.v = v, .line = line};
}

void
recs_add(struct recs *r, jv v)
{
	append(r, v, 0);
}

static int
read_line(
    struct recs *r, const char *s, size_t len, size_t line, struct fail *f)
{
	struct fail why;
	jv v;

	if (strspn(s, " \t\r\n") == len)
		return 0;
	if (rec_parse(s, len, &v, &why) < 0)
		return fail_set(f, FAIL_DATA, "line %zu: %s", line, why.text);
	if (jv_get_kind(v) != JV_KIND_OBJECT) {
		jv_free(v);
		return fail_set(
		    f, FAIL_DATA, "line %zu: not a JSON object", line);
	}
	append(r, v, line);
	return 0;
}

int
recs_read(FILE *fp, struct recs *r, struct fail *f)
{
	char *s = NULL;
	size_t cap = 0, line = 0;
	ssize_t len;
	int ret = 0;

	*r = (struct recs){NULL, 0};
	while (ret == 0 && (len = getline(&s, &cap, fp)) > 0)
		ret = read_line(r, s, (size_t)len, ++line, f);
	if (ret == 0 && ferror(fp))
		ret = fail_errno(f, "standard input");
	if (ret == 0 && line == 0)
		ret = fail_set(f, FAIL_NOINPUT, "%s", "");
	free(s);
	if (ret < 0)
		recs_free(r);
	return ret;
}

void
recs_free(struct recs *r)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		jv_free(r->v[i].v);
	free(r->v);
	*r = (struct recs){NULL, 0};
}

/* As JSON's own quotes: does it need nothing in front of a character? */
static bool
is_plain(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == '"' || *s == '\\' ||
		    *s == 0x7f)
			return false;
	return true;
}

/* Consumes. */
static void
put_string(FILE *fp, jv v)
{
	const char *s = jv_string_value(v);
	bool whole = strlen(s) == (size_t)jv_string_length_bytes(jv_copy(v));

	if (whole && is_plain(s)) {
		putc_unlocked('"', fp);
		fputs_unlocked(s, fp);
		putc_unlocked('"', fp);
		jv_free(v);
	} else
		jv_dumpf(v, fp, 0);
}

/*
 * What jv_dumpf() writes. That one goes to the stream for each character, which
 * is half of the time that a thousand records take. Consumes.
 */
static void
put_value(FILE *fp, jv v)
{
	char before = '{';
	int i;

	if (jv_get_kind(v) == JV_KIND_STRING) {
		put_string(fp, v);
		return;
	}
	if (jv_get_kind(v) != JV_KIND_OBJECT ||
	    !jv_object_iter_valid(v, i = jv_object_iter(v))) {
		jv_dumpf(v, fp, 0);
		return;
	}
	for (; jv_object_iter_valid(v, i); i = jv_object_iter_next(v, i)) {
		putc_unlocked(before, fp);
		put_string(fp, jv_object_iter_key(v, i));
		putc_unlocked(':', fp);
		put_value(fp, jv_object_iter_value(v, i));
		before = ',';
	}
	putc_unlocked('}', fp);
	jv_free(v);
}

char *
rec_text(const struct rec *r)
{
	char *text = NULL;
	size_t size;
	FILE *fp = mem_need(open_memstream(&text, &size));

	put_value(fp, jv_copy(r->v));
	if (fclose(fp) != 0)
		mem_out();
	return text;
}

int
recs_close(FILE *fp, struct fail *f)
{
	bool bad = ferror(fp) != 0, gone;

	if (fclose(fp) == 0 && !bad)
		return 0;
	gone = errno == EPIPE;
	fail_errno(f, "standard output");
	/* a reader that ended has said why, or wants no more */
	if (gone)
		f->text[0] = '\0';
	f->kind = FAIL_IO;
	return -1;
}

void
recs_put(FILE *fp, const struct recs *r)
{
	/* an instance's C1 and bidirectional controls are no terminal's */
	bool terminal = isatty(fileno(fp));
	size_t i;

	for (i = 0; i < r->n; i++) {
		if (terminal)
			jv_dumpf(jv_copy(r->v[i].v), fp, JV_PRINT_ASCII);
		else
			put_value(fp, jv_copy(r->v[i].v));
		fputc('\n', fp);
	}
}

int
recs_write(FILE *fp, const struct recs *r, struct fail *f)
{
	recs_put(fp, r);
	if (r->n == 0)
		fputc('\n', fp);
	return recs_close(fp, f);
}

jv
obj_put(jv obj, const char *key, const char *value)
{
	return jv_object_set(obj, jv_string(key), jv_string(value));
}

jv
obj_set(jv obj, const char *key, jv value)
{
	return jv_object_set(obj, jv_string(key), value);
}

jv
obj_get(jv obj, const char *key)
{
	if (jv_get_kind(obj) != JV_KIND_OBJECT)
		return jv_invalid();
	return jv_object_get(jv_copy(obj), jv_string(key));
}

/* The text of a string, or NULL for another value or one with a NUL. Consumes.
 */
static const char *
text_of(jv v)
{
	const char *s = NULL;

	/* the reference of the object that it is in keeps the text alive */
	if (jv_get_kind(v) == JV_KIND_STRING) {
		s = jv_string_value(v);
		if (strlen(s) != (size_t)jv_string_length_bytes(jv_copy(v)))
			s = NULL;
	}
	jv_free(v);
	return s;
}

const char *
obj_str(jv obj, const char *key)
{
	return text_of(obj_get(obj, key));
}

static int
bad_key(const struct rec *r, const char *key, const char *why, struct fail *f)
{
	return fail_set(
	    f, FAIL_DATA, "line %zu: key \"%s\" %s", r->line, key, why);
}

/* What the key holds has to be of the kind; the value is owned. */
static int
get_kind(const struct rec *r, const char *key, jv_kind kind, const char *what,
    jv *v, struct fail *f)
{
	jv_kind k;

	*v = obj_get(r->v, key);
	k = jv_get_kind(*v);
	if (k == kind)
		return 0;
	jv_free(*v);
	return bad_key(r, key, k == JV_KIND_INVALID ? "is missing" : what, f);
}

const char *
rec_str(const struct rec *r, const char *key, struct fail *f)
{
	const char *s;
	jv v;

	if (get_kind(r, key, JV_KIND_STRING, "is not a string", &v, f) < 0)
		return NULL;
	if ((s = text_of(v)) == NULL)
		bad_key(r, key, "holds a NUL", f);
	return s;
}

int
rec_opt_str(
    const struct rec *r, const char *key, const char **s, struct fail *f)
{
	jv v = obj_get(r->v, key);
	jv_kind k = jv_get_kind(v);

	*s = text_of(v);
	if (*s != NULL || k == JV_KIND_INVALID || k == JV_KIND_NULL)
		return 0;
	return bad_key(
	    r, key, k == JV_KIND_STRING ? "holds a NUL" : "is not a string", f);
}

int
rec_id(const struct rec *r, const char *key, uint32_t *id, struct fail *f)
{
	double d;
	jv v;

	if (get_kind(r, key, JV_KIND_NUMBER, "is not a number", &v, f) < 0)
		return -1;
	d = jv_number_value(v);
	jv_free(v);
	/* (uint32_t)-1 is chown(2)'s "leave it" and nobody's id */
	if (!(d >= 0 && d < 4294967295.0) || d != floor(d))
		return bad_key(r, key, "is not a user or group id", f);
	*id = (uint32_t)d;
	return 0;
}

int
rec_ids(const struct rec *r, uint32_t *uid, uint32_t *gid, struct fail *f)
{
	return rec_id(r, "uid", uid, f) < 0 ? -1 : rec_id(r, "gid", gid, f);
}

bool
rec_true(const struct rec *r, const char *key)
{
	jv v = obj_get(r->v, key);
	bool is = jv_get_kind(v) == JV_KIND_TRUE;

	jv_free(v);
	return is;
}

bool
rec_has(const struct rec *r, const char *key)
{
	return jv_object_has(jv_copy(r->v), jv_string(key)) != 0;
}

bool
rec_same(const struct rec *a, const struct rec *b, const char *key)
{
	const char *s = obj_str(a->v, key), *t = obj_str(b->v, key);

	return s == NULL || t == NULL ? s == t : strcmp(s, t) == 0;
}

void
rec_set(struct rec *r, const char *key, jv value)
{
	r->v = jv_object_set(r->v, jv_string(key), value);
}

void
rec_set_str(struct rec *r, const char *key, const char *value)
{
	rec_set(r, key, jv_string(value));
}

void
rec_error(struct rec *r, const struct fail *f)
{
	rec_set_str(r, "error", f->text);
}

bool
rec_failed(const struct rec *r)
{
	return rec_has(r, "error");
}
