/*
 * cloud-config, checked before anything is sent. SPDX-License-Identifier: ISC
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "cloud.h"
#include "doc.h"
#include "rec.h"
#include "text.h"

static void
warn_part(const struct part *p, const char *what, const char *why)
{
	cli_say(p->name, "%s%s%s", what, *what ? ": " : "", why);
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

static bool
has_key(const struct part *p, const char *key)
{
	return jv_object_has(jv_copy(p->keys), jv_string(key));
}

/* The value of a key in a mapping; NULL where it is none or has none. */
static const yaml_node_t *
value_at(yaml_document_t *d, const yaml_node_t *map, const char *key)
{
	yaml_node_pair_t *pair;

	if (map->type != YAML_MAPPING_NODE)
		return NULL;
	for (pair = map->data.mapping.pairs.start;
	     pair < map->data.mapping.pairs.top; pair++) {
		yaml_node_t *k = yaml_document_get_node(d, pair->key);

		if (k->type == YAML_SCALAR_NODE &&
		    strcmp((const char *)k->data.scalar.value, key) == 0)
			return yaml_document_get_node(d, pair->value);
	}
	return NULL;
}

/* One of "users" is a name ("default"), or keys; a system user is no login. */
static bool
can_log_in(yaml_document_t *d, const yaml_node_t *user)
{
	const yaml_node_t *system = value_at(d, user, "system");
	const char *s = system != NULL && system->type == YAML_SCALAR_NODE
			    ? (const char *)system->data.scalar.value
			    : "false";

	return strchr("nNfF", *s) != NULL || strcmp(s, "off") == 0;
}

/* Anything but a list is left to cloud-init. */
static bool
has_login(yaml_document_t *d, const yaml_node_t *users)
{
	yaml_node_item_t *item;

	if (users->type != YAML_SEQUENCE_NODE)
		return true;
	for (item = users->data.sequence.items.start;
	     item < users->data.sequence.items.top; item++)
		if (can_log_in(d, yaml_document_get_node(d, *item)))
			return true;
	return false;
}

/* The keys at the top, and whether one says how to merge. */
static void
learn_keys(yaml_document_t *d, const yaml_node_t *root, struct part *p)
{
	yaml_node_pair_t *pair;

	for (pair = root->data.mapping.pairs.start;
	     pair < root->data.mapping.pairs.top; pair++) {
		yaml_node_t *k = yaml_document_get_node(d, pair->key);
		const char *s = (const char *)k->data.scalar.value;

		if (k->type != YAML_SCALAR_NODE)
			continue;
		if (has_key(p, s))
			warn_part(p, s, "is there twice, the last one counts");
		p->keys = jv_object_set(p->keys, jv_string(s), jv_true());
		if (strcmp(s, "users") == 0)
			p->login = has_login(
			    d, yaml_document_get_node(d, pair->value));
	}
	/* cloudinit/mergers: dict_extract_mergers() */
	p->merges = has_key(p, "merge_how") || has_key(p, "merge_type");
}

static int
check_yaml(struct part *p, yaml_node_type_t want, struct fail *f)
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
		learn_keys(&d, root, p);
	yaml_document_delete(&d);
	return ret;
}

/* A template is no YAML yet: the lines that begin with a word are looked at. */
static bool
has_line(const struct part *p, const char *word)
{
	const char *line = p->data;

	while (line != NULL && *line != '\0') {
		if (strncmp(line, word, strlen(word)) == 0)
			return true;
		line = strchr(line, '\n');
		line = line != NULL ? line + 1 : NULL;
	}
	return false;
}

static void
learn_template(struct part *p)
{
	p->config = has_line(p, "#cloud-config");
	p->merges = has_line(p, "merge_how:") || has_line(p, "merge_type:");
}

/* May some part bring a handler for what cloud-init itself does not know? */
static bool
may_be_handled(const struct part *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (p[i].type == NULL ||
		    strcmp(p[i].type, "text/part-handler") == 0 ||
		    strncmp(p[i].type, "text/x-include", 14) == 0)
			return true;
	return false;
}

/* What cloud-init would pass over, and so nothing would come of. */
static int
check_unknown(const struct part *p, bool handled, struct fail *f)
{
	if (p->len == 0)
		warn_part(p, "", "is empty");
	else if (handled)
		warn_part(p, "",
		    "begins like nothing that cloud-init knows (#cloud-config, "
		    "#!, ...): without a part handler, it is ignored");
	else
		return fail_set(f, FAIL_DATA,
		    "%s: %s like nothing that cloud-init knows; the first line "
		    "has to be #cloud-config, or #!/bin/sh for a script",
		    p->name,
		    strncmp(p->data, "\xef\xbb\xbf", 3) == 0
			? "begins with a byte order mark, and so"
			: "begins");
	return 0;
}

/* cloud-init makes a file of it, as it is, which the kernel won't run. */
static void
check_script(const struct part *p)
{
	size_t line = strcspn(p->data, "\n");

	if (strncmp(p->data, "#!", 2) != 0)
		warn_part(p, "",
		    "#! are not its first two characters: it will "
		    "not run");
	else if (p->data[line - 1] == '\r')
		warn_part(p, "",
		    "its first line ends in a carriage return: no "
		    "such program will be found to run it");
}

static int
check_part(struct part *p, bool handled, struct fail *f)
{
	yaml_node_type_t want = form(p->type);
	struct fail why;

	if (p->type == NULL)
		return 0;
	p->config = want == YAML_MAPPING_NODE;
	if (want != YAML_NO_NODE && check_yaml(p, want, &why) < 0)
		return fail_set(f, why.kind, "%s: %s", p->name, why.text);
	if (strcmp(p->type, "text/jinja2") == 0)
		learn_template(p);
	if (strcmp(p->type, "text/plain") == 0 ||
	    strcmp(p->type, "application/octet-stream") == 0)
		return check_unknown(p, handled, f);
	if (strcmp(p->type, "text/x-shellscript") == 0)
		check_script(p);
	if (strncmp(p->type, "text/", 5) == 0 && !text_utf8(p->data, p->len))
		warn_part(p, "", "is not UTF-8: cloud-init may not take it");
	return 0;
}

int
cloud_check(struct part *p, size_t n, struct fail *f)
{
	bool handled = may_be_handled(p, n);
	size_t i;
	int ret = 0;

	for (i = 0; i < n && ret == 0; i++)
		ret = check_part(&p[i], handled, f);
	return ret;
}

/* What may make a user whatever "users" says. */
static bool
may_make_one(const struct part *p)
{
	static const char *const keys[] = {"user", "bootcmd", "runcmd",
	    "ansible", "chef", "puppet", "salt_minion"};
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (has_key(p, keys[i]))
			return true;
	return p->login || p->merges || p->type == NULL ||
	       strcmp(p->type, "text/cloud-config") != 0;
}

bool
cloud_nobody(const struct part *p, size_t n)
{
	bool users = false;
	size_t i;

	for (i = 0; i < n; i++) {
		if (may_make_one(&p[i]))
			return false;
		users = users || has_key(&p[i], "users");
	}
	return users;
}
