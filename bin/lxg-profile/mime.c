/*
 * User-data files as one MIME message. cloud-init reads it with Python's
 * email package from a str: there a part in plain 8bit text loses what is not
 * ASCII, and one that ends in CR loses that. So a part travels as it is where
 * it is printable ASCII in lines, and otherwise in base64.
 * SPDX-License-Identifier: ISC
 */
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mem.h"
#include "mime.h"
#include "text.h"

#define LINE_MAX_7BIT 998 /* RFC 5322, section 2.1.1 */
#define NAME_MAX_PART 64
#define BOUNDARY_SIZE 32

/* What cloud-init's clean_filename() leaves of a name. */
#define NAME_CHARACTERS                                                        \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.()"

/* Longest first, where one begins like another. */
static const struct {
	const char *start, *type;
} types[] = {
    {"#cloud-config-archive", "text/cloud-config-archive"},
    {"#cloud-config-jsonp", "text/cloud-config-jsonp"},
    {"#cloud-config", "text/cloud-config"},
    {"#cloud-boothook", "text/cloud-boothook"},
    {"#include-once", "text/x-include-once-url"},
    {"#include", "text/x-include-url"},
    {"#part-handler", "text/part-handler"},
    {"## template: jinja", "text/jinja2"},
    {"#!", "text/x-shellscript"},
};

static bool
starts(const char *data, const char *with)
{
	return strncasecmp(data, with, strlen(with)) == 0;
}

const char *
mime_type(const char *data, size_t len)
{
	const char *first = data + strspn(data, " \t\n\v\f\r\x1c\x1d\x1e\x1f");
	size_t i;

	if (starts(data, "MIME-Version:") ||
	    starts(data, "Content-Type: multipart/"))
		return NULL;
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (starts(first, types[i].start))
			return types[i].type;
	if (len >= 2 && memcmp(data, "\x1f\x8b", 2) == 0)
		return "application/gzip";
	if (memchr(data, '\0', len) == NULL && text_utf8(data, len))
		return "text/plain";
	return "application/octet-stream";
}

/* Does it come out of 7bit as it went in? */
static bool
is_7bit(const struct part *p)
{
	size_t i, line = 0;

	for (i = 0; i < p->len; i++) {
		unsigned char c = (unsigned char)p->data[i];

		if ((c < 0x20 && c != '\t' && c != '\n') || c > 0x7e)
			return false;
		line = c == '\n' ? 0 : line + 1;
		if (line > LINE_MAX_7BIT)
			return false;
	}
	return true;
}

/* RFC 2045, section 6.8: lines of 76 characters. */
static void
write_base64(FILE *fp, const char *data, size_t len)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789+/";
	const unsigned char *s = (const unsigned char *)data;
	size_t i, n;

	for (i = 0; i < len; i += 3) {
		uint32_t v = 0;

		for (n = 0; n < 3; n++)
			v = v << 8 | (i + n < len ? s[i + n] : 0);
		for (n = 0; n < 4; n++)
			putc(n > len - i ? '=' : digits[v >> (18 - 6 * n) & 63],
			    fp);
		if (i % 57 == 54 && i + 3 < len)
			putc('\n', fp);
	}
}

/*
 * A number, which keeps the order (cloud-init runs scripts by name) and tells
 * two files of one name apart, and what cloud-init keeps of a file's name.
 */
static void
write_name(FILE *fp, size_t number, const char *path)
{
	const char *base = strrchr(path, '/');
	size_t i;

	base = base != NULL ? base + 1 : path;
	fprintf(fp, "%03zu-", number);
	for (i = 0; i < NAME_MAX_PART && base[i] != '\0'; i++)
		putc(strchr(NAME_CHARACTERS, base[i]) ? base[i] : '_', fp);
}

static void
write_part(FILE *fp, const struct part *p)
{
	bool plain = is_7bit(p);

	fprintf(fp, "Content-Type: %s%s\n", p->type,
	    strncmp(p->type, "text/", 5) == 0 ? "; charset=\"utf-8\"" : "");
	fprintf(
	    fp, "Content-Transfer-Encoding: %s\n", plain ? "7bit" : "base64");
	if (p->merge != NULL)
		fprintf(fp, "Merge-Type: %s\n", p->merge);
	fputs("Content-Disposition: attachment; filename=\"", fp);
	write_name(fp, p->number, p->name);
	fputs("\"\n\n", fp);
	if (plain)
		fwrite(p->data, 1, p->len, fp);
	else
		write_base64(fp, p->data, p->len);
}

static bool
occurs(const char *boundary, const struct part *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (memmem(p[i].data, p[i].len, boundary, strlen(boundary)))
			return true;
	return false;
}

/* In none of the parts; and the same for the same parts at each put. */
static void
choose_boundary(
    const struct part *p, size_t n, char boundary[static BOUNDARY_SIZE])
{
	unsigned i = 0;

	do
		snprintf(boundary, BOUNDARY_SIZE, "lxg-boundary-%u", i++);
	while (occurs(boundary, p, n));
}

/* A message in a JSON string has to be UTF-8, and the engine takes no NUL. */
static int
check_message(const struct part *p, struct fail *f)
{
	if (p->type == NULL && (!text_utf8(p->data, p->len) ||
				   memchr(p->data, '\0', p->len) != NULL))
		return fail_set(f, FAIL_DATA,
		    "%s: a MIME message that is not UTF-8", p->name);
	return 0;
}

int
mime_compose(const struct part *p, size_t n, jv *message, struct fail *f)
{
	char boundary[BOUNDARY_SIZE], *s = NULL;
	size_t i, len;
	FILE *fp;

	for (i = 0; i < n; i++)
		if (check_message(&p[i], f) < 0)
			return -1;
	if (n == 1 && p->type == NULL) {
		*message = jv_string_sized(p->data, (int)p->len);
		return 0;
	}
	fp = mem_need(open_memstream(&s, &len));
	choose_boundary(p, n, boundary);
	/* in front, where cloud-init looks for it */
	fprintf(fp,
	    "MIME-Version: 1.0\n"
	    "Content-Type: multipart/mixed; boundary=\"%s\"\n\n",
	    boundary);
	for (i = 0; i < n; i++) {
		fprintf(fp, "--%s\n", boundary);
		if (p[i].type != NULL)
			write_part(fp, &p[i]);
		else /* its own header makes it a part */
			fwrite(p[i].data, 1, p[i].len, fp);
		putc('\n', fp);
	}
	fprintf(fp, "--%s--\n", boundary);
	if (fclose(fp) != 0 || len > INT_MAX)
		mem_out();
	*message = jv_string_sized(s, (int)len);
	free(s);
	return 0;
}
