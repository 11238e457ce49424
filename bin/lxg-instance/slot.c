/*
 * A range of host ids for an instance that nobody else has. Each engine looks
 * only at its own instances when it allocates one, so two on a host give the
 * same range twice. SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sysexits.h>
#include <unistd.h>

#include "dirs.h"
#include "engine.h"
#include "inst.h"
#include "instance.h"
#include "suite.h"
#include "text.h"

#define SLOT	65536u
#define ENGINES 4

/* Host ids that are spoken for. */
struct busy {
	struct range {
		uint64_t from, count;
	} * v;
	size_t n;
};

static void
add(struct busy *b, uint64_t from, uint64_t count)
{
	b->v = reallocarray(b->v, b->n + 1, sizeof(*b->v));
	if (b->v == NULL)
		errx(EX_OSERR, "out of memory");
	b->v[b->n++] = (struct range){from, count};
}

static bool
is_free(const struct busy *b, uint64_t from)
{
	size_t i;

	for (i = 0; i < b->n; i++)
		if (from < b->v[i].from + b->v[i].count &&
		    b->v[i].from < from + SLOT)
			return false;
	return true;
}

/*
 * The engines' own range of subuid(5) or subgid(5) in *from and *to, which
 * must lie in both; all others' are busy, since they are those users' ids.
 */
static void
read_subids(const char *path, uint64_t *from, uint64_t *to, struct busy *b)
{
	FILE *fp = fopen(path, "re");
	char line[512], user[256];
	unsigned long first, count;
	bool found = false;

	while (fp != NULL && fgets(line, sizeof(line), fp) != NULL) {
		if (sscanf(line, "%255[^:]:%lu:%lu", user, &first, &count) != 3)
			continue;
		if (strcmp(user, "root") == 0 && !found) {
			found = true;
			if (first > *from)
				*from = first;
			if (first + count < *to)
				*to = first + count;
		} else if (strcmp(user, "root") != 0 &&
			   strcmp(user, "lxd") != 0 &&
			   strcmp(user, "_lxd") != 0 &&
			   strcmp(user, "incus") != 0 &&
			   strcmp(user, "_incus") != 0)
			add(b, first, count);
	}
	if (fp != NULL)
		fclose(fp);
	/* without an entry both engines take a thousand million from here */
	if (!found && *from < 1000000)
		*from = 1000000;
}

static void
add_passwd(struct busy *b)
{
	const struct passwd *p;

	setpwent();
	while ((p = getpwent()) != NULL)
		add(b, p->pw_uid, 1);
	endpwent();
}

/* An instance's own map. One with the default map spans everybody's ids. */
static void
add_instance(jv instance, struct busy *b)
{
	jv config = obj_get(instance, "config");
	const char *base = obj_str(config, "volatile.idmap.base");
	const char *fixed = obj_str(config, "security.idmap.base");

	if (base != NULL && strcmp(base, "0") != 0)
		add(b, strtoull(base, NULL, 10), SLOT);
	if (fixed != NULL)
		add(b, strtoull(fixed, NULL, 10), SLOT);
	jv_free(config);
}

static int
add_engine(struct lxd *l, const char *self, struct busy *b, struct fail *f)
{
	jv all;

	/* a user who is let into one project only can't ask for all */
	if (lxd_get(l, "/1.0/instances?recursion=1&all-projects=true", &all,
		NULL, f) < 0 &&
	    lxd_get(l, "/1.0/instances?recursion=1", &all, NULL, f) < 0)
		return -1;
	if (jv_get_kind(all) == JV_KIND_ARRAY)
		jv_array_foreach (all, i, instance) {
			const char *name = obj_str(instance, "name");
			const char *project = obj_str(instance, "project");

			if (self == NULL || name == NULL || project == NULL ||
			    strcmp(name, self) != 0 ||
			    strcmp(project, lxd_project(l)) != 0)
				add_instance(instance, b);
			jv_free(instance);
		}
	jv_free(all);
	return 0;
}

static int
add_engines(struct lxd *l, const char *instance, struct busy *b, struct fail *f)
{
	struct lxd *others[ENGINES];
	size_t n, i;
	struct fail ignored;

	n = engine_all(others, ENGINES, "default");
	for (i = 0; i < n; i++) {
		if (strcmp(lxd_api(others[i]), lxd_api(l)) != 0)
			add_engine(others[i], NULL, b, &ignored);
		lxd_close(others[i]);
	}
	return add_engine(l, instance, b, f);
}

/* A range in which a grant is left would hand that file to the new instance */
static int
add_grants(struct busy *b, struct fail *f)
{
	struct recs grants;
	struct fail ignored;
	uint32_t uid;
	size_t i;

	if (suite_records("lxg-acl", "list", &grants, f) < 0)
		return -1;
	for (i = 0; i < grants.n; i++)
		if (rec_id(&grants.v[i], "host_uid", &uid, &ignored) == 0)
			add(b, uid, 1);
	recs_free(&grants);
	return 0;
}

static int
choose(struct lxd *l, const char *instance, uint64_t *slot, struct fail *f)
{
	struct busy b = {NULL, 0};
	uint64_t from = 0, to = UINT32_MAX, s;
	int ret;

	read_subids("/etc/subuid", &from, &to, &b);
	read_subids("/etc/subgid", &from, &to, &b);
	add_passwd(&b);
	ret = add_engines(l, instance, &b, f);
	if (ret == 0)
		ret = add_grants(&b, f);
	/* the engines leave the first one to instances that aren't isolated */
	for (s = from + SLOT; ret == 0 && !is_free(&b, s); s += SLOT)
		if (s + 2 * SLOT > to)
			ret = fail_set(f, EX_CANTCREAT,
			    "no range of host ids is free between %llu and "
			    "%llu of /etc/subuid",
			    (unsigned long long)from, (unsigned long long)to);
	*slot = s;
	free(b.v);
	return ret;
}

/* One at a time: between the look and the claim nobody else may look. */
static int
lock(struct fail *f)
{
	char *dir = dirs_state(f);
	int at, fd;

	if (dir == NULL)
		return -1;
	at = dirs_open(dir, f);
	free(dir);
	if (at < 0)
		return -1;
	fd = openat(
	    at, "idmap.lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || flock(fd, LOCK_EX) < 0) {
		fail_errno(f, "idmap.lock");
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	close(at);
	return fd;
}

int
slot_give(struct lxd *l, const char *instance, struct fail *f)
{
	char *path = text_fmt("/1.0/instances/%s", instance);
	jv config = jv_object();
	uint64_t slot;
	int fd, ret;

	if ((fd = lock(f)) < 0)
		return -1;
	ret = choose(l, instance, &slot, f);
	if (ret == 0) {
		char *s = text_fmt("%llu", (unsigned long long)slot);

		config = jv_object_set(
		    config, jv_string("security.idmap.base"), jv_string(s));
		/* a base without this is ignored, and the map everybody's */
		config = jv_object_set(config,
		    jv_string("security.idmap.isolated"), jv_string("true"));
		free(s);
		ret = lxd_send(l, "PATCH", path,
		    jv_object_set(jv_object(), jv_string("config"), config),
		    NULL, NULL, f);
	} else
		jv_free(config);
	close(fd);
	free(path);
	return ret;
}
