/*
 * Base profiles. SPDX-License-Identifier: ISC
 */
#ifndef LXG_PROFILE_BASE_H
#define LXG_PROFILE_BASE_H

#include <jv.h>

#include "fail.h"

#define BASE_DEFAULT "strict"

/*
 * The body of a profile: an object with description, config and devices, whose
 * values are strings. base is a preset's name or a file in YAML or JSON; what
 * holds a slash or ends in .yaml, .yml or .json is a file, and a preset comes
 * before a file of its name. LXD's names stand for keys that Incus renamed.
 * *body is owned.
 */
int base_read(const char *base, jv *body, struct fail *);

/*
 * KEY=VALUE for the config, or devices.NAME.KEY=VALUE; no value takes the key
 * away, and devices.NAME= the device. FAIL_USAGE where it is none of these.
 */
int base_set(jv *body, const char *assignment, struct fail *);

/* Incus's name for a config key of LXD's that it renamed; or the key. */
const char *base_incus_key(const char *key);

#endif
