/*
 * A new instance is made, in a cluster on this member: the folders that it will
 * share are on this host. SPDX-License-Identifier: ISC
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "here.h"
#include "http.h"
#include "inst.h"
#include "instance.h"
#include "text.h"

#define TARGET "restricted.cluster.target"

/* Consumes the body; target is a member, or NULL for where the engine likes. */
static int
send(struct lxd *l, const char *name, jv body, const char *target,
    struct fail *f)
{
	char *escaped = target != NULL ? http_escape(target) : NULL;
	char *path = text_fmt("/1.0/instances%s%s",
	    target != NULL ? "?target=" : "", target != NULL ? escaped : "");
	int ret;

	lxd_on_progress(l, progress_operation, (void *)name);
	ret = lxd_send(l, "POST", path, body, NULL, NULL, f);
	lxd_on_progress(l, NULL, NULL);
	progress_end();
	free(escaped);
	free(path);
	return ret;
}

/* *chosen: the engine chose the member, for the project lets none be named. */
static int
make(struct lxd *l, const char *name, jv body, bool *chosen, struct fail *f)
{
	const char *member = NULL;
	int ret;

	*chosen = false;
	/* a cluster that is elsewhere knows best where there is room */
	if (lxd_remote(l) == NULL && here_member(l, &member, f) < 0) {
		jv_free(body);
		return -1;
	}
	ret = send(l, name, jv_copy(body), member, f);
	*chosen = ret < 0 && member != NULL &&
		  strstr(f->text, "cluster member targeting") != NULL;
	if (!*chosen) {
		jv_free(body);
		return ret;
	}
	return send(l, name, body, NULL, f);
}

static int
check(struct lxd *l, jv instance, bool chosen, struct fail *f)
{
	const char *project = lxd_project(l);
	struct fail was;

	if (here_check_member(l, instance, f) == 0)
		return 0;
	was = *f;
	if (chosen && was.kind == FAIL_CONFIG)
		fail_set(f, FAIL_CONFIG,
		    "the engine has put it on another member of its cluster "
		    "(%s), and the project %s has " TARGET
		    "=block; its administrator lets this one be named by: %s "
		    "project set %s " TARGET "=allow",
		    here_location(instance), project, allowed_client(l),
		    project);
	return -1;
}

int
placed_make(struct lxd *l, const char *name, jv body, struct rec *made,
    jv *instance, struct fail *f)
{
	bool chosen;
	jv v;

	if (make(l, name, body, &chosen, f) < 0 ||
	    inst_fetch(l, name, &v, NULL, f) < 0)
		return -1;
	create_know(made, v);
	if (check(l, v, chosen, f) < 0) {
		jv_free(v);
		return -1;
	}
	*instance = v;
	return 0;
}
