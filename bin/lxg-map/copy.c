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
	acl_t acl;
	char w, x;

	if (perm == NULL || rec_id(r, "host_uid", &uid, f) < 0)
		return -1;
	w = strchr(perm, 'w') != NULL ? 'w' : '-';
	x = strchr(perm, 'x') != NULL ? 'x' : '-';
	acl = acl_from_text(text_fmt(
	    "u::rw%c,u:%u:r%c%c,g::---,m::r%c%c,o::---", x, uid, w, x, w, x));
	return acl == NULL || acl_set_fd(fd, acl) < 0
		   ? fail_errno(f, "the copy's ACL")
		   : 0;
}

/* The original's content into a file that the container can't open yet. */
static int
fill_copy(int origin, int copy, char hash[HASH_LEN], struct fail *f)
{
	struct stat st;
	int from = data_reopen(origin, O_RDONLY), ret;

	if (from < 0)
		return fail_errno(f, "the original");
	ret = data_clone(from, copy, f);
	if (ret == 0 && fstat(from, &st) == 0)
		futimens(copy, (struct timespec[]){st.st_atim, st.st_mtim});
	close(from);
	if (ret == 0 && (ret = data_hash(copy, hash, f)) == 0 &&
	    fsync(copy) < 0)
		ret = fail_errno(f, "the copy");
	return ret;
}

/* A copy that is to be given. */
struct gift {
	struct rec *r; /* of the batch: in the end, as it was given */
	struct copy c;
	char hash[HASH_LEN], fs[24];
	bool *mine;	   /* and not lent already */
	struct gift *same; /* named twice: the first one */
};

struct giving {
	struct lxd *lxd;
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
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!rec_same(&have, r, keys[i]))
			return fail_set(f, FAIL_CREATE,
			    "%s: a copy is lent already, with another %s",
			    obj_str(r->v, "origin"), i == 1 ? "perm" : "inode");
	r->v = have.v;
	return 0;
}

/* Tells the state what it is by now. */
static int
save(struct giving *g, struct gift *p, enum copy_state state, struct fail *f)
{
	p->c.source = obj_str(p->r->v, "source");
	p->c.origin = obj_str(p->r->v, "origin");
	p->c.origin_fs = p->fs;
	p->c.sha256 = p->hash;
	p->c.intent = state_intent();
	return lent_save(g->state, &p->c, p->r, state, f);
}

/* As any other: one that was told of is the user's by now. */
static int
take_made(struct lxd *l, struct state *s, const struct batch *b,
    const bool *made, struct fail *f)
{
	static const struct taking how = {.force = true};
	size_t i;
	int ret = 0;

	for (i = 0; i < b->n; i++)
		if (made[i] && copy_take(l, s, b->v[i], &how, f) < 0)
			ret = -1;
	return ret;
}

/* What there is of it: nothing, the copy, or what an earlier call has left. */
static int
look_up(struct giving *g, struct gift *p, struct fail *f)
{
	const struct batch one = {&p->r, 1};
	const bool left = true;
	struct holder by;
	int ret;

	if (holder_of(p->r, &by, f) < 0 ||
	    (ret = state_copy(g->state, &by, &p->c, f)) < 0)
		return -1;
	for (p->same = g->v; ret == 1 && p->same < p; p->same++)
		if (*p->same->mine && p->same->c.id == p->c.id)
			return 1;
	p->same = NULL;
	if (ret == 1 && p->c.state == COPY_LENDING) {
		folders_forget(&g->d, p->c.source);
		ret = take_made(g->lxd, g->state, &one, &left, f);
	} else if (ret == 1 && is_lost(&g->d, &p->c))
		folders_forget(&g->d, p->c.source);
	else if (ret == 1)
		return already(&p->c, p->r, f) < 0 ? -1 : 1;
	if (ret == 0)
		p->c = (struct copy){.by = by, .name = lent_name(&by)};
	return ret < 0 ? -1 : 0;
}

