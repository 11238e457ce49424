/*
 * One inode in the journal, as a line of text: fields between tabs, a sum of
 * the rest in front, so that what a crash or a bad disk made of it is told from
 * what was written. The records at its end are not parsed but when they are
 * listed. SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "loan.h"
#include "text.h"

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

/* Names may hold anything: bytes that separate things here become %XX. */
static char *
put_name(char *p, const char *s)
{
	if (s == NULL)
		*p++ = '-';
	else if (*s == '\0' || strcmp(s, "-") == 0)
		p += sprintf(p, "%%%s", *s == '-' ? "2d" : "");
	else
		for (; *s != '\0'; s++) {
			if ((unsigned char)*s <= ' ' || *s == '%')
				p += sprintf(p, "%%%02x", (unsigned char)*s);
			else
				*p++ = *s;
		}
	*p = '\0';
	return p;
}

static char *
names_text(const struct holder *h)
{
	size_t len = 0;
	char *s, *p;
	int i;

	for (i = 0; i < BY_N; i++)
		len += 4 + (h->by[i] ? strlen(h->by[i]) * 3 : 0);
	if ((s = p = malloc(len)) == NULL)
		errx(EX_OSERR, "out of memory");
	for (i = 0; i < BY_N; i++) {
		p = put_name(p, h->by[i]);
		*p++ = i < BY_N - 1 ? ' ' : '\0';
	}
	return s;
}

static char *
holder_text(const char *before, const struct holder *h)
{
	char *names = names_text(h), *s;

	s = text_fmt("%s\t%" PRIu32 " %d %d %lld %s\t%s\t%s", before, h->uid,
	    h->asked, h->perm, h->granted, h->boot, names, h->text);
	free(names);
	return s;
}

char *
loan_text(const struct loan *e)
{
	const char *handle = e->id.handle[0] != '\0' ? e->id.handle : "-";
	char *acl[4], *s, *more;
	size_t i;

	for (i = 0; i < 4; i++)
		acl[i] =
		    facl_text(i % 2 == 0 ? &e->base[i / 2] : &e->old[i / 2]);
	s = text_fmt("%s\t%s\t%s\t%d\t%s\t%s\t%s\t%s", e->id.dev, e->id.ino,
	    handle, e->merged, acl[0], acl[1], acl[2], acl[3]);
	for (i = 0; i < 4; i++)
		free(acl[i]);
	for (i = 0; i < e->nh; i++) {
		more = holder_text(s, &e->h[i]);
		free(s);
		s = more;
	}
	more = text_fmt("%0*" PRIx64 "\t%s", SUM_LEN, sum_of(s, strlen(s)), s);
	free(s);
	return more;
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

static int
parse_holder(char **s, struct holder *h)
{
	char *grant = strsep(s, "\t"), *names = strsep(s, "\t"), boot[40];
	int n;

	h->text = strsep(s, "\t");
	if (names == NULL || h->text == NULL)
		return -1;
	n = sscanf(grant, "%" SCNu32 " %" SCNu16 " %" SCNu16 " %lld %39s",
	    &h->uid, &h->asked, &h->perm, &h->granted, boot);
	if (n != 5 || h->asked > 7 || h->perm > 7)
		return -1;
	h->boot = text_fmt("%s", boot);
	return parse_names(names, h);
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
loan_parse(const char *line, struct loan *e)
{
	char sum[SUM_LEN + 1], *s, *merged;

	if (strlen(line) <= SUM_LEN || line[SUM_LEN] != '\t')
		return -1;
	snprintf(sum, sizeof(sum), "%0*" PRIx64, SUM_LEN,
	    sum_of(line + SUM_LEN + 1, strlen(line + SUM_LEN + 1)));
	if (strncmp(line, sum, SUM_LEN) != 0)
		return -1;
	memset(e, 0, sizeof(*e));
	e->line = text_fmt("%s", line);
	/* the fields live as long as the entry does */
	s = text_fmt("%s", line + SUM_LEN + 1);
	if (parse_ident(&s, &e->id) < 0 || (merged = strsep(&s, "\t")) == NULL)
		return -1;
	e->merged = strcmp(merged, "1") == 0;
	if (parse_acls(&s, e) < 0 || e->base[FACL_ACCESS].n == 0)
		return -1;
	return parse_holders(s, e);
}
