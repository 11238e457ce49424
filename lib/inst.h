/*
 * Instances as records. SPDX-License-Identifier: ISC
 */
#ifndef LXG_INST_H
#define LXG_INST_H

#include <stdbool.h>
#include <stdint.h>

#include <jv.h>

#include "fail.h"
#include "lxd.h"

/* The key that holds the uuid of the instance that lxg has made. */
#define INST_UUID "user.lxg.uuid"
/* And of one that is for one program (lxg try): what it was made of. */
#define INST_TRY "user.lxg.try"

/*
 * The record of an instance as the API gives it (borrowed, from any recursion
 * level): engine, api, project, instance, uuid, status, profile, try, in a
 * cluster location, and user, uid, gid, home, host_uid, host_gid once create
 * has learned them. *rec is owned. FAIL_CONFIG where its id map is one that lxg
 * refuses, or it is a copy.
 */
int inst_record(const struct lxd *, jv instance, jv *rec, struct fail *);

/*
 * GET; *instance is owned, left alone on failure. etag (LXD_ETAG) may be NULL.
 * FAIL_PROTOCOL where the answer is no instance of that name, FAIL_UNAVAILABLE
 * where the member of a cluster that has it does not answer.
 */
int inst_fetch(
    struct lxd *, const char *name, jv *instance, char *etag, struct fail *);

/* The same, then inst_record. instance and etag (LXD_ETAG) may be NULL. */
int inst_get(struct lxd *, const char *name, jv *rec, jv *instance, char *etag,
    struct fail *);

/*
 * What an instance does, as the API gives it (borrowed): it runs, so that a
 * program in it answers; it is frozen, so that what it runs waits for a thaw;
 * or it is stopped, and holds nothing. Some instances, one that starts just now
 * say, are none of these.
 */
bool inst_runs(jv instance);
bool inst_is_frozen(jv instance);
bool inst_is_stopped(jv instance);

/* Does an instance's own config (borrowed, as the API gives it) have the key?
 */
bool inst_has_key(jv instance, const char *key);

/* A decimal id at a key of the config (borrowed); false where there is none. */
bool inst_id(jv config, const char *key, uint32_t *id);

/*
 * The uuid of the instance that lxg made this one as (borrowed, as the API
 * gives it), owned: by its key, else by the folder that it shares. NULL: not
 * known. A copy of the engine's is one that has another uuid by now.
 */
char *inst_made_as(jv instance);
bool inst_is_copy(jv instance);

/* engine, api and project: what every record has. Owned. */
jv inst_base(const struct lxd *);

#endif
