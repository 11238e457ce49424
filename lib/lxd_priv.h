/*
 * What the files of the API client share. SPDX-License-Identifier: ISC
 */
#ifndef LXG_LXD_PRIV_H
#define LXG_LXD_PRIV_H

#include <jv.h>
#include <stdbool.h>
#include <stdint.h>

#include "http.h"
#include "lxd.h"

#define LXD_ANSWER_MAX ((size_t)64 << 20) /* of one that goes into memory */
#define LXD_OUTPUT_MAX ((size_t)1 << 20)  /* of a bounded helper's */

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

/* A path with the project in its query; owned. */
char *lxd_path(const struct lxd *, const char *);

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

/* Is it an operation's path, that leads nowhere else? Where it is waited for,
 * at most so many seconds; owned. What one that is over (borrowed) ended with.
 */
bool lxd_is_operation(const char *);
char *lxd_wait_path(const char *operation, long seconds);
int lxd_operation_end(jv, struct fail *);

/* What is asked for a bounded helper; consumes argv. Owned. */
jv lxd_exec_body(jv argv, uint32_t uid, uint32_t gid, bool record);

/*
 * The end of its operation (borrowed): its status, and what it printed, as
 * lxd_exec() has it.
 */
int lxd_exec_results(struct lxd *, jv operation, int *status, char **out,
    char **err, struct fail *);

/* Says so in the failure where a remote has not let us in at all. */
void lxd_distrusted(struct lxd *, struct fail *);

/* Sets kind: by the socket where it is a usual one, else by asking. */
int lxd_learn_kind(struct lxd *, struct fail *);

#endif
