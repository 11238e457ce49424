/*
 * Host ids that are spoken for. Each engine looks only at its own instances
 * when it allocates a range. SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "busy.h"
#include "engine.h"
#include "instance.h"
#include "known.h"
#include "mem.h"
#include "suite.h"

#define ENGINES 4

static void
add_range(struct busy *b, uint64_t from, uint64_t count)
{
	b->v = mem_grow(b->v, b->n, sizeof(*b->v));
	b->v[b->n++] = (struct range){from, count};
}

bool
busy_is_free(const struct busy *b, uint64_t from, uint64_t count)
{
	size_t i;

	for (i = 0; i < b->n; i++)
		if (from < b->v[i].from + b->v[i].count &&
		    b->v[i].from < from + count)
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
			add_range(b, first, count);
	}
	if (fp != NULL)
		fclose(fp);
	/* without an entry both engines take a thousand million from here */
	if (!found && *from < 1000000)
		*from = 1000000;
}

/* A directory service may know the caller, and enumerate nobody. */
static void
add_own(struct busy *b)
{
	gid_t *groups;
	int i, n = getgroups(0, NULL);

	add_range(b, getuid(), 1);
	add_range(b, getgid(), 1);
	if (n <= 0 || (groups = calloc((size_t)n, sizeof(*groups))) == NULL)
		return;
	n = getgroups(n, groups);
	for (i = 0; i < n; i++)
		add_range(b, groups[i], 1);
	free(groups);
}

static void
add_known(struct busy *b)
{
	size_t n;
	const struct known *k = known_all(&n), *end = k + n;

	for (; k < end; k++) {
		if (k->user)
			add_range(b, k->uid, 1);
		add_range(b, k->gid, 1);
	}
}

uint64_t
busy_size(jv config)
{
	const char *s = obj_str(config, "security.idmap.size");
	uint64_t n = 0;
	char *end;

	/* "auto" is the engine's word for none */
	if (s != NULL && *s >= '0' && *s <= '9') {
		n = strtoull(s, &end, 10);
		if (*end != '\0' || n > UINT32_MAX)
			n = 0;
	}
	return n > 0 ? n : SLOT;
}

/* An instance's own map. One with the default map spans everybody's ids. */
static void
add_instance(jv instance, struct busy *b)
{
	jv config = obj_get(instance, "config");
	jv expanded = obj_get(instance, "expanded_config");
	const char *base = obj_str(config, "volatile.idmap.base");
	const char *fixed = obj_str(expanded, "security.idmap.base");
	uint64_t size = busy_size(expanded);

	if (base != NULL && strcmp(base, "0") != 0)
		add_range(b, strtoull(base, NULL, 10), size);
	if (fixed != NULL)
		add_range(b, strtoull(fixed, NULL, 10), size);
	jv_free(config);
	jv_free(expanded);
}

static int
add_engine(struct lxd *l, const char *self, struct busy *b, struct fail *f)
{
	jv all;
	int ret = 0;

	/* a user who is let into one project only can't ask for all */
	if (lxd_get(l, "/1.0/instances?recursion=1&all-projects=true", &all,
		NULL, f) < 0 &&
	    lxd_get(l, "/1.0/instances?recursion=1", &all, NULL, f) < 0)
		return -1;
	if (jv_get_kind(all) == JV_KIND_ARRAY)
		jv_array_foreach (all, i, instance) {
			const char *name = obj_str(instance, "name");
			const char *project = obj_str(instance, "project");

			if (ret == 0 && silent_is(instance))
				ret = fail_set(f, FAIL_AGAIN,
				    "which ids are in use is not known: a "
				    "member of the cluster does not answer");
			if (self == NULL || name == NULL || project == NULL ||
			    strcmp(name, self) != 0 ||
			    strcmp(project, lxd_project(l)) != 0)
				add_instance(instance, b);
			jv_free(instance);
		}
	jv_free(all);
	return ret;
}

int
busy_engines(
    struct lxd *l, const char *instance, struct busy *b, struct fail *f)
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

int
busy_grants(struct busy *b, struct fail *f)
{
	struct recs grants;
	struct fail ignored;
	uint32_t uid;
	size_t i;

	if (suite_records("lxg-acl", "list", NULL, &grants, f) < 0)
		return -1;
	for (i = 0; i < grants.n; i++)
		if (rec_id(&grants.v[i], "host_uid", &uid, &ignored) == 0)
			add_range(b, uid, 1);
	recs_free(&grants);
	return 0;
}

void
busy_host(uint64_t *from, uint64_t *to, struct busy *b)
{
	*from = 0;
	*to = UINT32_MAX;
	read_subids("/etc/subuid", from, to, b);
	read_subids("/etc/subgid", from, to, b);
	add_own(b);
	add_known(b);
}
