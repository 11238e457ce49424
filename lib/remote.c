/*
 * Engines on other machines, as the user's own configuration of incus or lxc
 * has them: what that says is looked up each time, and never taken from a
 * record. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mem.h"
#include "remote_priv.h"
#include "text.h"

#define UNIX "unix:"

void
remote_free(struct remote *r)
{
	if (r == NULL)
		return;
	free(r->name);
	free(r->url);
	free(r->project);
	free(r->cert);
	free(r->key);
	free(r->pin);
	free(r->ca);
	free(r);
}

int
remote_file(const char *dir, const char *file, char **path, struct fail *f)
{
	char *p = text_fmt("%s/%s", dir, file);
	int ret = 0;

	*path = NULL;
	if (access(p, R_OK) == 0) {
		*path = p;
		return 0;
	}
	/* what can't be read is not as good as none */
	if (fail_errno(f, "%s", p) < 0 && f->kind != FAIL_NO)
		ret = -1;
	free(p);
	return ret;
}

/* A host and its port, and nothing that libcurl would find more in. */
static bool
is_plain(const char *url)
{
	const char *s = url + strlen(REMOTE_SCHEME);

	return *s != '\0' && s[strspn(s, "0123456789.-_:[]"
					 "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					 "abcdefghijklmnopqrstuvwxyz")] == '\0';
}

static int
take_address(struct remote *r, const char *addr, struct fail *f)
{
	size_t len;

	if (strncmp(addr, UNIX, strlen(UNIX)) == 0) {
		addr += strlen(UNIX);
		r->url = text_fmt("%s", strcmp(addr, "//") == 0	      ? ""
					: strncmp(addr, "//", 2) == 0 ? addr + 2
								      : addr);
		return 0;
	}
	r->url = text_fmt("%s", addr);
	for (len = strlen(r->url); len > 0 && r->url[len - 1] == '/'; len--)
		r->url[len - 1] = '\0';
	return remote_is_url(r->url) && is_plain(r->url)
		   ? 0
		   : fail_set(f, FAIL_CONFIG,
			 "remote %s: its address is %s, and lxg goes to "
			 "https://HOST:PORT",
			 r->name, addr);
}

/* What lxg can't use is told before anybody is asked. */
static int
check(const struct config *c, const struct remote *r, const yaml_node_t *node,
    struct fail *f)
{
	yaml_document_t *d = (yaml_document_t *)&c->doc;
	const char *protocol = doc_text(doc_get(d, node, "protocol")),
		   *auth = doc_text(doc_get(d, node, "auth_type")),
		   *public = doc_text(doc_get(d, node, "public"));

	if (protocol != NULL && *protocol != '\0' &&
	    strcmp(protocol, r->kind) != 0)
		return fail_set(f, FAIL_CONFIG,
		    "remote %s: speaks %s, and lxg wants one of %s", r->name,
		    protocol, r->kind);
	if (public != NULL && strcmp(public, "true") == 0)
		return fail_set(f, FAIL_CONFIG,
		    "remote %s: is public, and gives images alone", r->name);
	if (auth != NULL && *auth != '\0' && strcmp(auth, "tls") != 0)
		return fail_set(f, FAIL_CONFIG,
		    "remote %s: lets users in by %s, and lxg has a "
		    "certificate; add it with --auth-type=tls",
		    r->name, auth);
	return 0;
}

/* One for this remote, where there is one, or the user's. */
static int
take_own(const struct config *c, struct remote *r, const char *ending,
    char **path, struct fail *f)
{
	char *own = text_fmt("clientcerts/%s.%s", r->name, ending),
	     *all = text_fmt("client.%s", ending);
	int ret = remote_file(c->dir, own, path, f);

	if (ret == 0 && *path == NULL)
		ret = remote_file(c->dir, all, path, f);
	free(own);
	free(all);
	return ret;
}

static int
take_files(const struct config *c, struct remote *r, struct fail *f)
{
	char *pin = text_fmt("servercerts/%s.crt", r->name);
	int ret = remote_file(c->dir, pin, &r->pin, f);

	free(pin);
	if (ret < 0 || take_own(c, r, "crt", &r->cert, f) < 0 ||
	    take_own(c, r, "key", &r->key, f) < 0 ||
	    take_own(c, r, "ca", &r->ca, f) < 0)
		return -1;
	return r->cert != NULL && r->key != NULL
		   ? 0
		   : fail_set(f, FAIL_CONFIG,
			 "remote %s: %s has no client.crt and client.key; %s "
			 "remote add makes them",
			 r->name, c->dir,
			 strcmp(r->kind, "lxd") == 0 ? "lxc" : "incus");
}

int
remote_make(struct config *c, const char *name, const yaml_node_t *node,
    struct remote **out, struct fail *f)
{
	const char *addr = doc_text(doc_get(&c->doc, node, "addr")),
		   *project = doc_text(doc_get(&c->doc, node, "project"));
	struct remote *r = mem_need(calloc(1, sizeof(*r)));
	int ret;

	r->name = text_fmt("%s", name);
	r->kind = c->kind;
	if (project != NULL && *project != '\0')
		r->project = text_fmt("%s", project);
	/* its name is a file's */
	ret = strchr(name, '/') != NULL || addr == NULL
		  ? fail_set(f, FAIL_CONFIG, "remote %s: %s", name,
			addr == NULL ? "has no address"
				     : "is no name of a remote")
		  : check(c, r, node, f);
	if (ret == 0)
		ret = take_address(r, addr, f);
	if (ret == 0 && remote_is_url(r->url))
		ret = take_files(c, r, f);
	if (ret < 0)
		remote_free(r);
	else
		*out = r;
	return ret;
}
