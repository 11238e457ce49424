/*
 * One inode in the journal, as a line of text: fields between tabs, a sum of
 * the rest in front, so that what a crash or a bad disk made of it is told from
 * what was written. The records at its end are not parsed but when they are
 * listed. SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "loan.h"

#define SUM_LEN 16

/*
 * FNV-1a, eight bytes at a time. Against accidents: nobody but the user can
 * write here.
 */
static uint64_t
sum_of(const char *s, size_t len)
{
	uint64_t h = 0xcbf29ce484222325 ^ len, word;

	for (; len > 0; s += sizeof(word)) {
		word = 0;
		memcpy(&word, s, len < sizeof(word) ? len : sizeof(word));
		h = (h ^ word) * 0x100000001b3;
		h ^= h >> 32;
		len -= len < sizeof(word) ? len : sizeof(word);
	}
	return h;
}

static bool
by_same(const struct holder *a, const struct holder *b, int exact, int other)
{
	if (a->by[exact] == NULL || b->by[exact] == NULL)
		exact = other;
	return strcmp(a->by[exact], b->by[exact]) == 0;
}

bool
holder_same(const struct holder *a, const struct holder *b)
{
	return strcmp(a->by[BY_DEVICE], b->by[BY_DEVICE]) == 0 &&
	       strcmp(a->by[BY_PROJECT], b->by[BY_PROJECT]) == 0 &&
	       by_same(a, b, BY_API, BY_ENGINE) &&
	       by_same(a, b, BY_UUID, BY_INSTANCE);
}

bool
loan_drop_gone(struct loan *l, long long time)
{
	size_t i, n = 0;
	bool any;

	for (i = 0; i < l->nh; i++)
		if (!l->h[i].gone || l->h[i].granted > time)
			l->h[n++] = l->h[i];
	any = n < l->nh;
	l->nh = n;
	return any;
}

static char *
put(char *p, const char *s)
{
	size_t n = strlen(s);

	memcpy(p, s, n);
	return p + n;
}

static char *
put_hex(char *p, uint64_t n, int digits)
{
	while (digits-- > 0)
		*p++ = "0123456789abcdef"[n >> digits * 4 & 15];
	return p;
}

/*
 * Names may hold anything: bytes that separate things here become %XX. Nothing
 * at all is "-", and one that is "-" becomes %2d, one that is empty just %.
 */
static char *
put_name(char *p, const char *s)
{
	bool dash = s != NULL && strcmp(s, "-") == 0;

	if (s == NULL || *s == '\0')
		*p++ = s == NULL ? '-' : '%';
	for (; s != NULL && *s != '\0'; s++)
		if ((unsigned char)*s <= ' ' || *s == '%' || dash) {
			*p++ = '%';
			p = put_hex(p, (unsigned char)*s, 2);
		} else
			*p++ = *s;
	return p;
}

static char *
put_holder(char *p, const struct holder *h)
{
	int i;

	*p++ = '\t';
	p = put_number(p, h->uid);
	*p++ = ' ';
	p = put_number(p, h->asked);
	*p++ = ' ';
	p = put_number(p, h->perm);
	p += sprintf(p, " %lld ", h->granted);
	p = put(p, h->boot);
	if (h->memory)
		p = put(p, " memory");
	if (h->gone)
		p = put(p, " gone");
	if (h->fs != 0) {
		p = put(p, " fs=");
		p = put_hex(p, h->fs, 16);
	}
	for (i = 0; i < BY_N; i++) {
		*p++ = i == 0 ? '\t' : ' ';
		p = put_name(p, h->by[i]);
	}
	*p++ = '\t';
	return put(p, h->text);
}

/* As much as the line can need. */
static size_t
room_for(const struct loan *e)
{
	size_t n = 100 + sizeof(e->id), i;
	int k;

	for (i = 0; i < 2; i++)
		n += (e->base[i].n + e->old[i].n + 2) * FACL_TEXT;
	for (i = 0; i < e->nh; i++) {
		n += 100 + strlen(e->h[i].boot) + strlen(e->h[i].text);
		for (k = 0; k < BY_N; k++)
			n +=
			    2 + (e->h[i].by[k] ? strlen(e->h[i].by[k]) * 3 : 0);
	}
	return n;
}

char *
loan_text(const struct loan *e)
{
	char *s = malloc(room_for(e)), *p, *more;
	size_t i;

	if (s == NULL)
		errx(EX_OSERR, "out of memory");
	p = put(s + SUM_LEN + 1, e->id.dev);
	*p++ = '\t';
	p = put(p, e->id.ino);
	*p++ = '\t';
	p = put(p, e->id.handle[0] != '\0' ? e->id.handle : "-");
	*p++ = '\t';
	*p++ = e->merged ? '1' : '0';
	for (i = 0; i < 2; i++) {
		*p++ = '\t';
		p = facl_put(p, &e->base[i]);
		*p++ = '\t';
		p = facl_put(p, &e->old[i]);
	}
	for (i = 0; i < e->nh; i++)
		p = put_holder(p, &e->h[i]);
	*p = '\0';
	put_hex(
	    s, sum_of(s + SUM_LEN + 1, (size_t)(p - s) - SUM_LEN - 1), SUM_LEN);
	s[SUM_LEN] = '\t';
	/* the room was a guess, and there may be a thousand of them */
	more = realloc(s, (size_t)(p - s) + 1);
	return more != NULL ? more : s;
}

