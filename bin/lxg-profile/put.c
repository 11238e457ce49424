/*
 * Profiles on the engine: what makes a body the engine's own, and how lxg
 * knows its own work. put stores the SHA-256 of the body's sorted JSON in the
 * profile; where that is no longer what the profile holds, other hands have
 * been there. SPDX-License-Identifier: ISC
 */
#include <sha2.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "nic.h"
#include "policy.h"
#include "put.h"
#include "rec.h"
#include "state.h"
#include "text.h"

#define PUT_KEY POLICY_PREFIX "put"
#define TRIES	5

/* LXD's names of keys as this engine has them. */
static jv
to_dialect(const struct lxd *l, jv body)
{
	jv config = obj_get(body, "config"), out = jv_object();
	bool incus = strcmp(lxd_kind(l), "incus") == 0;

	jv_object_foreach (config, k, v) {
		if (incus)
			out = jv_object_set(out,
			    jv_string(base_incus_key(jv_string_value(k))), v);
		else
			out = jv_object_set(out, jv_copy(k), v);
		jv_free(k);
	}
	jv_free(config);
	return jv_object_set(body, jv_string("config"), out);
}

/* Object at key, an empty one where there is none. Borrows, owned. */
static jv
object_at(jv v, const char *key)
{
	jv o = obj_get(v, key);

	if (jv_get_kind(o) == JV_KIND_OBJECT)
		return o;
	jv_free(o);
	return jv_object();
}

/* What of an answer or a body is content, without the fingerprint. Borrows. */
static jv
content(jv profile)
{
	const char *s = obj_str(profile, "description");
	jv config =
	    jv_object_delete(object_at(profile, "config"), jv_string(PUT_KEY));
	jv out = jv_object();

	out =
	    jv_object_set(out, jv_string("description"), jv_string(s ? s : ""));
	out = jv_object_set(out, jv_string("config"), config);
	return jv_object_set(
	    out, jv_string("devices"), object_at(profile, "devices"));
}

static void
fingerprint(jv body, char hex[static SHA256_DIGEST_STRING_LENGTH])
{
	jv s = jv_dump_string(jv_copy(body), JV_PRINT_SORTED);

	SHA256Data((const uint8_t *)jv_string_value(s),
	    (size_t)jv_string_length_bytes(jv_copy(s)), hex);
	jv_free(s);
}

/* Adds the names of what a map has otherwise in the two. Borrows. */
static char *
differing(char *list, const char *map, const char *what, jv now, jv want)
{
	jv a = obj_get(now, map), b = obj_get(want, map);
	jv all = jv_keys(jv_object_merge(jv_copy(a), jv_copy(b)));
	char *more;

	jv_array_foreach (all, i, k) {
		jv x = jv_object_get(jv_copy(a), jv_copy(k));
		jv y = jv_object_get(jv_copy(b), jv_copy(k));

		if (!jv_equal(x, y)) {
			more = text_fmt("%s%s%s %s", list, *list ? ", " : "",
			    what, jv_string_value(k));
			free(list);
			list = more;
		}
		jv_free(k);
	}
	jv_free(all);
	jv_free(a);
	jv_free(b);
	return list;
}

static int
fail_conflict(jv now, jv want, const char *why, struct fail *f)
{
	char *list = text_fmt("%s", "");

	list = differing(list, "config", "key", now, want);
	list = differing(list, "devices", "device", now, want);
	fail_set(f, FAIL_CREATE,
	    "exists and %s (-f overwrites it); differing: %s", why,
	    *list ? list : "description");
	free(list);
	return -1;
}

/* Does something use it, whose policy would change with it? */
static bool
is_used(jv profile)
{
	jv by = obj_get(profile, "used_by");
	bool used = jv_get_kind(by) == JV_KIND_ARRAY &&
		    jv_array_length(jv_copy(by)) > 0;

	jv_free(by);
	return used;
}

