/*
 * What adding and removing of devices share. SPDX-License-Identifier: ISC
 */
#ifndef LXG_DEVICE_PRIV_H
#define LXG_DEVICE_PRIV_H

#include <stddef.h>

#include <jv.h>

#include "fail.h"
#include "lxd.h"
#include "rec.h"

/* The devices of an instance (borrowed), owned. */
jv device_all(jv instance);

/* The instance (borrowed) gets other devices (consumed). */
int device_put(
    struct lxd *, jv instance, jv devices, const char *etag, struct fail *);

/* A request with n was too much: the next ones are smaller. */
void device_take_less(size_t *limit, size_t n, const struct fail *);

/* Those named by the keys of an object (borrowed). */
int
device_remove_names(struct lxd *, const struct rec *, jv names, struct fail *);

/*
 * An engine that is killed in the middle leaves mounts that it has no device
 * of, and can't mount there again. What it takes away it unmounts: so each of
 * the devices (configs by name, borrowed) that it lacks is added with a source
 * that is not there, which the engine doesn't mount, and goes again. One
 * attempt.
 */
int device_clear(struct lxd *, const struct rec *, jv wanted, struct fail *);

#endif
