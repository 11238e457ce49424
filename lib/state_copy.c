/*
 * Copies that are lent. SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "state_priv.h"

#define COPY                                                                   \
	"machine, host, engine, project, instance, uuid, device, id, state, "  \
	"name, source, origin, origin_fs, sha256, since, boot, intent, record"

static const char *const words[] = {
    [COPY_LENDING] = "lending",
    [COPY_LENT] = "lent",
    [COPY_WRITING] = "writing",
};

static void
take_copy(struct state *s, sqlite3_stmt *st, struct copy *c)
{
	const char *state = (const char *)sqlite3_column_text(st, 8);

	c->by = state_holder(s, st, 0);
	c->id = sqlite3_column_int64(st, 7);
	for (c->state = COPY_LENDING; c->state < COPY_WRITING; c->state++)
		if (strcmp(words[c->state], state) == 0)
			break;
	c->name = state_text(s, st, 9);
	c->source = state_text(s, st, 10);
	c->origin = state_text(s, st, 11);
	c->origin_fs = state_text(s, st, 12);
	c->sha256 = state_text(s, st, 13);
	c->since = sqlite3_column_int64(st, 14);
	c->boot = state_text(s, st, 15);
	c->intent = sqlite3_column_int64(st, 16);
	c->record = state_text(s, st, 17);
}

/* An instance's, by its uuid, or by its name where one side has none. */
#define OF_INSTANCE                                                            \
	"machine = ?1 AND engine = ?2 AND project = ?3 AND "                   \
	"CASE WHEN uuid <> '' AND ?5 <> '' THEN uuid = ?5 "                    \
	"ELSE instance = ?4 END"

int
state_copy(
    struct state *s, const struct holder *by, struct copy *c, struct fail *f)
{
	sqlite3_stmt *st = state_sql(s, f,
	    "SELECT " COPY " FROM copy WHERE " OF_INSTANCE " AND device = ?6",
	    "tttttt", by->machine, by->engine, by->project, by->instance,
	    by->uuid, by->device);
	int ret = st == NULL ? -1 : state_step(s, st, f);

	if (ret == 1) {
		take_copy(s, st, c);
		sqlite3_reset(st);
	}
	return ret;
}

int
state_copies(struct state *s, const struct holder *of, struct copy **v,
    size_t *n, struct fail *f)
{
	sqlite3_stmt *st;
	struct copy *more;
	int ret = -1;

	if (of == NULL)
		st = state_sql(
		    s, f, "SELECT " COPY " FROM copy ORDER BY id", "");
	else
		st = state_sql(s, f,
		    "SELECT " COPY " FROM copy WHERE " OF_INSTANCE
		    " ORDER BY id",
		    "ttttt", of->machine, of->engine, of->project, of->instance,
		    of->uuid);
	*v = NULL;
	*n = 0;
	while (st != NULL && (ret = state_step(s, st, f)) == 1) {
		if ((*n & (*n - 1)) == 0) {
			more = state_room(s, (*n ? *n * 2 : 1) * sizeof(*more));
			if (*n > 0)
				memcpy(more, *v, *n * sizeof(*more));
			*v = more;
		}
		take_copy(s, st, &(*v)[(*n)++]);
	}
	return ret;
}

static int
insert(struct state *s, struct copy *c, struct fail *f)
{
	if (state_do(s, f,
		"INSERT INTO copy (machine, host, engine, project, instance, "
		"uuid, device, state, name, source, origin, origin_fs, "
		"sha256, since, boot, intent, record) VALUES (?, ?, ?, ?, ?, "
		"?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT id FROM intent "
		"WHERE id = ?), ?)",
		"tttttttttttttitit", c->by.machine, c->by.host, c->by.engine,
		c->by.project, c->by.instance, c->by.uuid, c->by.device,
		words[c->state], c->name, c->source, c->origin, c->origin_fs,
		c->sha256, c->since, c->boot, c->intent, c->record) < 0)
		return -1;
	c->id = sqlite3_last_insert_rowid(s->db);
	return 0;
}

int
state_copy_put(struct state *s, struct copy *c, struct fail *f)
{
	if (c->id == 0)
		return insert(s, c, f);
	return state_do(s, f,
	    "UPDATE copy SET state = ?, source = ?, origin = ?, "
	    "origin_fs = ?, sha256 = ?, since = ?, boot = ?, record = ? "
	    "WHERE id = ?",
	    "tttttitti", words[c->state], c->source, c->origin, c->origin_fs,
	    c->sha256, c->since, c->boot, c->record, c->id);
}

int
state_copy_drop(struct state *s, long long id, struct fail *f)
{
	return state_do(s, f, "DELETE FROM copy WHERE id = ?", "i", id);
}