/* In place; "-" is none. */
static char *
parse_name(char *s)
{
	char *from = s, *to = s;
	unsigned c;

	if (strcmp(s, "-") == 0)
		return NULL;
	for (; *from != '\0'; to++)
		if (*from == '%' && sscanf(from + 1, "%2x", &c) == 1) {
			*to = (char)c;
			from += 3;
		} else if (*from == '%')
			from++;
		else
			*to = *from++;
	*to = '\0';
	return s;
}

static int
parse_names(char *s, struct holder *h)
{
	char *field;
	int i;

	for (i = 0; i < BY_N; i++) {
		if ((field = strsep(&s, " ")) == NULL)
			return -1;
		h->by[i] = parse_name(field);
		if (h->by[i] == NULL && i != BY_API && i != BY_UUID)
			return -1;
	}
	return s == NULL ? 0 : -1;
}

/* A number and what is behind it; NULL in *s where there is none. */
static unsigned long long
parse_number(char **s)
{
	unsigned long long n;
	char *end;

	if (*s == NULL)
		return 0;
	n = strtoull(*s, &end, 10);
	*s = end > *s && *end == ' ' ? end + 1 : NULL;
	return n;
}

/* Words that follow the boot; lines of before have none. */
static void
parse_notes(char *s, struct holder *h)
{
	char *word;

	while ((word = strsep(&s, " ")) != NULL)
		if (strcmp(word, "memory") == 0)
			h->memory = true;
		else if (strcmp(word, "gone") == 0)
			h->gone = true;
		else if (strncmp(word, "fs=", 3) == 0)
			h->fs = strtoull(word + 3, NULL, 16);
}

static int
parse_holder(char **s, struct holder *h)
{
	char *grant = strsep(s, "\t"), *names = strsep(s, "\t");

	h->text = strsep(s, "\t");
	if (names == NULL || h->text == NULL)
		return -1;
	h->uid = (uint32_t)parse_number(&grant);
	h->asked = parse_number(&grant) & 7;
	h->perm = parse_number(&grant) & 7;
	h->granted = (long long)parse_number(&grant);
	h->boot = strsep(&grant, " ");
	parse_notes(grant, h);
	return h->boot == NULL ? -1 : parse_names(names, h);
}

static int
parse_ident(char **s, struct ident *id)
{
	char *dev = strsep(s, "\t"), *ino = strsep(s, "\t"),
	     *handle = strsep(s, "\t");

	if (handle == NULL || strlen(dev) >= sizeof(id->dev) ||
	    strlen(ino) >= sizeof(id->ino) ||
	    strlen(handle) >= sizeof(id->handle))
		return -1;
	memset(id, 0, sizeof(*id));
	memcpy(id->dev, dev, strlen(dev));
	memcpy(id->ino, ino, strlen(ino));
	if (strcmp(handle, "-") != 0)
		memcpy(id->handle, handle, strlen(handle));
	return 0;
}

static int
parse_acls(char **s, struct loan *e)
{
	char *field;
	int i;

	for (i = 0; i < 4; i++) {
		if ((field = strsep(s, "\t")) == NULL)
			return -1;
		if (facl_parse(field,
			i % 2 == 0 ? &e->base[i / 2] : &e->old[i / 2]) < 0)
			return -1;
	}
	return 0;
}

static int
parse_holders(char *s, struct loan *e)
{
	const char *p;
	size_t max = 1;

	for (p = s; p != NULL && *p != '\0'; p++)
		max += *p == '\t';
	e->h = calloc(max, sizeof(*e->h));
	if (e->h == NULL)
		errx(EX_OSERR, "out of memory");
	for (; s != NULL; e->nh++)
		if (parse_holder(&s, &e->h[e->nh]) < 0)
			return -1;
	return e->nh > 0 ? 0 : -1;
}

int
loan_parse(char *line, struct loan *e)
{
	char sum[SUM_LEN], *s, *merged;
	size_t len = strlen(line);

	if (len <= SUM_LEN || line[SUM_LEN] != '\t')
		return -1;
	s = line + SUM_LEN + 1;
	put_hex(sum, sum_of(s, len - SUM_LEN - 1), SUM_LEN);
	if (memcmp(line, sum, SUM_LEN) != 0)
		return -1;
	memset(e, 0, sizeof(*e));
	e->line = line;
	/* the fields live as long as the loan does */
	if ((s = strdup(s)) == NULL)
		errx(EX_OSERR, "out of memory");
	if (parse_ident(&s, &e->id) < 0 || (merged = strsep(&s, "\t")) == NULL)
		return -1;
	e->merged = strcmp(merged, "1") == 0;
	if (parse_acls(&s, e) < 0 || e->base[FACL_ACCESS].n == 0)
		return -1;
	return parse_holders(s, e);
}
