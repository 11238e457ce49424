/*
 * cloud-config, checked before anything is sent. SPDX-License-Identifier: ISC
 */
#include <err.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "cloud.h"
#include "doc.h"
#include "rec.h"
#include "text.h"

static void
warn_part(const struct part *p, const char *what, const char *why)
{
	struct fail f;

	fail_set(&f, 0, "%s: %s%s%s", p->name, what, *what ? ": " : "", why);
	warnx("%s", f.text);
}

/* The form that cloud-init wants of the root, none where it is no YAML. */
static yaml_node_type_t
form(const char *type)
{
	static const struct {
		const char *type;
		yaml_node_type_t form;
	} forms[] = {
	    {"text/cloud-config", YAML_MAPPING_NODE},
	    {"text/cloud-config-archive", YAML_SEQUENCE_NODE},
	    {"text/cloud-config-jsonp", YAML_SEQUENCE_NODE},
	};
	size_t i;

	for (i = 0; type && i < sizeof(forms) / sizeof(forms[0]); i++)
		if (strcmp(forms[i].type, type) == 0)
			return forms[i].form;
	return YAML_NO_NODE;
}

/* The keys at the top as an object of the part's name, owned. */
static jv
top_keys(yaml_document_t *d, const yaml_node_t *root, const struct part *p)
{
	yaml_node_pair_t *pair;
	jv keys = jv_object();

	for (pair = root->data.mapping.pairs.start;
	     pair < root->data.mapping.pairs.top; pair++) {
		yaml_node_t *k = yaml_document_get_node(d, pair->key);
		const char *s = (const char *)k->data.scalar.value;

		if (k->type != YAML_SCALAR_NODE)
			continue;
		if (jv_object_has(jv_copy(keys), jv_string(s)))
			warn_part(p, s, "is there twice, the last one counts");
		keys = jv_object_set(keys, jv_string(s), jv_string(p->name));
	}
	return keys;
}

/*
 * A part's keys replace those of the parts before it, whole, unless it says
 * how to merge (cloudinit/handlers/cloud_config.py: DEF_MERGERS). Consumes
 * keys.
 */
static void
merge(jv *seen, jv keys, const struct part *p)
{
	bool merges = obj_str(keys, "merge_how") || obj_str(keys, "merge_type");
	char *why;

	jv_object_foreach (keys, k, v) {
		const char *key = jv_string_value(k);
		const char *other = obj_str(*seen, key);

		if (!merges && other != NULL) {
			why = text_fmt("replaces that of %s, for want of "
				       "merge_how",
			    other);
			warn_part(p, key, why);
			free(why);
		}
		*seen = jv_object_set(*seen, k, v);
	}
	jv_free(keys);
}

static int
check_yaml(
    const struct part *p, yaml_node_type_t want, jv *seen, struct fail *f)
{
	yaml_document_t d;
	yaml_node_t *root;
	int ret = 0;

	if (doc_load(p->data, p->len, &d, f) < 0)
		return -1;
	root = yaml_document_get_root_node(&d);
	if (root == NULL)
		warn_part(p, "", "has no content");
	else if (root->type != want)
		ret = doc_fail(root,
		    want == YAML_MAPPING_NODE ? "keys with values are expected"
					      : "a list is expected",
		    f);
	else if (want == YAML_MAPPING_NODE)
		merge(seen, top_keys(&d, root, p), p);
	yaml_document_delete(&d);
	return ret;
}

static int
check_part(const struct part *p, jv *seen, struct fail *f)
{
	yaml_node_type_t want = form(p->type);
	struct fail why;

	if (p->type == NULL)
		return 0;
	if (want != YAML_NO_NODE && check_yaml(p, want, seen, &why) < 0)
		return fail_set(f, why.code, "%s: %s", p->name, why.text);
	if (strcmp(p->type, "text/plain") == 0 ||
	    strcmp(p->type, "application/octet-stream") == 0)
		warn_part(p, "",
		    "begins like nothing that cloud-init knows (#cloud-config, "
		    "#!, ...): without a part handler, it is ignored");
	else if (strncmp(p->type, "text/", 5) == 0 &&
		 !text_utf8(p->data, p->len))
		warn_part(p, "", "is not UTF-8: cloud-init may not take it");
	return 0;
}

int
cloud_check(const struct part *p, size_t n, struct fail *f)
{
	jv seen = jv_object();
	size_t i;
	int ret = 0;

	for (i = 0; i < n && ret == 0; i++)
		ret = check_part(&p[i], &seen, f);
	jv_free(seen);
	return ret;
}
