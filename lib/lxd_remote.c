/*
 * An engine on another machine. SPDX-License-Identifier: ISC
 */
#include <stdlib.h>
#include <string.h>

#include "lxd_priv.h"
#include "mem.h"
#include "rec.h"
#include "text.h"

struct lxd *
lxd_open_remote(struct remote *r, const char *project, struct fail *f)
{
	struct lxd *l = mem_need(calloc(1, sizeof(*l)));

	l->remote = r;
	l->kind = r->kind;
	l->api = text_fmt("%s", r->url);
	l->project = text_fmt("%s", project);
	if ((l->http = http_open_remote(r, f)) == NULL) {
		lxd_close(l);
		return NULL;
	}
	return l;
}

const struct remote *
lxd_remote(const struct lxd *l)
{
	return l->remote;
}

/* Its own word for whom it has let in. */
static bool
is_untrusted(struct lxd *l)
{
	struct http_request r = {.method = "GET", .path = "/1.0"};
	struct http_answer a = {0};
	struct fail ignored;
	const char *auth;
	bool is = false;
	jv v, said;

	if (lxd_raw(l, &r, &a, &ignored) < 0)
		return false;
	if (rec_parse(a.body, a.len, &v, &ignored) == 0) {
		said = obj_get(v, "metadata");
		auth = obj_str(said, "auth");
		is = auth != NULL && strcmp(auth, "untrusted") == 0;
		jv_free(said);
		jv_free(v);
	}
	free(a.body);
	return is;
}

void
lxd_distrusted(struct lxd *l, struct fail *f)
{
	const struct remote *r = l->remote;
	const char *client;

	if (r == NULL || !is_untrusted(l))
		return;
	/* what it is may just be what it was asked */
	client =
	    l->kind != NULL && strcmp(l->kind, "lxd") == 0 ? "lxc" : "incus";
	fail_set(f, FAIL_PERM,
	    "remote %s (%s): does not know your certificate: on the server, %s "
	    "config trust add makes a token; here, %s remote remove %s, and %s "
	    "remote add %s with that",
	    r->name, r->url, client, client, r->name, client, r->name);
}
