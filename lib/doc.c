/* YAML, by libyaml. SPDX-License-Identifier: ISC */
#include <stdbool.h>
#include <string.h>

#include "doc.h"

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

const yaml_node_t *
doc_get(yaml_document_t *d, const yaml_node_t *n, const char *key)
{
	const yaml_node_pair_t *p;
	const char *s;

	if (n == NULL || n->type != YAML_MAPPING_NODE)
		return NULL;
	for (p = n->data.mapping.pairs.start; p < n->data.mapping.pairs.top;
	     p++) {
		s = doc_text(yaml_document_get_node(d, p->key));
		if (s != NULL && strcmp(s, key) == 0)
			return yaml_document_get_node(d, p->value);
	}
	return NULL;
}

const char *
doc_text(const yaml_node_t *n)
{
	const char *s;

	if (n == NULL || n->type != YAML_SCALAR_NODE)
		return NULL;
	s = (const char *)n->data.scalar.value;
	return strlen(s) == n->data.scalar.length ? s : NULL;
}
