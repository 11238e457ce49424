/*
 * What the files of the API client share. SPDX-License-Identifier: ISC
 */
#ifndef LXG_LXD_PRIV_H
#define LXG_LXD_PRIV_H

#include <stdbool.h>

#include "http.h"
#include "lxd.h"

#define LXD_ANSWER_MAX ((size_t)64 << 20) /* of one that goes into memory */

struct lxd {
	struct http *http;
	char *api, *project;
	const char *kind;
	struct remote *remote; /* or NULL */
	void (*progress)(jv, void *);
	void *progress_arg;
	long limit;   /* seconds for an operation that says nothing; 0: long */
	char *member; /* of a cluster, once it was asked; here.h */
	bool member_asked;
	bool done; /* the last change that was asked for, or it may be */
};

/* A request within the project; fills in timeout and max where they are 0. */
int lxd_raw(
    struct lxd *, struct http_request *, struct http_answer *, struct fail *);

/* The failure that an answer of 400 and above stands for; returns -1. */
int lxd_refused(const struct http_answer *, struct fail *);

/* An answer's JSON object, owned; an error answer is a failure. */
int
lxd_understand(struct lxd *, const struct http_answer *, jv *, struct fail *);

/* *answer (may be NULL) of what was understood, or of its operation's end. */
int lxd_outcome(struct lxd *, jv, jv *answer, struct fail *);

/* Says so in the failure where a remote has not let us in at all. */
void lxd_distrusted(struct lxd *, struct fail *);

/* Sets kind: by the socket where it is a usual one, else by asking. */
int lxd_learn_kind(struct lxd *, struct fail *);

#endif
