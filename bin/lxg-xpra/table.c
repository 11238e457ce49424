/*
 * The table of what runs: a line a session, and one for an instance that has
 * none. SPDX-License-Identifier: ISC
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "here.h"
#include "mem.h"
#include "table.h"
#include "text.h"

enum { INSTANCE, ENGINE, STATUS, SESSION, STATE, AGE, PROGRAM, CELLS };

struct row {
	char *cell[CELLS];
};

static const char *const heads[CELLS] = {
    "INSTANCE", "ENGINE", "STATUS", "SESSION", "STATE", "AGE", "PROGRAM"};

/* Characters, of what is UTF-8. */
static int
width(const char *s)
{
	int n = 0;

	for (; *s != '\0'; s++)
		n += (*s & 0xc0) != 0x80;
	return n;
}

/* The record's string; "-" where it has none. Owned. */
static char *
string_of(const struct rec *r, const char *key)
{
	const char *s = obj_str(r->v, key);

	return text_fmt("%s", s != NULL ? s : "-");
}

/* One on another machine by its name; in a cluster with the member it is on. */
static char *
engine_of_it(const struct rec *r)
{
	const char *remote = obj_str(r->v, "remote"), *at = here_location(r->v);
	char *engine = string_of(r, remote != NULL ? "remote" : "engine"), *s;

	s = text_fmt("%s%s%s%s", engine, remote != NULL ? ":" : "",
	    at != NULL ? "@" : "", at != NULL ? at : "");
	free(engine);
	return s;
}

static char *
state_cell(const struct rec *r)
{
	const char *s = obj_str(r->v, "state");

	return s != NULL && strcmp(s, "live") == 0 && rec_true(r, "attached")
		   ? text_fmt("%s", "attached")
		   : string_of(r, "state");
}

static char *
age_of(const struct rec *r)
{
	jv since = obj_get(r->v, "since");
	double age = 0;

	if (jv_get_kind(since) == JV_KIND_NUMBER)
		age = (double)time(NULL) - jv_number_value(since);
	jv_free(since);
	if (age < 100)
		return text_fmt("%.0fs", age > 0 ? age : 0);
	if (age < 6000)
		return text_fmt("%dm", (int)(age / 60));
	if (age < 360000)
		return text_fmt("%dh", (int)(age / 3600));
	return text_fmt("%lldd", (long long)(age / 86400));
}

/* As a shell has it, or else as JSON has it. Consumes; owned. */
static char *
word_of(jv v)
{
	static const char plain[] = "0123456789_./:=@,+-"
				    "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	bool is = jv_get_kind(v) == JV_KIND_STRING;
	const char *s = is ? jv_string_value(v) : "";
	size_t len = is ? (size_t)jv_string_length_bytes(jv_copy(v)) : 0;
	char *word;

	if (len > 0 && strspn(s, plain) == len) {
		word = text_fmt("%s", s);
		jv_free(v);
		return word;
	}
	v = jv_dump_string(v, 0);
	word = text_fmt("%s", jv_string_value(v));
	jv_free(v);
	return word;
}

static char *
command_of(const struct rec *r)
{
	jv words = obj_get(r->v, "command");
	char *line, *word;
	size_t size;
	FILE *fp = mem_need(open_memstream(&line, &size));

	if (jv_get_kind(words) == JV_KIND_ARRAY)
		jv_array_foreach (words, i, v) {
			word = word_of(v);
			fprintf(fp, "%s%s", i > 0 ? " " : "", word);
			free(word);
		}
	jv_free(words);
	if (fclose(fp) != 0)
		mem_out();
	return line;
}

/* What an instance has said must not drive a terminal. Owned. */
static struct row
row_of(const struct rec *r)
{
	bool is = rec_has(r, "session") && !rec_failed(r);
	struct row row = {
	    {string_of(r, "instance"), engine_of_it(r), string_of(r, "status"),
		is ? string_of(r, "session") : NULL, is ? state_cell(r) : NULL,
		is ? age_of(r) : NULL, is ? command_of(r) : NULL}};
	int i;

	for (i = 0; i < CELLS; i++)
		if (row.cell[i] == NULL)
			row.cell[i] = text_fmt("%s", "-");
		else
			text_clean(row.cell[i]);
	return row;
}

static struct row
row_of_heads(void)
{
	struct row row;
	int i;

	for (i = 0; i < CELLS; i++)
		row.cell[i] = text_fmt("%s", heads[i]);
	return row;
}

static void
widen(const struct row *row, int widths[PROGRAM])
{
	int i, n;

	for (i = 0; i < PROGRAM; i++)
		if ((n = width(row->cell[i])) > widths[i])
			widths[i] = n;
}

/* Consumes. */
static void
put_row(struct row *row, const int widths[PROGRAM])
{
	int i, n;

	for (i = 0; i < CELLS; i++) {
		n = i < PROGRAM ? widths[i] - width(row->cell[i]) + 2 : 0;
		printf("%s%*s", row->cell[i], n, "");
		free(row->cell[i]);
	}
	putchar('\n');
}

int
table_write(const struct recs *r, struct fail *f)
{
	struct row *rows = mem_need(calloc(r->n + 1, sizeof(*rows)));
	int widths[PROGRAM] = {0};
	size_t n = 0, i;

	if (isatty(STDOUT_FILENO))
		rows[n++] = row_of_heads();
	for (i = 0; i < r->n; i++)
		rows[n++] = row_of(&r->v[i]);
	for (i = 0; i < n; i++)
		widen(&rows[i], widths);
	for (i = 0; i < n; i++)
		put_row(&rows[i], widths);
	free(rows);
	return recs_close(stdout, f);
}
