/* YAML, by libyaml. SPDX-License-Identifier: ISC */
#ifndef LXG_PROFILE_DOC_H
#define LXG_PROFILE_DOC_H

#include <stddef.h>

#include <jv.h>
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
 * A profile as the engine's "profile show" prints it: description, config and
 * devices, the scalars as they are written and so all strings. name, used_by
 * and project are passed over; any other key, a key twice, or another form is
 * a failure, FAIL_DATA. *body is an object with those three, owned.
 */
int doc_profile(yaml_document_t *, jv *body, struct fail *);

#endif
