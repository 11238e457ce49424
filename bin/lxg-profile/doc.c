/* YAML, by libyaml. SPDX-License-Identifier: ISC */
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "doc.h"

/* An alias costs nothing in the file: what it stands for counts each time. */
#define KEYS_MAX 10000

/* libyaml's time grows with the square of these. */
#define DEPTH_MAX  100
#define ANCHOR_MAX 1000

static int
fail_mark(yaml_mark_t at, const char *context, const char *why, struct fail *f)
{
	return fail_set(f, FAIL_DATA, "line %zu, column %zu: %s%s%s",
	    at.line + 1, at.column + 1, context ? context : "",
	    context ? ", " : "", why);
}

int
doc_fail(const yaml_node_t *node, const char *why, struct fail *f)
{
	return fail_mark(node->start_mark, NULL, why, f);
}

/* The reader knows only the byte: the characters before it give the place. */
static yaml_mark_t
place(const char *s, size_t offset)
{
	yaml_mark_t at = {.index = offset};
	size_t i;

	for (i = 0; i < offset; i++)
		if (s[i] == '\n') {
			at.line++;
			at.column = 0;
		} else if ((s[i] & 0xc0) != 0x80)
			at.column++;
	return at;
}

static int
fail_parser(const yaml_parser_t *p, const char *s, size_t len, struct fail *f)
{
	const char *why = p->problem ? p->problem : "no YAML";

	switch (p->error) {
	case YAML_MEMORY_ERROR:
		return fail_set(f, FAIL_SYSTEM, "out of memory");
	case YAML_READER_ERROR:
		return fail_mark(
		    place(s, p->problem_offset < len ? p->problem_offset : len),
		    NULL, why, f);
	default:
		return fail_mark(p->problem_mark, p->context, why, f);
	}
}

/* Only the end may follow the document. */
static int
check_end(yaml_parser_t *p, const char *s, size_t len, struct fail *f)
{
	yaml_document_t next;
	yaml_node_t *root;
	int ret = 0;

	if (!yaml_parser_load(p, &next))
		return fail_parser(p, s, len, f);
	if ((root = yaml_document_get_root_node(&next)) != NULL)
		ret = doc_fail(root, "a second document", f);
	yaml_document_delete(&next);
	return ret;
}

/* What an event adds to the depth, and whether it has an anchor. */
static int
step(const yaml_event_t *e, bool *anchor)
{
	const unsigned char *name = NULL;
	int depth = 0;

	switch (e->type) {
	case YAML_SCALAR_EVENT:
		name = e->data.scalar.anchor;
		break;
	case YAML_SEQUENCE_START_EVENT:
		name = e->data.sequence_start.anchor;
		depth = 1;
		break;
	case YAML_MAPPING_START_EVENT:
		name = e->data.mapping_start.anchor;
		depth = 1;
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		depth = -1;
		break;
	default:
		break;
	}
	*anchor = name != NULL;
	return depth;
}

/* Reads through to the end, and builds nothing. */
static int
check_size(yaml_parser_t *p, const char *s, size_t len, struct fail *f)
{
	int depth = 0, anchors = 0, ret = 0;
	bool anchor, end = false;
	yaml_event_t e;

	while (ret == 0 && !end) {
		if (!yaml_parser_parse(p, &e))
			return fail_parser(p, s, len, f);
		depth += step(&e, &anchor);
		anchors += anchor;
		if (depth > DEPTH_MAX || anchors > ANCHOR_MAX)
			ret = fail_mark(e.start_mark, NULL,
			    depth > DEPTH_MAX ? "nested too deeply"
					      : "too many anchors",
			    f);
		end = e.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&e);
	}
	return ret;
}

static int
load(yaml_parser_t *p, const char *s, size_t len, yaml_document_t *doc,
    struct fail *f)
{
	if (!yaml_parser_load(p, doc))
		return fail_parser(p, s, len, f);
	if (yaml_document_get_root_node(doc) == NULL ||
	    check_end(p, s, len, f) == 0)
		return 0;
	yaml_document_delete(doc);
	return -1;
}

int
doc_load(const char *s, size_t len, yaml_document_t *doc, struct fail *f)
{
	yaml_parser_t p;
	int pass, ret = 0;

	for (pass = 0; pass < 2 && ret == 0; pass++) {
		if (!yaml_parser_initialize(&p))
			return fail_set(f, FAIL_SYSTEM, "out of memory");
		yaml_parser_set_encoding(&p, YAML_UTF8_ENCODING);
		yaml_parser_set_input_string(&p, (const unsigned char *)s, len);
		ret = pass == 0 ? check_size(&p, s, len, f)
				: load(&p, s, len, doc, f);
		yaml_parser_delete(&p);
	}
	return ret;
}

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
doc_profile(yaml_document_t *d, jv *body, struct fail *f)
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
