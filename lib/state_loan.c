/*
 * Inodes on loan, and who holds them. SPDX-License-Identifier: ISC
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"
#include "remote.h"
#include "state_priv.h"

int
holder_of(const struct rec *r, struct holder *h, struct fail *f)
{
	*h = (struct holder){.machine = NULL};
	if ((h->engine = rec_str(r, "engine", f)) == NULL ||
	    (h->project = rec_str(r, "project", f)) == NULL ||
	    (h->instance = rec_str(r, "instance", f)) == NULL ||
	    (h->device = rec_str(r, "device", f)) == NULL ||
	    rec_opt_str(r, "uuid", &h->uuid, f) < 0 ||
	    rec_opt_str(r, "machine", &h->machine, f) < 0 ||
	    rec_opt_str(r, "host", &h->host, f) < 0)
		return -1;
	/* the names that a remote has for what is there are its own */
	if (remote_is_url(obj_str(r->v, "api")))
		h->engine = obj_str(r->v, "api");
	if (h->uuid == NULL)
		h->uuid = "";
	if (h->machine == NULL)
		h->machine = machine_id();
	if (h->host == NULL)
		h->host = machine_name();
	return 0;
}

bool
holder_same(const struct holder *a, const struct holder *b)
{
	bool named = *a->uuid == '\0' || *b->uuid == '\0';

	return strcmp(a->device, b->device) == 0 &&
	       strcmp(a->project, b->project) == 0 &&
	       strcmp(a->engine, b->engine) == 0 &&
	       strcmp(a->machine, b->machine) == 0 &&
	       (named ? strcmp(a->instance, b->instance) == 0
		      : strcmp(a->uuid, b->uuid) == 0);
}

bool
holder_here(const struct holder *h)
{
	return strcmp(h->machine, machine_id()) == 0;
}

struct holder
state_holder(struct state *s, sqlite3_stmt *st, int column)
{
	struct holder h;

	h.machine = state_text(s, st, column);
	h.host = state_text(s, st, column + 1);
	h.engine = state_text(s, st, column + 2);
	h.project = state_text(s, st, column + 3);
	h.instance = state_text(s, st, column + 4);
	h.uuid = state_text(s, st, column + 5);
	h.device = state_text(s, st, column + 6);
	return h;
}

/*
 * FNV-1a. Against accidents: a page of SQLite's has no sum, and a bit of an ACL
 * that a bad disk turns would be given to somebody.
 */
static void
sum_text(uint64_t *sum, const char *s)
{
	do
		*sum = (*sum ^ (unsigned char)*s) * 0x100000001b3;
	while (*s++ != '\0');
}

static void
sum_number(uint64_t *sum, uint64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIx64, n);
	sum_text(sum, text);
}

/* In what order its grants come is not part of it. */
static uint64_t
sum_grant(const struct grant *g)
{
	uint64_t sum = 0xcbf29ce484222325;

	sum_text(&sum, g->by.machine);
	sum_text(&sum, g->by.engine);
	sum_text(&sum, g->by.project);
	sum_text(&sum, g->by.instance);
	sum_text(&sum, g->by.uuid);
	sum_text(&sum, g->by.device);
	sum_number(&sum, g->uid);
	sum_number(&sum, g->asked << 6 | g->perm << 3 | g->gone);
	sum_text(&sum, g->record);
	return sum;
}

static long long
sum_of(const struct loan *l)
{
	uint64_t sum = 0xcbf29ce484222325, grants = 0;
	size_t i;

	sum_text(&sum, l->ident.ino);
	sum_text(&sum, l->ident.handle);
	for (i = 0; i < 2; i++) {
		sum_text(&sum, l->base[i]);
		sum_text(&sum, l->old[i]);
	}
	sum_number(&sum, l->merged);
	for (i = 0; i < l->n; i++)
		grants += sum_grant(&l->v[i]);
	return (long long)(sum ^ grants);
}

static void
take_grant(struct state *s, sqlite3_stmt *st, struct grant *g)
{
	g->by = state_holder(s, st, 0);
	g->uid = (uint32_t)sqlite3_column_int64(st, 7);
	g->asked = sqlite3_column_int(st, 8) & 7;
	g->perm = sqlite3_column_int(st, 9) & 7;
	g->granted = sqlite3_column_int64(st, 10);
	g->boot = state_text(s, st, 11);
	g->fs = strtoull(
	    (const char *)sqlite3_column_text(st, 12) ?: "0", NULL, 16);
	g->memory = sqlite3_column_int(st, 13) != 0;
	g->gone = sqlite3_column_int(st, 14) != 0;
	g->intent = sqlite3_column_int64(st, 15);
	g->record = state_text(s, st, 16);
}

#define GRANT                                                                  \
	"machine, host, engine, project, instance, uuid, device, uid, asked, " \
	"perm, granted, boot, fs, memory, gone, intent, record"

