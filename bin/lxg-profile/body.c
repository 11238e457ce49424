/*
 * A profile in YAML, as the engine's "profile show" prints it.
 * SPDX-License-Identifier: ISC
 */
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "body.h"

/* An alias costs nothing in the file: what it stands for counts each time. */
#define KEYS_MAX 10000

/* A scalar's text as a string; what YAML means by nothing is none. */
static int
scalar(const yaml_node_t *n, jv *v, struct fail *f)
{
	const char *s = (const char *)n->data.scalar.value;
	size_t len = n->data.scalar.length;

	if (n->type != YAML_SCALAR_NODE)
		return doc_fail(n, "a plain value is expected", f);
	if (memchr(s, '\0', len) != NULL)
		return doc_fail(n, "a NUL", f);
	if (n->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	    (strcmp(s, "~") == 0 || strcasecmp(s, "null") == 0))
		len = 0;
	*v = jv_string_sized(s, (int)len);
	return 0;
}

/*
 * What a value of a mapping becomes, by its key. left bounds how many pairs
 * there may be in all.
 */
typedef int (*take)(yaml_document_t *, const char *key, yaml_node_t *,
    int *left, jv *, struct fail *);

static int
add_pair(yaml_document_t *d, yaml_node_pair_t *pair, take t, int *left, jv *v,
    struct fail *f)
{
	yaml_node_t *key = yaml_document_get_node(d, pair->key);
	jv k, value;
	int ret;

	if (scalar(key, &k, f) < 0)
		return -1;
	if (--*left < 0)
		ret = doc_fail(key, "too many keys", f);
	else if (jv_object_has(jv_copy(*v), jv_copy(k)))
		ret = doc_fail(key, "this key is there twice", f);
	else
		ret = t(d, jv_string_value(k),
		    yaml_document_get_node(d, pair->value), left, &value, f);
	if (ret == 0)
		*v = jv_object_set(*v, jv_copy(k), value);
	jv_free(k);
	return ret;
}

static int
mapping(yaml_document_t *d, yaml_node_t *n, take t, int *left, jv *v,
    struct fail *f)
{
	yaml_node_pair_t *p;
	int ret = 0;

	*v = jv_object();
	if (n->type == YAML_SCALAR_NODE && n->data.scalar.length == 0)
		return 0; /* "config:" and nothing behind it */
	if (n->type != YAML_MAPPING_NODE)
		ret = doc_fail(n, "keys with values are expected", f);
	else
		for (p = n->data.mapping.pairs.start;
		     ret == 0 && p < n->data.mapping.pairs.top; p++)
			ret = add_pair(d, p, t, left, v, f);
	if (ret < 0)
		jv_free(*v);
	return ret;
}

static int
take_scalar(yaml_document_t *d, const char *key, yaml_node_t *n, int *left,
    jv *v, struct fail *f)
{
	(void)d;
	(void)left;
	if (*key == '\0' || strcmp(key, "<<") == 0)
		return doc_fail(n, "no key of a profile", f);
	return scalar(n, v, f);
}

static int
take_map(yaml_document_t *d, const char *key, yaml_node_t *n, int *left, jv *v,
    struct fail *f)
{
	(void)key;
	return mapping(d, n, take_scalar, left, v, f);
}

static int
take_top(yaml_document_t *d, const char *key, yaml_node_t *n, int *left, jv *v,
    struct fail *f)
{
	if (strcmp(key, "description") == 0)
		return scalar(n, v, f);
	if (strcmp(key, "config") == 0)
		return mapping(d, n, take_scalar, left, v, f);
	if (strcmp(key, "devices") == 0)
		return mapping(d, n, take_map, left, v, f);
	*v = jv_null();
	if (strcmp(key, "name") == 0 || strcmp(key, "used_by") == 0 ||
	    strcmp(key, "project") == 0)
		return 0;
	return doc_fail(
	    n, "belongs to none of description, config, devices", f);
}

/* The key's value or what stands for none; consumes both. */
static jv
or_empty(jv top, const char *key, jv none)
{
	jv v = jv_object_get(top, jv_string(key));

	if (!jv_is_valid(v)) {
		jv_free(v);
		return none;
	}
	jv_free(none);
	return v;
}

int
body_of(yaml_document_t *d, jv *body, struct fail *f)
{
	yaml_node_t *root = yaml_document_get_root_node(d);
	int left = KEYS_MAX;
	jv top;

	if (root == NULL)
		return fail_set(f, FAIL_DATA, "is empty");
	if (mapping(d, root, take_top, &left, &top, f) < 0)
		return -1;
	*body = jv_object_set(jv_object(), jv_string("description"),
	    or_empty(jv_copy(top), "description", jv_string("")));
	*body = jv_object_set(*body, jv_string("config"),
	    or_empty(jv_copy(top), "config", jv_object()));
	*body = jv_object_set(
	    *body, jv_string("devices"), or_empty(top, "devices", jv_object()));
	return 0;
}
