/*
 * Copies that are lent, as the state has them. SPDX-License-Identifier: ISC
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "device.h"
#include "dirs.h"
#include "lent.h"
#include "machine.h"
#include "text.h"

struct state *
lent_open(unsigned how, struct fail *f)
{
	bool old = lent_old();
	struct state *s = state_open(old ? how | STATE_MAKE : how, f);

	if (s != NULL && state_damage(s) != NULL)
		cli_say(NULL, "%s", state_damage(s));
	if (s != NULL && old && lent_import(s, f) < 0) {
		state_close(s);
		s = NULL;
	}
	return s;
}

int
lent_snapshots(struct fail *f)
{
	return dirs_open_state("copies", f);
}

int
lent_unnamed(const char *copy, struct fail *f)
{
	char *name = text_fmt("%s.before", copy);
	int dir = lent_snapshots(f), fd;

	if (dir < 0)
		return -1;
	fd = openat(dir, name,
	    O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		fail_errno(f, "%s", name);
	else
		unlinkat(dir, name, 0);
	close(dir);
	return fd;
}

char *
lent_name(const struct holder *by)
{
	char *who = text_fmt("%s\n%s\n%s\n%s\n%s\n%s", by->machine, by->engine,
	    by->project, by->instance, by->uuid, by->device);

	return device_name("copy", who);
}

int
lent_save(struct state *s, struct copy *c, const struct rec *r,
    enum copy_state state, struct fail *f)
{
	c->record = rec_text(r);
	c->state = state;
	c->since = machine_uptime();
	c->boot = machine_boot();
	return state_copy_put(s, c, f);
}

int
lent_fail(const char *origin, struct fail *f)
{
	if (strstr(f->text, origin) == NULL)
		fail_set(f, f->kind, "%s: %s", origin, f->text);
	return -1;
}

jv
lent_parse(const struct copy *c)
{
	jv v = jv_parse(c->record);

	if (jv_get_kind(v) == JV_KIND_OBJECT)
		return v;
	jv_free(v);
	return jv_object();
}

jv
lent_record(const struct copy *c)
{
	struct rec r = {lent_parse(c), 0};

	if (strcmp(c->boot, machine_boot()) == 0)
		rec_set(&r, "age",
		    jv_number((double)(machine_uptime() - c->since)));
	if (c->state != COPY_LENT)
		rec_set(&r, "unfinished", jv_true());
	if (!holder_here(&c->by)) {
		rec_set_str(&r, "machine", c->by.machine);
		rec_set_str(&r, "host", c->by.host);
	}
	return r.v;
}

int
lent_list(
    struct state *s, const struct rec *inst, struct recs *out, struct fail *f)
{
	struct rec key = {jv_null(), 0};
	struct holder by;
	struct copy *v;
	size_t i, n = 0;
	int ret = 0;
	jv r;

	if (inst != NULL) {
		/* an instance's holder is that of any device of it */
		key.v = obj_put(jv_copy(inst->v), "device", "");
		key.line = inst->line;
		ret = holder_of(&key, &by, f);
	}
	if (ret == 0)
		ret = state_copies(s, inst != NULL ? &by : NULL, &v, &n, f);
	for (i = 0; ret == 0 && i < n; i++) {
		r = lent_record(&v[i]);
		/* what is known of the instance now, not what was then */
		if (inst != NULL)
			r = jv_object_merge(r, jv_copy(inst->v));
		recs_add(out, r);
	}
	return ret;
}
