/*
 * Device records as text, and where in it the values are.
 * SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "plain.h"
#include "rec.h"
#include "text.h"

static const struct {
	const char *name;
	size_t len;
} keys[KEY_N] = {
#define KEY(k, name) [k] = {name, sizeof(name) - 1}
    KEY(KEY_ENGINE, "engine"),
    KEY(KEY_API, "api"),
    KEY(KEY_PROJECT, "project"),
    KEY(KEY_INSTANCE, "instance"),
    KEY(KEY_UUID, "uuid"),
    KEY(KEY_DEVICE, "device"),
    KEY(KEY_SOURCE, "source"),
    KEY(KEY_PERM, "perm"),
    KEY(KEY_MODE, "mode"),
    KEY(KEY_MOUNT, "mount"),
    KEY(KEY_HOST_UID, "host_uid"),
    KEY(KEY_DEV, "dev"),
    KEY(KEY_INO, "ino"),
    KEY(KEY_HANDLE, "handle"),
    KEY(KEY_DRY_RUN, "dry_run"),
    KEY(KEY_GRANT, "grant"),
    KEY(KEY_RESTORED, "restored"),
    KEY(KEY_ERROR, "error"),
    KEY(KEY_GRANTED, "granted"),
    KEY(KEY_BOOT, "boot"),
#undef KEY
};

static int
key_of(const char *s, size_t len)
{
	int k;

	for (k = 0; k < KEY_N; k++)
		if (keys[k].len == len && memcmp(keys[k].name, s, len) == 0)
			return k;
	return -1;
}

/* Where a string ends, from behind its first quote; NULL: not plain. */
static const char *
end_of_string(const char *p, bool escapes)
{
	for (; *p != '"'; p++) {
		if ((unsigned char)*p < ' ' || (*p == '\\' && !escapes))
			return NULL;
		if (*p == '\\' && *++p == '\0')
			return NULL;
	}
	return p + 1;
}

#define DIGITS 15 /* those that a double holds */

/* A number without sign or fraction, true, false, null. */
static const char *
end_of_word(const char *p)
{
	static const char *const words[] = {"true", "false", "null"};
	size_t n = strspn(p, "0123456789"), i;

	if (n > 0)
		return n <= DIGITS && (n == 1 || *p != '0') ? p + n : NULL;
	for (i = 0; i < 3; i++)
		if (strncmp(p, words[i], strlen(words[i])) == 0)
			return p + strlen(words[i]);
	return NULL;
}

/* Any value, in a text that is known to be JSON. */
static const char *
end_of_value(const char *p)
{
	int depth = 0;

	do {
		if (*p == '"')
			p = end_of_string(p + 1, true);
		else if (*p == '{' || *p == '[')
			depth++, p++;
		else if (*p == '}' || *p == ']')
			depth--, p++;
		else if (*p == ',' || *p == ':')
			p++;
		else
			p += strcspn(p, ",:]}");
	} while (depth > 0);
	return p;
}

/* ours: jq printed it, so it is JSON. 1: not in the plain form. */
static int
scan(struct plain *r, bool ours)
{
	const char *p = r->s, *key, *value;
	int k;

	memset(r->v, 0, sizeof(r->v));
	if (*p++ != '{')
		return 1;
	if (*p == '}')
		return p[1] != '\0';
	for (;; p++) {
		key = p + 1;
		if (*p != '"' || (p = end_of_string(key, ours)) == NULL ||
		    *p != ':')
			return 1;
		value = p + 1;
		k = key_of(key, (size_t)(p - 1 - key));
		if (ours)
			p = end_of_value(value);
		else if (*value == '"')
			p = end_of_string(value + 1, false);
		else
			p = end_of_word(value);
		if (p == NULL || (k >= 0 && r->v[k].at != 0))
			return 1;
		if (k >= 0) {
			r->v[k].at = (unsigned)(value - r->s);
			r->v[k].len = (unsigned)(p - value);
		}
		if (*p != ',')
			return *p != '}' || p[1] != '\0';
	}
}

/* The text as jq prints the value (consumed). */
static void
print(struct plain *r, jv v)
{
	jv s = jv_dump_string(v, 0);

	r->s = text_fmt("%s", jv_string_value(s));
	r->len = strlen(r->s);
	r->room = 0;
	jv_free(s);
	if (scan(r, true) != 0)
		errx(EX_SOFTWARE, "line %zu: %s", r->line, r->s);
}

