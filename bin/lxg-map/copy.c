/*
 * Copies made: in the instance's folder, for the instance's user and the host
 * user alone. SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/acl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "copy.h"
#include "data.h"
#include "far.h"
#include "folders.h"
#include "ident.h"
#include "lent.h"
#include "lock.h"
#include "mem.h"
#include "origin.h"
#include "sig.h"
#include "text.h"

/*
 * The container's user and ours, and nobody else, whatever default the folder
 * has.
 */
static int
set_access(int fd, const struct rec *r, struct fail *f)
{
	const char *perm = rec_str(r, "perm", f);
	uint32_t uid;
	char *text;
	acl_t acl;
	int ret = 0;
	bool x, w;

	if (perm == NULL || rec_id(r, "host_uid", &uid, f) < 0)
		return -1;
	w = strchr(perm, 'w') != NULL;
	x = strchr(perm, 'x') != NULL;
	text = text_fmt("u::rw%c,u:%u:r%c%c,g::---,m::r%c%c,o::---",
	    x ? 'x' : '-', uid, w ? 'w' : '-', x ? 'x' : '-', w ? 'w' : '-',
	    x ? 'x' : '-');
	acl = acl_from_text(text);
	free(text);
	if (acl == NULL || acl_set_fd(fd, acl) < 0)
		ret = fail_errno(f, "the copy's ACL");
	if (acl != NULL)
		acl_free(acl);
	return ret;
}

/* The original's content into a file that the container can't open yet. */
static int
fill_copy(int origin, int copy, char hash[HASH_LEN], struct fail *f)
{
	struct stat st;
	off_t max = data_max(f);
	int from, ret;

	if (max < 0)
		return -1;
	if ((from = data_reopen(origin, O_RDONLY)) < 0)
		return fail_errno(f, "the original");
	ret = data_clone(from, copy, max, f);
	if (ret == 0 && fstat(from, &st) == 0)
		futimens(copy, (struct timespec[]){st.st_atim, st.st_mtim});
	close(from);
	if (ret == 0 && (ret = data_hash(copy, hash, f)) == 0 &&
	    fsync(copy) < 0)
		ret = fail_errno(f, "the copy");
	return ret;
}

/* A copy that is to be given; what it points to is its own. */
struct gift {
	struct rec *r; /* of the batch: in the end, as it was given */
	struct rec m;  /* as the state has it */
	struct copy c;
	char *name, hash[HASH_LEN], fs[24];
	bool mine;	   /* and not lent already */
	bool left;	   /* could not be removed again */
	struct gift *same; /* named twice: the first one */
};

struct giving {
	struct state *state;
	struct folders d;
	struct gift *v;
	size_t n;
};

/* Lent, and no longer there: removed or renamed inside. */
static bool
is_lost(const struct folders *d, const struct copy *have)
{
	return have->state == COPY_LENT && !folders_have(d, have->source);
}

/* A copy of this file is there: what of it is not as asked? */
static int
already(const struct copy *c, struct rec *r, struct fail *f)
{
	static const char *const keys[] = {
	    "origin", "perm", "origin_ino", "origin_handle"};
	struct rec have = {lent_record(c), 0};
	const char *s, *t;
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		s = obj_str(have.v, keys[i]);
		t = obj_str(r->v, keys[i]);
		if ((s == NULL) != (t == NULL) || (s && strcmp(s, t) != 0)) {
			jv_free(have.v);
			return fail_set(f, FAIL_CREATE,
			    "%s: a copy is lent already, with another %s",
			    obj_str(r->v, "origin"), i == 1 ? "perm" : "inode");
		}
	}
	jv_free(r->v);
	r->v = have.v;
	return 0;
}

/* Tells the state what it is by now. */
static int
save(struct giving *g, struct gift *p, enum copy_state state, struct fail *f)
{
	p->c.source = obj_str(p->m.v, "source");
	p->c.origin = obj_str(p->m.v, "origin");
	p->c.origin_fs = p->fs;
	p->c.sha256 = p->hash;
	p->c.intent = state_intent();
	return lent_save(g->state, &p->c, &p->m, state, f);
}