/* The state has it before there is anything of it. */
static int
begin_gift(struct giving *g, struct gift *p, struct fail *f)
{
	int ret = look_up(g, p, f);

	if (ret != 0)
		return ret < 0 ? -1 : 0;
	folders_choose(&g->d, p->r);
	*p->mine = true;
	return save(g, p, COPY_LENDING, f);
}

static int
describe_gift(
    const struct giving *g, struct gift *p, int fd, int origin, struct fail *f)
{
	struct ident id;

	origin_system(origin, p->fs, sizeof(p->fs));
	if (g->d.far)
		return far_put(g->lxd, p->r, fd, f);
	if (set_access(fd, p->r, f) < 0 || ident_fd(fd, &id, f) < 0)
		return -1;
	ident_to_rec(&id, p->r);
	return 0;
}

/* Where the original's content goes first, before others get to it. */
static int
open_gift(struct giving *g, struct gift *p, struct fail *f)
{
	const char *name = copy_name(p->r, f);
	int fd;

	if (name == NULL)
		return -1;
	if (g->d.far)
		return lent_unnamed(p->c.name, f);
	fd = openat(g->d.copies, name,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return fd < 0 ? fail_errno(f, "%s", name) : fd;
}

static int
make_gift(struct giving *g, struct gift *p, struct fail *f)
{
	int origin = origin_open(p->r, f), fd, ret = -1;

	if (origin < 0)
		return -1;
	if ((fd = open_gift(g, p, f)) >= 0)
		ret = fill_copy(origin, fd, p->hash, f);
	if (ret == 0)
		ret = describe_gift(g, p, fd, origin, f);
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
	return *p->mine ? save(g, p, COPY_LENT, f) : 0;
}

static int
give_gifts(
    struct giving *g, const struct batch *b, const bool *made, struct fail *f)
{
	struct fail ignored;
	size_t i;
	int signo, ret = tell_state(g, begin_gift, f);

	if (ret < 0)
		return -1;
	for (i = 0; i < g->n && ret == 0; i++)
		if (made[i])
			ret = make_gift(g, &g->v[i], f);
	if (ret == 0)
		ret = tell_state(g, finish, f);
	if (ret < 0) {
		/* a state that others keep busy is waited for, whatever came */
		signo = sig_shield();
		if (state_begin(g->state, &ignored) == 0) {
			take_made(g->lxd, g->state, b, made, &ignored);
			state_commit(g->state, &ignored);
		}
		sig_unshield(signo);
	}
	return ret;
}

/* The records become what was given. */
static void
hand_out(struct giving *g)
{
	struct gift *p;

	for (p = g->v; p < g->v + g->n; p++)
		if (*p->mine)
			p->r->v = lent_record(&p->c);
		else if (p->same != NULL)
			p->r->v = jv_copy(p->same->r->v);
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
	struct giving g = {.lxd = l, .d = FOLDERS_NONE, .n = b->n};
	struct lock lock;
	size_t i;
	int ret = -1;

	if (!check_batch(b, f))
		return -1;
	if (dry)
		return 0;
	if (lock_take(b->v[0], &lock, f) < 0)
		return -1;
	g.v = mem_need(calloc(b->n, sizeof(*g.v)));
	for (i = 0; i < b->n; i++)
		g.v[i] = (struct gift){.r = b->v[i], .mine = &made[i]};
	if ((g.state = lent_open(STATE_MAKE, f)) != NULL &&
	    folders_open(b->v[0], l, g.state, &g.d, f) == 0 &&
	    (ret = give_gifts(&g, b, made, f)) == 0)
		hand_out(&g);
	free(g.v);
	if (g.d.copies >= 0)
		close(g.d.copies);
	state_close(g.state);
	lock_drop(&lock);
	return ret;
}

int
copy_undo(
    struct lxd *l, const struct batch *b, const bool *made, struct fail *f)
{
	struct state *s;
	struct lock lock;
	int ret = -1;

	if (lock_take(b->v[0], &lock, f) < 0)
		return -1;
	if ((s = lent_open(STATE_MAKE, f)) != NULL)
		ret = take_made(l, s, b, made, f);
	state_close(s);
	lock_drop(&lock);
	return ret;
}
