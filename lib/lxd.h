/*
 * The REST API of LXD and Incus, over a Unix socket or to a remote.
 * SPDX-License-Identifier: ISC
 */
#ifndef LXG_LXD_H
#define LXG_LXD_H

#include <jv.h>
#include <stdbool.h>
#include <stdio.h>

#include "fail.h"
#include "remote.h"

#define LXD_MEDIA 128
#define LXD_ETAG  96 /* room for an ETag: 64 hex digits and quotes */

/* What Incus says of what is not over in time: a wait, a database that is slow.
 */
#define LXD_TOO_MUCH "context deadline exceeded"

struct lxd; /* a connection, bound to a project */

/*
 * Kinds that calls fail with: FAIL_UNAVAILABLE no connection or its end,
 * FAIL_AGAIN timed out, busy or changed meanwhile (412), FAIL_PERM forbidden,
 * FAIL_NO not found, FAIL_DATA refused as malformed (400), FAIL_CREATE exists
 * already (409), FAIL_SYSTEM an error on the engine's side (5xx, a failed
 * operation), FAIL_PROTOCOL an answer that makes no sense. The text is the
 * engine's own.
 */
struct lxd *lxd_open(const char *api, const char *project, struct fail *);
/* One on another machine; consumes the remote. Nothing is asked yet. */
struct lxd *
lxd_open_remote(struct remote *, const char *project, struct fail *);
void lxd_close(struct lxd *);

/* LXG_TIMEOUT: seconds that one waits for an answer, or out a conflict. */
long lxd_patience(void);

const char *lxd_kind(const struct lxd *); /* "lxd" or "incus" */
const char *lxd_api(const struct lxd *);  /* the socket's path, or https URL */
const char *lxd_project(const struct lxd *);
/* NULL: it is on this host. Borrowed. */
const struct remote *lxd_remote(const struct lxd *);

/*
 * GET; *answer is the response's metadata, owned by the caller, left alone on
 * failure. etag has room for LXD_ETAG bytes, or is NULL.
 */
int
lxd_get(struct lxd *, const char *path, jv *answer, char *etag, struct fail *);

/*
 * Any other method. Consumes body (jv_invalid() for none). An etag makes it
 * conditional. Waits for the operation where the engine starts one; *answer
 * (may be NULL) is then the operation's.
 */
int lxd_send(struct lxd *, const char *method, const char *path, jv body,
    const char *etag, jv *answer, struct fail *);

/*
 * What the engine has at a path as it is, into a file: FAIL_DATA for what is
 * longer than max (0: 64 MiB, as any answer), or is a folder's list. Where it
 * may be longer than that it may take longer, too, while something moves.
 * media, which has room for LXD_MEDIA bytes, says what it is.
 */
int lxd_download(struct lxd *, const char *path, FILE *to, size_t max,
    char *media, struct fail *);
/* As lxd_send(), with what is read from a file as the body. */
int lxd_upload(struct lxd *, const char *method, const char *path,
    const char *media, FILE *from, jv *answer, struct fail *);

/* May the last change have come about? Not where the engine has refused it. */
bool lxd_may_be_done(const struct lxd *);

/* Called about once a second with the running operation (borrowed). */
void lxd_on_progress(struct lxd *, void (*)(jv operation, void *), void *);

/*
 * Files of an instance, by absolute path. get: at most max bytes, NUL behind
 * them, *data owned by the caller; FAIL_NO where there is none, FAIL_DATA where
 * it is not a regular file or larger. put: a mode below 0 leaves it to the
 * engine.
 */
int lxd_file_get(struct lxd *, const char *instance, const char *path,
    size_t max, char **data, size_t *len, struct fail *);
int lxd_file_put(struct lxd *, const char *instance, const char *path,
    const char *data, size_t len, int uid, int gid, int mode, struct fail *);
int lxd_file_mkdir(struct lxd *, const char *instance, const char *path,
    int uid, int gid, int mode, struct fail *);

/*
 * The same of files that memory is not for, and of what has their names. fetch:
 * 1 where it is a folder or a link, 2 where it is longer than max. list: an
 * object with the names of a folder as its keys, owned; FAIL_DATA where it is
 * none. remove: a folder only where it is empty. FAIL_NO is either the
 * instance's or the file's.
 */
int lxd_file_fetch(struct lxd *, const char *instance, const char *path,
    FILE *to, size_t max, struct fail *);
int lxd_file_send(struct lxd *, const char *instance, const char *path,
    FILE *from, int uid, int gid, int mode, struct fail *);
int lxd_file_list(struct lxd *, const char *instance, const char *path,
    jv *names, struct fail *);
int lxd_file_remove(
    struct lxd *, const char *instance, const char *path, struct fail *);

/*
 * A bounded helper in the instance: runs argv (array of strings, consumed) as
 * uid, gid and waits. *status is its exit code as the engine gives it; out and
 * err (each may be NULL) are what it printed, owned, at most 1 MiB; of one that
 * succeeded err is NULL.
 */
int lxd_exec(struct lxd *, const char *instance, jv argv, uint32_t uid,
    uint32_t gid, int *status, char **out, char **err, struct fail *);

/*
 * Several of them, each in an instance of its own, in two round trips in all
 * where the engine records output as those that are known do. Of one that
 * failed status is -1, and why says so; else out and err are what it printed,
 * owned: the last MiB of it.
 */
struct lxd_run {
	const char *instance; /* borrowed, and so is argv */
	jv argv;
	uint32_t uid, gid;
	int status;
	char *out, *err;
	struct fail why;
};

void lxd_exec_each(struct lxd *, struct lxd_run *, size_t n);

#endif
