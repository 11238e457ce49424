/*
 * Pipelines under way. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "machine.h"
#include "state_priv.h"

int
state_intent_begin(struct state *s, struct intent *i, struct fail *f)
{
	if (state_do(s, f,
		"INSERT INTO intent (verb, machine, host, engine, project, "
		"instance, pid, started, boot) "
		"VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		"ttttttiit", i->verb, i->by.machine, i->by.host, i->by.engine,
		i->by.project, i->by.instance, i->pid, i->started, i->boot) < 0)
		return -1;
	i->id = sqlite3_last_insert_rowid(s->db);
	return 0;
}

/* What it gave stands from now on by itself. */
int
state_intent_end(struct state *s, long long id, struct fail *f)
{
	return state_do(s, f, "DELETE FROM intent WHERE id = ?", "i", id);
}

static bool
is_alive(const struct intent *i)
{
	return strcmp(i->boot, machine_boot()) == 0 &&
	       machine_started(i->pid) == i->started;
}

static void
take_intent(struct state *s, sqlite3_stmt *st, struct intent *i)
{
	memset(i, 0, sizeof(*i));
	i->id = sqlite3_column_int64(st, 0);
	i->verb = state_text(s, st, 1);
	i->by.machine = state_text(s, st, 2);
	i->by.host = state_text(s, st, 3);
	i->by.engine = state_text(s, st, 4);
	i->by.project = state_text(s, st, 5);
	i->by.instance = state_text(s, st, 6);
	i->by.uuid = i->by.device = "";
	i->pid = sqlite3_column_int64(st, 7);
	i->started = sqlite3_column_int64(st, 8);
	i->boot = state_text(s, st, 9);
	i->alive = is_alive(i);
}

int
state_intents(struct state *s, struct intent **v, size_t *n, struct fail *f)
{
	sqlite3_stmt *st = state_sql(s, f,
	    "SELECT id, verb, machine, host, engine, project, instance, pid, "
	    "started, boot FROM intent WHERE machine = ? ORDER BY id",
	    "t", machine_id());
	struct intent *more;
	int ret = -1;

	*v = NULL;
	*n = 0;
	while (st != NULL && (ret = state_step(s, st, f)) == 1) {
		more = state_room(s, (*n + 1) * sizeof(*more));
		if (*n > 0)
			memcpy(more, *v, *n * sizeof(*more));
		*v = more;
		take_intent(s, st, &(*v)[(*n)++]);
	}
	return ret;
}

long long
state_intent(void)
{
	const char *id = getenv("LXG_INTENT");

	return id != NULL ? strtoll(id, NULL, 10) : 0;
}
