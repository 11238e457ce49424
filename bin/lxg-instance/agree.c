/*
 * Whether the engine and the state agree on what is lent. A snapshot that was
 * restored has the devices of its time; a file that was saved by renaming is
 * another one, and the engine opens a source as root and follows what is there
 * now. SPDX-License-Identifier: ISC
 */
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "device.h"
#include "instance.h"
#include "machine.h"
#include "state.h"
#include "suite.h"

#define YOUNG 60 /* seconds: its device may be about to come */

static bool
is_live(const struct rec *r)
{
	const char *mode = obj_str(r->v, "mode");

	return mode != NULL && strcmp(mode, "live") == 0;
}

static bool
same_value(const struct rec *a, const struct rec *b, const char *key)
{
	const char *s = obj_str(a->v, key), *t = obj_str(b->v, key);

	return s != NULL && t != NULL && strcmp(s, t) == 0;
}

/* By uuid, or by name where one side has none. */
static bool
same_instance(const struct rec *a, const struct rec *b)
{
	if (rec_has(a, "uuid") && rec_has(b, "uuid"))
		return same_value(a, b, "uuid");
	return same_value(a, b, "engine") && same_value(a, b, "project") &&
	       same_value(a, b, "instance");
}

/* Is the same file in the same place one of these? */
static bool
is_among(const struct rec *r, const struct recs *all)
{
	size_t i;

	for (i = 0; i < all->n; i++)
		if (same_instance(r, &all->v[i]) &&
		    same_value(r, &all->v[i], "device") &&
		    same_value(r, &all->v[i], "ino"))
			return true;
	return false;
}

static bool
is_own(const struct rec *r)
{
	const char *source = obj_str(r->v, "source");
	struct stat st;

	return source != NULL && lstat(source, &st) == 0 &&
	       st.st_uid == geteuid();
}

/* Is it not to be on its way to the engine? */
static bool
is_settled(const struct rec *grant)
{
	const char *boot = obj_str(grant->v, "boot");
	jv granted = obj_get(grant->v, "granted");
	double age = jv_get_kind(granted) != JV_KIND_NUMBER
			 ? 0
			 : (double)time(NULL) - jv_number_value(granted);

	jv_free(granted);
	return !rec_has(grant, "intent") && boot != NULL &&
	       (strcmp(boot, machine_boot()) != 0 || age > YOUNG);
}

/* Has it to be taken off? Says so. */
static bool
is_stranger(const struct rec *r, const struct recs *grants, struct fail *f)
{
	int fd = device_source(r, f);

	if (fd < 0)
		return true;
	close(fd);
	if (grants == NULL || !is_live(r) || !is_own(r) || is_among(r, grants))
		return false;
	fail_set(f, FAIL_NONE, "%s: lent without a grant; taken back",
	    obj_str(r->v, "source"));
	return true;
}

static int
remove_all(
    struct lxd *l, const struct rec *inst, struct recs *devices, struct fail *f)
{
	struct batch *batches;
	struct lock lock;
	size_t n, i;
	int ret;

	if (lock_take(inst, &lock, f) < 0)
		return -1;
	ret = batch_split(devices, &batches, &n, f);
	for (i = 0; ret == 0 && i < n; i++)
		ret = device_remove(l, &batches[i], f);
	batch_free(batches, n);
	lock_drop(&lock);
	return ret;
}

/* Devices into those that stay and those that go. */
static void
divide(const struct recs *all, const struct recs *grants, struct recs *stay,
    struct recs *go)
{
	struct fail why;
	size_t i;

	for (i = 0; i < all->n; i++)
		if (is_stranger(&all->v[i], grants, &why)) {
			cli_warn(&why, obj_str(all->v[i].v, "instance"));
			recs_add(go, jv_copy(all->v[i].v));
		} else
			recs_add(stay, jv_copy(all->v[i].v));
}

/* What is given back: of the devices that went, and of those that never were.
 */
static void
give_back(const struct rec *inst, const struct recs *grants,
    const struct recs *stay, const struct recs *gone)
{
	struct recs back = {NULL, 0}, done;
	struct fail ignored;
	struct rec *r;
	size_t i;

	for (i = 0; i < gone->n; i++)
		if (is_live(&gone->v[i]))
			recs_add(&back, jv_copy(gone->v[i].v));
	for (i = 0; i < grants->n; i++) {
		r = &grants->v[i];
		if (is_live(r) && same_instance(r, inst) &&
		    !rec_has(r, "machine") && is_settled(r) &&
		    !is_among(r, stay) && !is_among(r, &back))
			recs_add(&back, jv_copy(r->v));
	}
	/* it says itself what it can't do */
	if (back.n > 0 &&
	    suite_records("lxg-acl", "revoke", &back, &done, &ignored) == 0)
		recs_free(&done);
	recs_free(&back);
}

int
agree(struct lxd *l, const struct rec *inst, jv instance, struct fail *f)
{
	struct recs all = {NULL, 0}, stay = {NULL, 0}, go = {NULL, 0};
	struct recs grants = {NULL, 0};
	struct fail why;
	bool told = false;
	int ret = 0;

	/* one that is lost, or a part of it, tells nothing of what is lent */
	if (state_is_whole()) {
		told =
		    suite_records("lxg-acl", "list", NULL, &grants, &why) == 0;
		if (!told)
			cli_warn(&why, obj_str(inst->v, "instance"));
		told = told && state_is_whole();
	}
	device_list(inst, instance, &all);
	divide(&all, told ? &grants : NULL, &stay, &go);
	if (go.n > 0)
		ret = remove_all(l, inst, &go, f);
	if (ret == 0 && told)
		give_back(inst, &grants, &stay, &go);
	recs_free(&all);
	recs_free(&stay);
	recs_free(&go);
	recs_free(&grants);
	return ret;
}
