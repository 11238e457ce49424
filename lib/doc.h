/* YAML, by libyaml. SPDX-License-Identifier: ISC */
#ifndef LXG_DOC_H
#define LXG_DOC_H

#include <stddef.h>

#include <yaml.h>

#include "fail.h"

/*
 * The one document of a text; FAIL_DATA for what is no YAML or has a second
 * document, naming line and column. The caller deletes *doc with
 * yaml_document_delete(). It has no root node where the text has no content.
 */
int doc_load(const char *, size_t, yaml_document_t *doc, struct fail *);

/* "line 3, column 5: why" with FAIL_DATA. */
int doc_fail(const yaml_node_t *, const char *why, struct fail *);

/*
 * The value of a mapping's key, and a scalar's text; borrowed. NULL where it
 * has no such key, or is none of these.
 */
const yaml_node_t *
doc_get(yaml_document_t *, const yaml_node_t *, const char *key);
const char *doc_text(const yaml_node_t *);

#endif
