/*
 * A range of host ids for an instance that nobody else has: two engines on a
 * host would give the same one twice. SPDX-License-Identifier: ISC
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "busy.h"
#include "dirs.h"
#include "instance.h"
#include "text.h"

/* The first of the ranges that is free, in steps of SLOT; 0: none is. */
static uint64_t
search(const struct busy *b, uint64_t from, uint64_t to, uint64_t size)
{
	uint64_t s;

	/* the engines leave the first one to instances that aren't isolated */
	for (s = from + SLOT; s + size <= to; s += SLOT)
		if (busy_is_free(b, s, size))
			return s;
	return 0;
}

static int
choose(struct lxd *l, const char *instance, uint64_t size, struct busy *b,
    uint64_t *slot, struct fail *f)
{
	uint64_t from, to;

	busy_host(&from, &to, b);
	if (busy_engines(l, instance, b, f) < 0)
		return -1;
	if ((*slot = search(b, from, to, size)) == 0)
		return fail_set(f, FAIL_CREATE,
		    "no range of %llu host ids is free between %llu and "
		    "%llu of /etc/subuid; the first %u are those of instances "
		    "that are not isolated",
		    (unsigned long long)size, (unsigned long long)from,
		    (unsigned long long)to, SLOT);
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

static int
ask(struct lxd *l, const char *path, const char *isolated, const char *base,
    struct fail *f)
{
	jv config = jv_object_set(jv_object(),
	    jv_string("security.idmap.isolated"), jv_string(isolated));

	if (base != NULL)
		config = jv_object_set(
		    config, jv_string("security.idmap.base"), jv_string(base));
	return lxd_send(l, "PATCH", path,
	    jv_object_set(jv_object(), jv_string("config"), config), NULL, NULL,
	    f);
}

/* The first host id of the map that the next start will have; 0: not known. */
static uint64_t
first_id(jv config)
{
	const char *text = obj_str(config, "volatile.idmap.next");
	uint64_t first = 0;
	struct fail ignored;
	jv map, entry, id;

	if (text == NULL || rec_parse(text, strlen(text), &map, &ignored) < 0)
		return 0;
	if (jv_get_kind(map) == JV_KIND_ARRAY) {
		entry = jv_array_get(jv_copy(map), 0);
		id = obj_get(entry, "Hostid");
		if (jv_get_kind(id) == JV_KIND_NUMBER)
			first = (uint64_t)jv_number_value(id);
		jv_free(id);
		jv_free(entry);
	}
	jv_free(map);
	return first;
}

/* An engine that ignores the base gives the map that everybody has. */
static int
check_base(struct lxd *l, const char *path, uint64_t slot, struct fail *f)
{
	jv instance, config;
	uint64_t first;

	if (lxd_get(l, path, &instance, NULL, f) < 0)
		return -1;
	config = obj_get(instance, "config");
	first = first_id(config);
	jv_free(config);
	jv_free(instance);
	return first == slot
		   ? 0
		   : fail_set(f, FAIL_CONFIG,
			 "the engine takes the range of host ids from %llu "
			 "neither with security.idmap.isolated nor without",
			 (unsigned long long)slot);
}

/*
 * LXD, and Incus before 7, take a base with "isolated" alone, and ignore it
 * without; later ones refuse the two together.
 */
static int
claim(struct lxd *l, const char *path, uint64_t slot, struct fail *f)
{
	char *base = text_fmt("%llu", (unsigned long long)slot);
	int ret = ask(l, path, "true", base, f);

	if (ret < 0 && strstr(f->text, "isolated") != NULL) {
		ret = ask(l, path, "false", base, f);
		if (ret == 0)
			ret = check_base(l, path, slot, f);
	}
	free(base);
	return ret;
}

/* The engine's own choice may hold what an instance that is gone was lent. */
static int
take_given(
    struct lxd *l, const char *path, const struct busy *grants, struct fail *f)
{
	jv instance, config;
	const char *base;
	int ret = 0;

	if (ask(l, path, "true", NULL, f) < 0 ||
	    lxd_get(l, path, &instance, NULL, f) < 0)
		return -1;
	config = obj_get(instance, "config");
	base = obj_str(config, "volatile.idmap.base");
	if (base != NULL &&
	    !busy_is_free(grants, strtoull(base, NULL, 10), busy_size(config)))
		ret = fail_set(f, FAIL_CREATE,
		    "the range of host ids that the engine gave it (from %s) "
		    "holds a grant; lxg recover takes back old ones",
		    base);
	jv_free(config);
	jv_free(instance);
	return ret;
}

/* How many ids it is to have, its profiles' say included. */
static int
wanted_size(struct lxd *l, const char *path, uint64_t *size, struct fail *f)
{
	jv instance, config;

	if (lxd_get(l, path, &instance, NULL, f) < 0)
		return -1;
	config = obj_get(instance, "expanded_config");
	*size = busy_size(config);
	jv_free(config);
	jv_free(instance);
	return 0;
}

int
slot_give(struct lxd *l, const char *instance, struct fail *f)
{
	char *path = text_fmt("/1.0/instances/%s", instance);
	struct busy b = {NULL, 0};
	uint64_t slot = 0, size = SLOT;
	int fd = -1, ret = -1;

	/* which ids are free on another machine its root and engine know */
	if (lxd_remote(l) != NULL) {
		ret = ask(l, path, "true", NULL, f);
		goto out;
	}
	if ((fd = lock(f)) < 0 || busy_grants(&b, f) < 0)
		goto out;
	if (!allowed_idmap(l)) {
		ret = take_given(l, path, &b, f);
		goto out;
	}
	ret = wanted_size(l, path, &size, f);
	if (ret == 0)
		ret = choose(l, instance, size, &b, &slot, f);
	if (ret == 0)
		ret = claim(l, path, slot, f);
out:
	if (fd >= 0)
		close(fd);
	free(b.v);
	free(path);
	return ret;
}
