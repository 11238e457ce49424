/*
 * A range of host ids for an instance that nobody else has: two engines on a
 * host would give the same one twice. SPDX-License-Identifier: ISC
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sysexits.h>
#include <unistd.h>

#include "busy.h"
#include "dirs.h"
#include "instance.h"
#include "text.h"

static int
choose(struct lxd *l, const char *instance, struct busy *b, uint64_t *slot,
    struct fail *f)
{
	uint64_t from, to, s;

	busy_host(&from, &to, b);
	if (busy_engines(l, instance, b, f) < 0)
		return -1;
	/* the engines leave the first one to instances that aren't isolated */
	for (s = from + SLOT; !busy_is_free(b, s); s += SLOT)
		if (s + 2 * SLOT > to)
			return fail_set(f, EX_CANTCREAT,
			    "no range of host ids is free between %llu and "
			    "%llu of /etc/subuid",
			    (unsigned long long)from, (unsigned long long)to);
	*slot = s;
	return 0;
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

/* A base without "isolated" is ignored, and the map then everybody's. */
static int
claim(struct lxd *l, const char *path, const char *base, struct fail *f)
{
	jv config = jv_object_set(jv_object(),
	    jv_string("security.idmap.isolated"), jv_string("true"));

	if (base != NULL)
		config = jv_object_set(
		    config, jv_string("security.idmap.base"), jv_string(base));
	return lxd_send(l, "PATCH", path,
	    jv_object_set(jv_object(), jv_string("config"), config), NULL, NULL,
	    f);
}

/* A restricted project does not let its users say which range. */
static bool
may_choose(struct lxd *l)
{
	char *path = text_fmt("/1.0/projects/%s", lxd_project(l));
	const char *restricted, *lowlevel;
	struct fail ignored;
	bool may = true;
	jv v, config;

	if (lxd_get(l, path, &v, NULL, &ignored) == 0) {
		config = obj_get(v, "config");
		restricted = obj_str(config, "restricted");
		lowlevel = obj_str(config, "restricted.containers.lowlevel");
		may = restricted == NULL || strcmp(restricted, "true") != 0 ||
		      (lowlevel != NULL && strcmp(lowlevel, "allow") == 0);
		jv_free(config);
		jv_free(v);
	}
	free(path);
	return may;
}

/* The engine's own choice may hold what an instance that is gone was lent. */
static int
take_given(
    struct lxd *l, const char *path, const struct busy *grants, struct fail *f)
{
	jv instance, config;
	const char *base;
	int ret = 0;

	if (claim(l, path, NULL, f) < 0 ||
	    lxd_get(l, path, &instance, NULL, f) < 0)
		return -1;
	config = obj_get(instance, "config");
	base = obj_str(config, "volatile.idmap.base");
	if (base != NULL && !busy_is_free(grants, strtoull(base, NULL, 10)))
		ret = fail_set(f, EX_CANTCREAT,
		    "the range of host ids that the engine gave it (from %s) "
		    "holds a grant; lxg recover takes back old ones",
		    base);
	jv_free(config);
	jv_free(instance);
	return ret;
}

int
slot_give(struct lxd *l, const char *instance, struct fail *f)
{
	char *path = text_fmt("/1.0/instances/%s", instance), *base;
	struct busy b = {NULL, 0};
	uint64_t slot = 0;
	int fd, ret = -1;

	if ((fd = lock(f)) < 0 || busy_grants(&b, f) < 0)
		goto out;
	if (!may_choose(l)) {
		ret = take_given(l, path, &b, f);
		goto out;
	}
	ret = choose(l, instance, &b, &slot, f);
	if (ret == 0) {
		base = text_fmt("%llu", (unsigned long long)slot);
		ret = claim(l, path, base, f);
		free(base);
	}
out:
	if (fd >= 0)
		close(fd);
	free(b.v);
	free(path);
	return ret;
}
