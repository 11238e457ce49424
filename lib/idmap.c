/*
 * An instance's id map. SPDX-License-Identifier: ISC
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "idmap.h"
#include "known.h"
#include "rec.h"

static bool
number(jv entry, const char *key, uint32_t *n)
{
	jv v = obj_get(entry, key);
	double d = jv_get_kind(v) == JV_KIND_NUMBER ? jv_number_value(v) : -1;

	jv_free(v);
	if (!(d >= 0 && d <= UINT32_MAX) || d != floor(d))
		return false;
	*n = (uint32_t)d;
	return true;
}

static bool
flag(jv entry, const char *key)
{
	jv v = obj_get(entry, key);
	bool is = jv_get_kind(v) == JV_KIND_TRUE;

	jv_free(v);
	return is;
}

/* One entry: {"Isuid":true,"Isgid":false,"Hostid":N,"Nsid":0,"Maprange":N} */
static bool
parse_entry(jv entry, struct idmap *m)
{
	struct idmap_range r = {
	    .is_uid = flag(entry, "Isuid"), .is_gid = flag(entry, "Isgid")};

	if (m->n == sizeof(m->v) / sizeof(m->v[0]) ||
	    !number(entry, "Hostid", &r.host) ||
	    !number(entry, "Nsid", &r.inside) ||
	    !number(entry, "Maprange", &r.count) ||
	    r.count > UINT32_MAX - r.host || r.count > UINT32_MAX - r.inside)
		return false;
	if (r.count > 0)
		m->v[m->n++] = r;
	return true;
}

static int
parse(const char *text, struct idmap *m, struct fail *f)
{
	bool good = true;
	jv v;

	m->n = 0;
	if (rec_parse(text, strlen(text), &v, f) < 0)
		return fail_set(
		    f, FAIL_PROTOCOL, "the id map makes no sense: %s", text);
	good = jv_get_kind(v) == JV_KIND_ARRAY;
	if (good)
		jv_array_foreach (v, i, entry) {
			good = good && parse_entry(entry, m);
			jv_free(entry);
		}
	jv_free(v);
	return good ? 0
		    : fail_set(f, FAIL_PROTOCOL,
			  "the id map makes no sense: %s", text);
}

static bool
holds(const struct idmap *m, bool uid, uint32_t id)
{
	int i;

	for (i = 0; i < m->n; i++)
		if ((uid ? m->v[i].is_uid : m->v[i].is_gid) &&
		    id >= m->v[i].host && id - m->v[i].host < m->v[i].count)
			return true;
	return false;
}

static int
check_known(const struct idmap *m, struct fail *f)
{
	size_t n;
	const struct known *k = known_all(&n), *end = k + n;

	for (; k < end; k++)
		if ((k->user && holds(m, true, k->uid)) ||
		    holds(m, false, k->gid))
			return fail_set(f, FAIL_CONFIG,
			    "its id map holds the host's %s %s",
			    k->user ? "user" : "group", k->name);
	return 0;
}

static int
check(const struct idmap *m, struct fail *f)
{
	if (m->n == 0)
		return fail_set(f, FAIL_CONFIG, "its id map is empty");
	if (holds(m, true, 0) || holds(m, false, 0))
		return fail_set(
		    f, FAIL_CONFIG, "its id map holds the host's root");
	if (holds(m, true, getuid()) || holds(m, false, getgid()))
		return fail_set(f, FAIL_CONFIG, "its id map holds your own id");
	return check_known(m, f);
}

static bool
is_true(const char *s)
{
	return s != NULL &&
	       (strcasecmp(s, "true") == 0 || strcmp(s, "1") == 0 ||
		   strcasecmp(s, "yes") == 0 || strcasecmp(s, "on") == 0);
}

int
idmap_check_config(jv instance, struct fail *f)
{
	jv config = obj_get(instance, "expanded_config");
	const char *raw = obj_str(config, "raw.idmap");
	int ret = 0;

	if (is_true(obj_str(config, "security.privileged")))
		ret = fail_set(f, FAIL_CONFIG,
		    "it is privileged (security.privileged=true)");
	else if (raw != NULL && *raw != '\0')
		ret = fail_set(f, FAIL_CONFIG, "it has a raw.idmap");
	jv_free(config);
	return ret;
}

int
idmap_of(jv instance, struct idmap *m, struct fail *f)
{
	jv own = obj_get(instance, "config");
	jv code = obj_get(instance, "status_code");
	bool running =
	    jv_get_kind(code) == JV_KIND_NUMBER && jv_number_value(code) != 102;
	const char *map = obj_str(
	    own, running ? "volatile.idmap.current" : "volatile.idmap.next");
	int ret;

	ret = idmap_check_config(instance, f);
	if (ret == 0)
		ret = map == NULL || *map == '\0'
			  ? fail_set(f, FAIL_CONFIG, "it has no id map")
			  : parse(map, m, f);
	if (ret == 0)
		ret = check(m, f);
	jv_free(own);
	jv_free(code);
	return ret;
}

static bool
to_host(const struct idmap *m, bool uid, uint32_t inside, uint32_t *host)
{
	int i;

	for (i = 0; i < m->n; i++)
		if ((uid ? m->v[i].is_uid : m->v[i].is_gid) &&
		    inside >= m->v[i].inside &&
		    inside - m->v[i].inside < m->v[i].count) {
			*host = m->v[i].host + (inside - m->v[i].inside);
			return true;
		}
	return false;
}

bool
idmap_host_uid(const struct idmap *m, uint32_t inside, uint32_t *host)
{
	return to_host(m, true, inside, host);
}

bool
idmap_host_gid(const struct idmap *m, uint32_t inside, uint32_t *host)
{
	return to_host(m, false, inside, host);
}

bool
idmap_has_uid(const struct idmap *m, uint32_t host)
{
	return holds(m, true, host);
}
