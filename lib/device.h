/*
 * The disk devices that lxg gives to instances: device records here, config of
 * the engine there. SPDX-License-Identifier: ISC
 */
#ifndef LXG_DEVICE_H
#define LXG_DEVICE_H

#include <stdbool.h>

#include <jv.h>

#include "batch.h"
#include "fail.h"
#include "lxd.h"
#include "rec.h"

/* "lxg-" and a hash of both; the same for the same, 20 bytes. Owned. */
char *device_name(const char *kind, const char *what);

/*
 * Opens a record's source by owned_open() and compares what is there with the
 * record's identity: FAIL_AGAIN where it is another inode now.
 */
int device_source(const struct rec *, struct fail *);

/*
 * Both ways: the engine's config of a device (owned; borrowed), and the keys
 * of a record. FAIL_DATA where a key is of the wrong type.
 */
int device_to_config(const struct rec *, jv *config, struct fail *);
void device_from_config(struct rec *, const char *name, jv config);

/* Appends lxg's devices of an instance (borrowed), each with inst's keys. */
void device_list(const struct rec *inst, jv instance, struct recs *);

/* Is an instance (borrowed) the record's, or a later one of the same name? */
bool device_same_instance(const struct rec *, jv instance);

/* Has any device of an instance (borrowed) that path inside? */
bool device_has_path(jv instance, const char *path);

/*
 * An engine names what it mounts on the host after the device and its absolute
 * path inside: false where that name is longer than a file system takes, so
 * that the engine could not mount it, nor ever get rid of the device.
 */
bool device_mountable(const char *name, const char *path);

/*
 * Asks the engine for the record's instance, then the same; 1: it is gone. Each
 * gets a key source_state: "same", "other" (another inode is at its source
 * now), "gone", or "unsafe" (others could put another there).
 */
int device_fetch(const struct rec *inst, struct recs *, struct fail *);

/*
 * Decides a record's path inside; taken is an object whose keys are the paths
 * that hold a mount already, to which it adds its own.
 */
typedef int device_place_fn(struct rec *, jv *taken, struct fail *);

/*
 * Adds a batch's devices under the instance's lock, in one request. What is
 * there already stays, and its record gets the path that it has; what is there
 * but differs is FAIL_CREATE. All or nothing: when the call fails, none of
 * those that it added is left. *added is what device_take_back() takes
 * (consumes) when a later step fails. dry: the same without the request.
 */
int device_add(struct lxd *l, const struct batch *b, device_place_fn *place,
    bool dry, jv *added, struct fail *f);
int device_take_back(struct lxd *, const struct rec *, jv added, struct fail *);

/*
 * Removes a batch's devices in one request; those that are gone, or of an
 * instance that is (its uuid tells), count as removed. The caller holds the
 * instance's lock (lock.h), since it has more to do than this.
 */
int device_remove(struct lxd *, const struct batch *, struct fail *);

#endif