static int
take_grants(struct state *s, struct loan *l, struct fail *f)
{
	sqlite3_stmt *st = state_sql(s, f,
	    "SELECT " GRANT " FROM grant WHERE inode = ? ORDER BY id", "i",
	    l->id);
	struct grant *more;
	int ret;

	l->v = NULL;
	l->n = 0;
	while (st != NULL && (ret = state_step(s, st, f)) == 1) {
		if ((l->n & (l->n - 1)) == 0) {
			more = state_room(
			    s, (l->n ? l->n * 2 : 1) * sizeof(*more));
			if (l->n > 0)
				memcpy(more, l->v, l->n * sizeof(*more));
			l->v = more;
		}
		take_grant(s, st, &l->v[l->n++]);
	}
	return st == NULL ? -1 : ret;
}

/* Kept to be looked at, and out of the way. */
static int
set_aside(struct state *s, const struct loan *l, struct fail *f)
{
	return state_do(s, f,
		   "INSERT INTO damaged SELECT ino, handle, json_object("
		   "'dev', dev, 'base', base, 'base_default', base_default, "
		   "'old', old, 'records', (SELECT json_group_array(record) "
		   "FROM grant WHERE inode = inode.id)) FROM inode "
		   "WHERE id = ?",
		   "i", l->id) < 0
		   ? -1
		   : state_do(
			 s, f, "DELETE FROM inode WHERE id = ?", "i", l->id);
}

#define INODE                                                                  \
	"id, dev, ino, handle, base, base_default, old, old_default, "         \
	"merged, sum"

static void
copy_text(char *to, size_t size, sqlite3_stmt *st, int column)
{
	const char *s = (const char *)sqlite3_column_text(st, column);

	snprintf(to, size, "%s", s != NULL ? s : "");
}

static long long
take_inode(struct state *s, sqlite3_stmt *st, struct loan *l)
{
	memset(l, 0, sizeof(*l));
	l->id = sqlite3_column_int64(st, 0);
	copy_text(l->ident.dev, sizeof(l->ident.dev), st, 1);
	copy_text(l->ident.ino, sizeof(l->ident.ino), st, 2);
	copy_text(l->ident.handle, sizeof(l->ident.handle), st, 3);
	l->base[0] = state_text(s, st, 4);
	l->base[1] = state_text(s, st, 5);
	l->old[0] = state_text(s, st, 6);
	l->old[1] = state_text(s, st, 7);
	l->merged = sqlite3_column_int(st, 8) != 0;
	return sqlite3_column_int64(st, 9);
}

/* Its grants, and whether it is what was written: 0: it isn't, and goes. */
static int
complete(struct state *s, struct loan *l, long long sum, struct fail *f)
{
	if (take_grants(s, l, f) < 0)
		return -1;
	if (sum == sum_of(l))
		return 1;
	if (s->damage == NULL)
		s->damage = strdup("state.db: a row is damaged; kept in its "
				   "table \"damaged\"");
	s->lost = s->lost == 2 ? 2 : 1;
	return set_aside(s, l, f);
}

/* The inode that a statement finds, if it finds one. */
static int
take_loan(struct state *s, sqlite3_stmt *st, struct loan *l, struct fail *f)
{
	long long sum;
	int ret;

	if (st == NULL || (ret = state_step(s, st, f)) < 0)
		return -1;
	if (ret == 0)
		return 0;
	sum = take_inode(s, st, l);
	sqlite3_reset(st);
	return complete(s, l, sum, f);
}

/* Without a handle by its numbers alone; a handle goes with any device. */
int
state_loan(
    struct state *s, const struct ident *id, struct loan *l, struct fail *f)
{
	sqlite3_stmt *st = state_sql(s, f,
	    "SELECT " INODE " FROM inode WHERE ino = ?1 AND handle = ?2 "
	    "AND (handle <> '' OR dev = ?3)",
	    "ttt", id->ino, id->handle, id->dev);

	return take_loan(s, st, l, f);
}

int
state_loan_by_number(struct state *s, const struct ident *id,
    const struct holder *by, struct loan *l, struct fail *f)
{
	sqlite3_stmt *st = state_sql(s, f,
	    "SELECT " INODE " FROM inode WHERE ino = ? AND dev = ?", "tt",
	    id->ino, id->dev);
	struct loan *v;
	size_t n = 0, i, k;
	int ret = -1;

	/* all of that number first: no statement is used within itself */
	v = state_room(s, sizeof(*v));
	while (st != NULL && (ret = state_step(s, st, f)) == 1) {
		struct loan *more = state_room(s, (n + 2) * sizeof(*v));

		memcpy(more, v, n * sizeof(*v));
		v = more;
		v[n].merged = false;
		take_inode(s, st, &v[n++]);
	}
	if (ret < 0)
		return -1;
	for (i = 0; i < n; i++) {
		if (take_grants(s, &v[i], f) < 0)
			return -1;
		for (k = 0; k < v[i].n; k++)
			if (!v[i].v[k].gone && holder_same(&v[i].v[k].by, by)) {
				*l = v[i];
				return 1;
			}
	}
	return 0;
}

