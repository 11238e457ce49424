/*
 * Which of the user's remotes is meant. SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "mem.h"
#include "remote_priv.h"
#include "text.h"

#define KINDS	   2
#define CONFIG_MAX ((size_t)1 << 20)

static const struct kind {
	const char *name, *variable, *folders[2]; /* below the home */
	const char *xdg; /* below $XDG_CONFIG_HOME, before those; or NULL */
} kinds[KINDS] = {
    {"incus", "INCUS_CONF", {".config/incus", NULL}, "incus"},
    {"lxd", "LXD_CONF", {".config/lxc", "snap/lxd/common/config"}, NULL},
};

/* What is looked for: a name, or an address; kind and name may be NULL. */
struct wish {
	const char *kind, *name, *url;
	struct remote *found;
	FILE *names; /* of those that are there */
};

/* The i-th folder that a configuration may be in, owned; NULL behind them. */
static char *
folder(const struct kind *k, size_t i)
{
	const char *s = getenv(k->variable), *xdg = getenv("XDG_CONFIG_HOME"),
		   *home = getenv("HOME");

	if (s != NULL && *s != '\0')
		return i == 0 ? text_fmt("%s", s) : NULL;
	if (k->xdg != NULL && xdg != NULL && *xdg == '/') {
		if (i == 0)
			return text_fmt("%s/%s", xdg, k->xdg);
		i--;
	}
	return home != NULL && *home == '/' && i < 2 && k->folders[i] != NULL
		   ? text_fmt("%s/%s", home, k->folders[i])
		   : NULL;
}

static bool
is_meant(struct config *c, const struct wish *w, const char *name,
    const yaml_node_t *node)
{
	const char *addr = doc_text(doc_get(&c->doc, node, "addr"));
	size_t len;

	if (w->name != NULL && strcmp(w->name, name) != 0)
		return false;
	if (w->url == NULL)
		return true;
	len = addr != NULL ? strlen(addr) : 0;
	while (len > 0 && addr[len - 1] == '/')
		len--;
	return len == strlen(w->url) && strncmp(addr, w->url, len) == 0;
}

/* The first one that is meant, if there is any. */
static int
look_in(struct config *c, struct wish *w, struct remote **out, struct fail *f)
{
	const yaml_node_t *all =
	    doc_get(&c->doc, yaml_document_get_root_node(&c->doc), "remotes");
	const yaml_node_pair_t *p;
	int ret = 0;

	if (all == NULL || all->type != YAML_MAPPING_NODE)
		return 0;
	for (p = all->data.mapping.pairs.start;
	     ret == 0 && *out == NULL && p < all->data.mapping.pairs.top; p++) {
		const yaml_node_t *node =
		    yaml_document_get_node(&c->doc, p->value);
		const char *name =
		    doc_text(yaml_document_get_node(&c->doc, p->key));

		if (name == NULL)
			continue;
		if (is_meant(c, w, name, node))
			ret = remote_make(c, name, node, out, f);
		fprintf(w->names, "%s%s:%s:", ftell(w->names) > 0 ? ", " : "",
		    c->kind, name);
	}
	return ret;
}

static int
look_at(struct config *c, struct wish *w, struct remote **out, struct fail *f)
{
	char *path, *text = NULL;
	struct fail why;
	size_t len;
	int ret;

	if (remote_file(c->dir, "config.yml", &path, f) < 0)
		return -1;
	if (path == NULL)
		return 0;
	ret = file_read(path, CONFIG_MAX, &text, &len, &why);
	if (ret == 0 && (ret = doc_load(text, len, &c->doc, &why)) == 0) {
		ret = look_in(c, w, out, &why);
		yaml_document_delete(&c->doc);
		if (ret < 0)
			*f = why;
	} else
		fail_set(f, FAIL_CONFIG, "%s: %s", path, why.text);
	free(text);
	free(path);
	return ret;
}

/* In every configuration that may be meant; FAIL_CONFIG where two have it. */
static int
look(struct wish *w, struct fail *f)
{
	size_t k, i;
	int ret = 0;

	for (k = 0; k < KINDS && ret == 0; k++) {
		struct remote *r = NULL;
		struct config c = {.kind = kinds[k].name};
		char *dir;

		if (w->kind != NULL && strcmp(w->kind, kinds[k].name) != 0)
			continue;
		for (i = 0; ret == 0 && r == NULL &&
			    (dir = folder(&kinds[k], i)) != NULL;
		     i++) {
			c.dir = dir;
			ret = look_at(&c, w, &r, f);
			free(dir);
		}
		if (r != NULL && w->found != NULL) {
			ret = fail_set(f, FAIL_CONFIG,
			    "both incus and lxc have a remote %s; choose with "
			    "-E incus:%s: or -E lxd:%s:",
			    r->name, r->name, r->name);
			remote_free(r);
		} else if (r != NULL)
			w->found = r;
	}
	return ret;
}

/* *names, owned by the caller, says which there are. */
static int
search(struct wish *w, char **names, struct fail *f)
{
	size_t size;
	int ret;

	w->names = mem_need(open_memstream(names, &size));
	ret = look(w, f);
	fclose(w->names);
	if (ret < 0) {
		remote_free(w->found);
		w->found = NULL;
	}
	return ret;
}

static bool
is_kind(const char *s)
{
	size_t k = 0;

	while (k < KINDS && strcmp(kinds[k].name, s) != 0)
		k++;
	return k < KINDS;
}

/* name and kind (or NULL) are what a choice says. */
static int
find_name(
    const char *kind, const char *name, struct remote **remote, struct fail *f)
{
	struct wish w = {.kind = kind, .name = name};
	char *names;
	int ret;

	if (kind != NULL && !is_kind(kind))
		return fail_set(f, FAIL_USAGE,
		    "%s: a remote is NAME:, incus:NAME: or lxd:NAME:", kind);
	ret = search(&w, &names, f);
	if (ret == 0 && w.found == NULL)
		ret = fail_set(f, FAIL_NO, "there is no remote %s%s%s", name,
		    *names ? "; those that are: " : " (incus remote add)",
		    names);
	*remote = w.found;
	free(names);
	return ret;
}

int
remote_find(const char *choice, struct remote **remote, struct fail *f)
{
	const char *colon = strchr(choice, ':');
	char *name, *kind = NULL;
	int ret;

	if (remote_is_url(choice))
		return remote_of_url(choice, NULL, NULL, remote, f);
	if (colon[1] != '\0') {
		kind = text_fmt("%.*s", (int)(colon - choice), choice);
		choice = colon + 1;
	}
	name = text_fmt("%.*s", (int)(strlen(choice) - 1), choice);
	ret = find_name(kind, name, remote, f);
	free(name);
	free(kind);
	return ret;
}

int
remote_of_url(const char *url, const char *kind, const char *name,
    struct remote **remote, struct fail *f)
{
	struct wish w = {.kind = kind, .name = name, .url = url};
	char *names;
	int ret = search(&w, &names, f);

	free(names);
	if (ret == 0 && w.found == NULL && name != NULL)
		return remote_of_url(url, kind, NULL, remote, f);
	if (ret == 0 && w.found == NULL)
		ret = fail_set(f, FAIL_CONFIG,
		    "%s: no remote that you have added has this address", url);
	*remote = w.found;
	return ret;
}