/* What is between two profiles that are not the same; 1 for nothing. */
static int
judge_change(jv answer, jv now, jv want, const char *stored, struct fail *f)
{
	char hex[SHA256_DIGEST_STRING_LENGTH];

	fingerprint(now, hex);
	if (stored == NULL)
		return fail_conflict(
		    now, want, "was not put by lxg-profile", f);
	if (strcmp(stored, hex) != 0)
		return fail_conflict(
		    now, want, "was changed by other hands", f);
	if (is_used(answer))
		return fail_conflict(now, want,
		    "is in use: policy is changed by lxg set, and new "
		    "user-data would never run",
		    f);
	return 1;
}

/*
 * May the profile that is there be overwritten? 1 yes, 0 there is no need, -1
 * no. Borrows all.
 */
static int
judge_stored(jv answer, jv body, bool force, struct fail *f)
{
	jv now = content(answer), want = content(body);
	jv config = obj_get(answer, "config");
	jv asked = obj_get(body, "config");
	const char *stored = obj_str(config, PUT_KEY);
	int ret;

	if (jv_get_kind(config) != JV_KIND_OBJECT)
		ret = fail_set(
		    f, FAIL_PROTOCOL, "the engine's answer is no profile");
	else if (jv_equal(jv_copy(now), jv_copy(want)))
		ret = stored == NULL ||
		      strcmp(stored, obj_str(asked, PUT_KEY)) != 0;
	else
		ret = force ? 1 : judge_change(answer, now, want, stored, f);
	jv_free(config);
	jv_free(asked);
	jv_free(now);
	jv_free(want);
	return ret;
}

static int
create_profile(struct lxd *l, const char *name, jv body, struct fail *f)
{
	struct intent i = {.profile = true};
	jv v;

	i.by.engine = lxd_api(l);
	i.by.project = lxd_project(l);
	if (state_note(&i, f) < 0)
		return -1;
	v = jv_object_set(jv_copy(body), jv_string("name"), jv_string(name));
	if (lxd_send(l, "POST", "/1.0/profiles", v, NULL, NULL, f) == 0)
		return 0;
	/* a conflict, for which both engines answer 500 */
	if (strstr(f->text, "already exists") != NULL)
		f->kind = FAIL_AGAIN;
	return -1;
}

/*
 * One look and one write. *again is set where the write failed since somebody
 * came in between. Borrows body.
 */
static int
attempt(struct lxd *l, const char *name, jv body, bool force, bool dry_run,
    bool *again, struct fail *f)
{
	char *path = text_fmt("/1.0/profiles/%s", name);
	char etag[LXD_ETAG];
	jv answer;
	int ret;

	ret = lxd_get(l, path, &answer, etag, f);
	if (ret < 0 && f->kind == FAIL_NO) {
		ret = dry_run ? 0 : create_profile(l, name, body, f);
		*again = ret < 0 && f->kind == FAIL_AGAIN;
	} else if (ret == 0) {
		ret = judge_stored(answer, body, force, f);
		jv_free(answer);
		if (ret == 1)
			ret = dry_run ? 0
				      : lxd_send(l, "PUT", path, jv_copy(body),
					    etag, NULL, f);
		*again = ret < 0 && f->kind == FAIL_AGAIN;
	}
	free(path);
	return ret;
}

/* Consumes and returns body. */
static jv
with_fingerprint(jv body)
{
	char hex[SHA256_DIGEST_STRING_LENGTH];
	jv sum = content(body), config = obj_get(body, "config");

	fingerprint(sum, hex);
	jv_free(sum);
	config = jv_object_set(config, jv_string(PUT_KEY), jv_string(hex));
	return jv_object_set(body, jv_string("config"), config);
}

int
put_profile(struct lxd *l, const char *name, jv body, bool force, bool dry_run,
    struct fail *f)
{
	int ret, tries = TRIES;
	bool again;

	if ((ret = nic_connect(l, &body, f)) == 0) {
		body = with_fingerprint(to_dialect(l, body));
		do {
			again = false;
			ret = attempt(l, name, body, force, dry_run, &again, f);
		} while (again && --tries > 0);
	}
	jv_free(body);
	return ret;
}