int
state_lent_as(struct state *s, const struct loan *l, const char *source,
    uint32_t uid, struct fail *f)
{
	sqlite3_stmt *st = state_sql(s, f,
	    "SELECT 1 FROM grant WHERE uid = ? AND inode <> ? AND NOT gone "
	    "AND json_extract(record, '$.source') = ?",
	    "iit", (long long)uid, l->id, source);
	int ret = st == NULL ? -1 : state_step(s, st, f);

	if (ret == 1)
		sqlite3_reset(st);
	return ret;
}

static int
count(struct state *s, size_t *n, struct fail *f)
{
	sqlite3_stmt *st = state_sql(s, f, "SELECT count(*) FROM inode", "");

	if (st == NULL || state_step(s, st, f) < 0)
		return -1;
	*n = (size_t)sqlite3_column_int64(st, 0);
	sqlite3_reset(st);
	return 0;
}

static int
take_all(struct state *s, struct loan **v, size_t *n, struct fail *f)
{
	sqlite3_stmt *st;
	long long *sums;
	size_t max, i, k = 0;
	int ret;

	*n = 0;
	if (count(s, &max, f) < 0)
		return -1;
	*v = state_room(s, max * sizeof(**v));
	sums = state_room(s, max * sizeof(*sums));
	st = state_sql(s, f, "SELECT " INODE " FROM inode ORDER BY id", "");
	ret = st == NULL ? -1 : 0;
	while (ret >= 0 && *n < max && (ret = state_step(s, st, f)) == 1) {
		sums[*n] = take_inode(s, st, &(*v)[*n]);
		++*n;
	}
	if (st != NULL)
		sqlite3_reset(st);
	for (i = 0; ret >= 0 && i < *n; i++)
		if ((ret = complete(s, &(*v)[i], sums[i], f)) == 1)
			(*v)[k++] = (*v)[i];
	*n = ret < 0 ? 0 : k;
	return ret < 0 ? -1 : 0;
}

/* Locked once, and not for each inode. */
int
state_loans(struct state *s, struct loan **v, size_t *n, struct fail *f)
{
	bool own = !s->begun;
	int ret;

	if (own && state_run(s, "BEGIN", f) < 0)
		return -1;
	s->begun = true;
	ret = take_all(s, v, n, f);
	if (own && ret == 0)
		return state_commit(s, f);
	if (own)
		state_rollback(s);
	return ret;
}

static int
put_inode(struct state *s, struct loan *l, struct fail *f)
{
	if (l->id != 0)
		return state_do(s, f,
		    "UPDATE inode SET dev = ?, base = ?, base_default = ?, "
		    "old = ?, old_default = ?, merged = ?, sum = ? "
		    "WHERE id = ?",
		    "tttttiii", l->ident.dev, l->base[0], l->base[1], l->old[0],
		    l->old[1], (long long)l->merged, sum_of(l), l->id);
	if (state_do(s, f,
		"INSERT INTO inode (dev, ino, handle, base, base_default, "
		"old, old_default, merged, sum) "
		"VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		"tttttttii", l->ident.dev, l->ident.ino, l->ident.handle,
		l->base[0], l->base[1], l->old[0], l->old[1],
		(long long)l->merged, sum_of(l)) < 0)
		return -1;
	l->id = sqlite3_last_insert_rowid(s->db);
	return 0;
}

static int
put_grant(struct state *s, const struct loan *l, const struct grant *g,
    struct fail *f)
{
	char fs[20];

	snprintf(fs, sizeof(fs), "%" PRIx64, g->fs);
	return state_do(s, f,
	    "INSERT INTO grant (inode, " GRANT ") VALUES "
	    "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
	    "(SELECT id FROM intent WHERE id = ?), ?)",
	    "itttttttiiiittiiit", l->id, g->by.machine, g->by.host,
	    g->by.engine, g->by.project, g->by.instance, g->by.uuid,
	    g->by.device, (long long)g->uid, (long long)g->asked,
	    (long long)g->perm, g->granted, g->boot, fs, (long long)g->memory,
	    (long long)g->gone, g->intent, g->record);
}

static int
put(struct state *s, struct loan *l, struct fail *f)
{
	size_t i;

	if (l->n == 0)
		return l->id == 0
			   ? 0
			   : state_do(s, f, "DELETE FROM inode WHERE id = ?",
				 "i", l->id);
	if (l->id != 0 &&
	    state_do(s, f, "DELETE FROM grant WHERE inode = ?", "i", l->id) < 0)
		return -1;
	if (put_inode(s, l, f) < 0)
		return -1;
	for (i = 0; i < l->n; i++)
		if (put_grant(s, l, &l->v[i], f) < 0)
			return -1;
	return 0;
}

int
state_loan_put(struct state *s, struct loan *l, struct fail *f)
{
	bool own = !s->begun;
	int ret;

	if (own && state_begin(s, f) < 0)
		return -1;
	ret = put(s, l, f);
	if (own && ret == 0)
		return state_commit(s, f);
	if (own)
		state_rollback(s);
	return ret;
}