/* As nearly all of it is. */
static bool
is_ascii(const char *s, size_t len)
{
	uint64_t word, all = 0;

	for (; len >= sizeof(word); s += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, s, sizeof(word));
		all |= word;
	}
	while (len-- > 0)
		all |= (unsigned char)*s++;
	return (all & 0x8080808080808080) == 0;
}

static int
take(struct plain *r, struct fail *f)
{
	jv v;

	if (memchr(r->s, '\0', r->len) == NULL &&
	    (is_ascii(r->s, r->len) || text_utf8(r->s, r->len)) &&
	    scan(r, false) == 0)
		return 0;
	if (rec_parse(r->s, r->len, &v, f) < 0)
		return -1;
	if (jv_get_kind(v) != JV_KIND_OBJECT) {
		jv_free(v);
		return fail_set(f, EX_DATAERR, "not a JSON object");
	}
	print(r, v);
	return 0;
}

int
plain_from(const char *s, struct plain *r, struct fail *f)
{
	*r = (struct plain){.s = text_fmt("%s", s), .len = strlen(s)};
	return take(r, f);
}

static struct plain *
add(struct plains *all)
{
	if ((all->n & (all->n - 1)) == 0)
		all->v = reallocarray(
		    all->v, all->n ? all->n * 2 : 1, sizeof(*all->v));
	if (all->v == NULL)
		errx(EX_OSERR, "out of memory");
	return &all->v[all->n++];
}

static int
read_line(struct plains *all, char *s, size_t len, size_t line, struct fail *f)
{
	struct plain *r;
	struct fail why;

	if (strspn(s, " \t\r") == len)
		return 0;
	r = add(all);
	*r = (struct plain){.s = s, .len = len, .line = line};
	if (take(r, &why) < 0)
		return fail_set(f, EX_DATAERR, "line %zu: %s", line, why.text);
	return 0;
}

/* All of a stream, and a NUL; owned. */
static char *
slurp(FILE *fp, size_t *len)
{
	size_t room = 1 << 16;
	char *s = NULL;

	*len = 0;
	do {
		if ((s = reallocf(s, room *= 2)) == NULL)
			errx(EX_OSERR, "out of memory");
		*len += fread(s + *len, 1, room - *len - 1, fp);
	} while (*len == room - 1);
	s[*len] = '\0';
	return s;
}

int
plains_read(FILE *fp, struct plains *all, struct fail *f)
{
	size_t len, n, line = 0;
	char *s = slurp(fp, &len), *end; /* the records keep it */

	*all = (struct plains){NULL, 0};
	if (ferror(fp))
		return fail_errno(f, "standard input");
	if (len == 0)
		return fail_set(f, EX_NOINPUT, "%s", "");
	for (; len > 0; s += n, len -= n) {
		if ((end = memchr(s, '\n', len)) == NULL)
			end = s + len;
		n = (size_t)(end - s) + (*end == '\n');
		*end = '\0';
		if (read_line(all, s, (size_t)(end - s), ++line, f) < 0)
			return -1;
	}
	return 0;
}

/* On a terminal, which is none of the cases that are to be quick. */
static int
show(FILE *fp, const struct plains *all, struct fail *f)
{
	struct recs r = {NULL, 0};
	size_t i;
	int ret = 0;
	jv v;

	for (i = 0; ret == 0 && i < all->n; i++) {
		ret = rec_parse(all->v[i].s, all->v[i].len, &v, f);
		if (ret == 0)
			recs_add(&r, v);
	}
	if (ret == 0)
		ret = recs_write(fp, &r, f);
	recs_free(&r);
	return ret;
}

int
plains_write(FILE *fp, const struct plains *all, struct fail *f)
{
	size_t i;
	int bad = 0;

	if (isatty(fileno(fp)))
		return show(fp, all, f);
	for (i = 0; i < all->n; i++)
		bad |= fwrite(all->v[i].s, 1, all->v[i].len, fp) !=
			   all->v[i].len ||
		       putc('\n', fp) == EOF;
	if (all->n == 0)
		bad |= putc('\n', fp) == EOF;
	bad |= ferror(fp) != 0;
	if (fclose(fp) != 0 || bad) {
		fail_errno(f, "standard output");
		f->code = EX_IOERR;
		return -1;
	}
	return 0;
}