/* What there is of it: nothing, the copy, or what an earlier call has left. */
static int
look_up(struct giving *g, struct gift *p, struct fail *f)
{
	struct holder by;
	int ret;

	if (holder_of(p->r, &by, f) < 0 ||
	    (ret = state_copy(g->state, &by, &p->c, f)) < 0)
		return -1;
	if (ret == 0) {
		p->name = lent_name(&by);
		p->c = (struct copy){.by = by, .name = p->name};
		return 0;
	}
	for (p->same = g->v; p->same < p; p->same++)
		if (p->same->mine && p->same->c.id == p->c.id)
			return 1;
	p->same = NULL;
	if (p->c.state == COPY_LENDING) {
		if (folders_unmake(&g->d, p->c.source, f) < 0)
			return -1;
	} else if (!is_lost(&g->d, &p->c))
		return already(&p->c, p->r, f) < 0 ? -1 : 1;
	folders_forget(&g->d, p->c.source);
	return 0;
}

/* The state has it before there is anything of it. */
static int
begin_gift(struct giving *g, struct gift *p, struct fail *f)
{
	int ret = look_up(g, p, f);

	if (ret != 0)
		return ret < 0 ? -1 : 0;
	folders_choose(&g->d, p->r);
	p->mine = true;
	p->m = (struct rec){jv_copy(p->r->v), p->r->line};
	return save(g, p, COPY_LENDING, f);
}

static int
describe_gift(
    const struct giving *g, struct gift *p, int fd, int origin, struct fail *f)
{
	struct ident id;

	origin_system(origin, p->fs, sizeof(p->fs));
	if (g->d.far != NULL)
		return 0;
	if (set_access(fd, &p->m, f) < 0 || ident_fd(fd, &id, f) < 0)
		return -1;
	ident_to_rec(&id, &p->m);
	return 0;
}

