/*
 * SQL: statements, their values and what becomes of them, and the memory for
 * what they give. SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "state_priv.h"

/* Many texts are short, and all of them go at once. */
#define PIECE 65536

struct piece {
	struct piece *next;
	size_t used, size;
	_Alignas(max_align_t) char room[];
};

void *
state_room(struct state *s, size_t n)
{
	struct piece *p = s->pieces;
	size_t size;

	n = (n + _Alignof(max_align_t) - 1) & -_Alignof(max_align_t);
	if (p == NULL || p->size - p->used < n) {
		size = n > PIECE ? n : PIECE;
		p = mem_need(calloc(1, sizeof(*p) + size));
		p->size = size;
		p->next = s->pieces;
		s->pieces = p;
	}
	p->used += n;
	return &p->room[p->used - n];
}

void
state_free(struct state *s)
{
	struct piece *next;

	while (s->pieces != NULL) {
		next = s->pieces->next;
		free(s->pieces);
		s->pieces = next;
	}
}

static bool
is_forbidden(int error)
{
	return error == 0 || error == EACCES || error == EPERM ||
	       error == EROFS;
}

int
state_fail(struct state *s, int code, struct fail *f)
{
	const char *why = sqlite3_errmsg(s->db);
	int error = sqlite3_system_errno(s->db);

	switch (code & 0xff) {
	case SQLITE_BUSY:
		return fail_set(
		    f, FAIL_AGAIN, STATE_NAME ": kept busy by others");
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		s->corrupt = true;
		return fail_set(f, FAIL_DATA,
		    "%s/" STATE_NAME ": damaged: %s%s", s->path, why,
		    s->open ? "; set aside as " STATE_NAME ".bad" : "");
	case SQLITE_FULL:
		return fail_set(f, FAIL_IO, STATE_NAME ": %s",
		    strerror(error ? error : ENOSPC));
	case SQLITE_IOERR:
		return fail_set(f, FAIL_IO, STATE_NAME ": %s%s%s", why,
		    error ? ": " : "", error ? strerror(error) : "");
	case SQLITE_PERM:
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
		return fail_set(f, is_forbidden(error) ? FAIL_PERM : FAIL_IO,
		    "%s/" STATE_NAME ": %s%s%s", s->path, why,
		    error ? ": " : "", error ? strerror(error) : "");
	case SQLITE_NOMEM:
		mem_out();
	default:
		return fail_set(f, FAIL_BUG, STATE_NAME ": %s", why);
	}
}

struct ready {
	struct ready *next;
	const char *sql;
	sqlite3_stmt *st;
};

static sqlite3_stmt *
prepare(struct state *s, const char *sql, struct fail *f)
{
	struct ready *r;
	int code;

	for (r = s->ready; r != NULL; r = r->next)
		if (r->sql == sql)
			return r->st;
	r = state_room(s, sizeof(*r));
	code = sqlite3_prepare_v2(s->db, sql, -1, &r->st, NULL);
	if (code != SQLITE_OK) {
		state_fail(s, code, f);
		return NULL;
	}
	r->sql = sql;
	r->next = s->ready;
	s->ready = r;
	return r->st;
}

static void
bind(sqlite3_stmt *st, const char *types, va_list ap)
{
	const char *text;
	long long n;
	int i;

	for (i = 1; *types != '\0'; i++)
		if (*types++ == 't') {
			text = va_arg(ap, const char *);
			sqlite3_bind_text(st, i, text, -1, SQLITE_STATIC);
		} else {
			n = va_arg(ap, long long);
			if (types[-1] == 'n' && n == 0)
				sqlite3_bind_null(st, i);
			else
				sqlite3_bind_int64(st, i, n);
		}
}

sqlite3_stmt *
state_sql(
    struct state *s, struct fail *f, const char *sql, const char *types, ...)
{
	sqlite3_stmt *st = prepare(s, sql, f);
	va_list ap;

	if (st == NULL)
		return NULL;
	va_start(ap, types);
	bind(st, types, ap);
	va_end(ap);
	return st;
}

int
state_step(struct state *s, sqlite3_stmt *st, struct fail *f)
{
	int code = sqlite3_step(st);

	if (code == SQLITE_ROW)
		return 1;
	if (code != SQLITE_DONE)
		state_fail(s, code, f);
	sqlite3_reset(st);
	return code == SQLITE_DONE ? 0 : -1;
}

int
state_do(
    struct state *s, struct fail *f, const char *sql, const char *types, ...)
{
	sqlite3_stmt *st = prepare(s, sql, f);
	va_list ap;

	if (st == NULL)
		return -1;
	va_start(ap, types);
	bind(st, types, ap);
	va_end(ap);
	return state_step(s, st, f);
}

const char *
state_text(struct state *s, sqlite3_stmt *st, int column)
{
	const char *text = (const char *)sqlite3_column_text(st, column);
	size_t n = text != NULL ? strlen(text) : 0;

	return n == 0 ? "" : memcpy(state_room(s, n + 1), text, n);
}

int
state_run(struct state *s, const char *sql, struct fail *f)
{
	int code = sqlite3_exec(s->db, sql, NULL, NULL, NULL);

	return code == SQLITE_OK ? 0 : state_fail(s, code, f);
}

int
state_begin(struct state *s, struct fail *f)
{
	if (s->begun)
		return 0;
	if (state_run(s, "BEGIN IMMEDIATE", f) < 0)
		return -1;
	s->begun = true;
	return 0;
}

int
state_commit(struct state *s, struct fail *f)
{
	if (!s->begun)
		return 0;
	if (state_run(s, "COMMIT", f) < 0) {
		state_rollback(s);
		return -1;
	}
	s->begun = false;
	return 0;
}

void
state_rollback(struct state *s)
{
	/* some failures have done that already */
	if (s->begun && !sqlite3_get_autocommit(s->db))
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	s->begun = false;
}

void
state_close_db(struct state *s)
{
	struct ready *r;

	for (r = s->ready; r != NULL; r = r->next)
		sqlite3_finalize(r->st);
	s->ready = NULL;
	sqlite3_close(s->db);
	s->db = NULL;
}