static int
bad_key(const struct plain *r, enum key k, const char *why, struct fail *f)
{
	return fail_set(f, EX_DATAERR, "line %zu: key \"%s\" %s", r->line,
	    keys[k].name, why);
}

/* With its escapes, which only jq reads. */
static char *
unescape(const struct plain *r, enum key k, struct fail *f)
{
	jv v = jv_parse_sized(r->s + r->v[k].at, (int)r->v[k].len);
	size_t len = (size_t)jv_string_length_bytes(jv_copy(v));
	char *s = text_fmt("%s", jv_string_value(v));

	jv_free(v);
	if (strlen(s) == len)
		return s;
	free(s);
	bad_key(r, k, "holds a NUL", f);
	return NULL;
}

char *
plain_str(const struct plain *r, enum key k, struct fail *f)
{
	const char *s = r->s + r->v[k].at;
	size_t len = r->v[k].len;
	char *copy;

	if (len == 0 || *s != '"') {
		bad_key(r, k, len == 0 ? "is missing" : "is not a string", f);
		return NULL;
	}
	if (memchr(s, '\\', len) != NULL)
		return unescape(r, k, f);
	if ((copy = strndup(s + 1, len - 2)) == NULL)
		errx(EX_OSERR, "out of memory");
	return copy;
}

static bool
is_word(const struct plain *r, enum key k, const char *word)
{
	return r->v[k].len == strlen(word) &&
	       memcmp(r->s + r->v[k].at, word, strlen(word)) == 0;
}

int
plain_opt_str(const struct plain *r, enum key k, char **s, struct fail *f)
{
	*s = NULL;
	if (r->v[k].len == 0 || is_word(r, k, "null"))
		return 0;
	return (*s = plain_str(r, k, f)) == NULL ? -1 : 0;
}

int
plain_id(const struct plain *r, enum key k, uint32_t *id, struct fail *f)
{
	const char *s = r->s + r->v[k].at;
	unsigned long long n;
	char *end;

	if (r->v[k].len == 0)
		return bad_key(r, k, "is missing", f);
	if (strchr("-0123456789", *s) == NULL)
		return bad_key(r, k, "is not a number", f);
	errno = 0;
	n = strtoull(s, &end, 10);
	/* (uint32_t)-1 is nobody's id: chown(2) */
	if (*s == '-' || errno != 0 || n >= UINT32_MAX ||
	    end != s + r->v[k].len)
		return bad_key(r, k, "is not a user or group id", f);
	*id = (uint32_t)n;
	return 0;
}

bool
plain_has(const struct plain *r, enum key k)
{
	return r->v[k].len > 0;
}

bool
plain_true(const struct plain *r, enum key k)
{
	return is_word(r, k, "true");
}

#define ROOM 64 /* for what is set next */

void
plain_set(struct plain *r, enum key k, const char *json)
{
	size_t head, len = strlen(json);
	char *new;
	jv v;

	if (plain_has(r, k)) {
		v = jv_parse_sized(r->s, (int)r->len);
		print(r,
		    jv_object_set(v, jv_string(keys[k].name), jv_parse(json)));
		return;
	}
	/* a comma, two quotes and a colon; over the brace that closes it */
	head = keys[k].len + 4;
	if (r->len + head + len + 1 > r->room) {
		r->room = r->len + head + len + 1 + ROOM;
		if ((new = malloc(r->room)) == NULL)
			errx(EX_OSERR, "out of memory");
		memcpy(new, r->s, r->len);
		r->s = new;
	}
	r->v[k].at = (unsigned)(r->len - 1 + head);
	r->v[k].len = (unsigned)len;
	r->len--;
	r->len += (size_t)sprintf(r->s + r->len, "%s\"%s\":%s}",
	    r->len > 1 ? "," : "", keys[k].name, json);
}

void
plain_set_str(struct plain *r, enum key k, const char *s)
{
	jv v = jv_dump_string(jv_string(s), 0);

	plain_set(r, k, jv_string_value(v));
	jv_free(v);
}
