/*
 * Pipelines under way. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "machine.h"
#include "state_priv.h"

#define COLUMNS                                                                \
	"id, verb, machine, host, engine, project, instance, uuid, pid, "      \
	"started, boot, call, profile, forced, stepped, used"

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
	i->by.uuid = state_text(s, st, 7);
	i->by.device = "";
	i->pid = sqlite3_column_int64(st, 8);
	i->started = sqlite3_column_int64(st, 9);
	i->boot = state_text(s, st, 10);
	i->call = state_text(s, st, 11);
	i->profile = sqlite3_column_int(st, 12) != 0;
	i->forced = sqlite3_column_int(st, 13) != 0;
	i->stepped = sqlite3_column_int64(st, 14);
	i->used = sqlite3_column_int(st, 15) != 0;
	i->alive = is_alive(i);
}

int
state_intents(struct state *s, struct intent **v, size_t *n, struct fail *f)
{
	sqlite3_stmt *st = state_sql(s, f,
	    "SELECT " COLUMNS " FROM intent WHERE machine = ? ORDER BY id", "t",
	    machine_id());
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

static bool
is_of(const struct intent *i, const struct holder *by)
{
	if (i->by.uuid[0] != '\0' && by->uuid[0] != '\0')
		return strcmp(i->by.uuid, by->uuid) == 0;
	return strcmp(i->by.instance, by->instance) == 0 &&
	       (i->by.project[0] == '\0' || by->project[0] == '\0' ||
		   strcmp(i->by.project, by->project) == 0);
}

/*
 * Within a transaction, for another may be about to finish it. A stage that
 * went on when the rest of its pipeline was killed is no other.
 */
static int
use(struct state *s, const struct holder *by, struct fail *f)
{
	struct intent *v;
	size_t n, i;

	if (state_intents(s, &v, &n, f) < 0)
		return -1;
	for (i = 0; i < n; i++)
		if (!v[i].alive && !v[i].used && v[i].id != state_intent() &&
		    is_of(&v[i], by) &&
		    state_do(s, f, "UPDATE intent SET used = 1 WHERE id = ?",
			"i", v[i].id) < 0)
			return -1;
	return 0;
}

static int
add_row(struct state *s, struct intent *i, struct fail *f)
{
	i->stepped = time(NULL);
	if (state_do(s, f,
		"INSERT INTO intent (verb, machine, host, engine, project, "
		"instance, uuid, pid, started, boot, forced, stepped) "
		"VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		"tttttttiitii", i->verb, i->by.machine, i->by.host,
		i->by.engine, i->by.project, i->by.instance, i->by.uuid, i->pid,
		i->started, i->boot, (long long)i->forced, i->stepped) < 0)
		return -1;
	i->id = sqlite3_last_insert_rowid(s->db);
	return 0;
}

int
state_intent_begin(struct state *s, struct intent *i, struct fail *f)
{
	if (state_begin(s, f) < 0)
		return -1;
	if (use(s, &i->by, f) == 0 && add_row(s, i, f) == 0)
		return state_commit(s, f);
	state_rollback(s);
	return -1;
}

/* What it gave stands from now on by itself. */
int
state_intent_end(struct state *s, long long id, struct fail *f)
{
	return state_do(s, f, "DELETE FROM intent WHERE id = ?", "i", id);
}

static int
get_row(struct state *s, struct intent *i, struct fail *f)
{
	sqlite3_stmt *st = state_sql(s, f,
	    "SELECT " COLUMNS " FROM intent WHERE id = ? AND machine = ?", "it",
	    i->id, machine_id());
	int ret = st == NULL ? -1 : state_step(s, st, f);

	if (ret == 1) {
		take_intent(s, st, i);
		sqlite3_reset(st);
	}
	return ret;
}

int
state_intent_take(struct state *s, struct intent *i, struct fail *f)
{
	struct intent was = {.id = i->id};
	int ret;

	if (state_begin(s, f) < 0)
		return -1;
	ret = get_row(s, &was, f);
	if (ret == 1 && was.alive)
		ret = 0;
	if (ret == 1 &&
	    state_do(s, f,
		"UPDATE intent SET pid = ?, started = ?, boot = ?, "
		"uuid = coalesce(nullif(?, ''), uuid) WHERE id = ?",
		"iitti", i->pid, i->started, i->boot, i->by.uuid, i->id) < 0)
		ret = -1;
	if (ret == 1)
		ret = get_row(s, i, f);
	if (ret < 0) {
		state_rollback(s);
		return -1;
	}
	return state_commit(s, f) < 0 ? -1 : ret;
}

long long
state_intent(void)
{
	const char *id = getenv("LXG_INTENT");

	return id != NULL ? strtoll(id, NULL, 10) : 0;
}

int
state_note(const struct intent *i, struct fail *f)
{
	struct state *s;
	int ret;

	if (state_intent() == 0)
		return 0;
	if ((s = state_open(0, f)) == NULL)
		return -1;
	ret = state_do(s, f,
	    "UPDATE intent SET engine = coalesce(?, engine), "
	    "project = coalesce(?, project), uuid = coalesce(?, uuid), "
	    "call = coalesce(?, call), profile = max(profile, ?), stepped = ? "
	    "WHERE id = ? AND verb IN ('create', 'delete')",
	    "ttttiii", i->by.engine, i->by.project, i->by.uuid, i->call,
	    (long long)i->profile, (long long)time(NULL), state_intent());
	state_close(s);
	return ret;
}

int
state_use(const struct holder *by, struct fail *f)
{
	struct fail ignored;
	struct state *s = state_open(STATE_READY, &ignored);
	struct intent *v;
	size_t n;
	int ret = 0;

	/* what can't be read is for others to tell, and finishes nothing */
	if (s == NULL)
		return 0;
	if (state_intents(s, &v, &n, &ignored) == 0 && n > 0)
		ret = state_begin(s, f) < 0 || use(s, by, f) < 0
			  ? -1
			  : state_commit(s, f);
	s->corrupt = false;
	state_close(s);
	return ret;
}