/* Where the original's content goes first, before others get to it. */
static int
open_gift(struct giving *g, struct gift *p, struct fail *f)
{
	const char *name = copy_name(&p->m, f);
	int fd, dir;

	if (name == NULL)
		return -1;
	if (g->d.far != NULL) {
		if ((dir = lent_snapshots(f)) < 0)
			return -1;
		fd = lent_unnamed(dir, p->c.name, f);
		close(dir);
		return fd;
	}
	fd = openat(g->d.copies, name,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return fd < 0 ? fail_errno(f, "%s", name) : fd;
}

static int
make_gift(struct giving *g, struct gift *p, struct fail *f)
{
	int origin = origin_open(&p->m, f), fd, ret = -1;

	if (origin < 0)
		return -1;
	if ((fd = open_gift(g, p, f)) >= 0)
		ret = fill_copy(origin, fd, p->hash, f);
	if (ret == 0)
		ret = describe_gift(g, p, fd, origin, f);
	if (ret == 0 && g->d.far != NULL)
		ret = far_put(g->d.far, &p->m, fd, f);
	if (fd >= 0)
		close(fd);
	close(origin);
	return ret < 0 ? lent_fail(p->c.origin, f) : 0;
}

/* All at once to the state, by a function that is to tell it of each. */
static int
tell_state(struct giving *g,
    int (*one)(struct giving *, struct gift *, struct fail *), struct fail *f)
{
	size_t i;

	if (state_begin(g->state, f) < 0)
		return -1;
	for (i = 0; i < g->n; i++)
		if (one(g, &g->v[i], f) < 0) {
			state_rollback(g->state);
			return -1;
		}
	return state_commit(g->state, f);
}

static int
finish(struct giving *g, struct gift *p, struct fail *f)
{
	return p->mine ? save(g, p, COPY_LENT, f) : 0;
}

/*
 * The row last, so that a crash in between leaves nothing unknown; and never
 * that of one whose instance could not be asked to remove it.
 */
static int
drop(struct giving *g, struct gift *p, struct fail *f)
{
	return !p->mine || p->left ? 0 : state_copy_drop(g->state, p->c.id, f);
}

static int
undo_gifts(struct giving *g, struct fail *f)
{
	size_t i;
	int ret = 0;

	for (i = 0; i < g->n; i++)
		if (g->v[i].mine)
			g->v[i].left =
			    folders_unmake(&g->d, g->v[i].c.source, f) < 0;
	for (i = 0; i < g->n; i++)
		ret = g->v[i].left ? -1 : ret;
	return tell_state(g, drop, f) < 0 ? -1 : ret;
}

static int
give_gifts(struct giving *g, struct fail *f)
{
	struct fail ignored;
	size_t i;
	int signo, ret = tell_state(g, begin_gift, f);

	if (ret < 0)
		return -1;
	for (i = 0; i < g->n && ret == 0; i++)
		if (g->v[i].mine)
			ret = make_gift(g, &g->v[i], f);
	if (ret == 0)
		ret = tell_state(g, finish, f);
	if (ret < 0) {
		/* a state that others keep busy is waited for, whatever came */
		signo = sig_shield();
		undo_gifts(g, &ignored);
		sig_unshield(signo);
	}
	return ret;
}

/* The records become what was given. */
static void
hand_out(struct giving *g, bool *made)
{
	struct gift *p;
	size_t i;
	jv v;

	for (i = 0; i < g->n; i++) {
		p = &g->v[i];
		made[i] = p->mine;
		if (p->mine || p->same != NULL) {
			v = p->mine ? lent_record(&p->c)
				    : jv_copy(p->same->r->v);
			jv_free(p->r->v);
			p->r->v = v;
		}
	}
}

static int
open_giving(
    struct giving *g, struct lxd *l, const struct batch *b, struct fail *f)
{
	size_t i;

	*g = (struct giving){.state = lent_open(STATE_MAKE, f), .n = b->n};
	g->d = FOLDERS_NONE;
	g->v = mem_need(calloc(b->n, sizeof(*g->v)));
	for (i = 0; i < b->n; i++) {
		g->v[i].r = b->v[i];
		g->v[i].m.v = jv_null();
	}
	return g->state == NULL ? -1
				: folders_open(b->v[0], l, g->state, &g->d, f);
}

static void
close_giving(struct giving *g)
{
	size_t i;

	for (i = 0; i < g->n; i++) {
		jv_free(g->v[i].m.v);
		free(g->v[i].name);
	}
	free(g->v);
	folders_close(&g->d);
	state_close(g->state);
}

static bool
check_batch(const struct batch *b, struct fail *f)
{
	size_t i;

	for (i = 0; i < b->n; i++)
		if (rec_str(b->v[i], "device", f) == NULL ||
		    rec_str(b->v[i], "origin", f) == NULL ||
		    rec_str(b->v[i], "path", f) == NULL ||
		    obj_str(b->v[i]->v, "path")[0] != '/')
			return false;
	return true;
}

int
copy_give(
    struct lxd *l, const struct batch *b, bool dry, bool *made, struct fail *f)
{
	struct giving g;
	struct lock lock;
	int ret;

	if (!check_batch(b, f))
		return -1;
	if (dry)
		return 0;
	if (lock_take(b->v[0], &lock, f) < 0)
		return -1;
	if ((ret = open_giving(&g, l, b, f)) == 0 &&
	    (ret = give_gifts(&g, f)) == 0)
		hand_out(&g, made);
	close_giving(&g);
	lock_drop(&lock);
	return ret;
}

/* What was given, as another process's records would name it. */
static int
find_given(struct giving *g, struct gift *p, struct fail *f)
{
	struct holder by;
	int ret = 0;

	if (p->mine && (ret = holder_of(p->r, &by, f)) == 0)
		ret = state_copy(g->state, &by, &p->c, f);
	p->mine = p->mine && ret == 1;
	return ret < 0 ? -1 : 0;
}

int
copy_undo(
    struct lxd *l, const struct batch *b, const bool *made, struct fail *f)
{
	struct giving g;
	struct lock lock;
	size_t i;
	int ret;

	if (lock_take(b->v[0], &lock, f) < 0)
		return -1;
	if ((ret = open_giving(&g, l, b, f)) == 0) {
		for (i = 0; i < b->n; i++)
			g.v[i].mine = made[i];
		if ((ret = tell_state(&g, find_given, f)) == 0)
			ret = undo_gifts(&g, f);
	}
	close_giving(&g);
	lock_drop(&lock);
	return ret;
}
